"""The pages on which visitors book, as the staff arrange them, and what is booked there."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_GET, require_http_methods

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from events import services
from events.forms.booking_page import BookingPageForm
from events.models import Access, Appointment, BookingPage, Calendar, Event
from events.permissions import can_manage_booking_page
from events.telling import told
from events.views.found import posted_from

APPOINTMENTS_A_PAGE = 25
_AHEAD = Q(appointments__status=Appointment.Status.BOOKED)


@login_required
@require_GET
def booking_pages(request: StaffRequest) -> HttpResponse:
    """All of them, with how many visitors are expected on each."""
    expected = Count("appointments", filter=_AHEAD & Q(appointments__ends_at__gt=clock.now()))
    found = BookingPage.objects.annotate(expected=expected).prefetch_related("hosts__user").order_by("title")
    rows = [{"page": each, "address": _address(each)} for each in found]
    return render(request, "events/booking_pages.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The form of one more, and opening it."""
    begun = BookingPage(timezone=request.user.timezone)
    if request.method == "GET":
        return _form(request, BookingPageForm(instance=begun, user=request.user))
    form = BookingPageForm(request.POST, instance=begun, user=request.user)
    return _saved(
        request, form, lambda: services.create_booking_page(**form.told, by=request.user), "The page is open."
    )


@login_required
@require_http_methods(["GET", "POST"])
def booking_page(request: StaffRequest, page_id: int) -> HttpResponse:
    """What one offers and who comes; posted to, it is changed."""
    page = _page(page_id)
    if request.method == "GET":
        return _form(request, BookingPageForm(instance=page, user=request.user), page=page)
    form = BookingPageForm(request.POST, instance=_page(page_id), user=request.user)
    return _saved(
        request,
        form,
        lambda: services.change_booking_page(
            page, changes=form.changes, version=form.cleaned_data["version"], by=request.user
        ),
        "Saved.",
        page=page,
    )


@login_required
@posted_from("booking-page", "page_id")
def delete(request: StaffRequest, page_id: int) -> HttpResponse:
    """Delete it, where nobody is expected."""
    page = _page(page_id)
    try:
        services.delete_booking_page(page, by=request.user)
    except RuleBroken as rule:
        messages.error(request, rule.detail)
        return redirect("booking-page", page.pk)
    messages.success(request, f"The page “{page}” is deleted.")
    return redirect("booking-pages")


def _page(page_id: int) -> BookingPage:
    return get_object_or_404(BookingPage.objects.select_related("resource"), pk=page_id)


def _address(page: BookingPage) -> str:
    """What visitors open."""
    return f"{settings.SITE_URL}{reverse('book-page', args=[page.slug])}"


def _saved(
    request: StaffRequest,
    form: BookingPageForm,
    save: Callable[[], BookingPage],
    words: str,
    *,
    page: BookingPage | None = None,
) -> HttpResponse:
    """To the page; or the form again with what is wrong."""
    if not form.is_valid():
        return _form(request, form, page=page, status=422)
    try:
        saved = save()
    except RuleBroken as rule:
        return _form(request, form, page=page, refused=told(rule, get_current_timezone()), status=409)
    except ValidationError as mistake:
        form.blame(mistake)
        return _form(request, form, page=page, status=422)
    messages.success(request, words)
    return redirect("booking-page", saved.pk)


def _form(
    request: StaffRequest, form: BookingPageForm, *, page: BookingPage | None = None, status: int = 200, **about: Any
) -> HttpResponse:
    about |= {"form": form, "page": page, "may_manage": page is None or can_manage_booking_page(request.user, page)}
    if page:
        # What a refused form left on it was never written.
        about |= {"page": _page(page.pk), "address": _address(page), **_appointments(request, page)}
        calendars = Calendar.objects.visible_to(request.user, at_least=Access.READ)
        about["calendars"] = calendars.filter(pk__in=page.hosts.values("calendar"))
    return render(request, "events/booking_page.html", about, status=status)


def _appointments(request: StaffRequest, page: BookingPage) -> dict[str, Any]:
    """Who comes, soonest first; or, with ``?past``, who came, was missed or cancelled."""
    visible = page.appointments.visible_to(request.user).select_related("host")
    is_past = "past" in request.GET
    ahead = visible.ahead()
    found: QuerySet[Appointment] = (
        visible.exclude(pk__in=ahead).order_by("-starts_at") if is_past else ahead.order_by("starts_at")
    )
    shown = Paginator(found, APPOINTMENTS_A_PAGE).get_page(request.GET.get("page"))
    events = Event.objects.visible_to(request.user).filter(appointment__in=list(shown))
    return {"appointments": shown, "is_past": is_past, "readable": set(events.values_list("pk", flat=True))}
