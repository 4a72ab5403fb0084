"""What visitors do: book an appointment, move it, cancel it. Of several who want one slot, one gets it."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from events.appointments import Offer, fairest, offers
from events.models import Answer, Appointment, BookingPage, Calendar, Event
from events.services.appointments_following import SlotTaken, keep, write_to_visitor
from events.services.attendees import Invitee
from events.services.bookings import BookingConflict, ResourceOutOfUse, book_resource
from events.services.conflicts import TimeTaken
from events.services.events import call_off, create_event, edit_event
from events.services.invitations import no_invitations
from events.services.lock import lock_event, lock_people

MOST_AHEAD = 5
# What no name holds; line breaks and what turns the direction of writing among it.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"://|\bwww\.|\.\w+/", re.IGNORECASE)
_SUGGESTED, _SUGGESTS_WITHIN = 5, timedelta(days=14)


class AppointmentOver(RuleBroken):
    """It has begun, or it was cancelled; nothing about it can be changed any more."""

    code = "appointment_over"


class TooManyAppointments(RuleBroken):
    """One visitor has so many ahead that no more can be booked."""

    code = "too_many_appointments"


@transaction.atomic
def book_appointment(
    page: BookingPage, *, starts_at: datetime, name: str, email: str, timezone: str, **said: str
) -> Appointment:
    """Book the slot that begins at the instant ``starts_at``, with the host whose turn it is.

    The event goes into the host's calendar with the visitor as its guest, and the page's resource is booked with it:
    all or nothing. ``timezone`` is the visitor's; ``said`` may hold ``phone`` and ``note``. The visitor is written to.
    Raises SlotTaken, TooManyAppointments, ValidationError by field.
    """
    name, email = _name(name), email.strip().lower()
    _lock_people(page, email)
    page = BookingPage.objects.select_related("resource").get(pk=page.pk)
    _require_few(email)
    _require_another_time(page, email, starts_at)
    offer = _require_offer(page, starts_at)
    host = page.hosts.select_related("user", "calendar").get(user=fairest(page, offer.hosts, starts_at))
    visitor = {"visitor_name": name, "visitor_email": email, "visitor_phone": said.get("phone", "")}
    appointment = Appointment(
        page=page,
        host=host.user,
        note=said.get("note", ""),
        visitor_timezone=timezone,
        **visitor,
        **_times(page, starts_at),
    )
    appointment.clean_fields(exclude={"event"})
    try:
        with no_invitations():
            appointment.event = _plan(host.calendar, appointment)
        keep(appointment)
        _book_along(appointment)
    except (TimeTaken, BookingConflict, ResourceOutOfUse):
        _refuse(page, starts_at)
    write_to_visitor(appointment, "booked")
    _announce(AppointmentBooked, appointment)
    return appointment


def _name(written: str) -> str:
    """In one line. The address is anybody's until they answer, so nobody's advertisement is mailed there."""
    name = " ".join(_CONTROLS.sub(" ", written).split())
    if not name or _ADDRESS.search(name):
        raise ValidationError({"name": "Write your name, without a web address."})
    return name


def _lock_people(page: BookingPage, email: str) -> None:
    """All whose time may be judged, at once and in order: the hosts, the owners of their calendars, and a colleague
    who is the visitor.
    """
    owners = page.hosts.values("calendar__owner")
    people = Q(hosts_of__page=page) | Q(pk__in=owners) | Q(email__iexact=email)
    lock_people(User.objects.filter(people).values_list("pk", flat=True))


def _require_few(email: str) -> None:
    ahead = Appointment.objects.filter(visitor_email=email, status=Appointment.Status.BOOKED, starts_at__gt=clock.now())
    if ahead.count() >= MOST_AHEAD:
        raise TooManyAppointments(f"{email} has {MOST_AHEAD} appointments ahead. Cancel one of them first.")


def _require_another_time(page: BookingPage, email: str, starts_at: datetime) -> None:
    """Sent twice it is one appointment, not one with each host who is free."""
    times = _times(page, starts_at)
    then = Q(starts_at__lt=times["ends_at"], ends_at__gt=starts_at)
    if page.appointments.filter(then, visitor_email=email, status=Appointment.Status.BOOKED).exists():
        why = f"{email} has an appointment then already; the e-mail about it has the link to move it."
        _refuse(page, starts_at, why=why)


def _require_offer(page: BookingPage, starts_at: datetime, **narrowed: Any) -> Offer:
    found = offers(page, starts_at, starts_at + timedelta(microseconds=1), **narrowed)
    return found[0] if found else _refuse(page, starts_at, **narrowed)


def _refuse(
    page: BookingPage, starts_at: datetime, *, why: str = "That time is not free. Choose another one.", **narrowed: Any
) -> Any:
    near = offers(page, starts_at, starts_at + _SUGGESTS_WITHIN, **narrowed)
    slots = [f"{offer.starts_at:%Y-%m-%dT%H:%M:%SZ}" for offer in near if offer.starts_at != starts_at]
    raise SlotTaken(why, slots=slots[:_SUGGESTED])


def _times(page: BookingPage, starts_at: datetime) -> dict[str, datetime]:
    ends_at = starts_at + timedelta(minutes=page.duration_minutes)
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked_from": starts_at - timedelta(minutes=page.buffer_before_minutes),
        "blocked_until": ends_at + timedelta(minutes=page.buffer_after_minutes),
    }


def _plan(calendar: Calendar, appointment: Appointment) -> Event:
    page = appointment.page
    event = create_event(
        calendar,
        title=f"{page.title}: {appointment.visitor_name}"[:200],
        description=_description(appointment),
        location=page.location,
        starts_at=_local(page, appointment.starts_at),
        timezone=page.timezone,
        duration_minutes=page.duration_minutes,
        attendees=[Invitee(appointment.visitor_email, name=appointment.visitor_name)],
        by=appointment.host,
    )
    event.attendees.filter(email=appointment.visitor_email).update(status=Answer.ACCEPTED, responded_at=clock.now())
    return event


def _description(appointment: Appointment) -> str:
    said = (appointment.visitor_name, appointment.visitor_email, appointment.visitor_phone, appointment.note)
    return "\n".join(filter(None, said))


def _local(page: BookingPage, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(page.timezone)).replace(tzinfo=None, fold=0)


def _book_along(appointment: Appointment) -> None:
    if appointment.page.resource:
        book_resource(appointment.event, appointment.page.resource, by=appointment.host)


@transaction.atomic
def move_appointment(appointment: Appointment, *, starts_at: datetime) -> Appointment:
    """To another slot of the same host; its resource moves along, and the visitor is written to.

    Raises SlotTaken, AppointmentOver.
    """
    appointment = _locked(appointment)
    _require_ahead(appointment)
    page, event = appointment.page, appointment.event
    if starts_at == appointment.starts_at:
        return appointment
    _require_offer(page, starts_at, host=appointment.host_id, leaving_out=event)
    try:
        edit_event(
            event,
            changes={
                "starts_at": _local(page, starts_at),
                "timezone": page.timezone,
                "duration_minutes": page.duration_minutes,
            },
            by=appointment.host,
        )
    except (TimeTaken, BookingConflict, ResourceOutOfUse):
        _refuse(page, starts_at, host=appointment.host_id, leaving_out=event)
    appointment.refresh_from_db()
    _announce(AppointmentMoved, appointment)
    return appointment


@transaction.atomic
def cancel_appointment(appointment: Appointment) -> Appointment:
    """It does not take place; again is fine. Raises AppointmentOver once it has begun."""
    appointment = _locked(appointment)
    if appointment.status == Appointment.Status.CANCELLED:
        return appointment
    _require_ahead(appointment)
    # Also where the host may not change the calendar any more: the visitor does not come.
    call_off(appointment.event, by=appointment.host)
    appointment.refresh_from_db()
    _announce(AppointmentCancelled, appointment)
    return appointment


def _locked(appointment: Appointment) -> Appointment:
    """As it stands now, with the event and all whose time it takes locked."""
    event = lock_event(appointment.event_id)
    invited = event.attendees.exclude(user=None).values("user")
    lock_people(
        User.objects.filter(Q(pk=appointment.host_id) | Q(pk=event.calendar.owner_id) | Q(pk__in=invited)).values_list(
            "pk", flat=True
        )
    )
    found = Appointment.objects.select_related("page__resource", "host").get(pk=appointment.pk)
    found.event = event
    return found


def _require_ahead(appointment: Appointment) -> None:
    if appointment.status == Appointment.Status.CANCELLED or appointment.starts_at <= clock.now():
        raise AppointmentOver("This appointment was cancelled, or has begun.")


def _announce(fact: Any, appointment: Appointment) -> None:
    announce(
        fact(
            by_id=None,
            event_id=appointment.event_id,
            calendar_id=appointment.event.calendar_id,
            title=appointment.event.title,
            appointment_id=appointment.pk,
            page_id=appointment.page_id,
            host_id=appointment.host_id,
            visitor=appointment.visitor_name,
            starts_at=f"{appointment.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        )
    )
