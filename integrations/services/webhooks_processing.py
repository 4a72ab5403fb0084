"""What came in takes effect. An event is claimed, acted upon outside any transaction, and its outcome noted.

A worker may die between the effect and the note, and the event is then processed once more: what is
done here must be harmless when it is done twice. Payments are fetched as they stand now, tracked
states never go back, so the order in which a vendor tells things does not matter.
"""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.claims import backoff, claim
from estateman.common.requests import current_request_id
from integrations.activities import CalendarMoved, WebhookDied
from integrations.door.calling import provider_of
from integrations.models import Integration, WebhookAttempt, WebhookEvent
from integrations.redaction import redact
from integrations.sealing import Secret, Unsealable
from integrations.services.messages_tracking import hear, track
from integrations.services.payments import capture_approved, refresh_payment_by_ref
from integrations.services.sending import wait_asked_for
from integrations.services.webhooks import why_ignored
from integrations.spi import (
    CalendarChanged,
    Happening,
    MessageTracked,
    PaymentMoved,
    ProviderError,
    RateLimited,
    SmsReceived,
    Unreachable,
    Verified,
)
from integrations.stripe_mirror import mirror
from integrations.transport import Line

logger = logging.getLogger(__name__)

BATCH = 10
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)
WAITS_FOR = timedelta(hours=24)
"""So long after it came in, a provider that can't be asked is waited for and no try counts."""
_SHARE = 10
"""The longer that takes, the rarer the look: after a tenth of the event's age."""
State = WebhookEvent.State


@dataclass(frozen=True)
class Outcome:
    """What came of one try."""

    status: State
    error: str = ""
    wait: timedelta | None = None
    """Where the try does not count, how long until the next."""


def process_due(among: Q = Q()) -> int:  # noqa: B008  it never changes
    """Process a batch of due events ``among`` those; returns how many were claimed."""
    events = claim(WebhookEvent.objects.select_related("integration").filter(among), limit=BATCH, lease=LEASE)
    for event in events:
        if _still_ours(event):
            _process(event)
    return len(events)


def _still_ours(event: WebhookEvent) -> bool:
    """Begin its lease anew: those before it in the batch may have taken most of it."""
    same = WebhookEvent.objects.filter(pk=event.pk, lease_token=event.lease_token)
    return bool(same.update(lease_until=clock.now() + LEASE))


def _process(event: WebhookEvent) -> None:
    ticks = time.perf_counter()
    caused_by = current_request_id.set(event.correlation_id or f"webhook:{event.pk}")
    try:
        outcome = _try(event)
    finally:
        current_request_id.reset(caused_by)
    _note(event, outcome, duration_ms=round((time.perf_counter() - ticks) * 1000))


def _try(event: WebhookEvent) -> Outcome:
    if event.attempts > MOST_ATTEMPTS:
        return Outcome(State.DEAD, "No worker lived to see it processed.")
    if reason := _why_without_effect(event):
        return Outcome(State.IGNORED, reason)
    secrets: list[Secret] = []
    try:
        secrets += event.integration.secrets().values()
        return Outcome(_act_upon(event))
    except Exception as error:  # noqa: BLE001  one event that breaks must not stop the rest
        return _failed(event, error, secrets)


def _why_without_effect(event: WebhookEvent) -> str:
    if event.integration.deleted_at:
        return "The integration was deleted."
    return why_ignored(event)


def _failed(event: WebhookEvent, error: Exception, secrets: Sequence[Secret]) -> Outcome:
    told = str(error)
    if not isinstance(error, ProviderError | Unsealable):
        told = f"{type(error).__name__}: {error}"
        logger.error("Webhook event %s: %s", event.pk, redact("".join(traceback.format_exception(error)), secrets))
    if (wait := _wait_for_provider(event, error)) is not None:
        return Outcome(State.FAILED, redact(told, secrets), wait)
    is_hopeless = isinstance(error, ProviderError) and error.permanent
    given_up = is_hopeless or event.attempts >= MOST_ATTEMPTS
    return Outcome(State.DEAD if given_up else State.FAILED, redact(told, secrets))


