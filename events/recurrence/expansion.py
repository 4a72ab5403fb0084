"""Expansion of a rule in naive local time, period by period.

A period is one interval of the frequency: every third week, say, counted from the week of the start. Which period a
window begins in is arithmetic, so a window at the end of ten years costs what one at its beginning costs, and a rule
that never comes true costs what its window is long. ``python-dateutil`` finds the same dates but counts through all
of them, and looks for one that never comes until the year 9999; it is the judge in the tests.
"""

from calendar import isleap
from calendar import monthrange as counted_monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count, islice

from events.recurrence.rules import Frequency, NthWeekday, Rule, RuleInvalid

LONGEST_YEARS = 100
NEVER_WITHIN_YEARS = 40
NO_DATE = "The rule names no date at all."
TOO_LONG = f"That many occurrences take more than {LONGEST_YEARS} years."
_DAYS = tuple(timedelta(days=number) for number in range(7))
_PERIODS_A_YEAR = {Frequency.DAILY: 366, Frequency.WEEKLY: 54, Frequency.MONTHLY: 12, Frequency.YEARLY: 1}
# Week 1 may have seven days in January and three in December.
_MOST_DAYS_OF_A_WEEK_NUMBER = 10
_ALL_MONTHS = tuple(range(1, 13))
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
monthrange = lru_cache(maxsize=4096)(counted_monthrange)


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
    if not _is_possible(rule):
        raise RuleInvalid(NO_DATE)
    if rule.count is not None and rule.count > _most_a_year(rule) * (LONGEST_YEARS + 1):
        raise RuleInvalid(TOO_LONG)
    if rule.until is not None and rule.until > open_end:
        raise RuleInvalid(f"The rule may run for at most {LONGEST_YEARS} years; leave UNTIL out to let it go on.")
    soon = min(start + timedelta(days=366 * NEVER_WITHIN_YEARS), rule.until or open_end)
    first = next(local_starts(rule, start, after=start, until=soon), None)
    if first is None:
        raise RuleInvalid(NO_DATE)
    return Bounds(first, rule.until if rule.count is None else _nth(rule, start, rule.count, open_end))


def _is_possible(rule: Rule) -> bool:
    """False for 30 February and its like, which nobody need look for."""
    days = [_LONGEST_MONTHS[month - 1] for month in rule.months or _ALL_MONTHS]
    return not rule.month_days or any(abs(day) <= max(days) for day in rule.month_days)


