"""What is learned of a payment, written under its lock: by its own calls, by reading, by whoever tells."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import F

from estateman.activity.services import announce
from estateman.common import clock
from integrations.activities import (
    PaymentAuthorised,
    PaymentCancelled,
    PaymentCaptured,
    PaymentDoubled,
    PaymentFailed,
    PaymentOperationFailed,
    PaymentRefunded,
    PaymentUnknown,
)
from integrations.models import Payment, PaymentOperation
from integrations.models.payments import NOTHING_PAID
from integrations.outcomes import Standing, is_news
from integrations.spi import PaymentSnapshot, PaymentStatus

Kind = PaymentOperation.Kind
State = PaymentOperation.State
_TOLD = ("status", "captured_minor", "refunded_minor", "action_url", "receipt_url", "failure", "is_live", "ref")
"""What a snapshot says of a payment."""
NOT_BEGUN = (PaymentStatus.NEW, PaymentStatus.REQUIRES_ACTION)
"""Of which nobody has taken or held anything."""
FORGOTTEN = "The provider knows it no longer: the payer did not approve in time."
REVERSED = "The provider reversed it: the money is the office's again."
_SAME = 31
"""So many characters of two purposes agree when they are of one thing, though the rest was made up to part them."""


def locked(payment_id: int) -> Payment:
    """The payment as it is now, and nobody else's until the transaction ends."""
    return Payment.objects.select_for_update(no_key=True).get(pk=payment_id)


def apply(
    payment: Payment,
    snapshot: PaymentSnapshot,
    *,
    asked_at: datetime,
    known_at: datetime | None = None,
    by_id: int | None = None,
) -> None:
    """Write what ``snapshot`` tells beyond what is known, and announce what that changes.

    It is as new as when it was asked for; what is asked for before ``known_at`` is older than it.
    """
    before = Standing(
        status=PaymentStatus(payment.status),
        captured_minor=payment.captured_minor,
        refunded_minor=payment.refunded_minor,
        read_at=payment.read_at,
    )
    if not is_news(snapshot, asked_at, before):
        return
    for name in _TOLD:
        setattr(payment, name, getattr(snapshot, name))
    payment.read_at = max(known_at or asked_at, payment.read_at or asked_at)
    if payment.captured_minor and payment.captured_at is None:
        payment.captured_at = clock.now()
    _make_room(payment)
    payment.save(update_fields=[*_TOLD, "read_at", "captured_at", "purpose", "updated_at"])
    _announce_changes(payment, before, by_id)


def _make_room(payment: Payment) -> None:
    """A payment that was given up comes to life, and another took its place: both are true, and people must choose."""
    if payment.status in NOTHING_PAID:
        return
    others = Payment.objects.filter(purpose=payment.purpose).exclude(pk=payment.pk)
    if others.exclude(status__in=NOTHING_PAID).exists():
        payment.purpose = f"{payment.purpose[:_SAME]}-{uuid4().hex}"


def _is_doubled(payment: Payment, before: Standing) -> bool:
    """Whether it has become the second of those that were paid, and kept, for one thing."""
    if before.captured_minor > before.refunded_minor or not payment.refundable_minor:
        return False
    same = Payment.objects.filter(room=payment.room, purpose__startswith=payment.purpose[:_SAME])
    return same.exclude(pk=payment.pk).filter(captured_minor__gt=F("refunded_minor")).exists()


def _announce_changes(payment: Payment, before: Standing, by_id: int | None) -> None:
    known: dict[str, Any] = {**about(payment), "by_id": by_id}
    if payment.captured_minor > before.captured_minor:
        taken = payment.captured_minor - before.captured_minor
        announce(PaymentCaptured(**{**known, "amount_minor": taken}))
    if payment.refunded_minor > before.refunded_minor:
        returned = payment.refunded_minor - before.refunded_minor
        announce(PaymentRefunded(**{**known, "amount_minor": returned}))
    if payment.refunded_minor < before.refunded_minor:
        sunk = before.refunded_minor - payment.refunded_minor
        announce(
            PaymentOperationFailed(
                **{**known, "amount_minor": sunk}, operation=Kind.REFUND.label.lower(), reason=REVERSED
            )
        )
    if _is_doubled(payment, before):
        announce(PaymentDoubled(**{**known, "by_id": None}))
    if payment.status != before.status:
        _announce_status(payment, known)


