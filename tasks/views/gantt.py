"""A deal's plan as a chart: what hangs off what, what is critical, and how it compares with a baseline."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.chart import ZOOMS, Chart, Link, Planned, draw
from tasks.gantt import Gantt, gantt
from tasks.models import Baseline, ColumnGroup, Project
from tasks.permissions import can_manage_project
from tasks.planning import PlannedTask
from tasks.services import keep_baseline
from tasks.views.deals import deal_of, head_of


@login_required
@require_GET
def chart(request: StaffRequest, project_id: int) -> HttpResponse:
    """The whole page; to htmx the chart alone."""
    project = deal_of(request, project_id)
    template = "tasks/_chart.html" if request.htmx else "tasks/gantt.html"
    return render(request, template, _about(request, project))


@login_required
@require_POST
def baselines(request: StaffRequest, project_id: int) -> HttpResponse:
    """Keep the plan as it stands, to compare with."""
    project = deal_of(request, project_id)
    try:
        kept = keep_baseline(project, name=request.POST.get("name", "").strip()[:120], by=request.user)
    except RuleBroken as rule:
        return render(request, "tasks/gantt.html", {**_about(request, project), "refused": rule.detail}, status=409)
    return redirect(f"{request.path.removesuffix('baselines')}gantt?baseline={kept.pk}")


def _about(request: StaffRequest, project: Project) -> dict[str, Any]:
    baseline = _baseline(project, request.GET.get("baseline", ""))
    zoom = request.GET.get("zoom") if request.GET.get("zoom") in ZOOMS else "weeks"
    found = gantt(project, baseline=baseline)
    tasks = found.plan.tasks.values()
    head = head_of(request, project, "gantt")
    return {
        **head,
        "gantt": found,
        "chart": _drawn(found, ZOOMS[zoom or "weeks"]),
        "critical": [task for task in tasks if task.is_critical and task.column_group != ColumnGroup.DONE],
        "zoom": zoom,
        "zooms": ZOOMS,
        "baselines": project.baselines.order_by("-pk"),
        "may_keep": head["may_work"] and can_manage_project(request.user, project),
    }


def _drawn(found: Gantt, step: int) -> Chart:
    plan = found.plan
    tasks = [_planned(task, found) for task in plan.tasks.values()]
    critical = {task.id for task in tasks if task.is_critical}
    links = [
        Link(each.predecessor_id, each.successor_id, each.type, {each.predecessor_id, each.successor_id} <= critical)
        for each in plan.links
    ]
    dates = {each.name: each.on for each in found.key_dates if each.on}
    return draw(tasks, links, workdays=plan.workdays, today=timezone.localdate(), key_dates=dates, step=step)


def _planned(task: PlannedTask, found: Gantt) -> Planned:
    return Planned(
        id=task.id,
        name=task.name,
        parent=task.parent_id,
        start=task.early_start,
        finish=task.early_finish,
        latest=task.late_finish,
        progress=task.progress,
        is_critical=task.is_critical,
        is_milestone=task.is_milestone,
        is_parent=task.is_parent,
        is_done=task.column_group == ColumnGroup.DONE,
        slack_days=task.total_slack_days,
        duration_days=task.duration_days,
        mode=task.scheduling_mode,
        version=task.version,
        deadline=task.deadline_on,
        kept=found.kept.get(task.id),
    )


def _baseline(project: Project, asked: str) -> Baseline | None:
    known = asked.isascii() and asked.isdigit() and len(asked) < 19
    return get_object_or_404(project.baselines, pk=asked) if known else None
