"""What a rule may say: RFC 5545's RRULE from DAILY to YEARLY, one start time a day, every part within bounds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_TEXT = 500
MOST_OCCURRENCES = 3660
LONGEST_INTERVAL = 999


class RuleInvalid(ValueError):
    """The rule says something it may not; the message tells the person what."""


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True)
class NthWeekday:
    """A weekday (0 is Monday), or the ``nth`` such day of the month or year: -1 is the last. 0 is each."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True)
class Rule:
    """A rule as it was understood. ``text`` is how it was written; ``until`` is local wall-clock time, inclusive."""

    text: str
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    months: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[NthWeekday, ...] = ()
    positions: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def parse_rule(text: str) -> Rule:
    """The rule in ``text``, like ``FREQ=WEEKLY;BYDAY=MO;COUNT=10``. Raises RuleInvalid with a sentence."""
    clean = re.sub(r"\s", "", text).upper().removeprefix("RRULE:")
    if not clean or len(clean) > LONGEST_TEXT:
        raise RuleInvalid(f"Write a rule like FREQ=WEEKLY;BYDAY=MO, at most {LONGEST_TEXT} characters long.")
    parts = _parts(clean)
    fields: dict[str, Any] = {_FIELDS[name][0]: _FIELDS[name][1](name, value) for name, value in parts.items()}
    rule = Rule(text=clean, **fields)
    _check_together(rule)
    return rule


def localise_until(text: str, zone: str) -> str:
    """``text`` with an UNTIL in UTC rewritten as the wall-clock time it means in ``zone``, where the rule lives."""

    def local(match: re.Match[str]) -> str:
        try:
            utc = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            return f"UNTIL={utc.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
        except (ValueError, OverflowError):
            raise RuleInvalid(_UNTIL_HINT) from None

    return re.sub(r"UNTIL=(\d{8}T\d{6})Z", local, text, flags=re.IGNORECASE)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise RuleInvalid(f"{part or 'An empty part'} is not of the form NAME=VALUE.")
        if name in parts:
            raise RuleInvalid(f"{name} stands twice in the rule.")
        if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise RuleInvalid(f"{name} is not possible: an event has one start time a day.")
        if name not in _FIELDS:
            raise RuleInvalid(f"{name} is not a part of a rule that is known here.")
        parts[name] = value
    return {"FREQ": "", **parts}


def _frequency(name: str, value: str) -> Frequency:
    try:
        return Frequency(value)
    except ValueError:
        raise RuleInvalid(f"{name} must be DAILY, WEEKLY, MONTHLY or YEARLY.") from None


def _number(name: str, value: str, *, low: int, high: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4}", value, re.ASCII) or not low <= int(value) <= high:
        raise RuleInvalid(f"{name} takes whole numbers from {low} to {high}.")
    return int(value)


def _between(low: int, high: int) -> Callable[[str, str], int]:
    return lambda name, value: _number(name, value, low=low, high=high)


def _list(high: int, *, signed: bool = True) -> Callable[[str, str], tuple[int, ...]]:
    def read(name: str, value: str) -> tuple[int, ...]:
        numbers = {_number(name, word, low=-high if signed else 1, high=high) for word in value.split(",")}
        if 0 in numbers:
            raise RuleInvalid(f"{name} counts from 1, or from -1 backwards; 0 names nothing.")
        return tuple(sorted(numbers))

    return read


def _weekday(name: str, value: str) -> int:
    if value not in WEEKDAYS:
        raise RuleInvalid(f"{name} takes weekdays: {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(value)


def _weekdays(name: str, value: str) -> tuple[NthWeekday, ...]:
    days = set()
    for word in value.split(","):
        nth = word[:-2]
        number = _number(name, nth, low=-53, high=53) if nth else 0
        if nth and not number:
            raise RuleInvalid("BYDAY counts from 1, or from -1 backwards; 0 names nothing.")
        days.add(NthWeekday(_weekday(name, word[-2:]), number))
    return tuple(sorted(days, key=lambda day: (day.nth, day.weekday)))


_UNTIL_HINT = "UNTIL must be a date like 20261231 or a time like 20261231T180000."


def _until(name: str, value: str) -> datetime:
    """A date alone means that whole local day."""
    try:
        if re.fullmatch(r"\d{8}", value, re.ASCII):
            return datetime.combine(datetime.strptime(value, "%Y%m%d"), time(23, 59, 59))  # noqa: DTZ007  local on purpose
        return datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  local on purpose
    except ValueError:
        raise RuleInvalid(_UNTIL_HINT) from None


_FIELDS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _between(1, LONGEST_INTERVAL)),
    "COUNT": ("count", _between(1, MOST_OCCURRENCES)),
    "UNTIL": ("until", _until),
    "WKST": ("week_start", _weekday),
    "BYMONTH": ("months", _list(12, signed=False)),
    "BYWEEKNO": ("week_numbers", _list(53)),
    "BYYEARDAY": ("year_days", _list(366)),
    "BYMONTHDAY": ("month_days", _list(31)),
    "BYDAY": ("weekdays", _weekdays),
    "BYSETPOS": ("positions", _list(366)),
}


def _check_together(rule: Rule) -> None:
    """RFC 5545, 3.3.10: which parts go with which. Other calendars refuse the rest, so it is not let in here either."""
    yearly, monthly = rule.frequency is Frequency.YEARLY, rule.frequency is Frequency.MONTHLY
    nth = any(day.nth for day in rule.weekdays)
    selects = rule.months or rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays
    refusals = (
        (rule.count is not None and rule.until is not None, "COUNT and UNTIL do not go together: give one of them."),
        (bool(rule.week_numbers) and not yearly, "BYWEEKNO goes with FREQ=YEARLY only."),
        (bool(rule.year_days) and not yearly, "BYYEARDAY goes with FREQ=YEARLY only."),
        (bool(rule.month_days) and rule.frequency is Frequency.WEEKLY, "BYMONTHDAY does not go with FREQ=WEEKLY."),
        (nth and not (yearly or monthly), "A number before a weekday goes with FREQ=MONTHLY or YEARLY only."),
        (nth and bool(rule.week_numbers), "A number before a weekday does not go with BYWEEKNO."),
        (bool(rule.positions) and not selects, "BYSETPOS needs another BY… part to choose from."),
        (
            bool(rule.positions) and rule.frequency is Frequency.DAILY and not {1, -1} & set(rule.positions),
            "BYSETPOS has but one date to choose from with FREQ=DAILY: the first, which is the last.",
        ),
    )
    for refused, sentence in refusals:
        if refused:
            raise RuleInvalid(sentence)
