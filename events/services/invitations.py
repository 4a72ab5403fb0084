"""E-mails to guests: invited, changed, cancelled, for them to read and for their calendar programs (iTIP, RFC 5546)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import Literal

from django.conf import settings
from django.urls import reverse

from estateman.common import clock
from estateman.people.models import User
from events.feeds import entry_of
from events.ics import Person, write_message
from events.letters import write_letter
from events.models import Answer, Appointment, Attendee, Event
from events.recurrence import Occurrence, find_occurrence
from events.services.answers import invitation_token
from events.services.timing import TIMING
from integrations.services import MessageKeyReused, queue_message

Method = Literal["REQUEST", "CANCEL"]
TOLD = frozenset({*TIMING, "title", "location", "description", "status"})
"""The fields whose change guests are told of."""
_SPOKEN = {
    Answer.NEEDS_ACTION: "NEEDS-ACTION",
    Answer.ACCEPTED: "ACCEPTED",
    Answer.DECLINED: "DECLINED",
    Answer.TENTATIVE: "TENTATIVE",
    Answer.WAITING: "TENTATIVE",
}
_is_silent: ContextVar[bool] = ContextVar("no invitations", default=False)


@contextmanager
def no_invitations() -> Iterator[None]:
    """Within it nobody is mailed: what a calendar elsewhere or a file says was told to its guests there."""
    before = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(before)


def send_invitations(
    event: Event, attendees: Iterable[Attendee], method: Method, by: User | None, *, is_update: bool = False
) -> None:
    """Have the guests among ``attendees`` mailed. Staff are told by notifications.

    Each guest gets each state of the event once, however often this is called: an e-mail is named by the guest,
    SEQUENCE, version and method. Nobody is told of what is over. To be called inside the transaction that changed the
    event, last.
    """
    guests = [attendee for attendee in attendees if attendee.user_id is None]
    if _is_silent.get() or not guests:
        return
    # Whoever booked an appointment is written to about just that.
    visitors = set(Appointment.objects.filter(event=event).values_list("visitor_email", flat=True))
    guests = [guest for guest in guests if guest.email not in visitors]
    event = Event.objects.with_series().select_related("created_by").get(pk=event.pk)
    if event.is_over:
        return
    staff = list(event.attendees.exclude(user=None).select_related("user"))
    kind = "cancellation" if method == "CANCEL" else "update" if is_update else "invitation"
    for guest in guests:
        _send(event, guest, staff, method, by, kind=kind, state=f"{event.sequence}:{event.version}")


def tell_guests(event: Event, *, by: User | None) -> None:
    """Have all its guests mailed how it stands now. To be called last, when something in TOLD has changed."""
    send_invitations(event, event.attendees.filter(user=None), "REQUEST", by, is_update=True)


def tell_of_place(guest: Attendee, said: Answer, date: datetime | None, *, key: str) -> None:
    """Have a guest mailed that they have a place now, in the whole event or on ``date``, or (WAITING) have none there.

    Once for a ``key``. Not where their answer is another than ``said`` meanwhile, nor of what does not take place.
    """
    event = Event.objects.with_series().select_related("created_by").get(pk=guest.event_id)
    stands = guest.answer_on(date) if date else guest.status
    on = find_occurrence(event.series(), date) if date else None
    is_off = event.is_cancelled or (date and on is None)
    if is_off or stands != said:
        return
    staff = list(event.attendees.exclude(user=None).select_related("user"))
    kind = "place" if said == Answer.ACCEPTED else "waiting"
    _send(event, guest, staff, "REQUEST", None, kind=kind, state=key, date=on)


def invitation_ics(event: Event, guest: Attendee, method: Method, *, link: str, staff: Sequence[Attendee] = ()) -> str:
    """What the calendar program of ``guest`` is told: the whole series with its dates that differ.

    ``link`` leads to where they answer; what is cancelled has none.

    Guests are buyers and sellers who need not know of each other, so each is told of the staff and themselves only.
    """
    entry = entry_of(event, changed_at=clock.now())
    if method == "CANCEL":
        entry = replace(entry, status=Event.Status.CANCELLED.value)
    people = [_person(each) for each in (*staff, guest)] if method == "REQUEST" else [_person(guest)]
    url = link if method == "REQUEST" else ""
    return write_message(method, entry, organiser=_organiser(event), attendees=people, url=url).decode()


def answer_link(guest: Attendee) -> str:
    """The page where a guest answers without a login."""
    return f"{settings.SITE_URL}{reverse('invitation', args=[invitation_token(guest)])}"


def _send(  # noqa: PLR0913  what a letter is made of
    event: Event,
    guest: Attendee,
    staff: Sequence[Attendee],
    method: Method,
    by: User | None,
    *,
    kind: str,
    state: str,
    date: Occurrence | None = None,
) -> None:
    link = "" if method == "CANCEL" else answer_link(guest)
    letter = write_letter(kind, event, guest, link=link, date=date)
    # Another message under this key tells the same state, made a moment ago.
    with suppress(MessageKeyReused):
        queue_message(
            channel="email",
            to=guest.email,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            headers={"Reply-To": _organiser(event).email},
            calendar=invitation_ics(event, guest, method, link=link, staff=staff),
            key=f"invitation:{event.uid}:{state}:{method}:{guest.pk}:{guest.email}",
            correlation_id=f"invitation:{guest.pk}",
            by=by,
        )


def _organiser(event: Event) -> Person:
    if event.created_by is not None:
        return Person(event.created_by.email, event.created_by.name)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Person(address, name)


def _person(attendee: Attendee) -> Person:
    email, name = (attendee.user.email, attendee.user.name) if attendee.user else (attendee.email, attendee.name)
    return Person(email, name, _SPOKEN[Answer(attendee.status)], is_required=attendee.is_required)
