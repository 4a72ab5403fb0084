"""What is asked for: checked, and named so that the same is recognised."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError

from estateman.common.rooms import may_enter
from estateman.people.models import User
from integrations.models import USABLE, Integration, Kind, Mode
from integrations.money import LARGEST_AMOUNT, BadAmount, exponent
from integrations.spi import NoProvider

_CARD_NUMBER = re.compile(r"(?:\d[ -]?){12,19}")


@dataclass(frozen=True, kw_only=True)
class PaymentOrder:
    """A payment that somebody wants. It belongs to a deal (``room``, like ``project:12``), an ``invoice``, or both.

    ``method`` is the vendor's token of how the payer pays. The gateway is the integration named, the first usable one
    of ``provider``, or the first usable of all.
    """

    amount_minor: int
    currency: str
    room: str = ""
    invoice: str = ""
    description: str = ""
    method: str = ""
    captures_at_once: bool = True
    receipt_email: str = ""
    return_url: str = ""
    integration: int | None = None
    provider: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same order, and no other."""
        return _hashed(asdict(self))

    @property
    def purpose(self) -> str:
        """The same for all orders that would pay the same thing once more.

        How it is paid is left out: vendors make a new token each time a card is entered.
        """
        if self.invoice:
            return _hashed([self.room, self.invoice.strip().casefold()])
        payer = self.receipt_email.casefold()
        return _hashed([self.room, self.amount_minor, self.currency, self.description.strip().casefold(), payer])


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def check_order(order: PaymentOrder, *, by: User) -> None:
    """Raises ValidationError that names the field."""
    if not 0 < order.amount_minor <= LARGEST_AMOUNT:
        raise ValidationError({"amount_minor": f"Write an amount from 1 to {LARGEST_AMOUNT}."})
    try:
        exponent(order.currency)
    except BadAmount as error:
        raise ValidationError({"currency": str(error)}) from None
    if not (order.room or order.invoice):
        raise ValidationError({"invoice": "Say what is paid: a project, an invoice, or both."})
    if order.room and not may_enter(by, order.room):
        kind, _, ident = order.room.partition(":")
        raise ValidationError({kind: f'Invalid pk "{ident}" - object does not exist.'})
    if _CARD_NUMBER.fullmatch(order.method):
        raise ValidationError({"method": "This looks like a card's number. Give the token that the vendor made of it."})


def choose_gateway(order: PaymentOrder) -> Integration:
    """The one integration that is asked; never another one after it.

    Raises ValidationError where the one named is none, and NoProvider.
    """
    if order.integration is not None:
        return _named(order.integration)
    usable = Integration.objects.in_order_of_use(Kind.PAYMENT)
    found = (usable.filter(provider=order.provider) if order.provider else usable).first()
    if found is None:
        raise NoProvider("No payment integration is ready to be used.")
    return found


def _named(ident: int) -> Integration:
    found = Integration.objects.existing().filter(pk=ident, kind=Kind.PAYMENT).first()
    if found is None:
        raise ValidationError({"integration": f'Invalid pk "{ident}" - object does not exist.'})
    if found.status not in USABLE:
        raise NoProvider(f"{found.name} is not ready to be used.")
    if found.mode == Mode.SANDBOX and Integration.objects.existing().filter(kind=Kind.PAYMENT, mode=Mode.LIVE).exists():
        raise ValidationError({"integration": f"{found.name} moves no money, and there is a live one: choose that."})
    return found
