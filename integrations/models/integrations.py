"""The office's accounts at the providers of the outside world."""

from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Lower

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations import sealing
from integrations.sealing import Place, Sealed, SealedField, Secret, Unsealable


class Kind(models.TextChoices):
    """What an integration is for."""

    EMAIL = "email", "e-mail"
    SMS = "sms", "SMS"
    PAYMENT = "payment", "payments"
    PUSH = "push", "push"
    CALENDAR = "calendar", "calendars"


class Mode(models.TextChoices):
    """Whether what goes through it reaches the real world."""

    LIVE = "live"
    SANDBOX = "sandbox"


class Status(models.TextChoices):
    """People choose between active and disabled; the other two are found by using it."""

    ACTIVE = "active"
    DISABLED = "disabled"
    NEEDS_CREDENTIALS = "needs_credentials", "needs credentials"
    FAILING = "failing"


USABLE = (Status.ACTIVE, Status.FAILING)


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def visible_to(self, user: User | AnonymousUser) -> "IntegrationQuerySet":
        """All that exist, for whoever manages integrations; nothing for anybody else."""
        if not (isinstance(user, User) and can_manage_integrations(user)):
            return self.none()
        return self.existing()

    def existing(self) -> "IntegrationQuerySet":
        """All but those that were deleted."""
        return self.filter(deleted_at=None)

    def in_order_of_use(self, kind: str) -> "IntegrationQuerySet":
        """The ``kind``'s integrations as they are to be tried.

        Once a live one is set up, whatever its state, sandbox ones are left out: they accept what
        nobody will ever receive. A failing one still gets its turn, after those that work.
        """
        of_kind = self.existing().filter(kind=kind).exclude(status=Status.DISABLED)
        if of_kind.filter(mode=Mode.LIVE).exists():
            of_kind = of_kind.filter(mode=Mode.LIVE)
        failing_last = Case(When(status=Status.FAILING, then=Value(1)), default=Value(0))
        return of_kind.filter(status__in=USABLE).order_by(failing_last, "priority", "pk")


class Integration(Versioned):
    """One account at one provider.

    Deleting it empties its credentials; the row stays for its logs.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    provider = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.LIVE)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    priority = models.PositiveSmallIntegerField(
        default=100,
        help_text="Of several of one kind, the one with the lowest number is tried first",
    )
    config = models.JSONField(default=dict, help_text="The provider's settings; nothing secret")
    credentials = SealedField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_failure_at = models.DateTimeField(null=True, editable=False)
    failures_in_row = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_because = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Why it was taken out of use, where nobody asked for it"
    )
    calls_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="At most so many calls; more wait their turn. Empty for what its provider usually allows",
    )

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        db_table = "integrations"
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=models.Q(deleted_at=None),
                name="integration_name_once",
            ),
        ]
        indexes = [models.Index(fields=["kind", "status", "priority"], name="integration_by_use")]

    def __str__(self) -> str:
        return self.name

    def secrets(self) -> dict[str, Secret]:
        """Its credentials by name. Raises Unsealable."""
        return sealing.unseal(self.credentials, place=Place.of(self, "credentials"))

    def seal(self, credentials: dict[str, str]) -> Sealed:
        """``credentials`` as this row, and no other, can keep them."""
        return sealing.seal(credentials, place=Place.of(self, "credentials"))

    @property
    def credentials_hint(self) -> dict[str, str]:
        """The last four characters of each secret; empty when they can't be opened."""
        try:
            return sealing.hints(self.secrets())
        except Unsealable:
            return {}

    @property
    def shown_status(self) -> str:
        """Its status, or ``needs_credentials`` where what is kept can't be opened.

        Its next use would find that out and write it down.
        """
        if self.status in USABLE:
            try:
                self.secrets()
            except Unsealable:
                return Status.NEEDS_CREDENTIALS
        return self.status
