"""Who comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken
from estateman.people.models import User, validate_active
from events.activities import AttendeeInvited, AttendeeRemoved
from events.models import Attendee, Event
from events.services.answers import seat_waiting
from events.services.invitations import send_invitations
from events.services.lock import take_event
from events.services.reminders import plan_deliveries


class HasAttended(RuleBroken):
    """What somebody came to stays on record."""

    code = "has_attended"


@dataclass(frozen=True)
class Invitee:
    """Whom to invite: one of the staff, or a guest by e-mail address, with a name if it is known."""

    who: User | str
    name: str = ""
    is_required: bool = True


@transaction.atomic
def invite(event: Event, *, attendees: Sequence[User | str | Invitee], by: User) -> list[Attendee]:
    """Invite staff, or guests by e-mail address; returns the new ones, who were not invited before.

    A guest's address that is a colleague's invites the colleague. Raises ValidationError, EventCancelledAlready.
    """
    event = take_event(event, by=by)
    wanted = _told_apart(each if isinstance(each, Invitee) else Invitee(each) for each in attendees)
    known = {row.user or row.email for row in event.attendees.select_related("user")}
    rows = [_row(event, who, invitee) for who, invitee in wanted.items() if who not in known]
    rows.sort(key=lambda row: (row.email, row.user_id))  # colleagues first, each by id
    for row in rows:
        row.clean_fields(exclude={"event", "user"})
    invited = Attendee.objects.bulk_create(rows)
    for attendee in invited:
        _announce_invited(attendee, event, by=by)
    plan_deliveries(event)
    send_invitations(event, invited, "REQUEST", by)
    return invited


def _told_apart(invitees: Iterable[Invitee]) -> dict[User | str, Invitee]:
    """By colleague, or by a guest's address in small letters; of one named twice the first counts."""
    asked: dict[User | str, Invitee] = {}
    for invitee in invitees:
        asked.setdefault(invitee.who if isinstance(invitee.who, User) else invitee.who.strip().lower(), invitee)
    emails = [who for who in asked if isinstance(who, str)]
    for email in emails:
        validate_email(email)
    # Whoever left is a guest like others.
    staff = User.objects.filter(is_active=True).alias(lowered=Lower("email")).filter(lowered__in=emails)
    colleagues = {user.email.lower(): user for user in staff} if emails else {}
    wanted: dict[User | str, Invitee] = {}
    for who, invitee in asked.items():
        wanted.setdefault(colleagues.get(who, who) if isinstance(who, str) else who, invitee)
    for who in wanted:
        if isinstance(who, User):
            validate_active(who)
    return wanted


def _row(event: Event, who: User | str, invitee: Invitee) -> Attendee:
    if isinstance(who, User):
        return Attendee(event=event, user=who, is_required=invitee.is_required)
    return Attendee(event=event, email=who, name=invitee.name, is_required=invitee.is_required)


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
def remove_attendee(attendee: Attendee, *, by: User) -> None:
    """Take somebody off the list; whoever waits gets the place. Raises PermissionDenied, EventCancelledAlready.

    What was recorded of them goes with them, so nobody is removed who came to something: they decline instead.
    """
    event = take_event(attendee.event, by=by)
    found = event.attendees.filter(pk=attendee.pk).first()
    if found is None:
        return
    if found.attendance.exists():
        raise HasAttended(f"{found} has come to this event; they can decline what is ahead.")
    send_invitations(event, [found], "CANCEL", by)
    found.delete()
    announce(
        AttendeeRemoved(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            user_id=attendee.user_id,
            email=attendee.email,
        )
    )
    seat_waiting(event)
    plan_deliveries(event)
