"""What several pages of events begin with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from estateman.people.requests import StaffRequest
from events.event_page import date_of
from events.fields import parse_local
from events.models import Calendar, Event
from events.occurrences import Dated

View = Callable[..., HttpResponse]


def posted_from(page: str, *named: str) -> Callable[[View], View]:
    """For what a form of ``page`` sends, whose address takes the arguments ``named`` of the view's.

    Whoever opens such an address themselves sees the page: signing in on the way leads there, and so does coming back
    to what was refused.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "POST"])
        @wraps(view)
        def sent(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **arguments)
            return HttpResponseRedirect(reverse(page, kwargs={name: arguments[name] for name in named}))

        return sent

    return decorate


def calendar_of(request: StaffRequest, calendar_id: int) -> Calendar:
    """Raises Http404 for those who may not look into it."""
    visible = Calendar.objects.visible_to(request.user).select_related("owner", "team")
    return get_object_or_404(visible, pk=calendar_id)


def event_of(request: StaffRequest, event_id: int) -> Event:
    """Raises Http404 for those who may not read it."""
    visible = Event.objects.visible_to(request.user).with_series()
    return get_object_or_404(visible.select_related("calendar__owner", "calendar__team", "created_by"), pk=event_id)


def date_asked(request: StaffRequest, event: Event) -> Dated:
    """The date that ``?on=`` names, else the next. Raises Http404 for one that there is not."""
    named = request.GET.get("on", "")
    try:
        found = date_of(event, parse_local(named) if named else None)
    except ValidationError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def number(text: str) -> int:
    """A row's id as a form sends it; 0, which no row has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
