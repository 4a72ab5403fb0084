"""Send what is due. A row is claimed, sent outside any transaction, and its outcome written under the claim's token.

Exactly-once is impossible over SMTP. Promised is: never lost, and a repeat (after a worker died between the
provider's yes and our note of it) carries the same Message-ID, by which mail programs recognise it.
"""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string

from estateman.common import clock
from estateman.common.claims import backoff, claim
from integrations.models.messages import NOTIFYING
from integrations.services import send_email, wait_asked_for
from integrations.spi import BreakerOpen, ProviderError, RateLimited, SendResult
from notifications.models import Delivery, Notification, Preference

logger = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)


def deliver_due() -> int:
    """Send a batch of due deliveries; returns how many were claimed."""
    deliveries = claim(Delivery.objects.select_related("notification__user"), limit=BATCH, lease=LEASE)
    for delivery in deliveries:
        if _still_ours(delivery):
            _deliver(delivery)
    return len(deliveries)


def _still_ours(delivery: Delivery) -> bool:
    """Begin its lease anew: those before it in the batch may have taken most of it."""
    same = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    return bool(same.update(lease_until=clock.now() + LEASE))


def _deliver(delivery: Delivery) -> None:
    if not _still_wanted(delivery.notification, delivery.channel):
        _close(delivery, state=Delivery.State.SUPPRESSED)
        return
    try:
        sent = _send(delivery)
    except (RateLimited, BreakerOpen) as error:
        _wait(delivery, error)
    except ProviderError as error:
        _keep_failure(delivery, str(error), permanent=error.permanent)
    except Exception as error:  # one bad row must not stop the rest
        logger.exception("Delivery %s failed", delivery.pk)
        _keep_failure(delivery, f"{type(error).__name__}: {error}", permanent=False)
    else:
        outcome = {"provider": sent.provider, "provider_message_id": sent.provider_message_id, "last_error": ""}
        _close(delivery, state=Delivery.State.SENT, sent_at=clock.now(), **outcome)


def _still_wanted(notification: Notification, channel: str) -> bool:
    off = Preference.objects.filter(
        user=notification.user, category=notification.category, channel=channel, is_on=False
    )
    return notification.user.is_active and not off.exists()


def _send(delivery: Delivery) -> SendResult:
    notification = delivery.notification
    about = {"notification": notification, "link": f"{settings.SITE_URL}{notification.url or '/inbox'}"}
    return send_email(
        to=delivery.address,
        subject=" ".join(notification.title.split()),
        text=render_to_string("notifications/email.txt", about),
        html=render_to_string("notifications/email.html", about),
        message_id=f"<{delivery.idempotency_key}@{urlsplit(settings.SITE_URL).hostname}>",
        correlation_id=f"{NOTIFYING}{delivery.pk}",
    )


def _wait(delivery: Delivery, error: ProviderError) -> None:
    """Nobody was asked, so it was no try."""
    wait = backoff(1, first=FIRST_RETRY) if error.retry_after is None else wait_asked_for(error)
    due = {"next_attempt_at": clock.now() + wait, "attempts": F("attempts") - 1}
    _write(delivery, **due, lease_until=None, last_error=str(error))


def _keep_failure(delivery: Delivery, error: str, *, permanent: bool) -> None:
    if permanent or delivery.attempts >= MOST_ATTEMPTS:
        _close(delivery, state=Delivery.State.DEAD, last_error=error)
    else:
        wait = backoff(delivery.attempts, first=FIRST_RETRY)
        _write(delivery, next_attempt_at=clock.now() + wait, lease_until=None, last_error=error)


def _close(delivery: Delivery, **outcome: Any) -> None:
    _write(delivery, next_attempt_at=None, lease_until=None, **outcome)


def _write(delivery: Delivery, **outcome: Any) -> None:
    """Only the claim's own worker writes: one that outlived its lease changes nothing."""
    Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token).update(**outcome)
