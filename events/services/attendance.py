"""Who came."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import AttendanceRecorded
from events.models import Attendance, Attendee, Event
from events.permissions import can_edit_event
from events.recurrence import Occurrence, find_occurrence
from events.services.lock import lock_event, require_planned

EARLY = timedelta(hours=1)


class NotThenToCheckIn(RuleBroken):
    """It is too early, or one's own time to check in is over."""

    code = "not_then_to_check_in"


@transaction.atomic
def record_attendance(
    event: Event,
    *,
    recurrence_id: datetime,
    by: User,
    attendee: Attendee | None = None,
    status: str = Attendance.Status.PRESENT,
) -> Attendance:
    """Record that ``attendee`` came on that date, or (absent) did not; without one, that ``by`` is here.

    From EARLY before the start on. Oneself until the end and as present only; whoever may change the event records
    anybody at any later time, and corrects it. Raises PermissionDenied, ValidationError, NotThenToCheckIn,
    EventCancelledAlready.
    """
    event = require_planned(lock_event(event.pk))
    found = event.attendees.filter(**({"pk": attendee.pk} if attendee else {"user": by})).first()
    may_edit = can_edit_event(by, event)
    is_own = found is not None and found.user_id == by.pk
    if found is None or not (may_edit or is_own):
        raise PermissionDenied("You are not invited to this event.")
    if not may_edit and status != Attendance.Status.PRESENT:
        raise PermissionDenied
    occurrence = find_occurrence(event.series(), recurrence_id)
    if occurrence is None:
        raise ValidationError({"recurrence_id": "The event does not take place then."})
    _require_then(occurrence, ends=not may_edit)
    row, _ = Attendance.objects.update_or_create(
        attendee=found,
        recurrence_id=recurrence_id,
        defaults={"status": status, "recorded_at": clock.now(), "recorded_by": by},
    )
    announce(
        AttendanceRecorded(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            user_id=found.user_id,
            email=found.email,
            recurrence_id=recurrence_id.isoformat(),
            status=status,
        )
    )
    return row


def _require_then(occurrence: Occurrence, *, ends: bool) -> None:
    now = clock.now()
    if now < occurrence.starts_at - EARLY:
        raise NotThenToCheckIn("Checking in begins an hour before the start.")
    if ends and now >= occurrence.ends_at:
        raise NotThenToCheckIn("It is over; whoever plans the event can still note that you came.")
