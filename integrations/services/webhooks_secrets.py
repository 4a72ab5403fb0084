"""The secrets by which vendors prove themselves. Several may be good at once, while one replaces another."""

import secrets as randomness
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.activities import IntegrationChanged
from integrations.models import Integration, WebhookSecret
from integrations.permissions import require_manager
from integrations.registry import Provider, find_provider

SHORTEST = 16
"""Characters. Every vendor's own are longer (PayPal's webhook ids, the shortest, have 17); a short one is guessed."""


class NoWebhooks(RuleBroken):
    """The vendor of this integration calls nobody."""

    code = "no_webhooks"


@transaction.atomic
def add_webhook_secret(
    integration: Integration,
    *,
    secret: str = "",
    valid_until: datetime | None = None,
    previous_valid_for_hours: int | None = None,
    by: User,
) -> WebhookSecret:
    """Let ``secret`` prove webhooks too, until ``valid_until`` or for good.

    Without one, a token is made, where it is ours to choose. With ``previous_valid_for_hours`` those
    that were there before end after so many hours, where they would not end sooner. Raises
    NoWebhooks, and ValidationError that names the field.
    """
    require_manager(by)
    check_webhook_secret(integration, secret=secret, valid_until=valid_until)
    if previous_valid_for_hours is not None:
        _end_by(integration, clock.now() + timedelta(hours=previous_valid_for_hours))
    added = WebhookSecret(integration=integration, valid_until=valid_until)
    added.secret = added.seal(secret or randomness.token_urlsafe(32))
    added.save()
    _announce_change(integration, by=by)
    return added


def check_webhook_secret(integration: Integration, *, secret: str, valid_until: datetime | None) -> None:
    """Raises what add_webhook_secret would."""
    provider = _listening(integration)
    if not secret and not provider.makes_webhook_secret:
        raise ValidationError({"secret": f"Enter what proves its webhooks: {provider.webhook_secret}"})
    if secret and len(secret) < SHORTEST:
        raise ValidationError({"secret": f"It must have {SHORTEST} characters or more: a short one can be guessed."})
    if valid_until is not None and valid_until <= clock.now():
        raise ValidationError({"valid_until": "This is over already."})


def _listening(integration: Integration) -> Provider:
    found = find_provider(integration.provider)
    if found is None or not found.receives_webhooks:
        raise NoWebhooks(f"{integration.name} receives no webhooks: its provider sends none.")
    return found


def _end_by(integration: Integration, end: datetime) -> None:
    later = Q(valid_until=None) | Q(valid_until__gt=end)
    integration.webhook_secrets.filter(later).update(valid_until=end)


@transaction.atomic
def end_webhook_secret(secret: WebhookSecret, *, valid_until: datetime | None, by: User) -> WebhookSecret:
    """Let it prove webhooks until ``valid_until``, past or to come; None for until it is deleted."""
    require_manager(by)
    secret.valid_until = valid_until
    secret.save(update_fields=["valid_until"])
    _announce_change(secret.integration, by=by)
    return secret


@transaction.atomic
def delete_webhook_secret(secret: WebhookSecret, *, by: User) -> None:
    """Forget it; what it would have proven is refused from now on."""
    require_manager(by)
    secret.delete()
    _announce_change(secret.integration, by=by)


def _announce_change(integration: Integration, *, by: User) -> None:
    change = "changed the webhook secrets of"
    announce(IntegrationChanged(by_id=by.pk, integration_id=integration.pk, name=integration.name, change=change))
