"""Tell subscribers what is due: a row is claimed, sent outside any transaction, its outcome written under the claim.

Never lost, sometimes twice: a worker that dies between the receiver's yes and our note of it leaves
the row to the next one, and by the same ``webhook-id`` the receiver knows it again. One subscription
has one delivery under way at a time, and one that gives no answer rests for a while, so that a slow
receiver costs the others little.
"""

import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from estateman.common import clock
from estateman.common.claims import claim, due
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.permissions import may_be_told
from integrations.redaction import redact
from integrations.sealing import Secret, Unsealable
from integrations.services import disable_subscription
from integrations.services.subscriptions import OTHER_OWNER, OWNER_LEFT, SWITCHED_OFF
from integrations.spi import ProviderError
from integrations.standard_webhooks import ID, SIGNATURE, TIMESTAMP, sign
from integrations.transport import OutgoingSession, retry_after

logger = logging.getLogger(__name__)

READ_SECONDS = 15.0
LEASE = timedelta(minutes=2)
SCHEDULE = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""How long after each failure it is tried again; then it is given up. Standard Webhooks' own."""
JITTER = 0.2
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
DISABLED_AFTER = timedelta(days=5)
DISABLED_AFTER_FAILURES = 5
"""Both without a success between: where little happens, one failure a week says nothing."""
KEPT_OF_ANSWER = 500
GONE = 410
State = SubscriptionDelivery.State


@dataclass(frozen=True)
class Answer:
    """What a receiver answered; ``status`` is None where it did not. ``retry_after`` in seconds."""

    status: int | None
    detail: str
    duration_ms: int
    retry_after: float | None = None

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def pause(self) -> timedelta:
        """What the receiver asked for; a day at most."""
        return timedelta(seconds=self.retry_after or 0)

    @property
    def asks_for_rest(self) -> bool:
        """It is slow, away or overrun: the next one would fare no better just now."""
        return self.status in {None, 429, 503}


def deliver_due() -> int:
    """One delivery for each subscription that has some due; returns how many there were."""
    return sum(_deliver_next(subscription) for subscription in _ready(clock.now()))


def _ready(now: datetime) -> QuerySet[WebhookSubscription]:
    """Those with something due, nothing under way, and no rest to take."""
    theirs = SubscriptionDelivery.objects.filter(subscription=OuterRef("pk"))
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    return WebhookSubscription.objects.filter(
        rested, Exists(theirs.filter(due(now))), ~Exists(theirs.filter(lease_until__gt=now)), is_active=True
    ).order_by("pk")


def _deliver_next(subscription: WebhookSubscription) -> int:
    still_ready = SubscriptionDelivery.objects.filter(subscription__in=_ready(clock.now()).filter(pk=subscription.pk))
    claimed = claim(still_ready.select_related("subscription__owner"), limit=1, lease=LEASE)
    for delivery in claimed:
        if not may_be_told(delivery.subscription.owner):
            disable_subscription(delivery.subscription, reason=OWNER_LEFT)
        elif delivery.owner_id != delivery.subscription.owner_id:
            _drop(delivery)
        else:
            _keep(delivery, _send(delivery))
    return len(claimed)


def _drop(delivery: SubscriptionDelivery) -> None:
    """It was written for the owner before, by somebody who did not see yet that there is another."""
    same = SubscriptionDelivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    same.update(state=State.DEAD, next_attempt_at=None, lease_until=None, last_error=OTHER_OWNER)


def _send(delivery: SubscriptionDelivery) -> Answer:
    """What came of it, whatever that is. Must not be called inside a transaction."""
    ticks, secrets = time.perf_counter(), list[Secret]()
    try:
        now = clock.now()
        secrets = delivery.subscription.signing_secrets(now)
        response = _post(delivery, secrets, now)
    except (ProviderError, Unsealable) as error:
        return Answer(None, redact(str(error), secrets), _since(ticks))
    except Exception:  # one bad row must not stop the rest
        logger.exception("Delivery %s of subscription %s failed", delivery.pk, delivery.subscription_id)
        return Answer(None, "It could not be sent. The log of the server says why.", _since(ticks))
    return Answer(response.status_code, _words(response, secrets), _since(ticks), retry_after(response))


