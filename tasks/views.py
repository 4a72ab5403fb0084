"""Pages of the deals: the list, the board, opening one, and what someone has to do."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.board import board as board_of
from tasks.forms import DealForm
from tasks.models import OPEN_GROUPS, Project, Task
from tasks.my_tasks import my_tasks as tasks_of
from tasks.permissions import can_open_project, can_work_on_project
from tasks.services import complete_task, open_project, reopen_task

PAGE = 48


@login_required
@require_GET
def projects(request: StaffRequest) -> HttpResponse:
    """The deals the reader may see, the most pressing first."""
    due = Min("tasks__due_on", filter=Q(tasks__column__group__in=OPEN_GROUPS))
    mine = Project.objects.visible_to(request.user).current().with_progress()
    rows = mine.annotate(next_due=due).prefetch_related("memberships__user")
    page = Paginator(rows.order_by(F("next_due").asc(nulls_last=True), "name", "pk"), PAGE)
    about = {
        "projects": page.get_page(request.GET.get("page")),
        "may_open": can_open_project(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "tasks/projects.html", about)


@login_required
@require_GET
def board(request: StaffRequest, project_id: int) -> HttpResponse:
    """One deal's columns and cards; to htmx the columns alone."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
    about = {
        "project": project,
        "columns": board_of(project).columns,
        "may_move": not project.archived_at and can_work_on_project(request.user, project),
        "today": timezone.localdate(),
    }
    if request.htmx:
        return render(request, "tasks/_columns.html", about)
    members = project.memberships.select_related("user").order_by("pk")
    return render(request, "tasks/board.html", {**about, "memberships": members})


@login_required
@require_http_methods(["GET", "POST"])
def new_project(request: StaffRequest) -> HttpResponse:
    """Open a deal from a template. To htmx, what the chosen template changes about the form."""
    if request.method == "GET":
        form = DealForm(initial={"starts_on": timezone.localdate(), **request.GET.dict()})
        template = "tasks/_plan.html" if request.htmx else "tasks/new_project.html"
        return render(request, template, {"form": form})
    form = DealForm(request.POST)
    if not form.is_valid():
        return render(request, "tasks/new_project.html", {"form": form}, status=422)
    try:
        project = open_project(**form.plan, by=request.user)
    except RuleBroken as rule:
        form.add_error(None, rule.detail)
        return render(request, "tasks/new_project.html", {"form": form}, status=409)
    return redirect("board", project.pk)


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
