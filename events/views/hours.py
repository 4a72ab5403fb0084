"""Somebody's hours: the usual week, days that differ, time off, and the pages on which visitors book them.

They are one's own; those who lead the office name a colleague with ``of``.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.models import User
from estateman.people.permissions import leads_office
from estateman.people.requests import StaffRequest
from events import services
from events.availability import USUAL_WEEK, Span
from events.busy import closed_days
from events.forms.hours import DifferentDayForm, TimeOffForm, WeekForm
from events.models import BookingPage
from events.permissions import can_set_hours
from events.services import DifferentDay
from events.services.lock import lock_people
from events.views.found import number, posted_from

APPOINTMENTS_SHOWN = 5
CLOSED_SHOWN = timedelta(days=92)


def _person(request: StaffRequest) -> User:
    """Whose hours it is about. Raises Http404, and PermissionDenied where they are not the caller's to set."""
    named = request.POST.get("of") or request.GET.get("of")
    if not named:
        return request.user
    person = get_object_or_404(User.objects.filter(is_active=True), pk=number(named))
    if not can_set_hours(request.user, person):
        raise PermissionDenied
    return person


@login_required
@require_GET
def hours(request: StaffRequest) -> HttpResponse:
    """The whole page."""
    return _page(request, _person(request))


@login_required
@posted_from("hours")
def week(request: StaffRequest) -> HttpResponse:
    """Set the usual week."""
    person = _person(request)
    form = WeekForm(request.POST, weekly=_weekly(person))
    if not form.is_valid():
        return _page(request, person, week_form=form)
    return _done(request, person, lambda: services.set_hours(person, weekly=form.weekly, by=request.user))


@login_required
@posted_from("hours")
def differ(request: StaffRequest) -> HttpResponse:
    """Write down a date with other hours; one that is there already is replaced."""
    person, form = _person(request), DifferentDayForm(request.POST)
    if not form.is_valid():
        return _page(request, person, day_form=form)
    return _done(request, person, lambda: _replace_day(person, form.day, by=request.user))


@login_required
@posted_from("hours")
def as_usual(request: StaffRequest, day_id: int) -> HttpResponse:
    """A date that differed is as usual again."""
    person = _person(request)
    found = get_object_or_404(person.hours_exceptions, pk=day_id)
    return _done(request, person, lambda: _replace_day(person, DifferentDay(found.date), is_gone=True, by=request.user))


@transaction.atomic
def _replace_day(user: User, day: DifferentDay, *, is_gone: bool = False, by: User) -> None:
    lock_people([user.pk])
    others = user.hours_exceptions.exclude(date=day.date)
    days = [DifferentDay(each.date, [(since, until) for since, until in each.spans], each.note) for each in others]
    services.set_hours(user, exceptions=days if is_gone else [*days, day], by=by)


@login_required
@posted_from("hours")
def take_off(request: StaffRequest) -> HttpResponse:
    """Write down time off."""
    person, form = _person(request), TimeOffForm(request.POST)
    if not form.is_valid():
        return _page(request, person, off_form=form)
    return _done(request, person, lambda: services.add_time_off(person, **form.cleaned_data, by=request.user))


@login_required
@posted_from("hours")
def be_there(request: StaffRequest, off_id: int) -> HttpResponse:
    """Take time off back."""
    person = _person(request)
    found = get_object_or_404(person.time_off.select_related("user"), pk=off_id)
    return _done(request, person, lambda: services.remove_time_off(found, by=request.user))


def _done(request: StaffRequest, person: User, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except ValidationError as mistake:
        messages.error(request, " ".join(mistake.messages))
    else:
        messages.success(request, "Saved.")
    address = reverse("hours")
    return redirect(address if person == request.user else f"{address}?of={person.pk}")


def _weekly(user: User) -> dict[int, Sequence[Span]]:
    """The usual week as it counts, also where nobody has set it."""
    found: dict[int, list[Span]] = {}
    for each in user.weekly_hours.all():
        found.setdefault(each.weekday, []).append((each.start_minute, each.end_minute))
    return dict(found or USUAL_WEEK)


def _page(
    request: StaffRequest,
    person: User,
    *,
    week_form: WeekForm | None = None,
    day_form: DifferentDayForm | None = None,
    off_form: TimeOffForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    is_refused = any((week_form, day_form, off_form))
    about = {
        "person": person,
        "colleagues": _colleagues(request.user),
        "week_form": week_form or WeekForm(weekly=_weekly(person)),
        "day_form": day_form or DifferentDayForm(initial={"date": today + timedelta(days=1)}),
        "off_form": off_form or TimeOffForm(),
        "different": person.hours_exceptions.filter(date__gte=today),
        "off": person.time_off.filter(ends_on__gte=today),
        "closed": sorted(closed_days(today, today + CLOSED_SHOWN)),
        "pages": _pages(person),
        "appointments": _appointments(person),
    }
    return render(request, "events/hours.html", about, status=422 if is_refused else 200)


def _colleagues(user: User) -> Any:
    """Whose hours ``user`` may set beside their own."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")
    return others if leads_office(user) else others.none()


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
    return user.appointments.ahead().select_related("page").order_by("starts_at")[:APPOINTMENTS_SHOWN]
