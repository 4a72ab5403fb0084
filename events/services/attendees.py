"""Who comes."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User, validate_active
from events.activities import AttendeeInvited, AttendeeResponded
from events.models import Attendee, Event
from events.services.lock import lock_event, take_event
from events.services.reminders import plan_deliveries


@transaction.atomic
def invite(event: Event, *, attendees: Sequence[User | str], by: User) -> list[Attendee]:
    """Invite staff, or guests by e-mail address; returns the new ones, who were not invited before.

    A guest's address that is a colleague's invites the colleague. Raises ValidationError, EventCancelledAlready.
    """
    event = take_event(event, by=by)
    users, emails = _told_apart(attendees)
    known = event.attendees.all()
    users -= {row.user for row in known.select_related("user") if row.user}
    emails -= {row.email for row in known}
    rows = [
        *(Attendee(event=event, user=user) for user in sorted(users, key=lambda user: user.pk)),
        *(Attendee(event=event, email=email) for email in sorted(emails)),
    ]
    invited = Attendee.objects.bulk_create(rows)
    for attendee in invited:
        _announce_invited(attendee, event, by=by)
    plan_deliveries(event)
    return invited


def _told_apart(attendees: Iterable[User | str]) -> tuple[set[User], set[str]]:
    users = {each for each in attendees if isinstance(each, User)}
    emails = {each.strip().lower() for each in attendees if isinstance(each, str)}
    for email in emails:
        validate_email(email)
    colleagues = {user.email.lower(): user for user in User.objects.filter(email__in=emails)} if emails else {}
    users |= set(colleagues.values())
    for user in users:
        validate_active(user)
    return users, emails - colleagues.keys()


def _announce_invited(attendee: Attendee, event: Event, *, by: User) -> None:
    announce(
        AttendeeInvited(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            user_id=attendee.user_id,
            email=attendee.email,
        )
    )


@transaction.atomic
def rsvp(event: Event, *, status: str, by: User) -> Attendee:
    """Answer one's own invitation; who declines is not reminded. Raises PermissionDenied for someone not invited."""
    event = lock_event(event.pk)
    attendee = event.attendees.filter(user=by).first()
    if attendee is None:
        raise PermissionDenied("You are not invited to this event.")
    if status not in Attendee.Status.values:
        raise ValidationError({"status": f"{status} is none of {', '.join(Attendee.Status.values)}."})
    attendee.status, attendee.responded_at = status, clock.now()
    attendee.save(update_fields=["status", "responded_at"])
    plan_deliveries(event)
    announce(
        AttendeeResponded(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            user_id=by.pk,
            status=status,
        )
    )
    return attendee
