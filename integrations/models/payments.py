"""Payments, and every call that moved money or may have."""

from uuid import UUID, uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.common.rooms import rooms_of
from estateman.people.models import User
from estateman.people.permissions import can_take_payments, leads_office
from integrations.models.integrations import Integration
from integrations.money import shown as money
from integrations.spi import PaymentRequest, PaymentStatus

STATUSES = [(status.value, status.value.replace("_", " ")) for status in PaymentStatus]
NOTHING_PAID = (PaymentStatus.FAILED, PaymentStatus.CANCELLED, PaymentStatus.REFUNDED)
HELD_BACK = (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED)
"""Of which nothing was captured yet, and may still be."""


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User | AnonymousUser) -> "PaymentQuerySet":
        """All for the office's leaders; for coordinators those they took, and those of deals they may enter."""
        if not (isinstance(user, User) and can_take_payments(user)):
            return self.none()
        return self if leads_office(user) else self.filter(Q(by=user) | Q(room__in=rooms_of(user)))

    def undecided(self) -> "PaymentQuerySet":
        """Those with a call that is under way, or whose outcome is not known."""
        return self.filter(operations__state__in=PaymentOperation.UNDECIDED)

    def unsettled(self) -> "PaymentQuerySet":
        """Those and all of which money may still be taken."""
        return self.filter(Q(status__in=(PaymentStatus.NEW, *HELD_BACK)) | Q(pk__in=self.undecided().values("pk")))

    def moved_by(self, key: str) -> "PaymentQuerySet":
        """Those of which a call bore ``key``, as vendors quote it; it may be no key of ours at all."""
        try:
            named = UUID(key)
        except ValueError:
            return self.none()
        return self.filter(operations__key=named)


class Payment(models.Model):
    """One payment, as far as we know it. What it is at the provider is read anew whenever something happened.

    ``room`` is the deal it belongs to (``project:12``); ``purpose`` names what is paid, and of all
    payments with one purpose at most one is alive: two people clicking at once pay once.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, editable=False)
    purpose = models.CharField(max_length=64, editable=False)
    amount_minor = models.PositiveBigIntegerField(help_text="In the currency's smallest unit")
    currency = models.CharField(max_length=3)
    captured_minor = models.PositiveBigIntegerField(default=0)
    refunded_minor = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=20, choices=STATUSES, default=PaymentStatus.NEW)
    is_unknown = models.BooleanField(
        default=False, help_text="A call's outcome is not known yet; it is being found out"
    )
    captures_at_once = models.BooleanField(default=True)
    method = models.CharField(max_length=255, blank=True, help_text="The vendor's token of how the payer pays")
    description = models.CharField(max_length=300, blank=True)
    invoice = models.CharField(max_length=120, blank=True, help_text="The invoice's number, or another reference")
    room = models.CharField(max_length=80, blank=True)
    receipt_email = models.EmailField(blank=True, help_text="Who is sent a receipt once it is captured")
    return_url = models.URLField(max_length=500, blank=True)
    action_url = models.URLField(max_length=2000, blank=True, help_text="Where the payer goes on")
    receipt_url = models.URLField(max_length=2000, blank=True)
    failure = models.TextField(blank=True)
    is_live = models.BooleanField(default=False)
    ref = models.CharField(max_length=255, blank=True, help_text="The provider's id of it")
    read_at = models.DateTimeField(
        null=True, help_text="When what is known of it was asked for; older answers are dropped"
    )
    looked_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was last looked at although nobody told of it, answered or not"
    )
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    captured_at = models.DateTimeField(null=True, editable=False, help_text="When we first saw it captured")
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        db_table = "payments"
        constraints = [
            models.UniqueConstraint(fields=["by", "idempotency_key"], name="payment_once_per_key"),
            models.UniqueConstraint(
                fields=["purpose"], condition=~Q(status__in=NOTHING_PAID), name="payment_once_per_purpose"
            ),
            models.UniqueConstraint(fields=["integration", "ref"], condition=~Q(ref=""), name="payment_once_per_ref"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=F("captured_minor")), name="no_more_refunded_than_paid"
            ),
        ]
        indexes = [models.Index(fields=["room"], name="payment_by_room")]

    def __str__(self) -> str:
        return f"{money(self.amount_minor, self.currency)}: {self.get_status_display()}"

    @property
    def purpose_words(self) -> str:
        """What it is for, for people."""
        invoice = f"invoice {self.invoice}" if self.invoice else ""
        return ", ".join(filter(None, (self.description, invoice))) or f"payment {self.pk}"

    @property
    def capturable_minor(self) -> int:
        """What is held and may be taken."""
        return self.amount_minor - self.captured_minor if self.status == PaymentStatus.AUTHORISED else 0

    @property
    def refundable_minor(self) -> int:
        """What was taken and not given back."""
        return self.captured_minor - self.refunded_minor

    @property
    def can(self) -> list[str]:
        """The verbs that it allows as it stands."""
        verbs = {
            "capture": self.capturable_minor > 0,
            "cancel": self.status in HELD_BACK,
            "refund": self.refundable_minor > 0,
        }
        return [verb for verb, is_allowed in verbs.items() if is_allowed]

    def request(self, key: UUID) -> PaymentRequest:
        """What a provider is asked for."""
        return PaymentRequest(
            key=str(key),
            amount_minor=self.amount_minor,
            currency=self.currency,
            method=self.method,
            captures_at_once=self.captures_at_once,
            description=self.description,
            reference=self.invoice or self.room,
            return_url=self.return_url,
        )


class PaymentOperation(Claimable):
    """One call about a payment. The row is committed before the call; what has no outcome is reconciled by reading.

    ``key`` goes to the vendor as its idempotency key. A payment has one open operation at a time.
    """

    class Kind(models.TextChoices):
        CREATE = "create", "payment"
        CAPTURE = "capture"
        CANCEL = "cancel", "cancellation"
        REFUND = "refund"

    class State(models.TextChoices):
        OPEN = "open", "under way"
        UNKNOWN = "unknown", "outcome not known yet"
        DONE = "done"
        FAILED = "failed"

    UNDECIDED = (State.OPEN, State.UNKNOWN)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount_minor = models.PositiveBigIntegerField(null=True)
    before_minor = models.PositiveBigIntegerField(
        default=0, help_text="What had been captured (or refunded) before: by it the outcome is recognised"
    )
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    idempotency_key = models.CharField(
        max_length=300, blank=True, help_text="Of what asked for it: a request (api:…), the admin, a payer's approval"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    error = models.TextField(blank=True)
    is_refused = models.BooleanField(
        default=False, help_text="The provider will never do it, however often it is asked"
    )
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "payment_operations"
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state__in=["open", "unknown"]), name="one_open_operation_per_payment"
            ),
            models.UniqueConstraint(
                fields=["payment", "by", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="payment_operation_once_per_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="payment_operation_due",
                condition=models.Q(next_attempt_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.payment_id}: {self.state}"
