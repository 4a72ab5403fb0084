"""One task with all it carries."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.common.markdown import rendered
from estateman.people.models import User
from estateman.people.requests import StaffRequest
from tasks.models import Emoji, Priority, Task, TaskComment, TaskDependency, TimeLog
from tasks.permissions import can_delete_task, can_manage_project, can_work_on_project

LATEST_CHANGES = 12


@login_required
@require_GET
def task(request: StaffRequest, task_id: int) -> HttpResponse:
    """The whole page; to htmx what may have changed on it."""
    visible = Task.objects.visible_to(request.user).with_details().with_subtasks()
    found = get_object_or_404(visible.select_related("parent", "completed_by"), pk=task_id)
    template = "tasks/_task.html" if request.htmx else "tasks/task.html"
    return render(request, template, {**_about(found, request.user), "user": request.user})


def _about(found: Task, user: User) -> dict[str, Any]:
    touching = TaskDependency.objects.touching(found.pk).order_by("pk")
    links = list(touching.select_related("predecessor__column", "successor__column"))
    logs = TimeLog.objects.filter(task=found)
    is_open = not found.project.archived_at
    may_work = is_open and can_work_on_project(user, found.project)
    may_manage = is_open and can_manage_project(user, found.project)
    return {
        "task": found,
        "project": found.project,
        "description": rendered(found.description),
        "checklist": found.checklist.select_related("document", "done_by", "reviewed_by"),
        "comments": [_shown(each, user, may_work=may_work, may_manage=may_manage) for each in _comments(found)],
        "attachments": found.attachments.select_related("uploaded_by").order_by("-pk"),
        "waits_for": [link for link in links if link.successor_id == found.pk],
        "held_up": [link for link in links if link.predecessor_id == found.pk],
        "changes": found.date_changes.select_related("by").order_by("-at", "-pk")[:LATEST_CHANGES],
        "spent_seconds": logs.ended().aggregate(total=Sum("seconds"))["total"] or 0,
        "timer": TimeLog.objects.running().filter(user=user).select_related("task").first(),
        "columns": found.project.columns.all(),
        "members": User.objects.filter(project_memberships__project=found.project, is_active=True).order_by("name"),
        "siblings": found.project.tasks.exclude(pk=found.pk).order_by("name")[:500],
        "priorities": Priority.choices,
        "emoji": Emoji.values,
        "today": timezone.localdate(),
        "may_work": may_work,
        "may_delete": may_work and can_delete_task(user, found),
    }


def _comments(found: Task) -> Any:
    return TaskComment.objects.filter(task=found).for_display().order_by("pk")


def _shown(comment: TaskComment, user: User, *, may_work: bool, may_manage: bool) -> dict[str, Any]:
    """A comment with its words as they are read, and what is offered to do with it; the services decide again."""
    given: dict[str, dict[str, Any]] = {}
    for each in comment.reactions.all():
        shown = given.setdefault(each.emoji, {"emoji": each.emoji, "count": 0, "mine": False})
        shown["count"] += 1
        shown["mine"] |= each.user_id == user.pk
    return {
        "comment": comment,
        "html": rendered(comment.body),
        "reactions": list(given.values()),
        "may_edit": may_work and comment.author_id == user.pk,
        "may_delete": may_manage or (may_work and comment.author_id == user.pk),
    }
