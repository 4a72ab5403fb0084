"""Giving tasks to people."""

from collections.abc import Iterable

from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User, validate_active
from tasks.activities import TaskAssigned, TaskUnassigned
from tasks.models import AppliedTemplate, Project, Task, TaskAssignee
from tasks.permissions import WORKING, can_manage_project, can_work_on_project
from tasks.services.joining import join
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of
from tasks.services.refusals import NotAMember


@transaction.atomic
def assign_task(task: Task, *, user: User, by: User) -> Task:
    """Give ``task`` to ``user``, beside whoever has it; nothing happens when they have it already.

    Someone who does not belong to the project yet joins it, if ``by`` manages it. Raises NotAMember
    otherwise and for viewers, ValidationError for someone who left, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    change_assignees(task, users={*task.assignees.all(), user}, by=by)
    return task


@transaction.atomic
def unassign_task(task: Task, *, user: User, by: User) -> Task:
    """Take ``task`` from ``user``; nothing happens when they do not have it."""
    require(can_work_on_project(by, task.project))
    lock_task(task)
    change_assignees(task, users={*task.assignees.all()} - {user}, by=by)
    return task


def change_assignees(task: Task, *, users: Iterable[User], by: User) -> bool:
    """Make ``users`` the task's assignees; returns whether they were not. The project is locked."""
    wanted = set(users)
    present = set(task.assignees.all())
    added, removed = wanted - present, present - wanted
    if not added | removed:
        return False
    require_workers(task.project, added, by=by)
    task.assignments.filter(user__in=removed).delete()
    save_changes(task, {})
    for user in _in_order(removed):
        _announce_unassigned(task, user, by)
    for user in _in_order(added):
        give(task, user, by=by)
    return True


def give(task: Task, user: User, *, by: User, applied: AppliedTemplate | None = None) -> None:
    """Write that ``task`` is given to ``user``, by ``applied`` where a template does it, and announce it."""
    TaskAssignee.objects.create(task=task, user=user, assigned_by=by)
    announce(
        TaskAssigned(
            **facts_of(task, by),
            assignee_id=user.pk,
            assignee=str(user),
            due_on=task.due_on.isoformat() if task.due_on else None,
            template_application_id=applied.pk if applied else None,
        )
    )


def take_open_tasks(project: Project, *, user: User, by: User) -> None:
    """Take from ``user`` every open task of ``project``; the completed ones stay theirs."""
    for task in project.tasks.open().assigned_to(user).select_related("project").order_by("pk"):
        task.assignments.filter(user=user).delete()
        save_changes(task, {})
        _announce_unassigned(task, user, by)


def require_workers(project: Project, users: Iterable[User], *, by: User) -> None:
    """Raises NotAMember unless all ``users`` work there; lets strangers join if ``by`` may."""
    people = _in_order(users)
    roles = dict(project.memberships.filter(user__in=people).values_list("user_id", "role"))
    strangers = [user for user in people if user.pk not in roles]
    for user in people:
        validate_active(user)
    refused = [user for user in people if roles.get(user.pk, WORKING[0]) not in WORKING]
    if strangers and not can_manage_project(by, project):
        refused += strangers
    if refused:
        names = ", ".join(map(str, refused))
        raise NotAMember(f"Not working on {project}: {names}.", users=[user.pk for user in refused])
    for user in strangers:
        join(project, user, by=by)


def _in_order(users: Iterable[User]) -> list[User]:
    return sorted(users, key=lambda user: user.pk)


def _announce_unassigned(task: Task, user: User, by: User) -> None:
    announce(TaskUnassigned(**facts_of(task, by), assignee_id=user.pk, assignee=str(user)))
