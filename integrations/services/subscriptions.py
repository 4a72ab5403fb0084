"""Verbs on webhook subscriptions: who is told what happens here, and under which secret."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import User
from integrations.activities import SubscriptionChanged, SubscriptionDisabled
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.permissions import require_manager, require_reader
from integrations.sealing import Secret, Unsealable
from integrations.standard_webhooks import new_secret
from integrations.subscriptions import bodies
from integrations.subscriptions.addresses import check_url
from integrations.subscriptions.kinds import check_kinds

PREVIOUS_SECRET_LIVES = timedelta(hours=24)
EDITABLE = {"name", "url", "kinds", "is_active"}
SWITCHED_OFF = "The subscription was switched off before this was delivered."
OTHER_OWNER = "The subscription became somebody else's before this was delivered."
OWNER_LEFT = "Its owner no longer manages integrations. Whoever switches it on owns it from then on."
_WELL = {"failing_since": None, "failures_in_row": 0, "rests_until": None}


class SubscriptionGone(RuleBroken):
    """Somebody deleted it meanwhile."""

    code = "subscription_gone"


class SubscriptionIsDisabled(RuleBroken):
    """Nothing is sent to it until somebody switches it on."""

    code = "subscription_disabled"


class DeliveryUnderWay(RuleBroken):
    """It is being sent at this moment."""

    code = "delivery_under_way"


@transaction.atomic
def create_subscription(
    *, name: str, url: str, kinds: list[str], is_active: bool = True, by: User
) -> tuple[WebhookSubscription, Secret]:
    """Have ``url`` told of ``kinds`` (``task.completed``, ``task.*``, ``*``), as far as ``by`` may see them.

    Returns it with its signing secret, which nobody gets to see again. Raises ValidationError that
    names the field.
    """
    require_manager(by)
    checked = checked_subscription({"name": name, "url": url, "kinds": kinds, "is_active": is_active})
    subscription = WebhookSubscription(**checked, owner=by)
    secret = Secret(new_secret())
    subscription.secrets = subscription.seal({"current": secret.reveal()})
    subscription.save()
    _announce_change(subscription, "added", by=by)
    return subscription, secret


@transaction.atomic
def edit_subscription(
    subscription: WebhookSubscription, *, changes: Mapping[str, Any], version: int | None = None, by: User
) -> WebhookSubscription:
    """Write ``changes`` (name, url, kinds, is_active). What waits goes to the new address.

    Whoever changes where it goes or what it hears, or switches it on, owns it from then on: it is told
    what they may see, and what waits of what somebody else may see is given up. Switching it off gives
    up what waits. Raises ValidationError that names the field, and VersionConflict.
    """
    require_manager(by)
    _lock(subscription)
    written, owner_id = checked_subscription(changes), subscription.owner_id
    changed = {name for name, value in written.items() if value != getattr(subscription, name)}
    if {"url", "is_active"} & set(written):
        written |= _WELL
    if "is_active" in changed:
        written["disabled_because"] = ""
    if {"url", "kinds"} & changed or ("is_active" in changed and written["is_active"]):
        written["owner"] = by
    save_changes(subscription, written, version=version)
    if not subscription.is_active:
        give_up_waiting(subscription, SWITCHED_OFF)
    elif subscription.owner_id != owner_id:
        give_up_waiting(subscription, OTHER_OWNER)
    _announce_change(subscription, "edited", by=by)
    return subscription


def _lock(subscription: WebhookSubscription) -> None:
    """Hold it until the transaction ends, as it stands now; always before its deliveries. Raises SubscriptionGone."""
    try:
        subscription.refresh_from_db(from_queryset=WebhookSubscription.objects.select_for_update(no_key=True))
    except WebhookSubscription.DoesNotExist:
        raise SubscriptionGone("This subscription was deleted meanwhile.") from None


def checked_subscription(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as they may be kept. Raises ValidationError that names the field."""
    if unknown := set(values) - EDITABLE:
        raise TypeError(f"These are not edited: {sorted(unknown)}")
    checked = dict(values)
    if "name" in values and not values["name"].strip():
        raise ValidationError({"name": "Give it a name."})
    if "url" in values:
        checked["url"] = check_url(values["url"])
    if "kinds" in values:
        checked["kinds"] = check_kinds(values["kinds"])
    return checked


@transaction.atomic
def delete_subscription(subscription: WebhookSubscription, *, by: User) -> None:
    """Tell it nothing more; its secrets and the log of its deliveries go along."""
    require_manager(by)
    _lock(subscription)
    _announce_change(subscription, "deleted", by=by)
    subscription.delete()


