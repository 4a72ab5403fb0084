"""How people come to belong to a project, whichever way they do."""

from collections.abc import Mapping

from estateman.activity.services import announce
from estateman.people.models import User, validate_active
from tasks.activities import MemberChanged
from tasks.models import Project, ProjectMember, ProjectRole


def join(
    project: Project,
    user: User,
    *,
    by: User,
    role: str = ProjectRole.MEMBER,
    deal_role: str = "",
) -> ProjectMember:
    """Make ``user`` a member and announce it. Raises ValidationError for someone who left."""
    validate_active(user)
    membership = ProjectMember.objects.create(project=project, user=user, role=role, deal_role=deal_role)
    announce_member(membership, "added", by=by)
    return membership


def take_parts(project: Project, roles: Mapping[str, User], *, by: User) -> None:
    """Let each of ``roles`` (deal role to person) be played by its person; strangers join.

    Who plays several parts keeps the first; who is a viewer becomes a member, to work on it.
    """
    present = {membership.user_id: membership for membership in project.memberships.all()}
    for deal_role, user in roles.items():
        membership = present.get(user.pk)
        if membership is None:
            present[user.pk] = join(project, user, by=by, deal_role=deal_role)
        elif not membership.deal_role or membership.role == ProjectRole.VIEWER:
            _take_part(membership, deal_role, by=by)


def announce_member(membership: ProjectMember, change: str, *, by: User) -> None:
    """Tell that somebody was ``added``, ``changed`` or ``removed``."""
    announce(
        MemberChanged(
            by_id=by.pk,
            project_id=membership.project_id,
            project=membership.project.name,
            user_id=membership.user_id,
            user=str(membership.user),
            role=membership.role,
            deal_role=membership.deal_role,
            change=change,
        )
    )


def _take_part(membership: ProjectMember, deal_role: str, *, by: User) -> None:
    membership.deal_role = membership.deal_role or deal_role
    if membership.role == ProjectRole.VIEWER:
        membership.role = ProjectRole.MEMBER
    membership.save(update_fields=["deal_role", "role"])
    announce_member(membership, "changed", by=by)
