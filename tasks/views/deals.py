"""What every page of a deal begins with."""

from typing import Any

from django.shortcuts import get_object_or_404

from estateman.people.requests import StaffRequest
from tasks.models import Project
from tasks.permissions import can_work_on_project


def deal_of(request: StaffRequest, project_id: int) -> Project:
    """Raises Http404 for those who may not see it."""
    visible = Project.objects.visible_to(request.user).with_star_of(request.user)
    return get_object_or_404(visible.select_related("calendar"), pk=project_id)


def head_of(request: StaffRequest, project: Project, tab: str) -> dict[str, Any]:
    """What the head of the page shows, whose tabs tell that this is ``tab``, and whether the reader may work there."""
    return {
        "project": project,
        "tab": tab,
        "memberships": project.memberships.select_related("user").order_by("pk"),
        "may_work": not project.archived_at and can_work_on_project(request.user, project),
    }
