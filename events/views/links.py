"""What a calendar is kept the same as outside: posts from its settings."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import get_current_timezone

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from events.models import CalendarLink
from events.services import links
from events.telling import told
from events.views.found import calendar_of, number, posted_from
from events.views.settings import done, show_settings
from integrations.accounts import reachable_by
from integrations.models import Grant, Integration, Kind
from integrations.services import ask_consent, revoke_grant


def _integration(request: StaffRequest) -> Integration:
    return get_object_or_404(
        reachable_by(request.user).filter(kind=Kind.CALENDAR), pk=number(request.POST.get("integration", ""))
    )


@login_required
@posted_from("calendar-settings", "calendar_id")
def connect(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """On to the provider's page where people allow us to act for them, and back to choosing a calendar there."""
    calendar, integration = calendar_of(request, calendar_id), _integration(request)
    back = f"{reverse('calendar-settings', args=[calendar.pk])}?with={integration.pk}#links"
    try:
        return redirect(ask_consent(integration, return_to=back, by=request.user))
    except RuleBroken as rule:
        return show_settings(request, calendar, refused=told(rule, get_current_timezone()), status=409)


@login_required
@posted_from("calendar-settings", "calendar_id")
def disconnect(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Take back that we act for somebody there; their links fail from then on."""
    calendar, integration = calendar_of(request, calendar_id), _integration(request)
    grant = get_object_or_404(Grant.objects.select_related("integration"), integration=integration, user=request.user)
    revoke_grant(grant, by=request.user)
    messages.success(request, f"Your account at {integration} is not connected any more.")
    return redirect("calendar-settings", calendar.pk)


@login_required
@posted_from("calendar-settings", "calendar_id")
def link(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Keep it the same as a calendar outside."""
    calendar, integration = calendar_of(request, calendar_id), _integration(request)
    asked = {name: request.POST.get(name, "") for name in ("remote_id", "direction", "winner")}
    return done(
        request,
        calendar,
        lambda: links.link_calendar(calendar, integration, **asked, by=request.user),
        "They are kept the same from now on. The first run follows at once.",
    )


@login_required
@posted_from("calendar-settings", "calendar_id")
def change_link(request: StaffRequest, calendar_id: int, link_id: int, verb: str) -> HttpResponse:
    """Run it now, switch it on or off, or end it."""
    calendar = calendar_of(request, calendar_id)
    links_here = CalendarLink.objects.visible_to(request.user).filter(calendar=calendar)
    row = get_object_or_404(links_here.select_related("calendar", "integration", "user"), pk=link_id)
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "sync": (lambda: links.sync_now(row, by=request.user), "It has run; see below what it did."),
        "stop": (lambda: links.change_link(row, changes={"is_active": False}, by=request.user), "It is paused."),
        "start": (lambda: links.change_link(row, changes={"is_active": True}, by=request.user), "It goes on."),
        "end": (lambda: links.unlink_calendar(row, by=request.user), "They are not kept the same any more."),
    }
    act, words = acts[verb]
    return done(request, calendar, act, words)
