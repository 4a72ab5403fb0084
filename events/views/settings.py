"""A calendar's settings: how it looks and behaves, who else sees it, its feed, files, and calendars outside."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from estateman.common.api.parsing import FileParser
from estateman.common.errors import RuleBroken
from estateman.people.models import FeedToken
from estateman.people.requests import StaffRequest
from events import services
from events.feeds import feed_name
from events.forms.calendar import CalendarForm, FileForm, LinkForm, ShareForm, access_words
from events.ics import Malformed
from events.models import Calendar, CalendarLink
from events.permissions import can_change_link, can_manage_calendar, can_reach_calendars, can_write_calendar
from events.services import Imported, links
from events.telling import Told, told
from events.views.found import number
from integrations.models import Integration, Kind
from integrations.services import calendars_of
from integrations.spi import ProviderError

RUNS_SHOWN = 3


def _calendar(request: StaffRequest, calendar_id: int) -> Calendar:
    """Raises Http404 for those who may not look into it."""
    visible = Calendar.objects.visible_to(request.user).select_related("owner", "team")
    return get_object_or_404(visible, pk=calendar_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """All of them; posted to, how the calendar looks and behaves is changed."""
    calendar = _calendar(request, calendar_id)
    if request.method == "GET":
        return _page(request, calendar)
    form = CalendarForm(request.POST, calendar=calendar)
    if not form.is_valid():
        return _page(request, calendar, form=form, status=422)
    try:
        version = form.cleaned_data["version"]
        _change(calendar, form, version, request)
    except RuleBroken as rule:
        return _page(request, calendar, form=form, refused=_told(rule), status=409)
    except ValidationError as mistake:
        form.add_error(None, mistake) if hasattr(mistake, "error_dict") else form.add_error("timezone", mistake)
        return _page(request, calendar, form=form, status=422)
    messages.success(request, "Saved.")
    return redirect("calendar-settings", calendar.pk)


def _change(calendar: Calendar, form: CalendarForm, version: int, request: StaffRequest) -> None:
    for name, value in form.changes.items():
        setattr(calendar, name, value)
    calendar.clean_fields(exclude={"owner", "team"})
    services.change_calendar(calendar, changes=form.changes, version=version, by=request.user)


@login_required
@require_POST
def open_own(request: StaffRequest) -> HttpResponse:
    """A calendar of one's own, under one's name."""
    calendar = services.create_calendar(name=str(request.user), by=request.user)
    messages.success(request, "Your calendar is open. Name it as you like.")
    return redirect("calendar-settings", calendar.pk)


@login_required
@require_POST
def archive(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Put it away with its history."""
    calendar = _calendar(request, calendar_id)
    try:
        services.archive_calendar(calendar, by=request.user)
    except RuleBroken as rule:
        return _page(request, calendar, refused=_told(rule), status=409)
    messages.success(request, f"{calendar} is put away.")
    return redirect("calendar")


@login_required
@require_POST
def share(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Open it to one more person or team, or change how far it is open to them."""
    calendar = _calendar(request, calendar_id)
    form = ShareForm(request.POST, calendar=calendar)
    if not form.is_valid():
        return _page(request, calendar, share_form=form, status=422)
    return _done(
        request, calendar, lambda: services.share_calendar(calendar, **form.share, by=request.user), "It is shared."
    )


@login_required
@require_POST
def unshare(request: StaffRequest, calendar_id: int, share_id: int) -> HttpResponse:
    """Close it to them."""
    calendar = _calendar(request, calendar_id)
    shared = get_object_or_404(calendar.shares.select_related("calendar"), pk=share_id)
    return _done(
        request, calendar, lambda: services.unshare_calendar(shared, by=request.user), "It is not shared any more."
    )


@login_required
@never_cache
@require_POST
def feed(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """A new secret address, told this once; or, with ``revoke``, none any more."""
    calendar = _calendar(request, calendar_id)
    if "revoke" in request.POST:
        act = lambda: services.close_calendar_feed(calendar, by=request.user)  # noqa: E731
        return _done(request, calendar, act, "The address opens nothing any more.")
    return _page(request, calendar, address=services.open_calendar_feed(calendar, by=request.user))


@login_required
@require_POST
def import_file(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Take in the events of an iCalendar file."""
    calendar, form = _calendar(request, calendar_id), FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, calendar, file_form=form, status=422)
    file = form.cleaned_data["file"]
    if file.size > FileParser.most_bytes:
        form.add_error("file", f"At most {FileParser.most_bytes // 1024 // 1024} MiB are taken.")
        return _page(request, calendar, file_form=form, status=422)
    try:
        done = services.import_ics(calendar, file.read(), by=request.user)
    except Malformed as why:
        form.add_error("file", str(why))
        return _page(request, calendar, file_form=form, status=422)
    return _page(request, calendar, imported=done)


