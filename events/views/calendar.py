"""The calendar: a week, a month, a day or a list of days, of the calendars that somebody chose."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.requests import StaffRequest
from events.calendar_page import (
    calendars_chosen_for,
    entries_for,
    listed,
    readable,
    time_grid,
    weeks_of,
)
from events.calendar_window import FIRST_DAY, LAST_DAY, View, Window
from events.models import Access, Calendar


@login_required
@require_GET
def calendar(request: StaffRequest) -> HttpResponse:
    """The whole page; to htmx what may have changed on it."""
    template = "events/_calendar.html" if request.htmx else "events/calendar.html"
    return render(request, template, _about(request))


def _about(request: StaffRequest) -> dict[str, Any]:
    now = timezone.localtime()
    window = _window(request.GET, now.date())
    visible = Calendar.objects.visible_to(request.user).select_related("owner", "team")
    calendars = {each.pk: each for each in visible}
    asked = request.GET.getlist("calendar")
    chosen = (
        {each for each in calendars if str(each) in asked} if asked else calendars_chosen_for(request.user, visible)
    )
    entries = entries_for(request.user, window, calendars=calendars, chosen=chosen)
    local_now = now.replace(tzinfo=None)
    return {
        "window": window,
        "today": now.date(),
        "groups": _groups(request, list(calendars.values())),
        "chosen": chosen,
        "rooms": [f"calendar:{each.pk}" for each in readable(calendars.values())],
        "has_own": any(each.owner_id == request.user.pk for each in calendars.values()),
        "may_plan": any(each.access >= Access.WRITE and not each.holidays_of for each in calendars.values()),  # type: ignore[attr-defined]
        "links": _links(window, now.date(), asked),
        "views": [(view, _query(view, window.day, asked)) for view in View],
        "kept": urlencode([("calendar", each) for each in asked]),
        "grid": time_grid(entries, window.days, local_now) if window.view in {View.WEEK, View.DAY} else None,
        "weeks": weeks_of(entries, window) if window.view is View.MONTH else None,
        "listed": listed(entries, window.days) if window.view is View.AGENDA else None,
        "address": request.get_full_path(),
    }


def _window(asked: QueryDict, today: date) -> Window:
    """What the address asks for; this week where it asks for nothing that there is."""
    named = str(asked.get("view", ""))
    view = View(named) if named in set(View) else View.WEEK
    try:
        day = date.fromisoformat(asked.get("date", ""))
    except ValueError:
        day = today
    return Window(view, day if FIRST_DAY <= day <= LAST_DAY else today)


def _links(window: Window, today: date, asked: list[str]) -> dict[str, str]:
    days = {"before": window.before, "today": today, "after": window.after}
    return {name: _query(window.view, day, asked) for name, day in days.items()}


def _query(view: View, day: date, asked: list[str]) -> str:
    return urlencode([("view", view.value), ("date", day.isoformat()), *(("calendar", each) for each in asked)])


def _groups(request: StaffRequest, calendars: list[Calendar]) -> list[tuple[str, list[Calendar]]]:
    """Mine, the teams', the office's and those of others, in this order."""
    groups: dict[str, list[Calendar]] = {"Mine": [], "Teams": [], "Office": [], "Colleagues": []}
    for each in calendars:
        if each.owner_id:
            groups["Mine" if each.owner_id == request.user.pk else "Colleagues"].append(each)
        else:
            groups["Teams" if each.team_id else "Office"].append(each)
    return [(name, mine) for name, mine in groups.items() if mine]
