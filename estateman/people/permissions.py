"""What the office roles allow. One predicate per verb; the API, the pages and the admin all ask here."""

from django.contrib.auth.models import AnonymousUser

from estateman.people.models import OfficeRole, Team, TeamMembership, User

LEADING = {OfficeRole.ADMIN, OfficeRole.MANAGER}
# The apps whose rows a manager may change in the admin; an admin may change everything.
MANAGED_APPS = {"tasks", "events", "gamification", "notifications", "people", "integrations"}


def leads_office(user: User) -> bool:
    """Managers and admins see and arrange everything that is not private."""
    return user.is_superuser or user.role in LEADING


def can_manage_teams(user: User) -> bool:
    return leads_office(user)


def can_manage_integrations(user: User) -> bool:
    """Credentials of the office's providers are the admins' and managers' business."""
    return leads_office(user)


def can_take_payments(user: User) -> bool:
    """Money passes through the hands of the office's leaders and the coordinators, who keep the deals' papers."""
    return leads_office(user) or user.role == OfficeRole.COORDINATOR


def can_edit_team_members(user: User, team: Team) -> bool:
    """The office's leaders, and whoever leads the team."""
    return leads_office(user) or TeamMembership.objects.filter(team=team, user=user, is_lead=True).exists()


def admin_permission(user: User | AnonymousUser, app_label: str, action: str) -> bool:
    """Whether the role opens ``app_label`` in the admin, for Django's ``view``, ``add``, ``change`` and ``delete``."""
    if not (isinstance(user, User) and user.may_sign_in and user.is_staff):
        return False
    return user.role == OfficeRole.ADMIN or (
        user.role == OfficeRole.MANAGER
        and app_label in MANAGED_APPS
        and not (app_label == "people" and action == "delete")
    )
