"""What the demo agency has of integrations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations.models import Integration, Message, Mode, Payment, Status, WebhookSubscription
from integrations.services import Draft, create_integration, create_subscription, post_message
from integrations.services.messages_tracking import track
from integrations.services.payments import PaymentOrder, process_payment, refund_payment
from integrations.spi import MessageTracked, TrackedState

SANDBOXES = {
    "sandbox": "Demo post office",
    "sandbox_calendar": "Demo calendars",
    "sandbox_payment": "Demo gateway",
    "sandbox_push": "Demo push service",
    "sandbox_sms": "Demo phones",
}
"""By provider, what its integration is called."""
RECEIVER: dict[str, Any] = {
    "name": "Demo receiver",
    "url": "https://hooks.example.com/estateman",
    "kinds": ["task.completed", "project.*"],
}
"""Who would be told what happens, were it switched on."""
PARTLY_REFUNDED = "Marketing fee"
_WISH = PaymentOrder(amount_minor=500_000, currency="USD", description="Earnest money")
PAYMENTS = (
    replace(_WISH, receipt_email="buyer@example.com"),
    replace(_WISH, amount_minor=180_000, description="Security deposit", captures_at_once=False),
    replace(_WISH, amount_minor=45_000, description=PARTLY_REFUNDED, receipt_email="seller@example.com"),
)


def load_integrations(*, staff: Mapping[str, User]) -> None:
    """A sandbox of each kind, which reaches nobody, and a webhook subscription that is off; once is enough.

    ``staff`` by name; one of them must manage integrations.
    """
    by = next(user for user in staff.values() if can_manage_integrations(user))
    for provider, name in SANDBOXES.items():
        if not Integration.objects.existing().filter(name=name).exists():
            create_integration(provider=provider, name=name, config={}, credentials={}, mode=Mode.SANDBOX, by=by)
    if not WebhookSubscription.objects.filter(name=RECEIVER["name"]).exists():
        create_subscription(**RECEIVER, is_active=False, by=by)


LETTERS = (
    ("buyer@example.com", "The keys are ready", "You may collect them at the office from 9.", TrackedState.OPENED, ""),
    ("seller@example.com", "Offer for your house", "Please read it and call us.", TrackedState.DELIVERED, ""),
    ("moved@example.com", "Inspection on Friday", "We meet at 10.", TrackedState.BOUNCED, "550 5.1.1 No such user"),
)
TEXTS = (
    ("+12125550123", "Your showing starts in an hour.", TrackedState.DELIVERED, ""),
    ("+12125550199", "Your showing starts in an hour.", TrackedState.FAILED, "The phone is off"),
)
"""To whom, what was said, and what is known of it."""


def load_messages(*, by: User) -> None:
    """Some letters and texts, each with what became of it. Loading them again changes nothing.

    Through the sandboxes, which are called: not inside a transaction.
    """
    letters = [
        (Draft(channel="email", to=to, subject=subject, text=text, key=f"demo:{to}"), state, reason)
        for to, subject, text, state, reason in LETTERS
    ]
    texts = [
        (Draft(channel="sms", to=to, text=text, key=f"demo:{to}"), state, reason) for to, text, state, reason in TEXTS
    ]
    for provider, drafts in (("sandbox", letters), ("sandbox_sms", texts)):
        sandbox = (
            Integration.objects.existing().filter(name=SANDBOXES[provider]).exclude(status=Status.DISABLED).first()
        )
        if sandbox and not Message.objects.filter(integration=sandbox, by=by).exists():
            _load_messages(sandbox, drafts, by=by)


def _load_messages(sandbox: Integration, drafts: Sequence[tuple[Draft, TrackedState, str]], *, by: User) -> None:
    for draft, state, reason in drafts:
        message = post_message(draft, integration=sandbox, by=by)
        track(sandbox, MessageTracked(state=state, key=message.key, reason=reason))


def load_payments(*, by: User, rooms: Sequence[str]) -> None:
    """Earnest money, a held deposit and a fee of which a part was given back, on the first three of ``rooms``.

    Through the sandbox, which is called: not inside a transaction. Loading them again changes nothing.
    """
    usable = Integration.objects.existing().exclude(status=Status.DISABLED)
    sandbox = usable.filter(name=SANDBOXES["sandbox_payment"]).first()
    taken = set(Payment.objects.filter(by=by).values_list("idempotency_key", flat=True))
    for wish, room in zip(PAYMENTS, rooms, strict=False):
        if sandbox and (key := f"demo:{wish.description}") not in taken:
            payment = process_payment(replace(wish, room=room, integration=sandbox.pk), key=key, by=by)
            if wish.description == PARTLY_REFUNDED:
                refund_payment(payment, amount_minor=15_000, key="demo:refund", by=by)
