"""What a provider's answer about a payment says, as plain values: is it news, and what became of a call?

Answers come late, twice and out of order: a webhook is told before the call that caused it returns, a read that was
asked for earlier arrives after one that was asked for later. Nothing here reads a clock or a row.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integrations.spi import PaymentSnapshot, PaymentStatus

RANKS = {
    PaymentStatus.NEW: 0,
    PaymentStatus.REQUIRES_ACTION: 1,
    PaymentStatus.PROCESSING: 2,
    PaymentStatus.AUTHORISED: 3,
    PaymentStatus.FAILED: 4,
    PaymentStatus.CANCELLED: 4,
    PaymentStatus.CAPTURED: 5,
    PaymentStatus.PARTIALLY_REFUNDED: 6,
    PaymentStatus.REFUNDED: 7,
}
"""How far on a payment is. What was asked for earlier never takes it back."""

_LONGEST_REF, _LONGEST_URL = 255, 2000


class Verdict(StrEnum):
    """What became of a call, as far as an answer tells."""

    DONE = "done"
    FAILED = "failed"
    OPEN = "open"
    """It can't be seen in the payment: it may yet land."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a payment was when it was last read, and when that was asked for (None: never)."""

    status: PaymentStatus
    captured_minor: int
    refunded_minor: int
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a call asked for. ``before_minor`` had been captured (of a refund: refunded) before it."""

    kind: str
    amount_minor: int
    before_minor: int = 0


def is_news(snapshot: PaymentSnapshot, asked_at: datetime, standing: Standing) -> bool:
    """Whether ``snapshot`` tells more than what is known: it was asked for later, or is further on."""
    if standing.read_at is None or asked_at >= standing.read_at:
        return True
    there = (RANKS[snapshot.status], snapshot.captured_minor, snapshot.refunded_minor)
    return there > (RANKS[standing.status], standing.captured_minor, standing.refunded_minor)


def verdict(asked: Asked, snapshot: PaymentSnapshot) -> Verdict:
    """What became of a call, judged by how the payment stands after it."""
    return _JUDGES[asked.kind](asked, snapshot)


def _of_create(asked: Asked, seen: PaymentSnapshot) -> Verdict:
    return Verdict.FAILED if seen.status == PaymentStatus.FAILED else Verdict.DONE


def _of_capture(asked: Asked, seen: PaymentSnapshot) -> Verdict:
    if seen.captured_minor > asked.before_minor:
        return Verdict.DONE
    over = seen.status in {PaymentStatus.CANCELLED, PaymentStatus.FAILED}
    return Verdict.FAILED if over else Verdict.OPEN


def _of_cancel(asked: Asked, seen: PaymentSnapshot) -> Verdict:
    if seen.status in {PaymentStatus.CANCELLED, PaymentStatus.FAILED}:
        return Verdict.DONE
    return Verdict.FAILED if seen.captured_minor else Verdict.OPEN


def _of_refund(asked: Asked, seen: PaymentSnapshot) -> Verdict:
    return Verdict.DONE if seen.refunded_minor >= asked.before_minor + asked.amount_minor else Verdict.OPEN


_JUDGES = {"create": _of_create, "capture": _of_capture, "cancel": _of_cancel, "refund": _of_refund}


def checked(snapshot: PaymentSnapshot, currency: str) -> PaymentSnapshot:
    """``snapshot``, if it can be true of a payment in ``currency``. Raises ValueError."""
    if not 0 < len(snapshot.ref) <= _LONGEST_REF:
        raise ValueError("The answer does not name the payment.")
    if snapshot.currency != currency:
        raise ValueError(f"The answer is about {snapshot.currency}, the payment about {currency}.")
    if not 0 <= snapshot.refunded_minor <= snapshot.captured_minor:
        raise ValueError(f"{snapshot.refunded_minor} of {snapshot.captured_minor} can't be refunded.")
    if max(len(snapshot.action_url), len(snapshot.receipt_url)) > _LONGEST_URL:
        raise ValueError("An address in the answer is too long.")
    return snapshot
