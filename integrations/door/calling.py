"""One call to a provider, with all that surrounds it.

From the outside in: the log, which holds no secret; the answer that is remembered, where the
operation allows it; the turn (rate limit) and the breaker; the tries; and around each try the
guarded line. What is sent twice under one key is caught by the rows of those who call: a payment's
operation, a message. The call itself runs outside of any transaction.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.requests import current_request_id
from integrations.activities import IntegrationChanged, IntegrationFailed
from integrations.door import gate
from integrations.limits import Rate, retry_wait
from integrations.models import USABLE, Grant, Integration, IntegrationLog, Status
from integrations.redaction import redact
from integrations.registry import Provider, find_provider
from integrations.sealing import Secret, Unsealable
from integrations.spi import (
    Answer,
    AuthFailed,
    BreakerOpen,
    InvalidConfig,
    Operation,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unreachable,
)
from integrations.spi.operations import TEST
from integrations.transport import AddressRefused, Line

logger = logging.getLogger(__name__)

FAILURES_UNTIL_FAILING = 5
MOST_WAIT_SECONDS = 2.0
"""How long a caller stands in the queue itself; who would wait longer gets RateLimited, and comes back."""
Given = TypeVar("Given", bound=Answer)
Build = Callable[[Integration, Mapping[str, Secret], Line], Any]
_HOPELESS = (AuthFailed, BreakerOpen, AddressRefused)
"""Trying again at once would change nothing."""


@dataclass
class _Call:
    """One call, while it lasts and when it is over."""

    integration: Integration
    operation: Operation
    correlation_id: str
    grant: Grant | None
    started_at: datetime
    duration_ms: int = 0
    waited_ms: int = 0
    tries: int = 0


def call(  # noqa: PLR0913  by keyword, and each says one thing about the call
    integration: Integration,
    operation: Operation,
    act: Callable[[Any], Given],
    *,
    correlation_id: str = "",
    cache_key: str | None = None,
    grant: Grant | None = None,
    build: Build | None = None,
) -> Given:
    """Build the provider, let ``act`` use it, and keep what came of it.

    Returns what ``act`` returns, or what it returned before under the same ``cache_key`` where the
    operation may be remembered. With ``grant`` the provider also gets that person's tokens. Raises
    ProviderError, whatever went wrong, with a message that holds no secret. Must not be called
    inside a transaction: it could hold locks for as long as a provider is slow, and a rollback
    would take the log of what was really sent.
    """
    _refuse_inside_a_transaction()
    remembered = _remembered_as(integration, operation, cache_key)
    if remembered and (answer := cache.get(remembered)) is not None:
        kept: Given = answer
        return kept
    this = _Call(integration, operation, (correlation_id or _current_request())[:64], grant, clock.now())
    outcome = _pass_and_try(this, act, build or _build)
    if isinstance(outcome, ProviderError):
        _keep_failure(this, outcome)
        raise outcome
    _keep_success(this, outcome.detail)
    if remembered:
        cache.set(remembered, outcome, operation.cache_seconds)
    return outcome


def _refuse_inside_a_transaction() -> None:
    """Raises RuntimeError, before anything leaves."""
    with transaction.atomic(durable=True):
        pass


def _remembered_as(integration: Integration, operation: Operation, cache_key: str | None) -> str:
    if cache_key is None or not operation.cache_seconds:
        return ""
    return f"door:{integration.pk}:{integration.version}:{operation.name}:{cache_key}"


def _current_request() -> str:
    request_id = current_request_id.get()
    return "" if request_id == "-" else request_id


def _pass_and_try(this: _Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    try:
        wait = gate.pass_gate(
            this.integration, _rate(this.integration), most_wait=MOST_WAIT_SECONDS, is_probe=this.operation is TEST
        )
    except ProviderError as refused:
        return refused
    time.sleep(wait)
    this.waited_ms = round(wait * 1000)
    ticks = time.perf_counter()
    try:
        return _try_until_it_works(this, act, build)
    finally:
        this.duration_ms = round((time.perf_counter() - ticks) * 1000)


def _rate(integration: Integration) -> Rate:
    provider = find_provider(integration.provider)
    usual = provider.rate if provider else Rate(per_minute=60, burst=10)
    if integration.calls_per_minute is None:
        return usual
    return Rate(integration.calls_per_minute, min(usual.burst, integration.calls_per_minute))


def _try_until_it_works(this: _Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    while True:
        this.tries += 1
        outcome = _try(this, act, build)
        if not isinstance(outcome, ProviderError) or not _may_repeat(this, outcome):
            return outcome
        wait = retry_wait(this.tries, outcome.retry_after)
        if wait is None:
            return outcome
        time.sleep(wait)


def _may_repeat(this: _Call, failure: ProviderError) -> bool:
    if failure.permanent or isinstance(failure, _HOPELESS) or this.tries >= this.operation.tries:
        return False
    return this.operation.is_repeatable or not isinstance(failure, OutcomeUnknown)


def _try(this: _Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    """What ``act`` answered, or why not.

    The failure is a fresh one without a cause: the frames of the old one hold secrets.
    """
    secrets: Mapping[str, Secret] = {}
    try:
        secrets = {**this.integration.secrets(), **(this.grant.secrets() if this.grant else {})}
        answer = act(build(this.integration, secrets, Line()))
        return replace(answer, detail=redact(answer.detail, secrets.values()))
    except ProviderError as error:
        told = redact(str(error), secrets.values())
        failure = type(error)(told, permanent=error.permanent, retry_after=error.retry_after)
    except Unsealable as error:
        failure = AuthFailed(str(error))
    except InvalidConfig as error:
        failure = Unreachable(f"{error.field}: {redact(error.detail, secrets.values())}")
    except Exception as error:  # noqa: BLE001  a provider's own mistake must not take the caller down
        told = redact("".join(traceback.format_exception(error)), secrets.values())
        logger.error("Provider %s broke: %s", this.integration.provider, told)
        failure = _broke(this.operation, f"The provider's own code broke ({type(error).__name__}).")
    return failure


def _broke(operation: Operation, told: str) -> ProviderError:
    """It may have broken after the request was accepted."""
    return ProviderError(told) if operation.is_repeatable else OutcomeUnknown(told)


def _build(integration: Integration, secrets: Mapping[str, Secret], line: Line) -> Any:
    return provider_of(integration).build(integration.config, secrets, line)


def provider_of(integration: Integration) -> Provider:
    """As registered. Raises InvalidConfig when this version has it no longer."""
    provider = find_provider(integration.provider)
    if provider is None:
        raise InvalidConfig("provider", f"There is no provider {integration.provider} any more.")
    return provider


@transaction.atomic
def _keep_success(this: _Call, detail: str) -> None:
    _log(this, ok=True, detail=detail)
    gate.forget_failures(this.integration)
    same = Integration.objects.filter(pk=this.integration.pk)
    same.update(last_success_at=clock.now(), failures_in_row=0, failing_since=None)
    # By a conditional update, so that of several calls at once one announces it.
    if same.filter(status=Status.FAILING).update(status=Status.ACTIVE):
        announce(
            IntegrationChanged(
                by_id=None,
                integration_id=this.integration.pk,
                name=this.integration.name,
                change="recovered:",
            )
        )


@transaction.atomic
def _keep_failure(this: _Call, failure: ProviderError) -> None:
    _log(this, ok=False, detail=str(failure), error_kind=failure.error_kind)
    logger.warning(
        "%s through %s failed (%s): %s",
        this.operation.name,
        this.integration.name,
        failure.error_kind,
        failure,
    )
    if isinstance(failure, BreakerOpen):
        return  # nothing was asked; whoever is asking holds the probe
    if failure.permanent or isinstance(failure, RateLimited):
        gate.note_other(this.integration)
        return  # it was the message that was refused, or the moment; the provider is well
    if isinstance(failure, AuthFailed):
        gate.note_other(this.integration)
    else:
        gate.note_failure(this.integration)
    same = Integration.objects.filter(pk=this.integration.pk)
    now = clock.now()
    same.update(
        last_failure_at=now, failures_in_row=F("failures_in_row") + 1, failing_since=Coalesce("failing_since", now)
    )
    row = same.select_for_update().get()
    status = _status_after(failure, row, this)
    if status != row.status:
        row.status = status
        row.save(update_fields=["status"])
        announce(
            IntegrationFailed(
                by_id=None,
                integration_id=row.pk,
                name=row.name,
                status=status,
                detail=str(failure)[:300],
            )
        )


def _status_after(failure: ProviderError, row: Integration, this: _Call) -> str:
    if row.status not in USABLE:
        return row.status
    # Not when somebody edited it during the call: these may be new credentials already. Nor when
    # it was one person's consent that was not accepted.
    if isinstance(failure, AuthFailed) and row.version == this.integration.version and this.grant is None:
        return Status.NEEDS_CREDENTIALS
    if row.failures_in_row >= FAILURES_UNTIL_FAILING:
        return Status.FAILING
    return row.status


def _log(this: _Call, *, ok: bool, detail: str, error_kind: str = "") -> None:
    IntegrationLog.objects.create(
        integration=this.integration,
        operation=this.operation.name,
        ok=ok,
        started_at=this.started_at,
        duration_ms=this.duration_ms,
        waited_ms=this.waited_ms,
        tries=max(this.tries, 1),
        detail=detail,
        error_kind=error_kind,
        correlation_id=this.correlation_id,
    )
