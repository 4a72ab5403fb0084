"""Working days of one calendar: which days are worked, and counting them without walking through them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

DAYS_PER_WEEK = 7
MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True)
class Workdays:
    """The days whose weekday (0 is Monday) is in ``weekdays`` and that are not ``closed``.

    Working days are numbered, so that counting them is arithmetic: ``number(day)`` is how many came before ``day``,
    and ``day(number)`` the working day that so many came before.
    """

    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    closed: frozenset[date] = frozenset()
    _order: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _before: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _closed: list[int] = field(init=False, repr=False, compare=False)
    _closed_numbers: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        order = tuple(sorted(self.weekdays))
        before = tuple(sum(each < weekday for each in order) for weekday in range(DAYS_PER_WEEK))
        closed = sorted(day.toordinal() for day in self.closed if day.weekday() in self.weekdays)
        set_once = object.__setattr__
        set_once(self, "_order", order)
        set_once(self, "_before", before)
        set_once(self, "_closed", closed)
        set_once(self, "_closed_numbers", [self._weekdays_before(each) - n for n, each in enumerate(closed)])

    def is_workday(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.closed

    def number(self, day: date) -> int:
        """How many working days came before ``day``."""
        ordinal = day.toordinal()
        return self._weekdays_before(ordinal) - bisect_left(self._closed, ordinal)

    def day(self, number: int) -> date:
        """The working day before which there are ``number``. Raises OverflowError outside of the calendar."""
        weeks, place = divmod(number + bisect_right(self._closed_numbers, number), len(self._order))
        ordinal = weeks * DAYS_PER_WEEK + self._order[place] + 1
        try:
            return date.fromordinal(ordinal)
        except ValueError:
            raise OverflowError(f"No calendar has working day {number}.") from None

    def shift(self, origin: date, offset: int) -> date:
        """The working day ``offset`` working days after (or before) ``origin``.

        Counted from the first working day on or after ``origin``, which is offset 0.
        """
        return self.day(self.number(origin) + offset)

    def days_of(self, origin: date, start: int, finish: int) -> tuple[date, date]:
        """The first and the last day, inclusively, from one instant of a plan that starts on ``origin`` to another.

        An instant lies between two working days; a milestone falls on the first one after its instant.
        """
        first = self.number(origin)
        return self.day(first + start), self.day(first + max(start, finish - 1))

    def between(self, first: date, last: date) -> int:
        """The working days from ``first`` to ``last``, both counted; 0 when ``last`` is earlier."""
        return max(0, self.number(last + timedelta(days=1)) - self.number(first))

    def last_day(self, starts_on: date, duration: int) -> date:
        """The inclusive last day of ``duration`` working days from ``starts_on``.

        What starts on a Saturday works that Saturday: the day a person chose counts as the first.
        """
        if duration <= 1:
            return starts_on
        return self.shift(starts_on, duration - (1 if self.is_workday(starts_on) else 2))

    def first_day(self, due_on: date, duration: int) -> date:
        """The day on which ``duration`` working days begin that end on ``due_on``, inclusively."""
        return due_on if duration <= 1 else self.day(self.number(due_on) - (duration - 1))

    def duration_of(self, starts_on: date, due_on: date) -> int:
        """The working days from ``starts_on`` to ``due_on``, at least 1: ``last_day`` reversed."""
        return max(1, self.between(starts_on, due_on) + (0 if self.is_workday(starts_on) else 1))

    def fit_dates(
        self, starts_on: date | None, due_on: date | None, duration: int, *, keep_due: bool
    ) -> tuple[date | None, int]:
        """The due day and the duration that go with a start day: what is kept decides the other.

        Without a start, or where no due day is to be kept, nothing follows from anything.
        """
        if starts_on is None or (keep_due and due_on is None):
            return due_on, duration
        if not keep_due or due_on is None:
            return self.last_day(starts_on, duration), duration
        is_milestone = duration == 0 and starts_on == due_on
        return due_on, 0 if is_milestone else self.duration_of(starts_on, due_on)

    def _weekdays_before(self, ordinal: int) -> int:
        weeks, weekday = divmod(ordinal - 1, DAYS_PER_WEEK)  # the first of January of the year 1 was a Monday
        return weeks * len(self._order) + self._before[weekday]


WEEKDAYS = Workdays()


def closed_on(days: Iterable[date]) -> Workdays:
    """Mondays to Fridays, less ``days``."""
    return Workdays(closed=frozenset(days))
