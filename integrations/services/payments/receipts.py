"""What the payer is given: the receipt, as data and as an e-mail."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string

from integrations.models import Payment
from integrations.money import to_decimal
from integrations.services.messages import MessageKeyReused, queue_message
from integrations.services.payments.errors import NothingPaid


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One receipt. Amounts are decimals of ``currency``, as text; ``number`` is the payment's for good."""

    number: str
    office: str
    paid_at: datetime | None
    purpose: str
    invoice: str
    currency: str
    paid: str
    refunded: str
    total: str
    provider: str
    provider_ref: str
    is_test: bool
    email: str
    has_refund: bool


def receipt_of(payment: Payment) -> Receipt:
    """The receipt of what was paid, less what was given back. Raises NothingPaid."""
    if not payment.captured_minor:
        raise NothingPaid("Nothing was paid, so there is no receipt.", status=payment.status)

    def amount(minor: int) -> str:
        return to_decimal(minor, payment.currency)

    return Receipt(
        number=f"R-{payment.created_at:%Y}-{payment.pk:06d}",
        office=_office()[0],
        paid_at=payment.captured_at,
        purpose=payment.purpose_words,
        invoice=payment.invoice,
        currency=payment.currency,
        paid=amount(payment.captured_minor),
        refunded=amount(payment.refunded_minor),
        total=amount(payment.captured_minor - payment.refunded_minor),
        provider=payment.provider,
        provider_ref=payment.ref,
        is_test=not payment.is_live,
        email=payment.receipt_email,
        has_refund=payment.refunded_minor > 0,
    )


def queue_receipt(payment: Payment) -> None:
    """Have the receipt sent to the payer by e-mail, once, however often this is called."""
    receipt = receipt_of(payment)
    with suppress(MessageKeyReused):  # the first stays as it is, whatever was given back since
        queue_message(
            channel="email",
            to=payment.receipt_email,
            subject=f"Receipt {receipt.number} from {receipt.office}",
            text=render_to_string("integrations/receipt.txt", {"receipt": receipt}),
            key=f"<receipt-{payment.uuid}@{_office()[1].rpartition('@')[2]}>",
            correlation_id=f"payment:{payment.pk}",
        )


def _office() -> tuple[str, str]:
    """Its name and its address."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)
