"""One event: who comes to which date, what is booked for it, and what can be done."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from estateman.people.requests import StaffRequest
from events import services
from events.event_page import event_page
from events.forms.event import lead_choices
from events.models import Answer, Event, Resource
from events.occurrences import Dated
from events.services import Invitee, ReminderWish
from events.telling import Told, told
from events.views.found import date_asked, event_of, number

_SAID = {
    Answer.ACCEPTED: "You come.",
    Answer.TENTATIVE: "You may come.",
    Answer.DECLINED: "You do not come.",
    Answer.WAITING: "There is no place left: you are on the waiting list.",
}
_CANCEL_FROM = {"this": services.cancel_occurrence, "following": services.cancel_following}
Act = Callable[[Event, Dated], str]


@login_required
@require_GET
def event(request: StaffRequest, event_id: int) -> HttpResponse:
    """The whole page; to htmx what may have changed on it."""
    found = event_of(request, event_id)
    template = "events/_event.html" if request.htmx else "events/event.html"
    return _page(request, found, date_asked(request, found), template)


@login_required
@require_POST
def answer(request: StaffRequest, event_id: int) -> HttpResponse:
    """Say whether one comes: to this date, or with ``scope=all`` to the whole."""

    def act(found: Event, date: Dated) -> str:
        is_one = found.is_recurring and request.POST.get("scope") != "all"
        key = date.occurrence.recurrence_id if is_one else None
        mine = services.rsvp(found, status=request.POST.get("status", ""), recurrence_id=key, by=request.user)
        return _SAID[Answer(mine.answer_on(key) if key else mine.status)]

    return _done(request, event_id, act)


@login_required
@require_POST
def attendance(request: StaffRequest, event_id: int) -> HttpResponse:
    """Note that somebody came or did not; of nobody named, that one is here."""

    def act(found: Event, date: Dated) -> str:
        named = request.POST.get("attendee", "")
        attendee = get_object_or_404(found.attendees, pk=number(named)) if named else None
        status = request.POST.get("status") or "present"
        if status not in {"present", "absent"}:
            raise ValidationError("Say whether they came.")
        key = date.occurrence.recurrence_id
        services.record_attendance(found, recurrence_id=key, attendee=attendee, status=status, by=request.user)
        return "Noted."

    return _done(request, event_id, act)


@login_required
@require_POST
def book(request: StaffRequest, event_id: int) -> HttpResponse:
    """Book something for this date, or with ``scope=all`` for all of them."""

    def act(found: Event, date: Dated) -> str:
        resource = get_object_or_404(Resource, pk=number(request.POST.get("resource", "")))
        is_one = found.is_recurring and request.POST.get("scope") != "all"
        key = date.occurrence.recurrence_id if is_one else None
        skip = "skip" in request.POST
        made = services.book_resource(found, resource, recurrence_id=key, skip_conflicts=skip, by=request.user)
        done = "asked for" if any(each.status == "pending" for each in made) else "booked"
        return f"{resource} is {done} on {len(made)} dates." if len(made) > 1 else f"{resource} is {done}."

    return _done(request, event_id, act)


@login_required
@require_POST
def change_booking(request: StaffRequest, event_id: int, booking_id: int, verb: str) -> HttpResponse:
    """Give a booking back, or check in to it."""

    def act(found: Event, date: Dated) -> str:
        booking = get_object_or_404(found.bookings.select_related("resource", "event__calendar"), pk=booking_id)
        if verb == "check-in":
            services.check_in_booking(booking, by=request.user)
            return f"You are checked in: {booking.resource}."
        services.cancel_booking(booking, by=request.user)
        return f"{booking.resource} is given back."

    return _done(request, event_id, act)


@login_required
@require_POST
def invite(request: StaffRequest, event_id: int) -> HttpResponse:
    """Invite a colleague by id, or a guest by e-mail address."""

    def act(found: Event, date: Dated) -> str:
        who: User | str = request.POST.get("email", "").strip()
        if person := request.POST.get("user", ""):
            who = get_object_or_404(User, pk=number(person), is_active=True)
        if not who:
            raise ValidationError("Choose a colleague, or write a guest's e-mail address.")
        made = services.invite(found, attendees=[Invitee(who)], by=request.user)
        return f"{made[0]} is invited." if made else "They are invited already."

    return _done(request, event_id, act)


@login_required
@require_POST
def uninvite(request: StaffRequest, event_id: int, attendee_id: int) -> HttpResponse:
    """Take somebody off the list."""

    def act(found: Event, date: Dated) -> str:
        attendee = get_object_or_404(found.attendees.select_related("event__calendar", "user"), pk=attendee_id)
        services.remove_attendee(attendee, by=request.user)
        return f"{attendee} is not invited any more."

    return _done(request, event_id, act)


@login_required
@require_POST
def remind_me(request: StaffRequest, event_id: int) -> HttpResponse:
    """What reminds the reader alone."""

    def act(found: Event, date: Dated) -> str:
        wishes = [ReminderWish(number(each)) for each in request.POST.getlist("minutes")]
        services.set_own_reminders(found, wishes, by=request.user)
        return "Your reminders are set."

    return _done(request, event_id, act)


@login_required
@require_POST
def restore(request: StaffRequest, event_id: int) -> HttpResponse:
    """Undo what is exceptional about this date."""

    def act(found: Event, date: Dated) -> str:
        services.restore_occurrence(found, date.occurrence.recurrence_id, by=request.user)
        return "This date is as the series has it."

    return _done(request, event_id, act)


@login_required
@require_POST
def cancel(request: StaffRequest, event_id: int) -> HttpResponse:
    """It does not take place: this date, this and all that follow, or the whole."""
    found = event_of(request, event_id)
    date = date_asked(request, found)
    scope = request.POST.get("scope", "") if found.is_recurring else "all"
    try:
        if scope == "all":
            services.cancel_event(found, by=request.user)
        elif scope in _CANCEL_FROM:
            _CANCEL_FROM[scope](found, date.occurrence.recurrence_id, by=request.user)
        else:
            return _page(request, found, date, "events/_event.html", Told("Say which dates.", []), status=422)
    except RuleBroken as rule:
        return _page(request, found, date, "events/_event.html", told(rule, get_current_timezone()), status=409)
    messages.success(request, f"“{date.title}” is cancelled.")
    address = redirect("calendar").url + f"?date={date.occurrence.local_starts_at:%Y-%m-%d}"
    return HttpResponseClientRedirect(address)


def _done(request: StaffRequest, event_id: int, act: Act) -> HttpResponse:
    """The page after ``act``, which says what it did; or with what stood in the way."""
    found = event_of(request, event_id)
    date = date_asked(request, found)
    try:
        words = act(found, date)
    except RuleBroken as rule:
        return _page(request, found, date, "events/_event.html", told(rule, get_current_timezone()), status=409)
    except ValidationError as mistake:
        return _page(request, found, date, "events/_event.html", Told(" ".join(mistake.messages), []), status=422)
    except ObjectDoesNotExist:
        words = "It is as the series has it already."
    found = event_of(request, event_id)
    answered = _page(request, found, date_asked(request, found), "events/_event.html")
    return trigger_client_event(answered, "toast", {"text": words, "kind": "done"})


def _page(
    request: StaffRequest, found: Event, date: Dated, template: str, refused: Told | None = None, status: int = 200
) -> HttpResponse:
    about: dict[str, Any] = {
        **event_page(found, date, request.user),
        "refused": refused,
        "asked": request.POST,
        "leads": lead_choices(),
        "is_exceptional": any(row.recurrence_id == date.occurrence.recurrence_id for row in found.overrides.all()),
    }
    if about["may_edit"]:
        invited = {each.attendee.user_id for each in about["comers"]}
        about["colleagues"] = User.objects.filter(is_active=True).exclude(pk__in=invited - {None}).order_by("name")
        about["bookable"] = Resource.objects.in_use()
    return render(request, template, about, status=status)
