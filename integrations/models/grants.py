"""What people allowed us to do in their name at a provider."""

from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models

from estateman.common import clock
from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations import sealing
from integrations.models.integrations import Integration
from integrations.sealing import Place, Sealed, SealedField, Secret


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, user: User | AnonymousUser) -> "GrantQuerySet":
        """Everybody's, for whoever manages integrations; their own, for anybody else who works here."""
        if not isinstance(user, User):
            return self.none()
        existing = self.filter(integration__deleted_at=None)
        return existing if can_manage_integrations(user) else existing.filter(user=user)


class Grant(models.Model):
    """One person's consent (OAuth 2), with the tokens it gave.

    ``refreshing_until`` is the lease of whoever fetches new tokens: one at a time, because some
    vendors take a refresh token once.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="integration_grants")
    scopes = models.TextField(blank=True)
    tokens = SealedField()
    expires_at = models.DateTimeField(help_text="When the access token ends")
    needs_consent = models.BooleanField(default=False, help_text="The vendor takes its refresh token no longer")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    refreshed_at = models.DateTimeField(null=True, editable=False)
    refreshing_until = models.DateTimeField(null=True, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        db_table = "integration_grants"
        verbose_name = "connected account"
        constraints = [models.UniqueConstraint(fields=["integration", "user"], name="one_grant_per_person")]

    def __str__(self) -> str:
        return f"{self.user} at {self.integration}"

    def secrets(self) -> dict[str, Secret]:
        """``access_token`` and ``refresh_token``. Raises Unsealable."""
        return sealing.unseal(self.tokens, place=Place.of(self, "tokens"))

    def seal(self, *, access: Secret, refresh: Secret) -> Sealed:
        """The tokens as this row, and no other, can keep them."""
        values = {"access_token": access.reveal(), "refresh_token": refresh.reveal()}
        return sealing.seal(values, place=Place.of(self, "tokens"))


class ConsentRequest(models.Model):
    """That somebody was sent to a vendor's consent page, and may come back once.

    ``state`` is kept as its hash, and the PKCE verifier sealed.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    state_digest = models.CharField(max_length=64, unique=True)
    verifier = SealedField()
    return_to = models.CharField(max_length=500, blank=True, help_text="The page of this site they came from")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "integration_consent_requests"

    def __str__(self) -> str:
        return f"{self.user} asks {self.integration}"

    def reveal_verifier(self) -> Secret:
        """Raises Unsealable."""
        return sealing.unseal(self.verifier, place=Place.of(self, "verifier"))["verifier"]

    def seal_verifier(self, text: str) -> Sealed:
        """``text`` as this row, and no other, can keep it."""
        return sealing.seal({"verifier": text}, place=Place.of(self, "verifier"))
