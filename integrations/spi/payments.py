"""Providers of kind ``payment``. Amounts are whole numbers of the currency's smallest unit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.spi.answers import Answer, HealthCheck


class PaymentStatus(StrEnum):
    """Where a payment stands, at every provider alike."""

    NEW = "new"
    """Our row is written; whether the provider has heard of it is not known yet."""
    REQUIRES_ACTION = "requires_action"
    """The payer has to do something: approve it, or pass their bank's check."""
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    """The money is held and can be captured."""
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class PaymentRequest:
    """A payment to be made. ``key`` is the same however often it is asked for, at the vendor too.

    ``method`` is the vendor's own token of how the payer pays (``pm_…`` at Stripe); empty where the
    payer chooses at the vendor. ``return_url`` is where they come back to.
    """

    key: str
    amount_minor: int
    currency: str
    method: str = ""
    captures_at_once: bool = True
    description: str = ""
    reference: str = ""
    return_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentSnapshot(Answer):
    """A payment as the provider sees it now. ``ref`` is the provider's id of it."""

    ref: str
    status: PaymentStatus
    amount_minor: int
    currency: str
    captured_minor: int = 0
    refunded_minor: int = 0
    action_url: str = ""
    receipt_url: str = ""
    failure: str = ""
    is_live: bool = False


@dataclass(frozen=True, kw_only=True)
class Found(Answer):
    """What was looked for by its key: the payment, or None when the provider never heard of it."""

    payment: PaymentSnapshot | None


class PaymentGateway(HealthCheck, Protocol):
    """Moves money. Every verb that does takes a ``key``, which the vendor gets as its own idempotency key."""

    def create(self, request: PaymentRequest) -> PaymentSnapshot:
        """Ask for the money. A declined card is a snapshot with status failed. Raises ProviderError."""
        ...

    def capture(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        """Take (part of) what is held. Raises ProviderError."""
        ...

    def cancel(self, ref: str, *, key: str) -> PaymentSnapshot:
        """Let go of what was not captured. Raises ProviderError."""
        ...

    def refund(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        """Give (part of) it back; the payment afterwards. Raises ProviderError."""
        ...

    def fetch(self, ref: str) -> PaymentSnapshot:
        """The payment as it stands. Raises ProviderError."""
        ...

    def find(self, request: PaymentRequest, since: datetime) -> Found:
        """The payment that was asked for with ``request.key`` at or after ``since``. Moves no money."""
        ...
