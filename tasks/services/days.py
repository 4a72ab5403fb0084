"""Days that a plan may hold."""

from datetime import date

from django.core.exceptions import ValidationError

from tasks.workdays import Workdays

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def require_plannable(**days: date | None) -> None:
    """Raises ValidationError naming the field for a day so far off that counting from it would leave the calendar."""
    for field, day in days.items():
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError({field: f"Choose a day between {EARLIEST} and {LATEST}."}, code="not_plannable")


def fitted(
    workdays: Workdays, starts_on: date | None, due_on: date | None, duration: int, *, keep_due: bool
) -> tuple[date | None, int]:
    """The due day and the duration in working days that go with a start.

    Raises ValidationError for a due day before the start, and for days outside EARLIEST to LATEST.
    """
    require_plannable(starts_on=starts_on, due_on=due_on)
    due_on, duration = workdays.fit_dates(starts_on, due_on, duration, keep_due=keep_due)
    if starts_on and due_on and due_on < starts_on:
        raise ValidationError({"due_on": "It cannot be due before it starts."})
    return due_on, duration
