"""The one door to the outside: every call to a provider goes through ``call``.

It opens the credentials, times the call, strips secrets from what comes back, and writes the log
entry and the integration's state in one transaction. The call itself runs outside of any.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.requests import current_request_id
from integrations.activities import IntegrationChanged, IntegrationFailed
from integrations.models import USABLE, Integration, IntegrationLog, Status
from integrations.redaction import redact
from integrations.registry import find_provider
from integrations.sealing import Secret, Unsealable
from integrations.spi import Answer, AuthFailed, InvalidConfig, ProviderError, Unreachable

logger = logging.getLogger(__name__)

FAILURES_UNTIL_FAILING = 5
Given = TypeVar("Given", bound=Answer)


@dataclass(frozen=True)
class _Attempt:
    """One call, over."""

    integration: Integration
    operation: str
    correlation_id: str
    started_at: datetime
    duration_ms: int


def call(
    integration: Integration,
    operation: str,
    act: Callable[[Any], Given],
    *,
    correlation_id: str = "",
) -> Given:
    """Build the provider, let ``act`` use it, and keep what came of it.

    Returns what ``act`` returns. Raises ProviderError, whatever went wrong, with a message that
    holds no secret. Must not be called inside a transaction: it could hold locks for as long as a
    provider is slow, and a rollback would take the log of what was really sent.
    """
    _refuse_inside_a_transaction()
    started_at, ticks = clock.now(), time.perf_counter()
    answer = _try(integration, act)
    attempt = _Attempt(
        integration=integration,
        operation=operation,
        correlation_id=(correlation_id or _current_request())[:64],
        started_at=started_at,
        duration_ms=round((time.perf_counter() - ticks) * 1000),
    )
    if isinstance(answer, ProviderError):
        _keep_failure(attempt, answer)
        raise answer
    _keep_success(attempt, answer.detail)
    return answer


def _refuse_inside_a_transaction() -> None:
    """Raises RuntimeError, before anything leaves."""
    with transaction.atomic(durable=True):
        pass


def _current_request() -> str:
    request_id = current_request_id.get()
    return "" if request_id == "-" else request_id


def _try(integration: Integration, act: Callable[[Any], Given]) -> Given | ProviderError:
    """What ``act`` answered, or why not.

    The failure is a fresh one without a cause: the frames of the old one hold secrets.
    """
    secrets: Mapping[str, Secret] = {}
    try:
        secrets = integration.secrets()
        answer = act(_build(integration, secrets))
        return replace(answer, detail=redact(answer.detail, secrets.values()))
    except ProviderError as error:
        failure = type(error)(redact(str(error), secrets.values()), permanent=error.permanent)
    except Unsealable as error:
        failure = AuthFailed(str(error))
    except InvalidConfig as error:
        failure = Unreachable(f"{error.field}: {redact(error.detail, secrets.values())}")
    except Exception as error:  # noqa: BLE001  a provider's own mistake must not take the caller down
        told = redact("".join(traceback.format_exception(error)), secrets.values())
        logger.error("Provider %s broke: %s", integration.provider, told)
        failure = ProviderError(f"The provider's own code broke ({type(error).__name__}).")
    return failure


def _build(integration: Integration, secrets: Mapping[str, Secret]) -> Any:
    provider = find_provider(integration.provider)
    if provider is None:
        raise InvalidConfig("provider", f"There is no provider {integration.provider} any more.")
    return provider.build(integration.config, secrets)


@transaction.atomic
def _keep_success(attempt: _Attempt, detail: str) -> None:
    _log(attempt, ok=True, detail=detail)
    same = Integration.objects.filter(pk=attempt.integration.pk)
    same.update(last_success_at=clock.now(), failures_in_row=0)
    # By a conditional update, so that of several calls at once one announces it.
    if same.filter(status=Status.FAILING).update(status=Status.ACTIVE):
        announce(
            IntegrationChanged(
                by_id=None,
                integration_id=attempt.integration.pk,
                name=attempt.integration.name,
                change="recovered:",
            )
        )


@transaction.atomic
def _keep_failure(attempt: _Attempt, failure: ProviderError) -> None:
    _log(attempt, ok=False, detail=str(failure), error_kind=failure.error_kind)
    logger.warning(
        "%s through %s failed (%s): %s",
        attempt.operation,
        attempt.integration.name,
        failure.error_kind,
        failure,
    )
    if failure.permanent:
        return  # it was the message that was refused; the provider is well
    row = Integration.objects.select_for_update().get(pk=attempt.integration.pk)
    row.last_failure_at, row.failures_in_row = clock.now(), row.failures_in_row + 1
    row.save(update_fields=["last_failure_at", "failures_in_row"])
    status = _status_after(failure, row, attempt)
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


def _status_after(failure: ProviderError, row: Integration, attempt: _Attempt) -> str:
    if row.status not in USABLE:
        return row.status
    # Not when somebody edited it during the call: these may be new credentials already.
    if isinstance(failure, AuthFailed) and row.version == attempt.integration.version:
        return Status.NEEDS_CREDENTIALS
    if row.failures_in_row >= FAILURES_UNTIL_FAILING:
        return Status.FAILING
    return row.status


def _log(attempt: _Attempt, *, ok: bool, detail: str, error_kind: str = "") -> None:
    IntegrationLog.objects.create(
        integration=attempt.integration,
        operation=attempt.operation,
        ok=ok,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        detail=detail,
        error_kind=error_kind,
        correlation_id=attempt.correlation_id,
    )
