"""One's own hours: the usual week, days that differ, time off, and the pages on which visitors book them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from estateman.people.models import User
from estateman.people.requests import StaffRequest
from events import services
from events.availability import USUAL_WEEK, Span
from events.forms.hours import DifferentDayForm, TimeOffForm, WeekForm
from events.models import Appointment, BookingPage
from events.services import DifferentDay
from events.services.lock import lock_people

APPOINTMENTS_SHOWN = 5


@login_required
@require_GET
def hours(request: StaffRequest) -> HttpResponse:
    """The whole page."""
    return _page(request)


@login_required
@require_POST
def week(request: StaffRequest) -> HttpResponse:
    """Set the usual week."""
    form = WeekForm(request.POST, weekly=_weekly(request.user))
    if not form.is_valid():
        return _page(request, week_form=form)
    return _done(request, lambda: services.set_hours(request.user, weekly=form.weekly, by=request.user))


@login_required
@require_POST
def differ(request: StaffRequest) -> HttpResponse:
    """Write down a date with other hours; one that is there already is replaced."""
    form = DifferentDayForm(request.POST)
    if not form.is_valid():
        return _page(request, day_form=form)
    return _done(request, lambda: _replace_day(request.user, form.day))


@login_required
@require_POST
def as_usual(request: StaffRequest, day_id: int) -> HttpResponse:
    """A date that differed is as usual again."""
    found = get_object_or_404(request.user.hours_exceptions, pk=day_id)
    return _done(request, lambda: _replace_day(request.user, DifferentDay(found.date), is_gone=True))


@transaction.atomic
def _replace_day(user: User, day: DifferentDay, *, is_gone: bool = False) -> None:
    lock_people([user.pk])
    others = user.hours_exceptions.exclude(date=day.date)
    days = [DifferentDay(each.date, [(since, until) for since, until in each.spans], each.note) for each in others]
    services.set_hours(user, exceptions=days if is_gone else [*days, day], by=user)


@login_required
@require_POST
def take_off(request: StaffRequest) -> HttpResponse:
    """Write down time off."""
    form = TimeOffForm(request.POST)
    if not form.is_valid():
        return _page(request, off_form=form)
    return _done(request, lambda: services.add_time_off(request.user, **form.cleaned_data, by=request.user))


@login_required
@require_POST
def be_there(request: StaffRequest, off_id: int) -> HttpResponse:
    """Take time off back."""
    found = get_object_or_404(request.user.time_off.select_related("user"), pk=off_id)
    return _done(request, lambda: services.remove_time_off(found, by=request.user))


def _done(request: StaffRequest, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except ValidationError as mistake:
        messages.error(request, " ".join(mistake.messages))
    else:
        messages.success(request, "Saved.")
    return redirect("hours")


def _weekly(user: User) -> dict[int, Sequence[Span]]:
    """The usual week as it counts, also where nobody has set it."""
    found: dict[int, list[Span]] = {}
    for each in user.weekly_hours.all():
        found.setdefault(each.weekday, []).append((each.start_minute, each.end_minute))
    return dict(found or USUAL_WEEK)


def _page(
    request: StaffRequest,
    *,
    week_form: WeekForm | None = None,
    day_form: DifferentDayForm | None = None,
    off_form: TimeOffForm | None = None,
) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    is_refused = any((week_form, day_form, off_form))
    about = {
        "week_form": week_form or WeekForm(weekly=_weekly(user)),
        "day_form": day_form or DifferentDayForm(initial={"date": today + timedelta(days=1)}),
        "off_form": off_form or TimeOffForm(),
        "different": user.hours_exceptions.filter(date__gte=today),
        "off": user.time_off.filter(ends_on__gte=today),
        "pages": _pages(user),
        "appointments": _appointments(user),
    }
    return render(request, "events/hours.html", about, status=422 if is_refused else 200)


def _pages(user: User) -> list[dict[str, Any]]:
    mine = BookingPage.objects.filter(Q(hosts__user=user) | Q(created_by=user)).distinct()
    return [
        {
            "page": each,
            "address": f"{settings.SITE_URL}{reverse('book-page', args=[each.slug])}",
            "hosts": [host.user for host in each.hosts.all()],
        }
        for each in mine.prefetch_related("hosts__user")
    ]


def _appointments(user: User) -> Any:
    ahead = user.appointments.filter(status=Appointment.Status.BOOKED, ends_at__gt=timezone.now())
    return ahead.select_related("page").order_by("starts_at")[:APPOINTMENTS_SHOWN]
