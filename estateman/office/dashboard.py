"""The admin's first page and its sidebar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from estateman.activity.models import Activity, Receipt
from estateman.people.requests import StaffRequest
from integrations.health import reports
from integrations.models import Integration
from notifications.models import Delivery
from tasks.models import Project, Task

LATEST = 10


@dataclass(frozen=True)
class Group:
    """One group of the sidebar: the models of some apps. A folded one opens when asked, or when one is in it."""

    title: str
    apps: tuple[str, ...]
    is_folded: bool = False


GROUPS = (
    Group("People", ("people", "auth")),
    Group("Projects & tasks", ("tasks",)),
    Group("Events", ("events",)),
    Group("Notifications", ("notifications",), is_folded=True),
    Group("Gamification", ("gamification",), is_folded=True),
    Group("Integrations", ("integrations",)),
    Group("Activity", ("activity",)),
    Group("System", (), is_folded=True),
    Group("Stripe mirror", ("djstripe",), is_folded=True),
)
SYSTEM = "System"
"""Where an app stands that no group names: nothing that is registered gets lost."""


def admin_sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The registered models in groups, as far as the person may see them."""
    home = {"title": "Dashboard", "icon": "dashboard", "link": reverse("admin:index")}
    back = {"title": "Back to the office", "icon": "arrow_back", "link": reverse("my-day"), "active": False}
    entries = _entries(request)
    groups = [
        {"title": group.title, "collapsible": group.is_folded, "separator": True, "items": entries[group.title]}
        for group in GROUPS
        if entries[group.title]
    ]
    return [{"items": [home, back]}, *groups]


def _entries(request: HttpRequest) -> dict[str, list[dict[str, Any]]]:
    homes = {app: group.title for group in GROUPS for app in group.apps}
    entries: dict[str, list[dict[str, Any]]] = {group.title: [] for group in GROUPS}
    for app in admin.site.get_app_list(request):
        for model in app["models"]:
            if model["admin_url"]:
                entry = {"title": capfirst(model["name"]), "link": model["admin_url"]}
                entries[homes.get(app["app_label"], SYSTEM)].append(entry)
    return entries


@dataclass(frozen=True)
class Figure:
    """One number of the dashboard, and where to see what it counts. ``is_bad`` when it should be none."""

    title: str
    count: int
    words: str
    url: str
    is_bad: bool = False


def admin_dashboard(request: StaffRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds what needs a look: figures, the integrations' health and the latest activity."""
    return {**context, "figures": _figures(request), "health": _health(request), "latest": _latest(request)}


def _figures(request: StaffRequest) -> list[Figure]:
    deals = Project.objects.visible_to(request.user).current().exclude(status__in=("closed", "cancelled"))
    tasks = Task.objects.visible_to(request.user).current().open()
    overdue = tasks.filter(due_on__lt=timezone.localdate())
    undelivered = Delivery.objects.filter(state__in=(Delivery.State.PENDING, Delivery.State.DEAD))
    dead = Receipt.objects.filter(state=Receipt.State.DEAD)
    figures = (
        _figure(request, "Open deals", deals, "under way", reverse("projects")),
        _figure(request, "Overdue tasks", overdue, "past their due day", "", is_bad=True),
        _figure(request, "Undelivered messages", undelivered, "waiting or given up", "", is_bad=True),
        _figure(request, "Dead reactions", dead, "given up after many tries", "?state__exact=dead", is_bad=True),
    )
    return [figure for figure in figures if figure]


def _figure(
    request: StaffRequest, title: str, rows: QuerySet[Any], words: str, where: str, *, is_bad: bool = False
) -> Figure | None:
    """None for who may not see such rows."""
    meta = rows.model._meta
    if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return None
    if not where.startswith("/"):
        where = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") + where
    count = rows.count()
    return Figure(title, count, words, where, is_bad=is_bad and count > 0)


def _health(request: StaffRequest) -> Sequence[dict[str, Any]]:
    found = list(Integration.objects.visible_to(request.user).order_by("kind", "priority", "pk"))
    judged = reports(found)
    return [{"integration": each, "report": judged[each.pk]} for each in found]


def _latest(request: StaffRequest) -> Iterable[Activity]:
    if not request.user.has_perm("activity.view_activity"):
        return []
    return Activity.objects.select_related("actor").order_by("-at")[:LATEST]