@login_required
@require_POST
def link(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Keep it the same as a calendar outside."""
    calendar = _calendar(request, calendar_id)
    integration = get_object_or_404(_integrations(), pk=number(request.POST.get("integration", "")))
    asked = {name: request.POST.get(name, "") for name in ("remote_id", "direction", "winner")}
    return _done(
        request,
        calendar,
        lambda: links.link_calendar(calendar, integration, **asked, by=request.user),
        "They are kept the same from now on. The first run follows at once.",
    )


@login_required
@require_POST
def change_link(request: StaffRequest, calendar_id: int, link_id: int, verb: str) -> HttpResponse:
    """Run it now, switch it on or off, or end it."""
    calendar = _calendar(request, calendar_id)
    found = get_object_or_404(_links(request, calendar), pk=link_id)
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "sync": (lambda: links.sync_now(found, by=request.user), "It has run; see below what it did."),
        "stop": (lambda: links.change_link(found, changes={"is_active": False}, by=request.user), "It is paused."),
        "start": (lambda: links.change_link(found, changes={"is_active": True}, by=request.user), "It goes on."),
        "end": (lambda: links.unlink_calendar(found, by=request.user), "They are not kept the same any more."),
    }
    act, words = acts[verb]
    return _done(request, calendar, act, words)


def _done(request: StaffRequest, calendar: Calendar, act: Callable[[], Any], words: str) -> HttpResponse:
    try:
        act()
    except RuleBroken as rule:
        return _page(request, calendar, refused=_told(rule), status=409)
    except ValidationError as mistake:
        return _page(request, calendar, refused=Told(" ".join(mistake.messages), []), status=422)
    except ProviderError as refused:
        return _page(request, calendar, refused=Told(f"The provider says: {refused}", []), status=409)
    messages.success(request, words)
    return redirect("calendar-settings", calendar.pk)


def _told(rule: RuleBroken) -> Told:
    return told(rule, get_current_timezone())


def _links(request: StaffRequest, calendar: Calendar) -> Any:
    visible = CalendarLink.objects.visible_to(request.user).filter(calendar=calendar)
    return visible.select_related("calendar", "integration", "user")


def _integrations() -> Any:
    return Integration.objects.existing().filter(kind=Kind.CALENDAR)


def _page(  # noqa: PLR0913  by keyword, and each is what one of its forms was told
    request: StaffRequest,
    calendar: Calendar,
    *,
    form: CalendarForm | None = None,
    share_form: ShareForm | None = None,
    file_form: FileForm | None = None,
    imported: Imported | None = None,
    status: int = 200,
    **about: Any,
) -> HttpResponse:
    user = request.user
    # What a refused form left on it was never written.
    calendar = _calendar(request, calendar.pk)
    may_manage = can_manage_calendar(user, calendar)
    about |= {
        "calendar": calendar,
        "access": access_words(calendar.access),  # type: ignore[attr-defined]
        "may_manage": may_manage,
        "may_write": can_write_calendar(user, calendar),
        "form": form or CalendarForm(calendar=calendar),
        "has_feed": FeedToken.objects.filter(user=user, feed=feed_name(calendar.pk)).exists(),
        "file_form": file_form or FileForm(),
        "imported": imported,
    }
    if may_manage:
        shares = calendar.shares.select_related("user", "team").order_by("pk")
        about |= {
            "shares": [(each, access_words(each.access)) for each in shares],
            "share_form": share_form or ShareForm(calendar=calendar),
            **_outside(request, calendar),
        }
    return render(request, "events/calendar_settings.html", about, status=status)


def _outside(request: StaffRequest, calendar: Calendar) -> dict[str, Any]:
    """Its links with their latest runs, and what it can be linked with."""
    found = [
        {
            "link": each,
            "runs": each.runs.order_by("-started_at")[:RUNS_SHOWN],
            "may_change": can_change_link(request.user, each),
        }
        for each in _links(request, calendar).order_by("pk")
    ]
    reachable = [each for each in _integrations().order_by("name") if can_reach_calendars(request.user, each)]
    return {"links": found, "integrations": reachable, **_chosen(request, reachable)}


def _chosen(request: StaffRequest, reachable: list[Integration]) -> dict[str, Any]:
    """The calendars of the account that somebody wants to link with, as its provider names them."""
    asked = number(request.GET.get("with", ""))
    chosen = next((each for each in reachable if each.pk == asked), None)
    if chosen is None:
        return {}
    try:
        remote = calendars_of(chosen, by=request.user)
    except ProviderError as refused:
        return {"chosen": chosen, "out_of_reach": str(refused)}
    return {"chosen": chosen, "link_form": LinkForm(remote=[(each.id, each.name) for each in remote])}
