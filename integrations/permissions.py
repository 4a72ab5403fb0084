"""Who may touch integrations: one word for all of them, asked by services and edges alike."""

from django.core.exceptions import PermissionDenied

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations, can_take_payments
from integrations.models import Grant, SubscriptionDelivery


def require_manager(user: User) -> None:
    """Raises PermissionDenied for whoever may not manage integrations."""
    if not can_manage_integrations(user):
        raise PermissionDenied


def may_be_told(owner: User | None) -> bool:
    """Whether a webhook subscription of ``owner`` still hears anything: it hears what they may see."""
    return owner is not None and owner.is_active and can_manage_integrations(owner)


def can_read_delivery(user: User, delivery: SubscriptionDelivery) -> bool:
    """Only whom it was written for, whatever others manage: it may tell of private projects and calendars."""
    return delivery.owner_id == user.pk


def require_reader(user: User, delivery: SubscriptionDelivery) -> None:
    """Raises PermissionDenied for whoever may not have it sent again: where it goes, it can be read.

    That is everybody but its owner, and them too once the subscription is somebody else's.
    """
    if not can_read_delivery(user, delivery) or delivery.subscription.owner_id != user.pk:
        raise PermissionDenied("Only the owner may have this sent again: it says what they may see.")


def can_end_grant(user: User, grant: Grant) -> bool:
    """Their own, and everybody's for whoever manages integrations."""
    return grant.user_id == user.pk or can_manage_integrations(user)


def require_taker(user: User) -> None:
    """Raises PermissionDenied for whoever may not take payments."""
    if not can_take_payments(user):
        raise PermissionDenied
