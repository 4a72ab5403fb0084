"""How people come to belong to a project, whichever way they do."""

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
