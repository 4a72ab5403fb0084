"""What holds for all time that is logged: whole seconds, in the past, and of one person never twice at once."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError

from estateman.common import clock
from estateman.people.models import User
from tasks.models import TimeLog
from tasks.models.time import TimeLogQuerySet
from tasks.services.days import EARLIEST
from tasks.services.refusals import TimeOverlap
from tasks.services.time.telling import shown


def this_second() -> datetime:
    """Now, in whole seconds."""
    return clock.now().replace(microsecond=0)


def whole(instant: datetime) -> datetime:
    """``instant`` in UTC, to the second."""
    return instant.astimezone(UTC).replace(microsecond=0)


def seconds_between(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def hold_time_of(user: User) -> None:
    """Hold the person until the transaction ends, so that what they log is looked at one after the other.

    Held after the project and before a log, always. The lock leaves the row's key alone, so that those who only refer
    to the person do not wait.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").get()


def require_zone(name: str) -> str:
    """Raises ValidationError naming the field unless ``name`` is a time zone."""
    try:
        clock.validate_zone(name)
    except ValidationError as unknown:
        raise ValidationError({"timezone": unknown}) from None
    return name


def require_past(start: datetime, end: datetime) -> None:
    """Raises ValidationError naming the field for time that has not passed, long passed, or ends before it begins."""
    now = this_second()
    if start.date() < EARLIEST:
        raise ValidationError({"started_at": f"Choose a day after {EARLIEST}."}, code="too_early")
    if start > now:
        raise ValidationError({"started_at": "This has not come yet."}, code="in_the_future")
    if end > now:
        raise ValidationError({"ended_at": "This has not come yet."}, code="in_the_future")
    if end < start:
        raise ValidationError({"ended_at": "It ends before it starts."}, code="ends_before_start")


def require_free(user: User, start: datetime, end: datetime, *, by: User, but: TimeLog | None = None) -> None:
    """Raises TimeOverlap where other time of ``user`` shares some of it, running timers included.

    The person is held. ``by`` is told of those logs that they may see.
    """
    others: TimeLogQuerySet = TimeLog.objects.filter(user=user).overlapping(start, end)
    if but:
        others = others.exclude(pk=but.pk)
    if others.exists():
        seen = others.visible_to(by).for_display().order_by("started_at", "pk")
        raise TimeOverlap(
            "There is other time at this time already. Nobody does two things at once.",
            logs=[shown(log) for log in seen],
        )