def _wait_for_provider(event: WebhookEvent, error: Exception) -> timedelta | None:
    """How long until somebody can be asked again; None where that is no matter of waiting, or no longer.

    The vendor was told that we have its event, and will not come again because our line was down.
    """
    age = clock.now() - event.received_at
    if not isinstance(error, RateLimited | Unreachable) or error.permanent or age >= WAITS_FOR:
        return None
    wait = backoff(1, first=max(FIRST_RETRY, age / _SHARE))
    return wait if error.retry_after is None else max(wait, wait_asked_for(error))


def _act_upon(event: WebhookEvent) -> State:
    """Whether it meant anything to us. Raises what kept it from taking effect."""
    integration = event.integration
    provider = provider_of(integration).build(integration.config, integration.secrets(), Line())
    happenings = provider.read(_as_told(event))
    for happening in happenings:
        _HANDLERS[type(happening)](event, happening)
    shows = _MIRRORS.get(integration.provider)
    if shows:
        shows(integration, event.payload)
    return State.PROCESSED if happenings or shows else State.IGNORED


def _as_told(event: WebhookEvent) -> Verified:
    return Verified(
        event_id=event.provider_event_id,
        kind=event.kind,
        payload=event.payload,
        occurred_at=event.occurred_at,
        is_live=event.is_live,
        once=event.once or "",
    )


def _track(event: WebhookEvent, tracked: MessageTracked) -> None:
    track(event.integration, tracked)


def _hear(event: WebhookEvent, received: SmsReceived) -> None:
    hear(event.integration, received, said_at=_said_at(event))


def _said_at(event: WebhookEvent) -> datetime:
    """By the vendor's clock, unless that is ahead of ours."""
    return min(event.occurred_at or event.received_at, event.received_at)


def _fetch_payment(event: WebhookEvent, moved: PaymentMoved) -> None:
    payment = refresh_payment_by_ref(event.integration, ref=moved.ref, key=moved.key)
    if payment is not None:
        capture_approved(payment)


def _tell_of_calendar(event: WebhookEvent, moved: CalendarChanged) -> None:
    announce(
        CalendarMoved(
            by_id=None,
            integration_id=event.integration_id,
            name=event.integration.name,
            channel=moved.channel,
            resource=moved.resource,
        )
    )


_HANDLERS: dict[type[Happening], Callable[[WebhookEvent, Any], None]] = {
    MessageTracked: _track,
    SmsReceived: _hear,
    PaymentMoved: _fetch_payment,
    CalendarChanged: _tell_of_calendar,
}
"""Who acts upon each thing that a webhook may say."""
_MIRRORS: dict[str, Callable[[Integration, Any], None]] = {"stripe": mirror}
"""Where what a provider tells is shown beside; it never fails."""


@transaction.atomic
def _note(event: WebhookEvent, outcome: Outcome, *, duration_ms: int) -> None:
    """Only the claim's own worker writes: one that outlived its lease changes nothing."""
    ours = WebhookEvent.objects.filter(pk=event.pk, lease_token=event.lease_token)
    if not ours.update(
        status=outcome.status, last_error=outcome.error, lease_until=None, **_what_follows(event, outcome)
    ):
        return
    WebhookAttempt.objects.create(
        event=event,
        duration_ms=duration_ms,
        is_replay=event.is_replay,
        by_id=event.replay_by_id,
        status=outcome.status,
        error=outcome.error,
    )
    if outcome.status == State.DEAD and not event.is_replay:
        _tell_that_it_died(event, outcome.error)


def _what_follows(event: WebhookEvent, outcome: Outcome) -> dict[str, Any]:
    now = clock.now()
    if outcome.wait is not None:
        return {"next_attempt_at": now + outcome.wait, "attempts": F("attempts") - 1}
    if outcome.status == State.FAILED:
        return {"next_attempt_at": now + backoff(event.attempts, first=FIRST_RETRY)}
    return {"next_attempt_at": None, "processed_at": now, "is_replay": False, "replay_by": None}


def _tell_that_it_died(event: WebhookEvent, error: str) -> None:
    announce(
        WebhookDied(
            by_id=None,
            integration_id=event.integration_id,
            name=event.integration.name,
            event_id=event.pk,
            event_kind=event.kind,
            detail=error[:300],
        )
    )