def _announce_status(payment: Payment, known: dict[str, Any]) -> None:
    if payment.status == PaymentStatus.AUTHORISED:
        announce(PaymentAuthorised(**known))
    if payment.status == PaymentStatus.CANCELLED:
        announce(PaymentCancelled(**known))
    if payment.status == PaymentStatus.FAILED:
        announce(PaymentFailed(**known, reason=payment.failure[:300]))


def about(payment: Payment) -> dict[str, Any]:
    """What every activity of a payment says of it."""
    return {
        "payment_id": payment.pk,
        "integration_id": payment.integration_id,
        "room": payment.room,
        "taken_by_id": payment.by_id,
        "purpose": payment.purpose_words,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "is_live": payment.is_live,
    }


def end(operation: PaymentOperation, payment: Payment, state: str, *, error: str = "") -> None:
    """The call is over, and its outcome known."""
    operation.state, operation.error, operation.ended_at = state, error, clock.now()
    operation.next_attempt_at = operation.lease_until = None
    operation.save(update_fields=["state", "error", "is_refused", "ended_at", "next_attempt_at", "lease_until"])
    if payment.is_unknown:
        payment.is_unknown = False
        payment.save(update_fields=["is_unknown", "updated_at"])


def forget(payment: Payment, *, asked_at: datetime, by_id: int | None = None) -> PaymentSnapshot | None:
    """The provider knows it no longer. Where nobody had paid, that is how it ended; None where it must be a mistake."""
    if payment.captured_minor or payment.status not in NOT_BEGUN:
        return None
    seen = PaymentSnapshot(
        ref=payment.ref,
        status=PaymentStatus.CANCELLED,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        failure=FORGOTTEN,
        is_live=payment.is_live,
    )
    apply(payment, seen, asked_at=asked_at, by_id=by_id)
    return seen


def fail(
    operation: PaymentOperation, payment: Payment, why: str, *, by_id: int | None = None, is_heard: bool = False
) -> None:
    """Nothing came of the call. A payment of which nothing else is known failed with it.

    Where ``is_heard``, whoever asked for the call hears of it by its answer, unless they were told that it is unknown.
    """
    is_told = operation.kind != Kind.CREATE and (operation.state == State.UNKNOWN or not is_heard)
    end(operation, payment, State.FAILED, error=why)
    if is_told:
        known = {**about(payment), "amount_minor": operation.amount_minor or payment.amount_minor}
        words = operation.get_kind_display().lower()
        announce(PaymentOperationFailed(**known, by_id=by_id, operation=words, reason=why[:300]))
    if operation.kind == Kind.CREATE and payment.status == PaymentStatus.NEW:
        payment.status, payment.failure = PaymentStatus.FAILED, why
        payment.save(update_fields=["status", "failure", "updated_at"])
        announce(PaymentFailed(by_id=by_id, **about(payment), reason=why[:300]))


def mark_unknown(operation: PaymentOperation, payment: Payment, why: str, *, look_at: datetime) -> None:
    """Nobody knows what came of the call; it is looked at again at ``look_at``."""
    is_new = operation.state == State.OPEN
    operation.state, operation.error = State.UNKNOWN, why
    operation.next_attempt_at, operation.lease_until = look_at, None
    operation.save(update_fields=["state", "error", "next_attempt_at", "lease_until"])
    if is_new:
        payment.is_unknown = True
        payment.save(update_fields=["is_unknown", "updated_at"])
        announce(PaymentUnknown(by_id=None, **about(payment), operation=operation.get_kind_display().lower()))
