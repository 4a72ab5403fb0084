"""Keeping a project at the top of one's list. It is nobody else's business, so nothing is announced."""

from django.db import transaction

from estateman.people.models import User
from tasks.models import Project, ProjectStar
from tasks.permissions import can_see_project
from tasks.services.locking import require


@transaction.atomic
def star_project(project: Project, *, by: User) -> Project:
    """Keep it at the top of one's own list; twice is once."""
    require(can_see_project(by, project))
    ProjectStar.objects.get_or_create(project=project, user=by)
    return project


@transaction.atomic
def unstar_project(project: Project, *, by: User) -> Project:
    """Keep it there no longer; twice is once."""
    ProjectStar.objects.filter(project=project, user=by).delete()
    return project
