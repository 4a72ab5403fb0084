"""A calendar's settings: how it looks and behaves, who else sees it, its feed, and files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from estateman.common.api.parsing import FileParser
from estateman.common.errors import RuleBroken
from estateman.people.models import FeedToken
from estateman.people.requests import StaffRequest
from events import services
from events.feeds import feed_name
from events.forms.calendar import CalendarForm, FileForm, ShareForm, access_words, own_access_words
from events.ics import Malformed
from events.models import Calendar
from events.permissions import can_manage_calendar, can_write_calendar
from events.services import Imported
from events.settings_page import outside
from events.telling import Told, told
from events.views.found import calendar_of, posted_from
from integrations.spi import ProviderError


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """All of them; posted to, how the calendar looks and behaves is changed."""
    calendar = calendar_of(request, calendar_id)
    if request.method == "GET":
        return show_settings(request, calendar)
    form = CalendarForm(request.POST, calendar=calendar)
    if not form.is_valid():
        return show_settings(request, calendar, form=form, status=422)
    try:
        version = form.cleaned_data["version"]
        _change(calendar, form, version, request)
    except RuleBroken as rule:
        return show_settings(request, calendar, form=form, refused=_told(rule), status=409)
    except ValidationError as mistake:
        form.add_error(None, mistake) if hasattr(mistake, "error_dict") else form.add_error("timezone", mistake)
        return show_settings(request, calendar, form=form, status=422)
    messages.success(request, "Saved.")
    return redirect("calendar-settings", calendar.pk)


def _change(calendar: Calendar, form: CalendarForm, version: int, request: StaffRequest) -> None:
    for name, value in form.changes.items():
        setattr(calendar, name, value)
    calendar.clean_fields(exclude={"owner", "team"})
    services.change_calendar(calendar, changes=form.changes, version=version, by=request.user)


@login_required
@posted_from("calendar")
def open_own(request: StaffRequest) -> HttpResponse:
    """A calendar of one's own, under one's name."""
    calendar = services.create_calendar(name=str(request.user), by=request.user)
    messages.success(request, "Your calendar is open. Name it as you like.")
    return redirect("calendar-settings", calendar.pk)


@login_required
@posted_from("calendar-settings", "calendar_id")
def archive(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Put it away with its history."""
    calendar = calendar_of(request, calendar_id)
    try:
        services.archive_calendar(calendar, by=request.user)
    except RuleBroken as rule:
        return show_settings(request, calendar, refused=_told(rule), status=409)
    messages.success(request, f"{calendar} is put away.")
    return redirect("calendar")


@login_required
@posted_from("calendar-settings", "calendar_id")
def share(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Open it to one more person or team, or change how far it is open to them."""
    calendar = calendar_of(request, calendar_id)
    form = ShareForm(request.POST, calendar=calendar)
    if not form.is_valid():
        return show_settings(request, calendar, share_form=form, status=422)
    return done(
        request, calendar, lambda: services.share_calendar(calendar, **form.share, by=request.user), "It is shared."
    )


@login_required
@posted_from("calendar-settings", "calendar_id")
def unshare(request: StaffRequest, calendar_id: int, share_id: int) -> HttpResponse:
    """Close it to them."""
    calendar = calendar_of(request, calendar_id)
    shared = get_object_or_404(calendar.shares.select_related("calendar"), pk=share_id)
    return done(
        request, calendar, lambda: services.unshare_calendar(shared, by=request.user), "It is not shared any more."
    )


@login_required
@never_cache
@posted_from("calendar-settings", "calendar_id")
def feed(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """A new secret address, told this once; or, with ``revoke``, none any more."""
    calendar = calendar_of(request, calendar_id)
    if "revoke" in request.POST:
        act = lambda: services.close_calendar_feed(calendar, by=request.user)  # noqa: E731
        return done(request, calendar, act, "The address opens nothing any more.")
    return show_settings(request, calendar, address=services.open_calendar_feed(calendar, by=request.user))


@login_required
@posted_from("calendar-settings", "calendar_id")
def import_file(request: StaffRequest, calendar_id: int) -> HttpResponse:
    """Take in the events of an iCalendar file."""
    calendar, form = calendar_of(request, calendar_id), FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_settings(request, calendar, file_form=form, status=422)
    file = form.cleaned_data["file"]
    if file.size > FileParser.most_bytes:
        form.add_error("file", f"At most {FileParser.most_bytes // 1024 // 1024} MiB are taken.")
        return show_settings(request, calendar, file_form=form, status=422)
    try:
        done = services.import_ics(calendar, file.read(), by=request.user)
    except Malformed as why:
        form.add_error("file", str(why))
        return show_settings(request, calendar, file_form=form, status=422)
    return show_settings(request, calendar, imported=done)


def done(request: StaffRequest, calendar: Calendar, act: Callable[[], Any], words: str) -> HttpResponse:
    """Do it and come back with ``words``, or show the settings with what was said against it."""
    try:
        act()
    except RuleBroken as rule:
        return show_settings(request, calendar, refused=_told(rule), status=409)
    except ValidationError as mistake:
        return show_settings(request, calendar, refused=Told(" ".join(mistake.messages), []), status=422)
    except ProviderError as refused:
        return show_settings(request, calendar, refused=Told(f"The provider says: {refused}", []), status=409)
    messages.success(request, words)
    return redirect("calendar-settings", calendar.pk)


def _told(rule: RuleBroken) -> Told:
    return told(rule, get_current_timezone())


def show_settings(  # noqa: PLR0913  by keyword, and each is what one of its forms was told
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
    """The page, with what came of a form of it."""
    user = request.user
    # What a refused form left on it was never written.
    calendar = calendar_of(request, calendar.pk)
    may_manage = can_manage_calendar(user, calendar)
    about |= {
        "calendar": calendar,
        "access": own_access_words(calendar.access),  # type: ignore[attr-defined]
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
            **outside(user, calendar, chosen=request.GET.get("with", "")),
        }
    return render(request, "events/calendar_settings.html", about, status=status)
