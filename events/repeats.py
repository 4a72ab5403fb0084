"""How something repeats, as a form asks for it: the rules that people write every day, and any other as its text."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from events.recurrence import Frequency, Rule, parse_rule
from events.recurrence.expansion import filled
from events.recurrence.rules import WEEKDAYS


class Every(StrEnum):
    NEVER = ""
    DAY = "daily"
    WEEK = "weekly"
    MONTH = "monthly"
    YEAR = "yearly"
    OWN = "own"


class InMonth(StrEnum):
    """Which day of a month the start's is taken for."""

    DAY = "day"
    WEEKDAY = "weekday"
    LAST_WEEKDAY = "last"


@dataclass(frozen=True)
class Repeats:
    """``weekdays`` (0 is Monday) count with WEEK, ``in_month`` with MONTH, ``rule`` with OWN alone."""

    every: Every = Every.NEVER
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    in_month: InMonth = InMonth.DAY
    until: date | None = None
    count: int | None = None
    rule: str = ""

    def text(self, start: date) -> str:
        """The RRULE for what begins on ``start``; empty for what happens once."""
        if self.every is Every.NEVER:
            return ""
        if self.every is Every.OWN:
            return self.rule
        parts = [
            f"FREQ={self.every.value.upper()}",
            f"INTERVAL={self.interval}" if self.interval > 1 else "",
            self._days(start),
            f"COUNT={self.count}" if self.count else "",
            f"UNTIL={self.until:%Y%m%d}T235959" if self.until and not self.count else "",
        ]
        return ";".join(filter(None, parts))

    def _days(self, start: date) -> str:
        if self.every is Every.WEEK and self.weekdays:
            return f"BYDAY={','.join(WEEKDAYS[day] for day in sorted(self.weekdays))}"
        if self.every is Every.MONTH and self.in_month is not InMonth.DAY:
            nth = -1 if self.in_month is InMonth.LAST_WEEKDAY else (start.day - 1) // 7 + 1
            return f"BYDAY={nth}{WEEKDAYS[start.weekday()]}"
        return ""


def repeats_of(text: str, start: datetime) -> Repeats:
    """What ``text``, the rule of something that begins at ``start``, says; OWN when no form asks for it."""
    if not text:
        return Repeats()
    rule = parse_rule(text)
    usual = Repeats(
        every=Every(rule.frequency.value.lower()),
        interval=rule.interval,
        weekdays=_weekdays(rule, start),
        until=_last_day(rule, start),
        count=rule.count,
    )
    for way in InMonth:
        attempt = replace(usual, in_month=way)
        if _same(attempt.text(start.date()), rule, start):
            return attempt
    return Repeats(every=Every.OWN, rule=text)


def _weekdays(rule: Rule, start: datetime) -> tuple[int, ...]:
    """None for the start's own, so that it moves along with the start."""
    days = tuple(day.weekday for day in rule.weekdays if rule.frequency is Frequency.WEEKLY)
    return () if days == (start.weekday(),) else days


def _last_day(rule: Rule, start: datetime) -> date | None:
    """An end before the hour at which it begins is the day before."""
    if rule.until is None:
        return None
    return rule.until.date() if rule.until.time() >= start.time() else rule.until.date() - timedelta(days=1)


def _same(text: str, rule: Rule, start: datetime) -> bool:
    mine, theirs = (
        (_last_day(each, start), replace(filled(each, start.date()), text="", until=None))
        for each in (parse_rule(text), rule)
    )
    return mine == theirs
