"""Which days a calendar shows. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(2199, 11, 30)
AGENDA_DAYS = 30
_DAY = timedelta(days=1)


class View(StrEnum):
    WEEK = "week"
    MONTH = "month"
    DAY = "day"
    AGENDA = "agenda"


@dataclass(frozen=True)
class Window:
    """The days that are shown: ``length`` of them from ``first`` on."""

    view: View
    day: date

    @property
    def first(self) -> date:
        if self.view is View.WEEK:
            return _monday(self.day)
        return _monday(self.day.replace(day=1)) if self.view is View.MONTH else self.day

    @property
    def length(self) -> int:
        if self.view is View.MONTH:
            return 7 * len(range(0, (_next_month(self.day) - self.first).days, 7))
        return {View.WEEK: 7, View.DAY: 1, View.AGENDA: AGENDA_DAYS}[self.view]

    @property
    def days(self) -> list[date]:
        return [self.first + number * _DAY for number in range(self.length)]

    @property
    def before(self) -> date:
        if self.view is View.MONTH:
            return (self.day.replace(day=1) - _DAY).replace(day=1)
        return self.day - self.length * _DAY

    @property
    def after(self) -> date:
        return _next_month(self.day) if self.view is View.MONTH else self.day + self.length * _DAY


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1)
