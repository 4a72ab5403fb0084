"""Planning an event and changing one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_http_methods

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from events import services
from events.event_page import date_of
from events.forms.change import ChangeForm
from events.forms.event import EventForm, NewEventForm
from events.models import Event
from events.permissions import can_edit_event
from events.telling import Told, told
from events.views.found import date_asked, event_of

_ASKED_FOR = ("day", "at", "length", "calendar", "title")
_LISTED = {"resource": "rooms", "person": "people"}


@login_required
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The form; and planning it with its people and things, all or nothing."""
    if request.method == "GET":
        asked = {name: request.GET[name] for name in _ASKED_FOR if name in request.GET}
        for name, field in _LISTED.items():
            if named := request.GET.getlist(name):
                asked[field] = named  # type: ignore[assignment]
        return _form(request, NewEventForm(user=request.user, initial=asked))
    form = NewEventForm(request.POST, user=request.user)
    return _saved(request, form, lambda: _plan(request, form))


@transaction.atomic
def _plan(request: StaffRequest, form: NewEventForm) -> Event:
    event = services.create_event(**form.plan, by=request.user)
    if rooms := list(form.cleaned_data["rooms"]):
        services.book_resources(event, rooms, skip_conflicts="skip" in request.POST, by=request.user)
    messages.success(request, f"“{event.title}” is planned.")
    return event


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, event_id: int) -> HttpResponse:
    """The same for one that stands; of a series for this date, for this and all that follow, or for all."""
    found = event_of(request, event_id)
    if not can_edit_event(request.user, found):
        raise PermissionDenied
    date = date_asked(request, found)
    if request.method == "GET":
        return _form(request, ChangeForm(event=found, date=date, user=request.user), event=found)
    form = ChangeForm(request.POST, event=found, date=date, user=request.user)
    return _saved(request, form, lambda: _change(request, form), event=found, on=date.occurrence.recurrence_id)


@transaction.atomic
def _change(request: StaffRequest, form: ChangeForm) -> Event:
    found, key = form.event, form.date.occurrence.recurrence_id
    asked: dict[str, Any] = {
        "changes": form.changes,
        "by": request.user,
        "version": form.cleaned_data["version"],
    }
    if form.chosen_scope == "this":
        changed = services.edit_occurrence(found, key, **asked)
    elif form.chosen_scope == "following":
        changed = services.edit_following(found, key, **asked)
    else:
        changed = services.edit_event(found, **asked)
    if "reminders" in form.changed_data:
        services.set_reminders(changed, form.wishes(form.had), by=request.user)
    messages.success(request, "Saved.")
    return changed


def _saved(
    request: StaffRequest,
    form: EventForm,
    save: Callable[[], Event],
    event: Event | None = None,
    on: datetime | None = None,
) -> HttpResponse:
    """To the event; or the form again with what is wrong."""
    if not form.is_valid():
        return _form(request, form, event=event, status=422)
    try:
        saved = save()
    except RuleBroken as rule:
        return _form(request, form, event=event, refused=told(rule, get_current_timezone()), status=409)
    except ValidationError as mistake:
        form.blame(mistake)
        return _form(request, form, event=event, status=422)
    address = reverse("event", args=[saved.pk])
    stays = event is not None and saved.pk == event.pk and on is not None and _has(saved.pk, on)
    return redirect(f"{address}?on={on.isoformat()}" if stays and on else address)


def _has(event_id: int, on: datetime) -> bool:
    """Whether the date that was looked at is still there under its name."""
    return date_of(Event.objects.with_series().get(pk=event_id), on) is not None


def _form(
    request: StaffRequest,
    form: EventForm,
    *,
    event: Event | None = None,
    refused: Told | None = None,
    status: int = 200,
) -> HttpResponse:
    form.begin_at_mistake()
    about = {"form": form, "event": event, "refused": refused, "on": request.GET.get("on", "")}
    return render(request, "events/event_form.html", about, status=status)
