"""How people allow us to act for them at a provider: there to its page, and back, once."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.accounts import asks_people, can_reach
from integrations.activities import ConsentGiven
from integrations.door import call
from integrations.models import ConsentRequest, Grant, Integration, Status
from integrations.sealing import Secret, Unsealable
from integrations.spi import InvalidConfig, TokenSet
from integrations.spi.operations import EXCHANGE_CODE
from integrations.token_endpoint import TokenEndpoint, consent_address

LASTS = timedelta(minutes=10)
"""How long somebody may stay at the vendor's page."""
KEPT = timedelta(days=1)


class CannotConnect(RuleBroken):
    """This integration acts for nobody, or not now."""

    code = "cannot_connect"


class UnknownConsent(RuleBroken):
    """Nobody was sent to a consent page with this state, or somebody else was, or they came back already."""

    code = "unknown_consent"


class ConsentRefused(RuleBroken):
    """The person did not allow it, or the vendor did not."""

    code = "consent_refused"


def redirect_uri() -> str:
    """Where vendors send people back to; it has to be registered there, letter by letter."""
    return f"{settings.SITE_URL}/integrations/oauth/callback"


@transaction.atomic
def ask_consent(integration: Integration, *, return_to: str = "", by: User) -> str:
    """The address of the vendor's page where ``by`` is asked; they may come back from it once, within LASTS.

    ``return_to`` is a path of this site. Raises ValidationError for any other, CannotConnect, and
    PermissionDenied where ``by`` reaches nothing (see ``integrations.accounts``).
    """
    _refuse_strangers(integration, by)
    _refuse_other_sites(return_to)
    _refuse_what_connects_nobody(integration)
    state, verifier = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(64))
    try:
        address = consent_address(integration, state=state, verifier=verifier, redirect_uri=redirect_uri())
    except InvalidConfig as error:
        raise CannotConnect(f"{integration.name} is not set up: {error.detail}") from None
    now = clock.now()
    ConsentRequest.objects.filter(expires_at__lt=now - KEPT).delete()
    asked = ConsentRequest(integration=integration, user=by, return_to=return_to, expires_at=now + LASTS)
    asked.state_digest, asked.verifier = _digest(state.reveal()), asked.seal_verifier(verifier.reveal())
    asked.save()
    return address


def _refuse_strangers(integration: Integration, user: User) -> None:
    if not can_reach(user, integration):
        raise PermissionDenied


def _refuse_other_sites(path: str) -> None:
    """Else a link of ours could lead people to a page that looks like ours."""
    if path and not (path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)):
        raise ValidationError({"return_to": "This must be a path of this site, like /inbox."})


def _refuse_what_connects_nobody(integration: Integration) -> None:
    if not asks_people(integration):
        raise CannotConnect(f"{integration.name} works without anybody's account.")
    if integration.deleted_at or integration.status == Status.DISABLED:
        raise CannotConnect(f"{integration.name} is out of use.")


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def take_up_consent(state: str, *, by: User) -> ConsentRequest:
    """The request that ``by`` comes back from, which nobody can come back from again. Raises UnknownConsent."""
    now = clock.now()
    # Of somebody else's, nothing is used up.
    asked = ConsentRequest.objects.filter(state_digest=_digest(state), user=by)
    if not asked.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise UnknownConsent(
            "This way back was used, took too long, was not yours, or the integration changed. Connect once more."
        )
    return asked.select_related("integration").get()


def finish_consent(asked: ConsentRequest, *, code: str, error: str = "", by: User) -> Grant:
    """Trade the ``code`` that the vendor sent along for ``by``'s grant, which takes an older one's place.

    ``error`` is what the vendor sent instead. Not to be called inside a transaction. Raises
    ConsentRefused, CannotConnect, ProviderError.
    """
    _refuse_strangers(asked.integration, by)
    if asked.user_id != by.pk:
        raise UnknownConsent("Somebody else was asked for this consent.")
    _refuse_what_connects_nobody(asked.integration)
    _refuse_without_a_code(code, error)
    try:
        verifier = asked.reveal_verifier()
    except Unsealable:
        raise ConsentRefused("This request can't be opened any more. Connect once more.") from None
    proof = Secret(code)

    def exchange(endpoint: TokenEndpoint) -> TokenSet:
        return endpoint.exchange(proof, verifier=verifier, redirect_uri=redirect_uri())

    tokens = call(asked.integration, EXCHANGE_CODE, exchange, build=TokenEndpoint)
    return _keep(asked, tokens, by=by)


def _refuse_without_a_code(code: str, error: str) -> None:
    if error == "access_denied":
        raise ConsentRefused("You did not allow it, so nothing was connected.")
    if error or not code:
        raise ConsentRefused(f"The vendor sent you back without a consent: {error[:100] or 'it did not say why'}.")


@transaction.atomic
def _keep(asked: ConsentRequest, tokens: TokenSet, *, by: User) -> Grant:
    integration = asked.integration
    # The lock: of two consents at once, the later finds the earlier's row.
    held = Integration.objects.existing().select_for_update(no_key=True).filter(pk=integration.pk).first()
    if held is None:
        raise CannotConnect(f"{integration.name} was deleted meanwhile.")
    if not ConsentRequest.objects.filter(pk=asked.pk).exists():
        raise CannotConnect(f"{integration.name} has another address by now. Connect once more.")
    grant = Grant.objects.filter(integration=held, user=by).first() or Grant(integration=held, user=by)
    now = clock.now()
    grant.tokens = grant.seal(access=tokens.access, refresh=tokens.refresh or _kept_refresh_token(grant))
    grant.scopes, grant.created_at = tokens.scopes, now
    grant.expires_at = now + timedelta(seconds=tokens.expires_in_seconds)
    grant.needs_consent, grant.refreshed_at, grant.refreshing_until = False, None, None
    grant.save()
    announce(ConsentGiven(by_id=by.pk, integration_id=held.pk, name=held.name, user_id=by.pk))
    return grant


def _kept_refresh_token(grant: Grant) -> Secret:
    """Some vendors give it with the first consent only."""
    try:
        return grant.secrets()["refresh_token"] if grant.pk else Secret("")
    except Unsealable:
        return Secret("")
