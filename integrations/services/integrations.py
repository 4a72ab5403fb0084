"""Verbs on integrations."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken, VersionConflict
from estateman.common.versions import save_changes
from estateman.people.models import User
from integrations.activities import IntegrationChanged, IntegrationTested
from integrations.door.gate import forget_failures
from integrations.models import Integration, Mode, Status
from integrations.permissions import require_manager
from integrations.registry import Provider, find_provider
from integrations.schema import addresses, read_credentials
from integrations.sealing import Secret, Unsealable
from integrations.services.grants import call_as, end_consents
from integrations.services.locking import lock_integration
from integrations.spi import (
    Health,
    HealthCheck,
    InvalidConfig,
    ProviderError,
    Unreachable,
)
from integrations.spi.operations import TEST
from integrations.transport import Line

EDITABLE = {"name", "mode", "status", "priority", "config", "calls_per_minute"}
CHOSEN_BY_PEOPLE = (Status.ACTIVE, Status.DISABLED)
ENTER_AGAIN = "The address changed: enter it again, so that it is not sent where it was not meant to go."


class IntegrationNameTaken(RuleBroken):
    """Another integration has this name."""

    code = "name_taken"


@transaction.atomic
def create_integration(  # noqa: PLR0913  by keyword, and all of them are the integration
    *,
    provider: str,
    name: str,
    config: Mapping[str, Any],
    credentials: Mapping[str, str],
    mode: str = Mode.LIVE,
    priority: int = 100,
    calls_per_minute: int | None = None,
    by: User,
) -> Integration:
    """A new account at ``provider``, ready for use; its credentials are sealed.

    Raises ValidationError that names the field (``config.port``, ``credentials.password``), and
    IntegrationNameTaken.
    """
    require_manager(by)
    found = _provider(provider)
    values = validate(found, mode=mode, config=config, credentials=credentials)
    integration = Integration(
        kind=found.kind,
        provider=found.name,
        name=name,
        mode=mode,
        priority=priority,
        calls_per_minute=calls_per_minute,
        config=dict(config),
        created_by=by,
    )
    integration.credentials = integration.seal(values)
    try:
        with transaction.atomic():
            integration.save()
    except IntegrityError as error:
        raise _name_taken(error, name) from None
    announce_change(integration, "added", by=by)
    return integration


@transaction.atomic
def edit_integration(
    integration: Integration,
    *,
    changes: Mapping[str, Any],
    credentials: Mapping[str, str | None] | None = None,
    version: int | None = None,
    by: User,
) -> Integration:
    """Write ``changes`` (name, mode, status, priority, config, calls_per_minute) and the given ``credentials``.

    A setting in ``config`` or a credential that is not given stays; one given as None is removed.
    Where the old credentials can't be opened any more, the given ones replace them all. Where an
    address changes, each credential has to be given again, or taken away, and people consent anew:
    what is secret must not follow to where it was not meant to go. Raises ValidationError that
    names the field, IntegrationGone, IntegrationNameTaken, VersionConflict.
    """
    require_manager(by)
    lock_integration(integration)
    written = checked_changes(integration, changes, credentials)
    moves = _moves(integration, written)
    try:
        with transaction.atomic():
            save_changes(integration, written, version=version)
    except IntegrityError as error:
        raise _name_taken(error, written.get("name", "")) from None
    except VersionConflict as stale:
        stale.extra["current"].pop("credentials", None)
        raise
    if {"config", "credentials", "status"} & set(written):
        forget_failures(integration)
    if moves:
        end_consents(integration, by=by)
    announce_change(integration, "edited", by=by)
    return integration


def checked_changes(
    integration: Integration,
    changes: Mapping[str, Any],
    credentials: Mapping[str, str | None] | None,
) -> dict[str, Any]:
    """What edit_integration would write. Raises ValidationError that names the field."""
    if unknown := set(changes) - EDITABLE:
        raise TypeError(f"These are not edited: {sorted(unknown)}")
    if changes.get("status", Status.ACTIVE) not in CHOSEN_BY_PEOPLE:
        raise ValidationError({"status": "Choose active or disabled; the rest is found by using it."})
    written = dict(changes)
    if "config" in changes:
        written["config"] = _merged(integration.config, changes["config"])
    if credentials or {"mode", "config"} & set(changes):
        values = _checked_credentials(integration, written, credentials or {})
        # After a move also what can't be opened is replaced: some day it could be again.
        if credentials or _moves(integration, written):
            written["credentials"] = integration.seal(values)
    if credentials and integration.status == Status.NEEDS_CREDENTIALS:
        written.setdefault("status", Status.ACTIVE)
    return written | _past_of(written.get("status"))


def _past_of(chosen: str | None) -> dict[str, Any]:
    """What is known of it that a ``chosen`` status takes back."""
    if chosen == Status.ACTIVE:
        return {"failures_in_row": 0, "failing_since": None, "disabled_because": ""}
    return {"disabled_because": ""} if chosen else {}  # now somebody asked for it


def _checked_credentials(
    integration: Integration, written: Mapping[str, Any], given: Mapping[str, str | None]
) -> dict[str, str]:
    """All that it has after the edit. Raises ValidationError that names the field."""
    kept = _kept_credentials(integration)
    values = validate(
        _provider(integration.provider),
        mode=written.get("mode", integration.mode),
        config=written.get("config", integration.config),
        credentials=_merged(kept, given),
    )
    withheld = sorted(set(kept) - set(given))
    if withheld and _moves(integration, written):
        raise ValidationError({f"credentials.{name}": ENTER_AGAIN for name in withheld})
    return values


def _moves(integration: Integration, written: Mapping[str, Any]) -> bool:
    """Whether its secrets would go elsewhere."""
    provider = find_provider(integration.provider)
    if provider is None or "config" not in written:
        return False
    return addresses(provider.config, integration.config) != addresses(provider.config, written["config"])


def _kept_credentials(integration: Integration) -> dict[str, str]:
    try:
        return {name: secret.reveal() for name, secret in integration.secrets().items()}
    except Unsealable:
        return {}


def _merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**kept, **given}.items() if value is not None}


def validate(
    provider: Provider, *, mode: str, config: Mapping[str, Any], credentials: Mapping[str, Any]
) -> dict[str, str]:
    """The credentials that are to be kept. Raises ValidationError that names what can't work."""
    if mode not in provider.modes:
        raise ValidationError({"mode": f"{provider.label} runs as {' or '.join(provider.modes)} only."})
    try:
        values = read_credentials(provider.credentials, credentials)
        provider.build(config, {name: Secret(value) for name, value in values.items()}, Line())
    except InvalidConfig as error:
        # Without the cause: its frames hold the credentials.
        raise ValidationError({error.field: error.detail}) from None
    return values


