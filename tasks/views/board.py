"""A deal's board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.requests import StaffRequest
from tasks.board import board as board_of
from tasks.models import Project
from tasks.permissions import can_work_on_project


@login_required
@require_GET
def board(request: StaffRequest, project_id: int) -> HttpResponse:
    """One deal's columns and cards; to htmx the columns alone."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
    about = {
        "project": project,
        "tab": "board",
        "columns": board_of(project).columns,
        "may_move": not project.archived_at and can_work_on_project(request.user, project),
        "today": timezone.localdate(),
    }
    if request.htmx:
        return render(request, "tasks/_columns.html", about)
    members = project.memberships.select_related("user").order_by("pk")
    return render(request, "tasks/board.html", {**about, "memberships": members})
