"""Who belongs to a project."""

from django.db import transaction

from estateman.people.models import User
from tasks.models import Project, ProjectMember, ProjectRole, TimeLog
from tasks.permissions import WORKING, can_manage_project
from tasks.services.assignments import take_open_tasks
from tasks.services.joining import announce_member, join
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.parts import give_up, hand_over
from tasks.services.refusals import AlreadyMember, LastOwner, MemberGone
from tasks.services.time.stopping import stop_timers
from tasks.services.watching import stop_watching


@transaction.atomic
def add_member(
    project: Project,
    *,
    user: User,
    by: User,
    role: str = ProjectRole.MEMBER,
    deal_role: str = "",
) -> ProjectMember:
    """Let ``user`` belong to it; with a part its open tasks become theirs, whoever had it before.

    Raises AlreadyMember, ValidationError, ProjectArchived.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    if project.memberships.filter(user=user).exists():
        raise AlreadyMember(f"{user} belongs to {project} already.", user=user.pk)
    membership = join(project, user, by=by, role=role, deal_role=deal_role)
    hand_over(membership, by=by)
    return membership


@transaction.atomic
def change_member(
    membership: ProjectMember,
    *,
    by: User,
    role: str | None = None,
    deal_role: str | None = None,
) -> ProjectMember:
    """Give a member another role or another part. A viewer's open tasks are taken from them.

    The open tasks of a part go with it: to who takes it, and from who had it or gives it up.
    Raises LastOwner, MemberGone, ProjectArchived.
    """
    project = membership.project
    require(can_manage_project(by, project))
    _lock(membership)
    if role is not None and role != ProjectRole.OWNER:
        _require_another_owner(membership)
    before = (membership.role, membership.deal_role)
    membership.role = membership.role if role is None else role
    membership.deal_role = membership.deal_role if deal_role is None else deal_role
    if (membership.role, membership.deal_role) != before:
        membership.save(update_fields=["role", "deal_role"])
        if membership.role not in WORKING:
            take_open_tasks(project, user=membership.user, by=by)
            stop_timers(project=project, user=membership.user, ended_by=TimeLog.EndedBy.MEMBERSHIP, by=by)
        announce_member(membership, "changed", by=by)
        if before[1] not in {"", membership.deal_role}:
            give_up(membership, before[1], by=by)
        if membership.deal_role != before[1] or before[0] not in WORKING:
            hand_over(membership, by=by)
    return membership


@transaction.atomic
def remove_member(membership: ProjectMember, *, by: User) -> None:
    """Take a member out of the project and their open tasks from them; anyone may leave.

    Raises LastOwner, MemberGone, ProjectArchived.
    """
    project = membership.project
    require(membership.user_id == by.pk or can_manage_project(by, project))
    _lock(membership)
    _require_another_owner(membership)
    take_open_tasks(project, user=membership.user, by=by)
    stop_timers(project=project, user=membership.user, ended_by=TimeLog.EndedBy.MEMBERSHIP, by=by)
    announce_member(membership, "removed", by=by)
    membership.delete()
    stop_watching(project)


def _lock(membership: ProjectMember) -> None:
    """Hold the project and read the membership anew."""
    lock_project(membership.project)
    gone = MemberGone(f"{membership.user} does not belong to {membership.project} any more.")
    read_anew(membership, gone=gone, fields=["role", "deal_role"])


def _require_another_owner(membership: ProjectMember) -> None:
    owners = membership.project.memberships.filter(role=ProjectRole.OWNER)
    if membership.role == ProjectRole.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise LastOwner(
            f"{membership.project} needs an owner. Make somebody else one first.",
            user=membership.user_id,
        )