@transaction.atomic
def rotate_secret(subscription: WebhookSubscription, *, by: User) -> Secret:
    """A new signing secret. For PREVIOUS_SECRET_LIVES the one before signs too, but none that is older.

    One that can't be opened any more is replaced at once. Whoever takes it owns the subscription from
    then on, for they learn to sign; what waits of what somebody else may see is given up.
    """
    require_manager(by)
    _lock(subscription)
    owner_id = subscription.owner_id
    secret, kept = Secret(new_secret()), _kept_secret(subscription)
    sealed = subscription.seal({"current": secret.reveal(), **({"previous": kept.reveal()} if kept else {})})
    until = clock.now() + PREVIOUS_SECRET_LIVES if kept else None
    save_changes(subscription, {"secrets": sealed, "previous_valid_until": until, "owner": by})
    if subscription.owner_id != owner_id:
        give_up_waiting(subscription, OTHER_OWNER)
    _announce_change(subscription, "rotated the secret of", by=by)
    return secret


def _kept_secret(subscription: WebhookSubscription) -> Secret | None:
    try:
        return subscription.reveal().get("current")
    except Unsealable:
        return None


@transaction.atomic
def send_test_event(subscription: WebhookSubscription, *, by: User) -> SubscriptionDelivery:
    """Queue a delivery of kind ``webhook.test``, sent, tried again and counted like any other.

    Raises SubscriptionIsDisabled.
    """
    require_manager(by)
    _lock(subscription)
    _require_active(subscription)
    actor, at = {"id": by.pk, "name": str(by)}, clock.now()
    body = bodies.test_body(at=at, actor=actor, subscription_id=subscription.pk)
    return SubscriptionDelivery.objects.create(
        subscription=subscription, owner=subscription.owner, kind=bodies.TEST, body=body
    )


@transaction.atomic
def retry_delivery(delivery: SubscriptionDelivery, *, by: User) -> SubscriptionDelivery:
    """Send it now, with all its tries before it, whatever became of it; its webhook-id stays the same.

    Raises PermissionDenied for whoever isn't its owner, SubscriptionIsDisabled, and DeliveryUnderWay
    where a worker is at it.
    """
    require_manager(by)
    _lock(delivery.subscription)
    require_reader(by, delivery)
    _require_active(delivery.subscription)
    free = SubscriptionDelivery.objects.filter(Q(lease_until=None) | Q(lease_until__lt=clock.now()), pk=delivery.pk)
    state, now = SubscriptionDelivery.State.PENDING, clock.now()
    if not free.update(state=state, attempts=0, next_attempt_at=now, lease_until=None, delivered_at=None):
        raise DeliveryUnderWay("It is being delivered at this moment. Look at it again.")
    # Somebody repaired the receiver and asks for it now.
    WebhookSubscription.objects.filter(pk=delivery.subscription_id).update(rests_until=None)
    delivery.refresh_from_db()
    return delivery


def _require_active(subscription: WebhookSubscription) -> None:
    if not subscription.is_active:
        raise SubscriptionIsDisabled("This subscription is disabled. Switch it on first.")


@transaction.atomic
def disable_subscription(subscription: WebhookSubscription, *, reason: str) -> None:
    """Take it out of use although nobody asked for it, once, and have its owner and the admins told."""
    active = WebhookSubscription.objects.filter(pk=subscription.pk, is_active=True)
    if not active.update(is_active=False, disabled_because=reason[:300], version=F("version") + 1):
        return
    give_up_waiting(subscription, SWITCHED_OFF)
    announce(
        SubscriptionDisabled(
            by_id=None,
            subscription_id=subscription.pk,
            name=subscription.name,
            reason=reason[:300],
            owner_id=subscription.owner_id,
        )
    )


def give_up_waiting(subscription: WebhookSubscription, why: str) -> None:
    """Whoever switches it on again, months later, does not mean what waited then; its owner may send each by hand."""
    State = SubscriptionDelivery.State  # noqa: N806  a class
    waiting = SubscriptionDelivery.objects.filter(subscription=subscription, state=State.PENDING)
    waiting.update(state=State.DEAD, next_attempt_at=None, last_error=why)


def _announce_change(subscription: WebhookSubscription, change: str, *, by: User) -> None:
    announce(SubscriptionChanged(by_id=by.pk, subscription_id=subscription.pk, name=subscription.name, change=change))