def _words(response: Any, secrets: list[Secret]) -> str:
    """The beginning of a refusal, fit to be kept; no database takes a NUL."""
    if response.is_redirect:
        return "It redirects elsewhere, which is not followed."
    told = " ".join(response.content.decode(errors="replace").replace("\0", "").split())
    return redact(told, secrets)[:KEPT_OF_ANSWER]


def _post(delivery: SubscriptionDelivery, secrets: list[Secret], now: datetime) -> Any:
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        ID: delivery.webhook_id,
        TIMESTAMP: str(int(now.timestamp())),
        SIGNATURE: sign(secrets, delivery.webhook_id, now, body),
    }
    return OutgoingSession(keeps=4 * KEPT_OF_ANSWER).post(
        delivery.subscription.url, data=body, headers=headers, timeout=READ_SECONDS, allow_redirects=False
    )


def _since(ticks: float) -> int:
    return round((time.perf_counter() - ticks) * 1000)


@transaction.atomic
def _keep(delivery: SubscriptionDelivery, answer: Answer) -> None:
    """Write what came of ``delivery``, unless its claim is over: then whoever claimed it since does."""
    # Locked first, as everywhere: whoever switches it off either sees this delivery wait, or is seen here.
    held = WebhookSubscription.objects.select_for_update(no_key=True).filter(pk=delivery.subscription_id).first()
    if held is None or not _write(delivery, answer, held):
        return
    same, now = WebhookSubscription.objects.filter(pk=held.pk), clock.now()
    if answer.is_accepted:
        same.update(last_success_at=now, failing_since=None, failures_in_row=0, rests_until=None)
        return
    failing_since = held.failing_since or now
    same.update(
        failures_in_row=F("failures_in_row") + 1,
        failing_since=Coalesce("failing_since", now),
        rests_until=now + _rest(answer, held.failures_in_row + 1) if answer.asks_for_rest else None,
    )
    if answer.status == GONE:
        disable_subscription(held, reason="The receiver answered 410: it is gone.")
    elif now - failing_since >= DISABLED_AFTER and held.failures_in_row + 1 >= DISABLED_AFTER_FAILURES:
        disable_subscription(held, reason=f"It has failed for {DISABLED_AFTER.days} days. Last: {_why(answer)}")


def _rest(answer: Answer, failures: int) -> timedelta:
    rest: timedelta = min(FIRST_REST * 2 ** min(failures - 1, 10), LONGEST_REST)
    return max(rest, answer.pause)


def _write(delivery: SubscriptionDelivery, answer: Answer, subscription: WebhookSubscription) -> bool:
    """Only the claim's own worker writes: one that outlived its lease changes nothing."""
    outcome: dict[str, Any] = {"http_status": answer.status, "duration_ms": answer.duration_ms, "lease_until": None}
    if answer.is_accepted:
        outcome |= {"state": State.DELIVERED, "delivered_at": clock.now(), "next_attempt_at": None, "last_error": ""}
    else:
        outcome |= _after_failure(delivery, answer, subscription)
    same = SubscriptionDelivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    return bool(same.update(**outcome))


def _after_failure(delivery: SubscriptionDelivery, answer: Answer, subscription: WebhookSubscription) -> dict[str, Any]:
    wait = retry_wait(delivery.attempts)
    if not subscription.is_active:
        return {"state": State.DEAD, "next_attempt_at": None, "last_error": SWITCHED_OFF}
    if subscription.owner_id != delivery.owner_id:
        return {"state": State.DEAD, "next_attempt_at": None, "last_error": OTHER_OWNER}
    if answer.status == GONE or wait is None:
        return {"state": State.DEAD, "next_attempt_at": None, "last_error": _why(answer)}
    return {"next_attempt_at": clock.now() + max(wait, answer.pause), "last_error": _why(answer)}


def retry_wait(attempts: int) -> timedelta | None:
    """How long after the ``attempts``-th failure to try again; None when it is to be given up.

    Up to a fifth more than SCHEDULE says, so that what failed together does not come back together.
    """
    if attempts > len(SCHEDULE):
        return None
    wait: timedelta = SCHEDULE[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311  jitter, not a secret
    return wait


def _why(answer: Answer) -> str:
    return f"{answer.status}: {answer.detail}" if answer.status else answer.detail
