"""What comes in from a vendor: proven, kept once, and processed later by a job."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Prefetch, Q

from estateman.common import clock
from estateman.common.requests import request_id
from integrations.models import Integration, Mode, Status, WebhookEvent, WebhookSecret
from integrations.redaction import redact, redact_json
from integrations.registry import Provider, find_provider
from integrations.sealing import Secret, Unsealable
from integrations.spi import Handshake, InvalidConfig, ProviderError, RawRequest, Verified, WebhookRefused
from integrations.transport import Line

logger = logging.getLogger(__name__)

State = WebhookEvent.State
_RACES = 3
"""How often one request may lose against others that tell the same before the vendor has to come again."""


class NobodyListens(Exception):
    """There is no integration that what came in could be for."""


@dataclass(frozen=True)
class Listener:
    """One integration that a request may be for: its provider, ready, and what may prove the request."""

    integration: Integration
    provider: Any
    proofs: Sequence[Secret]
    credentials: Mapping[str, Secret]

    @property
    def every_secret(self) -> list[Secret]:
        """All that must not stand in anything that is kept."""
        return [*self.proofs, *self.credentials.values()]


def webhook_url(integration: Integration) -> str | None:
    """Where its vendor is to send webhooks; None when it sends none."""
    found = find_provider(integration.provider)
    if found is None or not found.receives_webhooks:
        return None
    return f"{settings.SITE_URL}/api/v1/integrations/webhooks/{integration.provider}/{integration.uuid}"


def require_webhooks_of(provider: str) -> Provider:
    """The provider of this name. Raises NobodyListens unless there is one whose vendor calls us."""
    found = find_provider(provider)
    if found is None or not found.receives_webhooks:
        raise NobodyListens
    return found


def receive(provider: str, uuid: UUID | None, request: RawRequest) -> Handshake:
    """Prove ``request``, keep what it says, and return what the vendor is to be answered.

    It may be for any integration of ``provider``, or for the one with ``uuid``: whose secrets prove
    it decides. Raises NobodyListens when there is none, WebhookRefused when nobody's secrets do, and
    ProviderError when that could not be found out now.
    """
    listeners = _listeners(provider, uuid)
    for listener in listeners:
        greeting = _handshake(listener, request)
        if greeting is not None:
            return greeting
    listener, told = _proven(provider, listeners, request)
    _keep(listener, told, digest=hashlib.sha256(request.body).hexdigest())
    return Handshake()


def _listeners(name: str, uuid: UUID | None) -> list[Listener]:
    found = require_webhooks_of(name)
    # One that was taken out of use by itself goes on listening: nobody wants a STOP or a payment to get lost.
    unwanted = Q(status=Status.DISABLED, disabled_because="")
    of_provider = Integration.objects.existing().filter(provider=name).exclude(unwanted)
    active = Prefetch("webhook_secrets", queryset=WebhookSecret.objects.active())
    candidates = of_provider if uuid is None else of_provider.filter(uuid=uuid)
    integrations = list(candidates.prefetch_related(active).order_by("pk"))
    if not integrations:
        raise NobodyListens
    return [listener for each in integrations if (listener := _listener(found, each))]


def _listener(found: Provider, integration: Integration) -> Listener | None:
    """None where its secrets can't be opened: what is for it is refused, and the vendor comes again."""
    try:
        proofs = [secret.reveal() for secret in integration.webhook_secrets.all()]
        credentials = integration.secrets()
        provider = found.build(integration.config, credentials, Line())
    except (Unsealable, InvalidConfig) as error:
        logger.warning("Webhooks for %s can't be proven: %s", integration, type(error).__name__)
        return None
    return Listener(integration, provider, proofs, credentials)


def _handshake(listener: Listener, request: RawRequest) -> Handshake | None:
    try:
        greeting: Handshake | None = listener.provider.handshake(request)
    except Exception as error:  # noqa: BLE001  anybody may send anything; what can't be read is no handshake
        _note_refusal(listener, error)
        return None
    return greeting


def _proven(provider: str, listeners: Sequence[Listener], request: RawRequest) -> tuple[Listener, Sequence[Verified]]:
    """The first whose secrets prove the request, and what it says."""
    undecided: ProviderError | None = None
    for listener in listeners:
        try:
            return listener, listener.provider.verify(request, listener.proofs, clock.now())
        except ProviderError as error:
            undecided = error
        except Exception as error:  # noqa: BLE001  what breaks the reading of it proves nothing
            _note_refusal(listener, error)
    if undecided is not None:
        raise undecided
    raise WebhookRefused(f"Nothing proves that this comes from {provider}.")


