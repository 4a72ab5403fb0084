"""The public pages of appointments and invitations: nobody signs in."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from estateman.common import clock
from estateman.common.errors import RuleBroken
from events.fields import parse_local
from events.letters import repeats, when
from events.models import Answer, Appointment, Attendee, BookingPage
from events.recurrence import occurrences
from events.services import answer_as_guest, appointment_of, invited_guest
from events.wording import day_words, time_words

DATES_SHOWN, DATES_WITHIN = 12, timedelta(days=366)
_SAID = {
    Answer.NEEDS_ACTION: "Will you come?",
    Answer.ACCEPTED: "You said that you will come.",
    Answer.TENTATIVE: "You said that you may come.",
    Answer.DECLINED: "You said that you cannot come.",
    Answer.WAITING: "You are on the waiting list: we write to you when there is a place.",
}


@require_safe
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """Where a visitor picks a day and a time."""
    page = get_object_or_404(BookingPage, slug=slug, is_active=True)
    return render(request, "events/book.html", {"page": page})


@never_cache
@require_safe
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    """The visitor's own: when it is, and what can be done about it."""
    found = appointment_of(token)
    if found is None:
        raise Http404
    is_open = found.status == Appointment.Status.BOOKED and found.starts_at > clock.now()
    context = {"appointment": found, "page": found.page, "token": token, "is_open": is_open}
    # The address is the secret: it must not travel on with a click.
    answer = render(request, "events/book_appointment.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where a guest says whether they come: to the whole, or to one date of a series."""
    guest = invited_guest(token)
    if guest is None:
        raise Http404
    problem = _answer(guest, request) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("invitation", token=token)
    answer = render(request, "events/invitation.html", _invitation(guest) | {"problem": problem})
    # The address is the secret: it must not travel on with a click. With no-referrer, though, browsers send the form
    # with `Origin: null`, and it would be refused as forged.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def _answer(guest: Attendee, request: HttpRequest) -> str:
    """Keeps what they said; the sentence that stands in its way, if one does."""
    named = request.POST.get("recurrence_id", "")
    try:
        date = parse_local(named) if named else None
        answer_as_guest(guest, status=request.POST.get("status", ""), recurrence_id=date)
    except ValidationError as refused:
        return " ".join(refused.messages)
    except RuleBroken as rule:
        return rule.detail
    return ""


def _invitation(guest: Attendee) -> dict[str, Any]:
    event, now = guest.event, clock.now()
    said = {row.recurrence_id: row.get_status_display() for row in guest.answers.all()}
    ahead = occurrences(event.series(), now, now + DATES_WITHIN)[:DATES_SHOWN] if event.is_recurring else []
    dates = [
        {
            "key": each.recurrence_id.isoformat(),
            "label": f"{day_words(each.local_starts_at)}, {time_words(each.local_starts_at)}",
            "said": said.get(each.recurrence_id, ""),
        }
        for each in ahead
    ]
    return {
        "event": event,
        "when": when(event),
        "repeats": repeats(event),
        "said": _SAID[Answer(guest.status)],
        "dates": dates,
        "is_over": event.is_over,
    }
