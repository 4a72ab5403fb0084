"""Who may touch integrations: one word for all of them, asked by services and edges alike."""

from django.core.exceptions import PermissionDenied

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations, can_take_payments
from integrations.models import Grant


def require_manager(user: User) -> None:
    """Raises PermissionDenied for whoever may not manage integrations."""
    if not can_manage_integrations(user):
        raise PermissionDenied


def may_be_told(owner: User | None) -> bool:
    """Whether a webhook subscription of ``owner`` still hears anything: it hears what they may see."""
    return owner is not None and owner.is_active and can_manage_integrations(owner)


def can_end_grant(user: User, grant: Grant) -> bool:
    """Their own, and everybody's for whoever manages integrations."""
    return grant.user_id == user.pk or can_manage_integrations(user)


def require_taker(user: User) -> None:
    """Raises PermissionDenied for whoever may not take payments."""
    if not can_take_payments(user):
        raise PermissionDenied
