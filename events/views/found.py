"""What several pages of events begin with."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404

from estateman.people.requests import StaffRequest
from events.event_page import date_of
from events.fields import parse_local
from events.models import Calendar, Event
from events.occurrences import Dated


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
