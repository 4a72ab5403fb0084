"""An appointment is where its event is: whoever moves or cancels the event does so to it, and the visitor is told."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from estateman.common.errors import RuleBroken
from events.models import Appointment, Event
from events.recurrence import span
from events.services.invitations import Method, invitation_ics
from integrations.services import queue_message

NO_OVERLAP = "no_overlapping_appointments"
_SIGNER = signing.Signer(sep=".", salt="events.appointment")


class SlotTaken(RuleBroken):
    """The time is not to be had, or not any more; ``slots`` are the next that are, as instants."""

    code = "slot_taken"


def appointment_token(appointment: Appointment) -> str:
    """The secret by which the visitor looks at, moves and cancels it."""
    return _SIGNER.sign(str(appointment.pk))


def appointment_of(token: str) -> Appointment | None:
    """The appointment whose ``appointment_token`` this is; None for anything else."""
    try:
        found = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return Appointment.objects.select_related("page__resource", "host", "event__calendar").filter(pk=int(found)).first()


def appointment_url(appointment: Appointment) -> str:
    return f"{settings.SITE_URL}/book/appointments/{appointment_token(appointment)}"


def follow_event(event: Event) -> None:
    """Bring the event's appointment, if it has one, to where the event is now; the visitor is written to.

    Raises SlotTaken where its host has another appointment then.
    """
    booked = Appointment.objects.filter(event=event, status=Appointment.Status.BOOKED)
    appointment = booked.select_related("page", "host").first()
    if appointment is None:
        return
    if event.is_cancelled:
        appointment.status = Appointment.Status.CANCELLED
        appointment.save(update_fields=["status"])
        write_to_visitor(appointment, "cancelled")
        return
    times = _times(appointment, event)
    if all(getattr(appointment, name) == value for name, value in times.items()):
        return
    for name, value in times.items():
        setattr(appointment, name, value)
    keep(appointment)
    write_to_visitor(appointment, "moved", sequence=event.sequence)


def _times(appointment: Appointment, event: Event) -> dict[str, Any]:
    now = span(event.starts_at, event.timezone, event.duration_minutes)
    return {
        "starts_at": now.starts_at,
        "ends_at": now.ends_at,
        "blocked_from": now.starts_at - (appointment.starts_at - appointment.blocked_from),
        "blocked_until": now.ends_at + (appointment.blocked_until - appointment.ends_at),
    }


def keep(appointment: Appointment) -> None:
    """Write it, new or changed. Raises SlotTaken where the database knows of another in its time."""
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as error:
        if NO_OVERLAP not in str(error):
            raise
        raise SlotTaken(f"{appointment.host} has another appointment then.") from None


def write_to_visitor(appointment: Appointment, what: str, *, sequence: int = 0) -> None:
    """Have an e-mail sent, for them and their calendar program: it is ``booked``, ``moved`` or ``cancelled``.

    ``sequence`` tells one move from the next. It is all that they get: guests' invitations leave visitors out.
    """
    subject = {"booked": "Booked", "moved": "Moved", "cancelled": "Cancelled"}[what]
    context = {"appointment": appointment, "what": what, "url": appointment_url(appointment)}
    queue_message(
        channel="email",
        to=appointment.visitor_email,
        subject=" ".join(f"{subject}: {appointment.page.title}".split()),
        text=render_to_string("events/appointment.txt", context),
        headers={"Reply-To": appointment.host.email},
        calendar=_ics(appointment, "CANCEL" if what == "cancelled" else "REQUEST"),
        key=f"appointment:{appointment.pk}:{what}:{sequence}",
    )


def _ics(appointment: Appointment, method: Method) -> str:
    """Empty for a visitor who is no guest of the event: a colleague, who has it in their own calendar here.

    What the event says is for the host: the visitor's own words, which would go out to any address, and notes since.
    """
    event = Event.objects.with_series().select_related("created_by").get(pk=appointment.event_id)
    event.description = appointment.page.description
    guest = event.attendees.filter(email=appointment.visitor_email).first()
    return invitation_ics(event, guest, method, link=appointment_url(appointment)) if guest else ""
