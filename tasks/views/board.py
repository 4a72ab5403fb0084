"""A deal's board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.requests import StaffRequest
from tasks.board import board as board_of
from tasks.board_forms import BoardForm
from tasks.views.deals import deal_of, head_of


@login_required
@require_GET
def board(request: StaffRequest, project_id: int) -> HttpResponse:
    """One deal's columns and cards, narrowed and in rows as the address says; to htmx these alone."""
    project = deal_of(request, project_id)
    form = BoardForm(request.GET, project=project)
    wanted = form.wanted(request.user, timezone.localdate())
    shown = board_of(project, wanted=wanted, by=form.by)
    about = {
        **head_of(request, project, "board"),
        "board": shown,
        "form": form,
        "is_narrowed": not wanted.is_all,
        "cards_shown": sum(column.shown for column in shown.columns),
        "cards_there": sum(column.count for column in shown.columns),
        "today": wanted.today,
    }
    return render(request, "tasks/_board.html" if request.htmx else "tasks/board.html", about)
