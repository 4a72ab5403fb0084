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
from dataclasses import replace
from typing import Any, TypeVar

from django.core.cache import cache

from estateman.common import clock
from estateman.common.requests import request_id
from integrations.door.gate import pass_gate
from integrations.door.keeping import Call, keep_failure, keep_success
from integrations.limits import Rate, retry_wait
from integrations.models import Grant, Integration
from integrations.redaction import redact
from integrations.registry import USUAL_RATE, Provider, find_provider
from integrations.sealing import Secret, Unsealable
from integrations.spi import (
    Answer,
    AuthFailed,
    InvalidConfig,
    Operation,
    OutcomeUnknown,
    ProviderError,
    Unreachable,
)
from integrations.spi.operations import TEST
from integrations.transport import AddressRefused, Line

logger = logging.getLogger(__name__)

MOST_WAIT_SECONDS = 2.0
"""How long a caller stands in the queue itself; who would wait longer gets RateLimited, and comes back."""
Given = TypeVar("Given", bound=Answer)
Build = Callable[[Integration, Mapping[str, Secret], Line], Any]


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
    inside a transaction (RuntimeError): it could hold locks for as long as a provider is slow, and
    a rollback would take the log of what was really sent.
    """
    this = Call(integration, operation, (correlation_id or request_id())[:64], grant, clock.now())
    remembered = _remembered_as(this, cache_key)
    if remembered and (answer := cache.get(remembered)) is not None:
        kept: Given = answer
        return kept
    outcome = _pass_and_try(this, act, build or _build)
    if isinstance(outcome, ProviderError):
        keep_failure(this, outcome)
        raise outcome
    keep_success(this, outcome.detail)
    if remembered:
        cache.set(remembered, outcome, operation.cache_seconds)
    return outcome


def _remembered_as(this: Call, cache_key: str | None) -> str:
    """Empty for what is not remembered. What one person may see is never shown to another."""
    if cache_key is None or not this.operation.cache_seconds:
        return ""
    whose = this.grant.pk if this.grant else ""
    return f"door:{this.integration.pk}:{this.integration.version}:{whose}:{this.operation.name}:{cache_key}"


def _pass_and_try(this: Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    try:
        this.turn = pass_gate(
            this.integration,
            _rate(this.integration),
            most_wait=MOST_WAIT_SECONDS,
            goes_first=this.operation is TEST,
        )
    except ProviderError as refused:
        return refused
    time.sleep(this.turn.wait)
    began = time.perf_counter()
    try:
        return _try_until_it_works(this, act, build)
    finally:
        this.duration_ms = round((time.perf_counter() - began) * 1000)


def _rate(integration: Integration) -> Rate:
    provider = find_provider(integration.provider)
    usual = provider.rate if provider else USUAL_RATE
    if not integration.calls_per_minute:
        return usual
    return Rate(integration.calls_per_minute, min(usual.burst, integration.calls_per_minute))


def _try_until_it_works(this: Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    while True:
        this.tries += 1
        outcome = _try(this, act, build)
        if not isinstance(outcome, ProviderError) or not _may_repeat(this, outcome):
            return outcome
        wait = retry_wait(this.tries, outcome.retry_after)
        if wait is None:
            return outcome
        time.sleep(wait)


def _may_repeat(this: Call, failure: ProviderError) -> bool:
    if failure.permanent or isinstance(failure, AuthFailed | AddressRefused):
        return False  # it would be the same again
    if this.turn.probe_until or this.tries >= this.operation.tries:
        return False
    return this.operation.is_repeatable or not isinstance(failure, OutcomeUnknown)


def _try(this: Call, act: Callable[[Any], Given], build: Build) -> Given | ProviderError:
    """What ``act`` answered, or why not."""
    secrets: Mapping[str, Secret] = {}
    try:
        secrets = {**this.integration.secrets(), **(this.grant.secrets() if this.grant else {})}
        provider = build(this.integration, secrets, Line())
    except Exception as error:  # noqa: BLE001  a provider's own mistake must not take the caller down
        return _not_built(this, error, secrets)
    try:
        answer = act(provider)
        return replace(answer, detail=redact(answer.detail, secrets.values()))
    except ProviderError as error:
        failure = _told_anew(error, redact(str(error), secrets.values()))
    except InvalidConfig as error:
        failure = _misfit(error, secrets)
    except Exception as error:  # noqa: BLE001  as above
        _log_mistake(this, error, secrets)
        failure = _broke(this.operation, f"The provider's own code broke ({type(error).__name__}).")
    return failure


def _not_built(this: Call, error: Exception, secrets: Mapping[str, Secret]) -> ProviderError:
    """Why nobody was asked. Nothing was sent, so its outcome is never unknown."""
    if isinstance(error, ProviderError) and not isinstance(error, OutcomeUnknown):
        return _told_anew(error, redact(str(error), secrets.values()))
    if isinstance(error, Unsealable):
        return AuthFailed(str(error))
    if missing := _missing(this.integration, secrets):
        return AuthFailed(f"{this.integration.name} needs credentials: {', '.join(missing)} is not set.")
    if isinstance(error, InvalidConfig):
        return _misfit(error, secrets)
    _log_mistake(this, error, secrets)
    return Unreachable(f"The provider's own code broke before anybody was asked ({type(error).__name__}).")


def _missing(integration: Integration, secrets: Mapping[str, Secret]) -> list[str]:
    """The credentials that its provider can't do without."""
    provider = find_provider(integration.provider)
    needed = provider.credentials if provider else ()
    return [each.name for each in needed if each.required and each.name not in secrets]


def _misfit(error: InvalidConfig, secrets: Mapping[str, Secret]) -> ProviderError:
    return Unreachable(f"{error.field}: {redact(error.detail, secrets.values())}")


def _log_mistake(this: Call, error: Exception, secrets: Mapping[str, Secret]) -> None:
    told = redact("".join(traceback.format_exception(error)), secrets.values())
    logger.error("Provider %s broke: %s", this.integration.provider, told)


def _told_anew(error: ProviderError, words: str) -> ProviderError:
    """The same without its past: the frames and causes of the old one hold secrets.

    Its own constructor may take anything, so it is not asked.
    """
    failure = type(error).__new__(type(error))
    ProviderError.__init__(failure, words, permanent=error.permanent, retry_after=error.retry_after)
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
