"""A deal's board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.requests import StaffRequest
from tasks.board import board as board_of
from tasks.views.deals import deal_of, head_of


@login_required
@require_GET
def board(request: StaffRequest, project_id: int) -> HttpResponse:
    """One deal's columns and cards; to htmx the columns alone."""
    project = deal_of(request, project_id)
    about = {
        **head_of(request, project, "board"),
        "columns": board_of(project).columns,
        "today": timezone.localdate(),
    }
    return render(request, "tasks/_columns.html" if request.htmx else "tasks/board.html", about)
