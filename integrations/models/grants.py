"""What people allowed us to do in their name at a provider."""

from uuid import uuid4

from django.db import models

from estateman.common import clock
from estateman.people.models import User
from integrations import sealing
from integrations.models.integrations import Integration
from integrations.sealing import Place, Sealed, SealedField, Secret


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

    class Meta:
        db_table = "integration_grants"
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
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "integration_consent_requests"

    def __str__(self) -> str:
        return f"{self.user} asks {self.integration}"
