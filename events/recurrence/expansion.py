"""Expansion of a rule in naive local time, period by period.

A period is one interval of the frequency: every third week, say, counted from the week of the start. Which period a
window begins in is arithmetic, so a window at the end of ten years costs what one at its beginning costs, and a rule
that never comes true costs what its window is long. ``python-dateutil`` finds the same dates but counts through all
of them, and looks for one that never comes until the year 9999; it is the judge in the tests.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count, islice

from events.recurrence.rules import Frequency, NthWeekday, Rule, RuleInvalid

LONGEST_YEARS = 100
NEVER_WITHIN_YEARS = 40
_DAY = timedelta(days=1)
_ALL_MONTHS = tuple(range(1, 13))


@dataclass(frozen=True)
class Bounds:
    """The first local start of a rule, and the local time after which there is none (None: it goes on for ever)."""

    first: datetime
    last: datetime | None


def bounds(rule: Rule, start: datetime) -> Bounds:
    """Where ``rule`` begins and ends for an event written down at the local ``start``.

    A start that the rule itself does not name is no occurrence: the first one is the first date of the rule. COUNT is
    counted out here, once. Raises RuleInvalid for a rule that never comes true or runs longer than LONGEST_YEARS.
    """
    open_end = start + timedelta(days=366 * LONGEST_YEARS)
    if rule.until is not None and rule.until > open_end:
        raise RuleInvalid(f"The rule may run for at most {LONGEST_YEARS} years; leave UNTIL out to let it go on.")
    soon = min(start + timedelta(days=366 * NEVER_WITHIN_YEARS), rule.until or open_end)
    first = next(local_starts(rule, start, after=start, until=soon), None)
    if first is None:
        raise RuleInvalid("The rule names no date at all.")
    return Bounds(first, rule.until if rule.count is None else _nth(rule, start, rule.count, open_end))


def _nth(rule: Rule, start: datetime, number: int, open_end: datetime) -> datetime:
    nth = next(islice(local_starts(rule, start, after=start, until=open_end), number - 1, None), None)
    if nth is None:
        raise RuleInvalid(f"That many occurrences take more than {LONGEST_YEARS} years.")
    return nth


def local_starts(rule: Rule, start: datetime, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """The rule's local starts from ``after`` to ``until``, both inclusive, in order; COUNT is left to ``bounds``."""
    filled = _filled(rule, start.date())
    after, until = max(after, start), min(until, rule.until or until)
    for number in count(_period_number(filled, start.date(), after.date())):
        begins, days = _period(filled, start.date(), number)
        if begins > until.date():
            return
        for day in days:
            local = datetime.combine(day, start.time())
            if after <= local <= until:
                yield local


@lru_cache(maxsize=4096)
def _filled(rule: Rule, start: date) -> Rule:
    """What a rule leaves open is as the start has it: FREQ=MONTHLY alone means the start's day of the month."""
    if rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return replace(rule, weekdays=(NthWeekday(start.weekday()),))
    if rule.frequency is Frequency.MONTHLY:
        return replace(rule, month_days=(start.day,))
    if rule.frequency is Frequency.YEARLY:
        return replace(rule, months=rule.months or (start.month,), month_days=(start.day,))
    return rule


def _week_of(day: date, week_start: int) -> date:
    return day - timedelta(days=(day.weekday() - week_start) % 7)


def _period_number(rule: Rule, start: date, day: date) -> int:
    """The number of the last period that does not begin after ``day``, counted from the start's own, which is 0."""
    match rule.frequency:
        case Frequency.DAILY:
            units = (day - start).days
        case Frequency.WEEKLY:
            units = (_week_of(day, rule.week_start) - _week_of(start, rule.week_start)).days // 7
        case Frequency.MONTHLY:
            units = (day.year - start.year) * 12 + day.month - start.month
        case Frequency.YEARLY:
            units = day.year - start.year
    return max(0, units // rule.interval)


def _period(rule: Rule, start: date, number: int) -> tuple[date, list[date]]:
    """The first day of a period, and the days in it that the rule names, in order."""
    units = number * rule.interval
    match rule.frequency:
        case Frequency.DAILY:
            begins = start + units * _DAY
            candidates = [begins]
        case Frequency.WEEKLY:
            begins = _week_of(start, rule.week_start) + units * 7 * _DAY
            candidates = [begins + n * _DAY for n in range(7)]
        case Frequency.MONTHLY:
            years, month = divmod(start.month - 1 + units, 12)
            begins = date(start.year + years, month + 1, 1)
            candidates = list(_days_of(rule, begins.year, (begins.month,)))
        case Frequency.YEARLY:
            begins = date(start.year + units, 1, 1)
            candidates = list(_days_of(rule, begins.year, rule.months or _ALL_MONTHS))
    return begins, _positions(rule, [day for day in candidates if _names(rule, day)])


def _days_of(rule: Rule, year: int, months: tuple[int, ...]) -> Iterator[date]:
    """The days of these months, narrowed to BYMONTHDAY at once because most rules have few."""
    for month in months:
        length = monthrange(year, month)[1]
        wanted = {day if day > 0 else length + 1 + day for day in rule.month_days} if rule.month_days else None
        for day in range(1, length + 1) if wanted is None else sorted(wanted):
            if 1 <= day <= length:
                yield date(year, month, day)


def _positions(rule: Rule, days: list[date]) -> list[date]:
    if not rule.positions:
        return days
    length = len(days)
    indexes = {position - 1 if position > 0 else length + position for position in rule.positions}
    return [days[index] for index in sorted(indexes) if 0 <= index < length]


def _names(rule: Rule, day: date) -> bool:
    """Whether every part of the rule admits ``day``."""
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.weekdays or any(_is_weekday(rule, day, wanted) for wanted in rule.weekdays))
        and (not rule.month_days or _counts(day.day, monthrange(day.year, day.month)[1], rule.month_days))
        and (not rule.year_days or _counts(_year_day(day), _year_length(day.year), rule.year_days))
        and (not rule.week_numbers or _counts(*_week_number(day, rule.week_start), rule.week_numbers))
    )


def _counts(number: int, length: int, wanted: tuple[int, ...]) -> bool:
    return number in wanted or number - length - 1 in wanted


def _year_length(year: int) -> int:
    return date(year, 12, 31).timetuple().tm_yday


def _year_day(day: date) -> int:
    return day.timetuple().tm_yday


def _is_weekday(rule: Rule, day: date, wanted: NthWeekday) -> bool:
    if day.weekday() != wanted.weekday:
        return False
    if not wanted.nth:
        return True
    if rule.frequency is Frequency.MONTHLY or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = _year_day(day), _year_length(day.year)
    return wanted.nth in ((number - 1) // 7 + 1, (number - length) // 7 - (1 if (number - length) % 7 == 0 else 0))


def _first_week(year: int, week_start: int) -> date:
    """Where week 1 of ``year`` begins: the first week with four of its days in the year."""
    return _week_of(date(year, 1, 4), week_start)


def _week_number(day: date, week_start: int) -> tuple[int, int]:
    """The number of the day's week, and how many weeks the year has that this week belongs to."""
    year = (_week_of(day, week_start) + 3 * _DAY).year
    first, following = _first_week(year, week_start), _first_week(year + 1, week_start)
    return (day - first).days // 7 + 1, (following - first).days // 7
