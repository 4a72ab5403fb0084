"""Who may touch integrations: one word for all of them, asked by services and edges alike."""

from django.core.exceptions import PermissionDenied

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations


def require_manager(user: User) -> None:
    """Raises PermissionDenied for whoever may not manage integrations."""
    if not can_manage_integrations(user):
        raise PermissionDenied