def _provider(name: str) -> Provider:
    found = find_provider(name)
    if found is None:
        raise ValidationError({"provider": f"There is no provider {name}."})
    return found


def _name_taken(error: IntegrityError, name: str) -> Exception:
    if "integration_name_once" in str(error):
        return IntegrationNameTaken(f"There is an integration called {name} already.")
    return error


def announce_change(integration: Integration, change: str, *, by: User) -> None:
    """Tell what was done to it, in one word."""
    announce(IntegrationChanged(by_id=by.pk, integration_id=integration.pk, name=integration.name, change=change))


def test_integration(integration: Integration, *, by: User) -> Health:
    """Ask the provider for a real answer, with ``by``'s own account where it acts for people.

    A pass makes it active, whatever it was before.
    """
    require_manager(by)
    try:
        health = call_as(integration, TEST, _check, by=by)
    except ProviderError as error:
        health = Health(ok=False, detail=str(error))
    _keep_test(integration, health, by=by)
    integration.refresh_from_db()
    return health


def _check(provider: HealthCheck) -> Health:
    health = provider.check()
    if not health.ok:
        raise Unreachable(health.detail)
    return health


@transaction.atomic
def _keep_test(integration: Integration, health: Health, *, by: User) -> None:
    if health.ok:
        existing = Integration.objects.existing().filter(pk=integration.pk)
        existing.exclude(status=Status.ACTIVE).update(status=Status.ACTIVE, disabled_because="")
    announce(
        IntegrationTested(
            by_id=by.pk,
            integration_id=integration.pk,
            name=integration.name,
            ok=health.ok,
            detail=health.detail[:300],
        )
    )
