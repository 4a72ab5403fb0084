"""The list of deals, and opening one."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Min, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.forms import DealForm
from tasks.models import OPEN_GROUPS, Project
from tasks.permissions import can_open_project
from tasks.services import open_project, star_project, unstar_project
from tasks.views.deals import deal_of

PAGE = 48


@login_required
@require_GET
def projects(request: StaffRequest) -> HttpResponse:
    """The deals the reader may see: those they starred, then the most pressing first."""
    due = Min("tasks__due_on", filter=Q(tasks__deleted_at=None, tasks__column__group__in=OPEN_GROUPS))
    mine = Project.objects.visible_to(request.user).current().with_progress().with_star_of(request.user)
    rows = mine.annotate(next_due=due).prefetch_related("memberships__user")
    page = Paginator(rows.order_by(F("starred").desc(), F("next_due").asc(nulls_last=True), "name", "pk"), PAGE)
    about = {
        "projects": page.get_page(request.GET.get("page")),
        "may_open": can_open_project(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "tasks/projects.html", about)


@login_required
@require_POST
def star(request: StaffRequest, project_id: int) -> HttpResponse:
    """Keep a deal at the top of one's list, or no longer; answers its star."""
    starred = bool(request.POST.get("starred"))
    project = (star_project if starred else unstar_project)(deal_of(request, project_id), by=request.user)
    return render(request, "tasks/_star.html", {"project": project, "starred": starred})


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
