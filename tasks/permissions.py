"""Who may do what with projects and tasks. One predicate per verb.

They take for granted that the user may see the project: edges find it through ``visible_to``.
"""

from django.db.models import Q, QuerySet

from estateman.people.models import User
from estateman.people.permissions import LEADING, leads_office
from tasks.models import Attachment, DealRole, Project, ProjectMember, ProjectRole, Task, TaskComment, TimeLog
from tasks.models.projects import MANAGING

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


def can_restore_task(user: User, task: Task) -> bool:
    """Whoever might have deleted it."""
    return can_delete_task(user, task)


def can_set_watchers(user: User, project: Project) -> bool:
    """Let others watch a task. Oneself one may always."""
    return can_manage_project(user, project)


def can_arrange_labels(user: User, project: Project) -> bool:
    """Change and delete its labels; whoever works there may add one."""
    return can_manage_project(user, project)


def can_see_project(user: User, project: Project) -> bool:
    """What ``visible_to`` says, of one project."""
    return _leads(user, project) or bool(_role(user, project))


def can_relax_checklist(user: User, task: Task) -> bool:
    """Take away what a checklist requires: an item, or that it is required, reviewed or takes a document."""
    return can_manage_project(user, task.project)


def can_review_checklist(user: User, task: Task) -> bool:
    """Accept or reject what was done: those who manage the project, and whose part in the deal it is."""
    is_compliance = ProjectMember.objects.filter(project=task.project, user=user, deal_role=DealRole.COMPLIANCE)
    return can_manage_project(user, task.project) or is_compliance.exists()


def can_remove_attachment(user: User, attachment: Attachment) -> bool:
    """Whoever uploaded it while they work there, and those who manage the project."""
    mine = attachment.uploaded_by_id == user.pk and can_work_on_project(user, attachment.project)
    return mine or can_manage_project(user, attachment.project)


def can_edit_comment(user: User, comment: TaskComment) -> bool:
    """Its author while they work there: nobody puts words into another's mouth."""
    return comment.author_id == user.pk and can_work_on_project(user, comment.task.project)


def can_delete_comment(user: User, comment: TaskComment) -> bool:
    """Its author while they work there, and those who manage the project."""
    return can_edit_comment(user, comment) or can_manage_project(user, comment.task.project)


def can_read_revisions(user: User, comment: TaskComment) -> bool:
    """Whoever sees the comment; once it is deleted, only who wrote it and those who manage the project."""
    mine = comment.author_id == user.pk
    return not comment.deleted_at or mine or can_manage_project(user, comment.task.project)


def people_who_see(project: Project) -> QuerySet[User]:
    """Everyone who works here and may see ``project``, in the order of their ids."""
    seeing = Q(project_memberships__project=project)
    if not project.is_private:
        seeing |= Q(role__in=LEADING) | Q(is_superuser=True)
    return User.objects.filter(seeing, is_active=True).distinct().order_by("pk")


def can_edit_time(user: User, log: TimeLog) -> bool:
    """Whose time it is, and those who manage the project."""
    return log.user_id == user.pk or can_manage_project(user, log.task.project)


def can_arrange_calendars(user: User) -> bool:
    """The office's leaders say which days are business days, and how days are counted; everyone may look it up."""
    return leads_office(user)


def can_edit_templates(user: User) -> bool:
    """The office's leaders say how its deals are planned."""
    return leads_office(user)


def _leads(user: User, project: Project) -> bool:
    return leads_office(user) and not project.is_private


def _role(user: User, project: Project) -> str:
    found = ProjectMember.objects.filter(project=project, user=user).values_list("role", flat=True)
    return found.first() or ""
