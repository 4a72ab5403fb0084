"""People's consents in use: tokens that last, and calls in somebody's name."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from integrations.accounts import asks_people
from integrations.activities import ConsentEnded, ConsentWithdrawn
from integrations.door import call
from integrations.models import ConsentRequest, Grant, Integration
from integrations.permissions import can_end_grant
from integrations.sealing import Secret, Unsealable
from integrations.spi import Answer, AuthFailed, NoConsent, Operation, ProviderError, TokenSet
from integrations.spi.operations import REFRESH_TOKENS, REVOKE_TOKENS
from integrations.token_endpoint import TokenEndpoint

RENEWED_BEFORE = timedelta(minutes=5)
STILL_GOOD = timedelta(seconds=30)
"""An access token that lasts so long can be used while somebody else renews it."""
LEASE = timedelta(minutes=2)
"""Longer than any call to a vendor lasts."""
MOST_WAIT_SECONDS = 15.0
LOOK_SECONDS = 0.05
Given = TypeVar("Given", bound=Answer)


def call_as(
    integration: Integration,
    operation: Operation,
    act: Callable[[Any], Given],
    *,
    by: User,
    correlation_id: str = "",
) -> Given:
    """``door.call`` in the name of ``by`` where the provider acts for people, else in the office's.

    Raises NoConsent when ``by`` has not allowed it (any more), else what ``door.call`` raises.
    """
    if not asks_people(integration):
        return call(integration, operation, act, correlation_id=correlation_id, cache_key="office")

    def call_with(grant: Grant) -> Given:
        whose = f"{grant.pk}:{grant.created_at.isoformat()}"
        # The grant's own integration, as it was read with it: the tokens go to no older or newer address.
        return call(grant.integration, operation, act, correlation_id=correlation_id, cache_key=whose, grant=grant)

    grant = fresh_grant(_grant_of(integration, by))
    try:
        return call_with(grant)
    except AuthFailed:
        # Taken back at the vendor, perhaps: then new tokens are refused too, and that says so.
        return call_with(fresh_grant(_distrusted(grant)))


def _grant_of(integration: Integration, user: User) -> Grant:
    grant = Grant.objects.filter(integration=integration, user=user).first()
    if grant is None:
        raise NoConsent(f"You have not connected an account to {integration.name} yet.")
    return grant


def _distrusted(grant: Grant) -> Grant:
    """After its access token was refused, whatever its time says."""
    Grant.objects.filter(pk=grant.pk, expires_at=grant.expires_at).update(expires_at=clock.now())
    return grant


def fresh_grant(grant: Grant) -> Grant:
    """The grant as it is now, with an access token that lasts.

    Of all that ask at once, in whatever process, one renews the tokens and the others wait for it:
    some vendors take a refresh token once. Not to be called inside a transaction. Raises NoConsent
    when the person has to allow it again, else ProviderError.
    """
    gives_up_at = time.monotonic() + MOST_WAIT_SECONDS
    while True:
        grant, now = _as_kept(grant), clock.now()
        if grant.expires_at > now + RENEWED_BEFORE:
            return grant
        if _take_lease(grant, now):
            return _renewed(grant)
        if grant.expires_at > now + STILL_GOOD:
            return grant
        if time.monotonic() > gives_up_at:
            raise ProviderError("Somebody else is renewing this consent and is not done yet. Try again in a moment.")
        time.sleep(LOOK_SECONDS)


def _as_kept(grant: Grant) -> Grant:
    found = Grant.objects.select_related("integration").filter(pk=grant.pk).first()
    if found is None or found.needs_consent:
        raise NoConsent(f"Connect your account to {grant.integration.name} again.")
    return found


def _take_lease(grant: Grant, now: datetime) -> bool:
    """Whether it is ours to renew: nobody holds it, and nobody renewed it since we looked."""
    same = Grant.objects.filter(pk=grant.pk, expires_at=grant.expires_at, needs_consent=False)
    free = same.filter(Q(refreshing_until=None) | Q(refreshing_until__lt=now))
    grant.refreshing_until = now + LEASE
    return bool(free.update(refreshing_until=grant.refreshing_until))


def _renewed(grant: Grant) -> Grant:
    try:
        _refuse_what_cannot_be_opened(grant)
        tokens = call(grant.integration, REFRESH_TOKENS, TokenEndpoint.refresh, grant=grant, build=TokenEndpoint)
    except NoConsent as error:
        _end(grant)
        raise NoConsent(f"Connect your account to {grant.integration.name} again. {error}") from None
    except ProviderError:
        _under_our_lease(grant).update(refreshing_until=None)
        if grant.expires_at > clock.now() + STILL_GOOD:
            return grant
        raise
    _keep(grant, tokens)
    return _as_kept(grant)


def _refuse_what_cannot_be_opened(grant: Grant) -> None:
    try:
        grant.secrets()
    except Unsealable:
        raise NoConsent("Its tokens can't be opened any more.") from None


def _under_our_lease(grant: Grant) -> Any:
    """The row, unless somebody connected anew meanwhile, or took over after our lease."""
    return Grant.objects.filter(pk=grant.pk, refreshing_until=grant.refreshing_until)


def _keep(grant: Grant, tokens: TokenSet) -> None:
    """The old tokens stay until this one statement puts the new ones in their place."""
    now = clock.now()
    _under_our_lease(grant).update(
        tokens=grant.seal(access=tokens.access, refresh=tokens.refresh or grant.secrets()["refresh_token"]),
        expires_at=now + timedelta(seconds=tokens.expires_in_seconds),
        scopes=tokens.scopes or grant.scopes,
        refreshed_at=now,
        refreshing_until=None,
    )


@transaction.atomic
def _end(grant: Grant) -> None:
    if _under_our_lease(grant).update(needs_consent=True, refreshing_until=None):
        _announce_end(grant)


def _announce_end(grant: Grant, *, by_id: int | None = None) -> None:
    integration = grant.integration
    announce(ConsentEnded(by_id=by_id, integration_id=integration.pk, name=integration.name, user_id=grant.user_id))


def end_consents(integration: Integration, *, by: User) -> None:
    """Forget everybody's tokens, and let nobody come back who is at the vendor's page: its addresses changed.

    In the caller's transaction, which holds the integration. Everybody is told to connect again.
    """
    ConsentRequest.objects.filter(integration=integration).delete()
    nothing = Secret("")
    for grant in Grant.objects.select_for_update(no_key=True).filter(integration=integration):
        was_good = not grant.needs_consent
        grant.tokens = grant.seal(access=nothing, refresh=nothing)
        grant.needs_consent, grant.refreshing_until = True, None  # whoever renews them now keeps nothing
        grant.save(update_fields=["tokens", "needs_consent", "refreshing_until"])
        if was_good:
            _announce_end(grant, by_id=by.pk)


def revoke_grant(grant: Grant, *, by: User) -> None:
    """Forget somebody's tokens, and tell the vendor where it can be told.

    Not to be called inside a transaction. They are forgotten whatever the vendor answers; its
    answer stands in the log. Raises PermissionDenied unless they are ``by``'s own or ``by``
    manages integrations.
    """
    if not can_end_grant(by, grant):
        raise PermissionDenied
    take_back(grant)
    _forget(grant, by=by)


def take_back(grant: Grant) -> None:
    """Tell the vendor, where it can be told, that these tokens shall hold no longer. Not inside a transaction."""
    if asks_people(grant.integration):
        with suppress(ProviderError):
            call(grant.integration, REVOKE_TOKENS, TokenEndpoint.revoke, grant=grant, build=TokenEndpoint)


@transaction.atomic
def _forget(grant: Grant, *, by: User) -> None:
    forgotten, _ = Grant.objects.filter(pk=grant.pk).delete()
    if forgotten:
        integration = grant.integration
        announce(
            ConsentWithdrawn(by_id=by.pk, integration_id=integration.pk, name=integration.name, user_id=grant.user_id)
        )
