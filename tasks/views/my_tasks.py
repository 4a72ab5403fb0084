"""What someone has to do, as my day shows it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.models import Task
from tasks.my_tasks import my_tasks as tasks_of
from tasks.services import complete_task, reopen_task


@login_required
@require_GET
def my_tasks(request: StaffRequest) -> HttpResponse:
    """The card of my day, for the page that heard of a change."""
    return _my_tasks(request)


@login_required
@require_POST
def complete(request: StaffRequest, task_id: int) -> HttpResponse:
    """Complete a task from my day; a rule in the way is told beside it."""
    task = _task(request, task_id)
    try:
        complete_task(task, by=request.user)
    except RuleBroken as rule:
        return _my_tasks(request, status=409, refused=task, reason=rule.detail)
    undo = {"label": "Undo", "url": reverse("reopen-task", args=[task.pk]), "target": "#my-tasks"}
    words = {"text": f"“{task}” is done.", "action": undo}
    return trigger_client_event(_my_tasks(request), "toast", words)


@login_required
@require_POST
def reopen(request: StaffRequest, task_id: int) -> HttpResponse:
    """Take it up again."""
    task = _task(request, task_id)
    try:
        reopen_task(task, by=request.user)
    except RuleBroken as rule:
        words = {"text": rule.detail, "kind": "error"}
        return trigger_client_event(_my_tasks(request, status=409), "toast", words)
    return _my_tasks(request)


def _task(request: StaffRequest, task_id: int) -> Task:
    visible = Task.objects.visible_to(request.user).select_related("project", "column")
    return get_object_or_404(visible, pk=task_id)


def _my_tasks(request: StaffRequest, *, status: int = 200, **about: Any) -> HttpResponse:
    mine = tasks_of(request.user, today=timezone.localdate())
    return render(request, "tasks/_my_tasks.html", {"my_tasks": mine, **about}, status=status)
