"""Who may do what with projects and tasks. One predicate per verb.

They take for granted that the user may see the project: edges find it through ``visible_to``.
"""

from estateman.people.models import User
from estateman.people.permissions import leads_office
from tasks.models import Project, ProjectMember, ProjectRole, Task

MANAGING = (ProjectRole.OWNER, ProjectRole.MANAGER)
WORKING = (*MANAGING, ProjectRole.MEMBER)


def can_open_project(user: User) -> bool:
    """Whoever works here may open a deal; they own it then."""
    return user.is_active


def can_manage_project(user: User, project: Project) -> bool:
    """Its owners and managers, and the office's leaders unless it is private."""
    return _leads(user, project) or _role(user, project) in MANAGING


def can_work_on_project(user: User, project: Project) -> bool:
    """Everyone who sees it but its viewers: they plan, move and complete its tasks."""
    return _leads(user, project) or _role(user, project) in WORKING


def can_force_completion(user: User, task: Task) -> bool:
    """Complete a task although it is blocked."""
    return can_manage_project(user, task.project)


def can_delete_task(user: User, task: Task) -> bool:
    """Those who manage the project, and whoever made the task while they work there."""
    mine = task.created_by_id == user.pk and can_work_on_project(user, task.project)
    return mine or can_manage_project(user, task.project)


def _leads(user: User, project: Project) -> bool:
    return leads_office(user) and not project.is_private


def _role(user: User, project: Project) -> str:
    found = ProjectMember.objects.filter(project=project, user=user).values_list("role", flat=True)
    return found.first() or ""
