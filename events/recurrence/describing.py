"""A rule in plain words: "every other week on Monday and Friday, 10 times"."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from events.recurrence.expansion import filled
from events.recurrence.rules import Frequency, NthWeekday, Rule

_UNITS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NTHS = ("first", "second", "third", "fourth", "fifth")
_SETS = {
    frozenset(range(5)): "weekday",
    frozenset((5, 6)): "weekend day",
    frozenset(range(7)): "day",
}


def describe(rule: Rule, start: datetime) -> str:
    """What ``rule`` says for an event that starts at the local ``start``, in lower case and without a full stop.

    It says all that the rule says: two rules with different dates never read alike.
    """
    end = _end(rule, start)
    if rule.count == 1:
        return f"once, on {_date(start)}"
    return " ".join(filter(None, [_pace(rule), _days(rule, start), _weeks_begin(rule)])) + end


def _pace(rule: Rule) -> str:
    unit = _UNITS[rule.frequency]
    if rule.interval == 1:
        return f"every {unit}"
    return f"every other {unit}" if rule.interval == 2 else f"every {rule.interval} {unit}s"


def _days(rule: Rule, start: datetime) -> str:
    if rule.frequency is Frequency.DAILY:
        return " ".join(filter(None, [_if(rule), _in_months(rule)]))
    rule = filled(rule, start.date())
    if rule.positions:
        return f"on the {_and(map(_nth, _counted(rule.positions)))} {_choice(rule)}{_of_months(rule)}"
    return _named_days(rule)


def _named_days(rule: Rule) -> str:
    months = _of_months(rule)
    if rule.month_days:
        return f"on the {_and(map(_month_day, _counted(rule.month_days)))}{months} {_if(rule, 'month_days')}".rstrip()
    if rule.year_days:
        return f"on {_and(map(_year_day, _counted(rule.year_days)))}{months} {_if(rule, 'year_days')}".rstrip()
    if rule.week_numbers:
        days = _and(_WEEKDAYS[day.weekday] for day in rule.weekdays) or "every day"
        return f"on {days} of {_weeks(rule)}{months}"
    return f"on {_weekdays(rule)}{months}"


def _weekdays(rule: Rule) -> str:
    plain = frozenset(day.weekday for day in rule.weekdays if not day.nth)
    name = _SETS.get(plain)
    if rule.frequency is Frequency.WEEKLY:
        return f"every {name}" if name else _and(_WEEKDAYS[day] for day in _in_week(rule, plain))
    words = [f"every {name}"] if name else [f"every {_WEEKDAYS[day]}" for day in sorted(plain)]
    words += [f"the {_nth_weekday(day)}" for day in rule.weekdays if day.nth]
    return _and(words)


def _in_week(rule: Rule, days: Iterable[int]) -> list[int]:
    return sorted(days, key=lambda day: (day - rule.week_start) % 7)


def _choice(rule: Rule) -> str:
    """What BYSETPOS chooses from, as the noun after "the last"."""
    plain = frozenset(day.weekday for day in rule.weekdays)
    if any(day.nth for day in rule.weekdays):
        noun = f"of {_and(f'the {_nth_weekday(day)}' for day in rule.weekdays)}"
    else:
        noun = (_SETS.get(plain) or _or(_WEEKDAYS[day] for day in sorted(plain))) if plain else "day"
    if rule.month_days:
        noun += f" that is the {_or(map(_month_day, _counted(rule.month_days)))}"
    if rule.year_days:
        noun += f" that is {_or(map(_year_day, _counted(rule.year_days)))}"
    return f"{noun} of {_weeks(rule)}" if rule.week_numbers else noun


def _if(rule: Rule, but: str = "") -> str:
    """What must be true of the days that the rest of the sentence, ``but``, names."""
    found = []
    if rule.month_days and but != "month_days":
        found.append(f"it is the {_or(map(_month_day, _counted(rule.month_days)))} of a month")
    if rule.year_days and but != "year_days":
        found.append(f"it is {_or(map(_year_day, _counted(rule.year_days)))}")
    if rule.week_numbers:
        found.append(f"it is in {_weeks(rule, _or)}")
    if rule.weekdays:
        name = None if any(day.nth for day in rule.weekdays) else _SETS.get(frozenset(d.weekday for d in rule.weekdays))
        days = [f"the {_nth_weekday(day)}" if day.nth else f"a {_WEEKDAYS[day.weekday]}" for day in rule.weekdays]
        found.append(f"it is {f'a {name}' if name else _or(days)}")
    return f"if {' and '.join(found)}" if found else ""


def _of_months(rule: Rule) -> str:
    if rule.months:
        narrow = rule.frequency is Frequency.YEARLY and not (rule.year_days or rule.week_numbers)
        together = " together" if narrow and rule.positions and len(rule.months) > 1 else ""
        return f" {'of' if narrow else 'in'} {_and(_MONTHS[month - 1] for month in rule.months)}{together}"
    by_year = rule.frequency is Frequency.YEARLY and not rule.year_days and not rule.week_numbers
    if by_year and rule.month_days:
        return " of every month"
    return " of the year" if by_year and (rule.positions or any(day.nth for day in rule.weekdays)) else ""


def _in_months(rule: Rule) -> str:
    return f"in {_and(_MONTHS[month - 1] for month in rule.months)}" if rule.months else ""


def _weeks(rule: Rule, join: Callable[[Iterable[str]], str] | None = None) -> str:
    join = join or _and
    numbers = _counted(rule.week_numbers)
    forward, backward = [n for n in numbers if n > 0], [n for n in numbers if n < 0]
    words = [f"week{'s' if len(forward) > 1 else ''} {join(map(str, forward))}"] if forward else []
    words += [f"the {_nth(number)} week of the year" for number in backward]
    return join(words)


def _weeks_begin(rule: Rule) -> str:
    """Said where it decides: which weeks are skipped, what is first in a week, or which week has which number."""
    skips = rule.frequency is Frequency.WEEKLY and (rule.interval > 1 or rule.positions)
    matters = rule.week_start and (skips or rule.week_numbers)
    return f"(weeks begin on {_WEEKDAYS[rule.week_start]})" if matters else ""


def _end(rule: Rule, start: datetime) -> str:
    if rule.count:
        return f", {rule.count} times"
    if rule.until is None:
        return ""
    # An end before the event's hour is the day before.
    last = rule.until if rule.until.time() >= start.time() else rule.until - timedelta(days=1)
    return f", until {_date(last)}"


def _date(day: datetime) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _counted(numbers: Iterable[int]) -> list[int]:
    """From the front first, then from the back, the last of all at the end."""
    return sorted(numbers, key=lambda number: (number < 0, number))


def _nth_weekday(day: NthWeekday) -> str:
    return f"{_nth(day.nth)} {_WEEKDAYS[day.weekday]}"


def _nth(number: int) -> str:
    if number == -1:
        return "last"
    word = _NTHS[abs(number) - 1] if abs(number) <= len(_NTHS) else _ordinal(abs(number))
    return word if number > 0 else f"{word}-to-last"


def _month_day(number: int) -> str:
    return _ordinal(number) if number > 0 else f"{_nth(number)} day"


def _year_day(number: int) -> str:
    return f"day {number} of the year" if number > 0 else f"the {_nth(number)} day of the year"


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _and(words: Iterable[str]) -> str:
    return _joined(list(words), "and")


def _or(words: Iterable[str]) -> str:
    return _joined(list(words), "or")


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
