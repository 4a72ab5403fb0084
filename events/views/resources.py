"""What the office has to book: the day of all of it, and one with what is ahead."""

import datetime as dt
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from events import services
from events.availability import Interval
from events.calendar_window import FIRST_DAY, LAST_DAY
from events.diaries import free_between
from events.models import Resource, ResourceBooking
from events.permissions import can_black_out, can_book, can_manage_resources
from events.recurrence import instant
from events.resource_page import day_window, hours_drawn, rows_of
from events.telling import Told, told
from events.views.found import posted_from

PAGE = 25
MOST_REQUESTS = 50
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = {"type": "time", "step": 900}
_DATE = {"type": "date"}


class SearchForm(forms.Form):
    """Which day, what kind, and from when until when it should be free."""

    date = forms.DateField(label="Day", required=False, widget=forms.DateInput(_DATE, format="%Y-%m-%d"))
    kind = forms.ChoiceField(
        choices=[("", "Everything"), *((kind.value, kind.label.capitalize()) for kind in Resource.Kind)],
        required=False,
    )
    since = forms.TimeField(label="Free from", required=False, widget=forms.TimeInput(_TIME, format="%H:%M"))
    until = forms.TimeField(label="Until", required=False, widget=forms.TimeInput(_TIME, format="%H:%M"))

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"] or timezone.localdate()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError("Choose another day.")
        return day

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and until <= since:
            self.add_error("until", "It ends after it begins.")
        return found

    @property
    def day(self) -> dt.date:
        return self.cleaned_data.get("date") or timezone.localdate()

    def wanted(self, zone: str) -> Interval | None:
        """The time asked for; None where none was."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if not (since and until):
            return None
        return instant(datetime.combine(self.day, since), zone), instant(datetime.combine(self.day, until), zone)


class BlackoutForm(forms.Form):
    """A time in which it is closed, by the reader's clocks."""

    starts_at = forms.DateTimeField(label="From", widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = forms.DateTimeField(label="Until", widget=forms.DateTimeInput({"type": "datetime-local"}))
    reason = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found.get("starts_at") and found.get("ends_at") and found["ends_at"] <= found["starts_at"]:
            self.add_error("ends_at", "It ends after it begins.")
        return found


@login_required
@require_GET
def resources(request: StaffRequest) -> HttpResponse:
    """A day of every resource; with a time asked for, those that are free then stand first. To htmx what may change."""
    form = SearchForm({"date": timezone.localdate().isoformat(), **request.GET.dict()})
    form.is_valid()
    day, zone = form.day, request.user.timezone
    found = Resource.objects.in_use().fitting(kind=form.cleaned_data.get("kind", ""))
    wanted = form.wanted(zone)
    free = set(free_between(found, *wanted).values_list("pk", flat=True)) if wanted else None
    rows = rows_of(list(found), day_window(day, request.user), request.user, free)
    return render(
        request,
        "events/_resources.html" if request.htmx else "events/resources.html",
        {
            "form": form,
            "day": day,
            "today": timezone.localdate(),
            "links": _links(request, day),
            "rows": sorted(rows, key=lambda row: row.is_free is False),
            "wanted": wanted,
            "length": int((wanted[1] - wanted[0]).total_seconds() // 60) if wanted else None,
            "hours": hours_drawn(),
            "may_manage": can_manage_resources(request.user),
            **_requests(request),
        },
    )


def _links(request: StaffRequest, day: dt.date) -> dict[str, str]:
    """Other days, with all else that was asked for."""
    days = {"before": day - timedelta(days=1), "today": timezone.localdate(), "after": day + timedelta(days=1)}
    asked = {name: value for name, value in request.GET.items() if name in SearchForm.base_fields}
    return {name: urlencode({**asked, "date": each.isoformat()}) for name, each in days.items()}


def _requests(request: StaffRequest) -> dict[str, Any]:
    waiting = ResourceBooking.objects.to_decide(request.user).visible_to(request.user)
    rows = waiting.select_related("resource", "event", "booked_by").order_by("starts_at", "pk")
    return {"requests": rows[:MOST_REQUESTS]}


@login_required
@require_POST
def decide(request: StaffRequest, booking_id: int, verb: str) -> HttpResponse:
    """Approve a request or decline it, or with ``series`` all of its event."""
    waiting = ResourceBooking.objects.select_related("resource", "event__calendar")
    booking = get_object_or_404(waiting, pk=booking_id)
    act = services.approve_booking if verb == "approve" else services.decline_booking
    words, kind, status = f"{booking.resource} is {verb}d.", "done", 200
    try:
        act(booking, whole_series="series" in request.POST, by=request.user)
    except RuleBroken as rule:
        words, kind, status = rule.detail, "error", 409
    answer = render(request, "events/_requests.html", _requests(request), status=status)
    return trigger_client_event(answer, "toast", {"text": words, "kind": kind})


@login_required
@require_GET
def resource(request: StaffRequest, resource_id: int) -> HttpResponse:
    """What it is, when it can be booked, and by whom it is."""
    return _resource(request, get_object_or_404(Resource.objects.select_related("team"), pk=resource_id))


@login_required
@posted_from("resource", "resource_id")
def black_out(request: StaffRequest, resource_id: int) -> HttpResponse:
    """Close it for a time."""
    found, form = get_object_or_404(Resource, pk=resource_id), BlackoutForm(request.POST)
    if not form.is_valid():
        return _resource(request, found, form, status=422)
    return _done(request, found, lambda: services.add_blackout(found, **form.cleaned_data, by=request.user))


@login_required
@posted_from("resource", "resource_id")
def open_again(request: StaffRequest, resource_id: int, blackout_id: int) -> HttpResponse:
    """Take a blackout back."""
    found = get_object_or_404(Resource, pk=resource_id)
    blackout = get_object_or_404(found.blackouts.select_related("resource"), pk=blackout_id)
    return _done(request, found, lambda: services.remove_blackout(blackout, by=request.user))


def _done(request: StaffRequest, found: Resource, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except RuleBroken as rule:
        return _resource(request, found, refused=told(rule, timezone.get_current_timezone()), status=409)
    except ValidationError as mistake:
        return _resource(request, found, refused=Told(" ".join(mistake.messages), []), status=422)
    return redirect("resource", found.pk)


def _resource(
    request: StaffRequest,
    found: Resource,
    form: BlackoutForm | None = None,
    refused: Told | None = None,
    status: int = 200,
) -> HttpResponse:
    ahead = found.bookings.open().filter(ends_at__gt=clock.now()).visible_to(request.user)
    rows = ahead.select_related("event", "booked_by").order_by("starts_at", "pk")
    about = {
        "resource": found,
        "bookings": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "week": [(name, found.bookable_hours.get(str(number), [])) for number, name in enumerate(WEEKDAYS)],
        "blackouts": found.blackouts.filter(ends_at__gt=clock.now()),
        "form": form or BlackoutForm(),
        "refused": refused,
        "may_book": found.is_active and can_book(request.user, found),
        "may_black_out": can_black_out(request.user, found),
    }
    return render(request, "events/resource.html", about, status=status)
