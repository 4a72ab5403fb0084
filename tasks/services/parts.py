"""Who plays which part in a deal, and that its tasks go with the part.

One person plays a part: whoever takes it has it from who had it, with its open tasks. What was completed stays with who
did it.
"""

from collections.abc import Mapping

from estateman.people.models import User
from tasks.models import Project, ProjectMember, ProjectRole
from tasks.permissions import WORKING
from tasks.services.assignments import change_assignees
from tasks.services.joining import announce_member, join


def take_parts(project: Project, roles: Mapping[str, User], *, by: User) -> None:
    """Let each of ``roles`` (deal role to person) be played by its person; strangers join.

    Who plays several parts keeps the first; who is a viewer becomes a member, to work on it. The project is locked.
    """
    present = {membership.user_id: membership for membership in project.memberships.select_related("user")}
    for deal_role, user in roles.items():
        membership = present.get(user.pk)
        if membership is None:
            present[user.pk] = join(project, user, by=by, deal_role=deal_role)
            hand_over(present[user.pk], by=by)
        elif not membership.deal_role or membership.role == ProjectRole.VIEWER:
            _take_part(membership, deal_role, by=by)


def players_of(project: Project) -> dict[str, User]:
    """Who of those who work there plays which part; the one who joined first, where several do."""
    working = project.memberships.filter(role__in=WORKING, user__is_active=True).exclude(deal_role="")
    return {each.deal_role: each.user for each in working.select_related("user").order_by("-pk")}


def hand_over(membership: ProjectMember, *, by: User) -> None:
    """Give the part that ``membership`` has just got to its person alone, with all open tasks of that part.

    A viewer has the name of a part only. The project is locked.
    """
    if not membership.deal_role or membership.role not in WORKING:
        return
    project, part = membership.project, membership.deal_role
    former = [each for each in _players(project, part) if each.pk != membership.pk]
    for each in former:
        each.deal_role = ""
        each.save(update_fields=["deal_role"])
        announce_member(each, "changed", by=by)
    lost = {each.user for each in former}
    for task in project.tasks.open().filter(role=part).select_related("project").order_by("pk"):
        change_assignees(task, users={*task.assignees.all()} - lost | {membership.user}, by=by)


def give_up(membership: ProjectMember, part: str, *, by: User) -> None:
    """Take the open tasks of ``part`` from who played it and does no longer. The project is locked."""
    tasks = membership.project.tasks.open().filter(role=part).assigned_to(membership.user)
    for task in tasks.select_related("project").order_by("pk"):
        change_assignees(task, users={*task.assignees.all()} - {membership.user}, by=by)


def _players(project: Project, part: str) -> list[ProjectMember]:
    playing = project.memberships.filter(deal_role=part, role__in=WORKING)
    return list(playing.select_related("user", "project").order_by("pk"))


def _take_part(membership: ProjectMember, deal_role: str, *, by: User) -> None:
    membership.deal_role = membership.deal_role or deal_role
    if membership.role == ProjectRole.VIEWER:
        membership.role = ProjectRole.MEMBER
    membership.save(update_fields=["deal_role", "role"])
    announce_member(membership, "changed", by=by)
    hand_over(membership, by=by)
