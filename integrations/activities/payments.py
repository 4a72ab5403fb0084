"""What happens to payments. Seen by whoever manages the integration, and in the room of the deal."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from integrations.money import shown


@dataclass(frozen=True, kw_only=True)
class OfPayment:
    """What all of these have. ``room`` is the deal's, if there is one; ``taken_by_id`` is who asked for the money.

    ``is_live`` is whether it is real money, as the provider said; False until it said so.
    """

    payment_id: int
    integration_id: int
    room: str
    taken_by_id: int | None
    purpose: str
    amount_minor: int
    currency: str
    is_live: bool = False

    def rooms(self) -> tuple[str, ...]:
        own = (f"integration:{self.integration_id}",)
        return (self.room, *own) if self.room else own

    @property
    def money(self) -> str:
        """``12.34 USD``."""
        return shown(self.amount_minor, self.currency)


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorised(OfPayment, Fact, kind="payment.authorised"):
    """The money is held, and may be captured."""

    def sentence(self) -> str:
        return f"had {self.money} authorised for {self.purpose}"


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(OfPayment, Fact, kind="payment.captured"):
    """The money is the office's; ``amount_minor`` is what was captured."""

    def sentence(self) -> str:
        return f"took {self.money} for {self.purpose}"


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(OfPayment, Fact, kind="payment.refunded"):
    """``amount_minor`` was given back."""

    def sentence(self) -> str:
        return f"refunded {self.money} of {self.purpose}"


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(OfPayment, Fact, kind="payment.cancelled"):
    """What was held was let go; nothing was taken."""

    def sentence(self) -> str:
        return f"cancelled the payment of {self.money} for {self.purpose}"


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(OfPayment, Fact, kind="payment.failed"):
    """Nothing was taken; ``reason`` says why."""

    reason: str

    def sentence(self) -> str:
        return f"could not take {self.money} for {self.purpose}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class PaymentUnknown(OfPayment, Fact, kind="payment.unknown"):
    """The provider may have done what it was asked, and did not say so; ``operation`` is what that was."""

    operation: str

    def sentence(self) -> str:
        return f"does not know yet what became of the {self.operation} of {self.money} for {self.purpose}"


@dataclass(frozen=True, kw_only=True)
class PaymentOperationFailed(OfPayment, Fact, kind="payment.operation_failed"):
    """A capture, cancellation or refund that nobody waits for did not happen, or was reversed; ``reason`` says why."""

    operation: str
    reason: str

    def sentence(self) -> str:
        return f"could not complete the {self.operation} of {self.money} for {self.purpose}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class PaymentDoubled(OfPayment, Fact, kind="payment.doubled"):
    """It was paid after all, when another payment for the same had been made: one of them is to be given back."""

    def sentence(self) -> str:
        return f"was paid {self.money} for {self.purpose} twice"
