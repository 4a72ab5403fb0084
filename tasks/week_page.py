"""A week of somebody's time as its page shows it: columns with bars, lines, and the logs day by day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from tasks.models import TimeLog
from tasks.timesheet import ProjectLine, TaskLine, Timesheet
from tasks.timesheets import Part, week_name, week_of

HUES = 6
HEIGHT = 100


@dataclass(frozen=True)
class Bar:
    """What one project took of a day, as a part of the tallest day's height; from the top."""

    hue: int
    y: float
    height: float


@dataclass(frozen=True)
class DayShown:
    date: date
    seconds: int
    is_today: bool
    bars: tuple[Bar, ...]
    parts: tuple[tuple[TimeLog, Part], ...]

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() >= 5


@dataclass(frozen=True)
class WeekPage:
    """``sheet`` as somebody sees it whose day is ``today``."""

    sheet: Timesheet
    today: date

    @property
    def name(self) -> str:
        return week_name(self.sheet.week)

    @property
    def before(self) -> str:
        return week_name(week_of(self.sheet.week.first - timedelta(days=7)))

    @property
    def after(self) -> str:
        return week_name(week_of(self.sheet.week.first + timedelta(days=7)))

    @property
    def is_present(self) -> bool:
        return self.today in self.sheet.week

    @cached_property
    def days(self) -> list[DayShown]:
        tallest = max((day.seconds for day in self.sheet.days), default=0) or 1
        parts = self._parts
        return [
            DayShown(
                date=day.date,
                seconds=day.seconds,
                is_today=day.date == self.today,
                bars=tuple(self._bars(number, tallest)),
                parts=tuple(parts[day.date]),
            )
            for number, day in enumerate(self.sheet.days)
        ]

    @property
    def days_worked(self) -> list[DayShown]:
        """Those with logs, the latest first."""
        return [day for day in reversed(self.days) if day.parts]

    @property
    def to_review(self) -> list[TimeLog]:
        return [log for log in self.sheet.logs if log.needs_review]

    @property
    def lines(self) -> list[tuple[ProjectLine, int, tuple[TaskLine, ...]]]:
        """Each project with its hue and its tasks; no two look alike before the hues run out."""
        return [(line, number % HUES, line.tasks) for number, line in enumerate(self.sheet.projects)]

    def _bars(self, number: int, tallest: int) -> Iterable[Bar]:
        top = float(HEIGHT)
        for line, hue, _ in self.lines:
            if seconds := line.days[number].seconds:
                height = HEIGHT * seconds / tallest
                top -= height
                yield Bar(hue, round(top, 2), round(height, 2))

    @property
    def _parts(self) -> dict[date, list[tuple[TimeLog, Part]]]:
        found: dict[date, list[tuple[TimeLog, Part]]] = defaultdict(list)
        for log, part in self.sheet.parts:
            found[part.on].append((log, part))
        return found
