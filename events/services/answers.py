"""Answers to invitations: places are given under the event's lock, and whoever waits moves up when one is free."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import AttendeeResponded, AttendeeSeated, AttendeeUnseated
from events.models import Answer, Attendee, Event, OccurrenceAnswer
from events.recurrence import Series, find_occurrence
from events.seating import Answers, Wait, has_place, places_taken, promoted
from events.services.lock import lock_event, require_planned
from events.services.reminders import plan_deliveries

CHOICES = [Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE]
_SALT = "events.invitation"


class TooLateToAnswer(RuleBroken):
    """It is over."""

    code = "too_late_to_answer"


def rsvp(event: Event, *, status: str, by: User, recurrence_id: datetime | None = None) -> Attendee:
    """Answer one's own invitation, for the whole event or for one date of a series.

    A yes beyond the capacity waits for a place; whoever declines is not reminded. Raises PermissionDenied for someone
    not invited, ValidationError, TooLateToAnswer, EventCancelledAlready.
    """
    return _answer(event.pk, status, recurrence_id, of={"user": by}, by=by)


def invitation_token(attendee: Attendee) -> str:
    """The secret by which a guest answers; it is worth nothing once they are not invited any more."""
    return signing.dumps({"attendee": attendee.pk, "event": attendee.event_id}, salt=_SALT)


def invited_guest(token: str) -> Attendee | None:
    """The guest whose ``invitation_token`` this is; None for anything else."""
    try:
        named = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    guests = Attendee.objects.filter(user=None, event__calendar__archived_at=None).select_related("event__calendar")
    return guests.filter(pk=named["attendee"], event=named["event"]).first()


def answer_as_guest(attendee: Attendee, *, status: str, recurrence_id: datetime | None = None) -> Attendee:
    """``rsvp`` of a guest whom their token let in. Raises as it does."""
    return _answer(attendee.event_id, status, recurrence_id, of={"pk": attendee.pk}, by=None)


@transaction.atomic
def _answer(
    event_id: int, status: str, recurrence_id: datetime | None, *, of: dict[str, object], by: User | None
) -> Attendee:
    event = require_planned(lock_event(event_id))
    attendee = event.attendees.select_related("user").filter(**of).first()
    if attendee is None:
        raise PermissionDenied("You are not invited to this event.")
    if status not in CHOICES:
        raise ValidationError({"status": f"{status} is none of {', '.join(CHOICES)}."})
    if recurrence_id is not None:
        _require_ahead(event, recurrence_id)
    elif event.is_over:
        raise TooLateToAnswer("It is over.")
    status = _write(event, attendee, status, recurrence_id)
    announce(AttendeeResponded(by_id=by.pk if by else None, status=status, **_of(event, attendee, recurrence_id)))
    seat_waiting(event)
    plan_deliveries(event)
    return Attendee.objects.select_related("user").prefetch_related("answers").get(pk=attendee.pk)


def _require_ahead(event: Event, recurrence_id: datetime) -> None:
    series = event.series()
    if find_occurrence(series, recurrence_id) is None:
        raise ValidationError({"recurrence_id": "The event does not take place then."})
    if not is_ahead(series, recurrence_id):
        raise TooLateToAnswer("It is over.")


def is_ahead(series: Series, recurrence_id: datetime) -> bool:
    """Whether that date takes place and is not over."""
    occurrence = find_occurrence(series, recurrence_id)
    return occurrence is not None and occurrence.ends_at > clock.now()


def _write(event: Event, attendee: Attendee, status: str, recurrence_id: datetime | None) -> str:
    """Keep the answer; returns it as it came out, which is WAITING where no place is left."""
    now, since = clock.now(), None
    # Where a date has no answer of its own yet, the whole's holds for it.
    before = attendee.answers.filter(recurrence_id=recurrence_id).first() if recurrence_id else attendee
    standing = before.status if before else attendee.status
    if status == Answer.ACCEPTED != standing:
        everyone, _ = _standing(event)
        if not has_place(everyone, attendee.pk, recurrence_id, event.capacity):
            # Whoever asks again keeps their place in the list.
            status, since = Answer.WAITING, (before.waiting_since if before else None) or now
    columns = {"status": status, "responded_at": now, "waiting_since": since}
    if recurrence_id is None:
        Attendee.objects.filter(pk=attendee.pk).update(**columns)
    else:
        attendee.answers.update_or_create(recurrence_id=recurrence_id, defaults=columns)
    return status


def _standing(event: Event) -> tuple[list[Answers], list[Wait]]:
    """What everybody answered, as far as it is not over, and who waits."""
    series = event.series()
    everyone, waiting = [], []
    for attendee in event.attendees.prefetch_related("answers"):
        ahead = [row for row in attendee.answers.all() if is_ahead(series, row.recurrence_id)]
        everyone.append(Answers(attendee.pk, attendee.status, {row.recurrence_id: row.status for row in ahead}))
        waiting += [
            Wait(row.waiting_since, attendee.pk, row.recurrence_id)
            for row in ahead
            if row.status == Answer.WAITING and row.waiting_since
        ]
        if attendee.status == Answer.WAITING and attendee.waiting_since:
            waiting.append(Wait(attendee.waiting_since, attendee.pk))
    return everyone, waiting


def seat_waiting(event: Event) -> list[Wait]:
    """Give free places to those who wait, in order; the event must be locked. They are told. Not of what is over."""
    if event.is_over or not _anyone_waits(event):
        return []
    everyone, waiting = _standing(event)
    seated = promoted(everyone, waiting, event.capacity)
    people = {row.pk: row for row in event.attendees.filter(pk__in={wait.attendee for wait in seated})}
    for wait in seated:
        _seat(event, people[wait.attendee], wait.date)
    if seated:
        plan_deliveries(event)
    return seated


@transaction.atomic
def seat_after_a_date(event: Event) -> None:
    """Whoever waits for the whole, as one date was full, need not wait for that date once it is over."""
    event = lock_event(event.pk)
    if not event.is_cancelled:
        seat_waiting(event)


def wait_again(event: Event, returned: Iterable[datetime]) -> None:
    """Of dates that are ahead again others may have been given the places meanwhile, with those of the whole.

    Whoever said yes last to such a date alone waits then, and is told. Not of what is over.
    """
    if event.capacity is None:
        return
    series = event.series()
    everyone, _ = _standing(event)
    for date in returned:
        over = places_taken(everyone, date) - event.capacity
        if over > 0 and is_ahead(series, date):
            theirs = OccurrenceAnswer.objects.filter(attendee__event=event, recurrence_id=date, status=Answer.ACCEPTED)
            for answer in theirs.select_related("attendee").order_by("-responded_at", "-attendee")[:over]:
                _unseat(event, answer)


def _anyone_waits(event: Event) -> bool:
    answers = OccurrenceAnswer.objects.filter(attendee__event=event, status=Answer.WAITING)
    return event.attendees.filter(status=Answer.WAITING).exists() or answers.exists()


def _seat(event: Event, attendee: Attendee, date: datetime | None) -> None:
    given = {"status": Answer.ACCEPTED, "waiting_since": None}
    if date is None:
        event.attendees.filter(pk=attendee.pk).update(**given)
    else:
        attendee.answers.filter(recurrence_id=date).update(**given)
    announce(AttendeeSeated(by_id=None, **_of(event, attendee, date)))


def _unseat(event: Event, answer: OccurrenceAnswer) -> None:
    answer.status, answer.waiting_since = Answer.WAITING, answer.responded_at
    answer.save(update_fields=["status", "waiting_since"])
    announce(AttendeeUnseated(by_id=None, **_of(event, answer.attendee, answer.recurrence_id)))


def _of(event: Event, attendee: Attendee, date: datetime | None) -> dict[str, Any]:
    return {
        "event_id": event.pk,
        "calendar_id": event.calendar_id,
        "title": event.title,
        "user_id": attendee.user_id,
        "email": attendee.email,
        "recurrence_id": date.isoformat() if date else "",
    }