def _most_a_year(rule: Rule) -> int:
    """A number of dates that no year exceeds, so that a COUNT beyond all measure is refused without counting."""
    periods = -(-_PERIODS_A_YEAR[rule.frequency] // rule.interval)
    days = {Frequency.DAILY: 1, Frequency.WEEKLY: len(rule.weekdays) or 1}.get(rule.frequency, 366)
    months = len(rule.months) or 12
    limits = [periods * days, 31 * months]
    if rule.positions:
        limits.append(periods * len(rule.positions))
    if rule.month_days:
        limits.append(months * len(rule.month_days))
    if rule.year_days:
        limits.append(len(rule.year_days))
    if rule.week_numbers:
        limits.append(_MOST_DAYS_OF_A_WEEK_NUMBER * len(rule.week_numbers))
    return min(limits)


def _nth(rule: Rule, start: datetime, number: int, open_end: datetime) -> datetime:
    nth = next(islice(local_starts(rule, start, after=start, until=open_end), number - 1, None), None)
    if nth is None:
        raise RuleInvalid(TOO_LONG)
    return nth


def local_starts(rule: Rule, start: datetime, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """The rule's local starts from ``after`` to ``until``, both inclusive, in order; COUNT is left to ``bounds``."""
    counted, first, clock = filled(rule, start.date()), start.date(), start.time()
    after, until = max(after, start), min(until, rule.until or until)
    last = until.date()
    for number in count(_period_number(counted, first, after.date())):
        begins, days = _period(counted, first, number)
        if begins > last:
            return
        for day in days:
            local = datetime.combine(day, clock)
            if after <= local <= until:
                yield local


@lru_cache(maxsize=4096)
def filled(rule: Rule, start: date) -> Rule:
    """The rule as it is counted: what it leaves open is as the start has it, FREQ=MONTHLY being its day of the month.

    Every day is found sooner month by month than day by day.
    """
    if rule.frequency is Frequency.DAILY:
        by_month = Frequency.MONTHLY if rule.interval == 1 else rule.frequency
        return replace(rule, frequency=by_month, positions=())
    if rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return replace(rule, weekdays=(NthWeekday(start.weekday()),))
    months = (rule.months or (start.month,)) if rule.frequency is Frequency.YEARLY else rule.months
    return replace(rule, months=months, month_days=(start.day,))


def _week_of(day: date, week_start: int) -> date:
    return day - _DAYS[(day.weekday() - week_start) % 7]


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
            begins = start + timedelta(days=units)
            days = [begins] if _names(rule, begins) else []
        case Frequency.WEEKLY:
            begins = _week_of(start, rule.week_start) + timedelta(days=7 * units)
            offsets = sorted((each.weekday - rule.week_start) % 7 for each in rule.weekdays)
            week = [begins + _DAYS[offset] for offset in offsets]
            days = [day for day in week if day.month in rule.months] if rule.months else week
        case Frequency.MONTHLY:
            years, month = divmod(start.month - 1 + units, 12)
            begins = date(start.year + years, month + 1, 1)
            days = _named(rule, begins.year, (begins.month,))
        case Frequency.YEARLY:
            begins = date(start.year + units, 1, 1)
            days = _named(rule, begins.year, rule.months or _ALL_MONTHS)
    return begins, _positions(rule, days)


def _named(rule: Rule, year: int, months: tuple[int, ...]) -> list[date]:
    """The days of these months that the rule names."""
    if rule.months and not set(months) & set(rule.months):
        return []
    found = _candidates(rule, year, months)
    return list(found) if _is_decided(rule) else [day for day in found if _names(rule, day)]


def _is_decided(rule: Rule) -> bool:
    """Whether the one part of the rule by which candidates are found is all that it says beside its months."""
    parts = [rule.weekdays, rule.month_days, rule.year_days, rule.week_numbers]
    by_year = rule.year_days or rule.week_numbers
    plain = not any(each.nth for each in rule.weekdays) and not (by_year and rule.months)
    return plain and sum(map(bool, parts)) <= 1


def _candidates(rule: Rule, year: int, months: tuple[int, ...]) -> Iterator[date]:
    """Those to be looked at, in order: by the part of the rule that leaves the fewest."""
    if rule.year_days:
        first, length = date(year, 1, 1), _year_length(year)
        numbers = {number if number > 0 else length + 1 + number for number in rule.year_days}
        return (first + timedelta(days=number - 1) for number in sorted(numbers) if 1 <= number <= length)
    if rule.month_days:
        return _days_of(rule.month_days, year, months)
    if rule.week_numbers:
        return _days_of_weeks(rule, year)
    return _days_of_months({each.weekday for each in rule.weekdays}, year, months)


def _days_of_months(weekdays: set[int], year: int, months: tuple[int, ...]) -> Iterator[date]:
    """All of them, or those on ``weekdays``."""
    for month in months:
        days = _days_of_month(year, month)
        yield from (day for day in days if day.weekday() in weekdays) if weekdays else days


@lru_cache(maxsize=4096)
def _days_of_month(year: int, month: int) -> tuple[date, ...]:
    return tuple(date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))


def _days_of(month_days: tuple[int, ...], year: int, months: tuple[int, ...]) -> Iterator[date]:
    for month in months:
        length = monthrange(year, month)[1]
        for day in sorted({day if day > 0 else length + 1 + day for day in month_days}):
            if 1 <= day <= length:
                yield date(year, month, day)


def _days_of_weeks(rule: Rule, year: int) -> Iterator[date]:
    """The days of ``year`` in the weeks of these numbers; at both ends lie days of the neighbours' weeks."""
    begins, length = _week_of(date(year, 1, 1), rule.week_start), _year_length(year)
    for week in range(length // 7 + 2):
        monday = begins + timedelta(days=7 * week)
        if _counts(*_week_number(monday, rule.week_start), rule.week_numbers):
            yield from (day for offset in _DAYS if (day := monday + offset).year == year)


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
    return 366 if isleap(year) else 365


def _year_day(day: date) -> int:
    return (day - date(day.year, 1, 1)).days + 1


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
    year = (_week_of(day, week_start) + _DAYS[3]).year
    first, following = _first_week(year, week_start), _first_week(year + 1, week_start)
    return (day - first).days // 7 + 1, (following - first).days // 7
