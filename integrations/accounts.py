"""Whose account is asked at a provider: the office's one, or each person's own."""

from dataclasses import dataclass

from django.db.models import TextChoices

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations.models import Grant, Integration, IntegrationQuerySet, Kind
from integrations.registry import all_providers, find_provider


class Account(TextChoices):
    """How somebody's own account stands at a provider."""

    OFFICE = "office", "the office's own is used"
    NONE = "none", "not connected yet"
    CONNECTED = "connected"
    ENDED = "ended", "has to be connected again"


@dataclass(frozen=True)
class CalendarPlace:
    """Where somebody may look for calendars outside."""

    integration: Integration
    account: Account


def asks_people(integration: Integration) -> bool:
    """Whether its provider acts for people who allowed it, and not with the office's own credentials alone."""
    provider = find_provider(integration.provider)
    return provider is not None and provider.oauth is not None


def reachable_by(user: User) -> IntegrationQuerySet:
    """Where ``user`` may connect an account, and look at the calendars there.

    All, for those who manage integrations: what the office's own accounts see is their business.
    For everybody else, the calendars at which people have their own.
    """
    existing = Integration.objects.existing()
    if can_manage_integrations(user):
        return existing
    return existing.filter(
        kind=Kind.CALENDAR, provider__in=[each.name for each in all_providers() if each.oauth is not None]
    )


def can_reach(user: User, integration: Integration) -> bool:
    """``reachable_by`` for one."""
    return can_manage_integrations(user) or reachable_by(user).filter(pk=integration.pk).exists()


def calendar_places(user: User) -> list[CalendarPlace]:
    """Where ``user`` may look for calendars outside, by name; two queries."""
    grants = dict(Grant.objects.filter(user=user).values_list("integration_id", "needs_consent"))
    found = reachable_by(user).filter(kind=Kind.CALENDAR).order_by("name")
    return [CalendarPlace(each, _account(each, grants)) for each in found]


def _account(integration: Integration, grants: dict[int, bool]) -> Account:
    if not asks_people(integration):
        return Account.OFFICE
    if integration.pk not in grants:
        return Account.NONE
    return Account.ENDED if grants[integration.pk] else Account.CONNECTED
