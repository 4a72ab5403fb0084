"""What was deleted from a deal, and bringing it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.models import Project, Task
from tasks.permissions import can_manage_project
from tasks.services import restore_task
from tasks.views.deals import deal_of, head_of

LATEST = 200


@login_required
@require_GET
def deleted(request: StaffRequest, project_id: int) -> HttpResponse:
    """The last of them first. Who may not bring one back is not offered to."""
    project = deal_of(request, project_id)
    head = head_of(request, project, "board")
    manages = can_manage_project(request.user, project)
    about = {
        **head,
        "tasks": [
            (task, head["may_work"] and (manages or task.created_by_id == request.user.pk))
            for task in _deleted(project)[:LATEST]
        ],
    }
    return render(request, "tasks/deleted.html", about)


@login_required
@require_POST
def restore(request: StaffRequest, project_id: int, task_id: int) -> HttpResponse:
    """Bring one back; a rule in the way is told on the page."""
    project = deal_of(request, project_id)
    task = get_object_or_404(Task.every.filter(project=project).select_related("project"), pk=task_id)
    try:
        restore_task(task, by=request.user)
    except RuleBroken as rule:
        messages.error(request, rule.detail)
    else:
        messages.success(request, f"“{task}” is back in {task.column}.")
    return redirect("deleted-cards", project.pk)


def _deleted(project: Project) -> QuerySet[Task, Any]:
    gone = Task.every.filter(project=project, deleted_at__isnull=False)
    return gone.select_related("column", "deleted_by").order_by("-deleted_at", "-pk")
