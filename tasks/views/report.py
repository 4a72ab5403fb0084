"""How a deal goes, for people to look at."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from estateman.common import clock
from estateman.people.requests import StaffRequest
from tasks.charts import Drawing, area_chart, line_chart
from tasks.flow import GROUPS, Period
from tasks.models import KeyDateKind, TimeLog
from tasks.report import Report
from tasks.report import report as report_of
from tasks.views.deals import deal_of, head_of

_LONGEST = timedelta(days=180)


@login_required
@require_GET
def report(request: StaffRequest, project_id: int) -> HttpResponse:
    """Since the deal was started, of half a year at most."""
    project = deal_of(request, project_id)
    today = clock.local_date(clock.now(), project.timezone)
    first = min(project.starts_on, clock.local_date(project.created_at, project.timezone), today)
    period = Period(max(first, today - _LONGEST), today)
    logs = TimeLog.objects.visible_to(request.user).filter(task__project=project)
    found = report_of(project, logs=logs, period=period, today=today)
    about: dict[str, Any] = {
        **head_of(request, project, "report"),
        "report": found,
        "period": period,
        "late": [_told(found, each) for each in found.impact],
        "key_dates": [(KeyDateKind(each.kind).label.capitalize(), each) for each in found.key_dates],
        "burndown": _burndown(found),
        "flow": _flow(found),
    }
    return render(request, "tasks/report.html", about)


def _told(found: Report, late: Any) -> dict[str, Any]:
    """A late task and what it pushes, by name."""
    pushes = [{"task": found.names[push.task], "days": push.days} for push in late.pushes]
    return {"late": late, "task": found.names[late.task], "pushes": pushes, "more": late.pushes_tasks - len(pushes)}


def _burndown(found: Report) -> Drawing | None:
    if not found.burndown:
        return None
    lines: list[tuple[str, list[float | None]]] = [
        ("ideal", [each.ideal for each in found.burndown]),
        ("remaining", [each.remaining for each in found.burndown]),
    ]
    return line_chart(found.burndown[0].on, found.burndown[-1].on, lines)


def _flow(found: Report) -> Drawing | None:
    if not found.flow:
        return None
    layers = [
        (group, [each.counts[group] for each in found.flow]) for group in reversed(GROUPS) if group != "cancelled"
    ]
    return area_chart(found.flow[0].on, found.flow[-1].on, layers)
