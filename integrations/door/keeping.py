"""What a call leaves behind: its log entry, and what it says of the integration and its gate."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from estateman.activity.services import announce
from estateman.common import clock
from integrations.activities import IntegrationChanged, IntegrationFailed
from integrations.door import gate
from integrations.door.gate import NO_TURN, Turn
from integrations.models import USABLE, Grant, Integration, IntegrationLog, Status
from integrations.spi import AuthFailed, BreakerOpen, Operation, ProviderError, RateLimited
from integrations.spi.operations import REFRESH_TOKENS

logger = logging.getLogger(__name__)

FAILURES_UNTIL_FAILING = 5


@dataclass
class Call:
    """One call, while it lasts and when it is over. Without ``tries`` nothing was sent."""

    integration: Integration
    operation: Operation
    correlation_id: str
    grant: Grant | None
    started_at: datetime
    turn: Turn = NO_TURN
    tries: int = 0
    duration_ms: int = 0


@transaction.atomic
def keep_success(call: Call, detail: str) -> None:
    """The provider is well, whatever was thought of it before."""
    same = Integration.objects.filter(pk=call.integration.pk)
    was_well = same.filter(failures_in_row=0).exclude(status=Status.FAILING).update(last_success_at=clock.now())
    if not was_well:
        _recover(call.integration)
    if not was_well or call.turn.after_failures:
        gate.forget_failures(call.integration)
    _log(call, detail)


def _recover(integration: Integration) -> None:
    same = Integration.objects.filter(pk=integration.pk)
    same.update(last_success_at=clock.now(), failures_in_row=0, failing_since=None)
    # By a conditional update, so that of several calls at once one announces it.
    if same.filter(status=Status.FAILING).update(status=Status.ACTIVE):
        announce(
            IntegrationChanged(by_id=None, integration_id=integration.pk, name=integration.name, change="recovered:")
        )


@transaction.atomic
def keep_failure(call: Call, failure: ProviderError) -> None:
    """Count it where it tells of the integration's health, and announce what that changes."""
    logger.warning(
        "%s through %s failed (%s): %s", call.operation.name, call.integration.name, failure.error_kind, failure
    )
    counts = _tells_of_health(call, failure)
    if counts:
        _count(call, failure)
    if counts and not isinstance(failure, AuthFailed):
        gate.note_failure(call.integration, call.turn)
    else:
        gate.note_other(call.integration, call.turn)
    _log(call, str(failure), failure.error_kind)


def _tells_of_health(call: Call, failure: ProviderError) -> bool:
    """Not when it was the message that was refused, or the moment, or what one person once allowed."""
    if isinstance(failure, AuthFailed):
        # Where tokens are renewed it is the office's own secret that is refused; a consent that ended is NoConsent.
        return call.grant is None or call.operation is REFRESH_TOKENS
    return not (failure.permanent or isinstance(failure, BreakerOpen | RateLimited))


def _count(call: Call, failure: ProviderError) -> None:
    same, now = Integration.objects.filter(pk=call.integration.pk), clock.now()
    same.update(
        last_failure_at=now, failures_in_row=F("failures_in_row") + 1, failing_since=Coalesce("failing_since", now)
    )
    row = same.get()  # nobody else's: it is locked since the line above
    status = _status_after(failure, row, call)
    if status == row.status:
        return
    row.status = status
    row.save(update_fields=["status"])
    announce(
        IntegrationFailed(by_id=None, integration_id=row.pk, name=row.name, status=status, detail=str(failure)[:300])
    )


def _status_after(failure: ProviderError, row: Integration, call: Call) -> str:
    if row.status not in USABLE:
        return row.status
    # Not when somebody edited it during the call: these may be new credentials already.
    if isinstance(failure, AuthFailed) and row.version == call.integration.version:
        return Status.NEEDS_CREDENTIALS
    return Status.FAILING if row.failures_in_row >= FAILURES_UNTIL_FAILING else row.status


def _log(call: Call, detail: str, error_kind: str = "") -> None:
    IntegrationLog.objects.create(
        integration=call.integration,
        operation=call.operation.name,
        ok=not error_kind,
        started_at=call.started_at,
        duration_ms=call.duration_ms,
        waited_ms=round(call.turn.wait * 1000),
        tries=call.tries,
        detail=detail,
        error_kind=error_kind,
        correlation_id=call.correlation_id,
    )