def _note_refusal(listener: Listener, error: Exception) -> None:
    told = redact(f"{type(error).__name__}: {error}", listener.every_secret)
    logger.warning("A webhook for %s was refused: %s", listener.integration, told)


def _keep(listener: Listener, told: Sequence[Verified], *, digest: str) -> None:
    """Store each thing once. Raises WebhookRefused for a token that was used before, for something else."""
    fresh = {event.provider_event_id: event for event in (_event(listener, each, digest) for each in told)}
    # Nearly all is told once: the database says when it is not.
    for keep in (_keep_new, *[_keep_what_is_new] * _RACES):
        with suppress(IntegrityError), transaction.atomic():
            return keep(listener, fresh)
    raise ProviderError("Others keep telling the same at this moment.")


def _keep_new(listener: Listener, fresh: Mapping[str, WebhookEvent]) -> None:
    for event in fresh.values():
        event.pk = None  # a try that was rolled back may have numbered some
    # In one order, so that two requests that tell the same do not wait for each other.
    WebhookEvent.objects.bulk_create(event for _, event in sorted(fresh.items()))


def _keep_what_is_new(listener: Listener, fresh: Mapping[str, WebhookEvent]) -> None:
    """Some of it was told before, or is being told by another request just now."""
    known = _known(listener.integration, fresh)
    _refuse_forgeries(listener, list(fresh.values()), known)
    again = {event.provider_event_id: event.pk for event in known if event.provider_event_id in fresh}
    _count_again(list(again.values()))
    _keep_new(listener, {ident: event for ident, event in fresh.items() if ident not in again})


def _known(integration: Integration, fresh: Mapping[str, WebhookEvent]) -> list[WebhookEvent]:
    """What was told before under the same ids, or with the same tokens; locked."""
    tokens = [event.once for event in fresh.values() if event.once]
    same = Q(provider_event_id__in=list(fresh)) | Q(once__in=tokens)
    return list(WebhookEvent.objects.select_for_update().filter(same, integration=integration).order_by("pk"))


def _refuse_forgeries(listener: Listener, fresh: Sequence[WebhookEvent], known: Sequence[WebhookEvent]) -> None:
    """Where a signature covers no more than a token, whoever saw it once could put it on anything."""
    used = {event.once: (event.provider_event_id, event.digest) for event in known if event.once}
    for event in fresh:
        this = (event.provider_event_id, event.digest)
        if event.once and used.setdefault(event.once, this) != this:
            _refuse_forgery(listener, event)


def _refuse_forgery(listener: Listener, event: WebhookEvent) -> None:
    logger.error(
        "A webhook for %s was refused: it says %s with a token that was used for something else",
        listener.integration,
        event.kind,
    )
    raise WebhookRefused("Its token was used before, for something else.")


def _count_again(pks: Sequence[int]) -> None:
    """It was told again; whether it has to be processed again depends on what became of it."""
    again = WebhookEvent.objects.filter(pk__in=pks)
    again.update(times_received=F("times_received") + 1)
    in_vain = again.filter(status__in=(State.FAILED, State.DEAD))
    in_vain.update(status=State.RECEIVED, next_attempt_at=clock.now(), attempts=0, is_replay=False, replay_by=None)


def _event(listener: Listener, told: Verified, digest: str) -> WebhookEvent:
    event = WebhookEvent(
        integration=listener.integration,
        provider_event_id=_short(told.event_id),
        once=_short(told.once) or None,
        kind=_printable(told.kind)[:120],
        payload=redact_json(told.payload, listener.every_secret),
        digest=digest,
        is_live=told.is_live,
        occurred_at=told.occurred_at,
        correlation_id=request_id(),
    )
    if mismatch := why_ignored(event):
        event.status, event.last_error = State.IGNORED, mismatch
        event.next_attempt_at, event.processed_at = None, clock.now()
    return event


def why_ignored(event: WebhookEvent) -> str:
    """Why ``event`` must have no effect at its integration; empty when it may."""
    is_live = event.integration.mode == Mode.LIVE
    if event.is_live is None or event.is_live == is_live:
        return ""
    return (
        f"This is a {'live' if event.is_live else 'test'} event, and {event.integration} is {event.integration.mode}."
    )


def _short(ident: str) -> str:
    """An id as it is kept; of one too long its SHA-256."""
    printable = _printable(ident)
    return printable if len(printable) <= 255 else hashlib.sha256(printable.encode()).hexdigest()


def _printable(text: str) -> str:
    cleaned: str = redact_json(text, ())
    return cleaned
