"""The calendars of a provider, and the events in them. Nothing here is to be called inside a transaction."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.accounts import can_reach
from integrations.models import Integration, Kind
from integrations.registry import find_provider
from integrations.sealing import Secret, Unsealable
from integrations.services.grants import call_as
from integrations.services.webhooks import webhook_url
from integrations.spi import (
    Answer,
    CalendarList,
    CalendarProvider,
    Changes,
    Channel,
    EventContent,
    OneEvent,
    Operation,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.spi.operations import (
    CREATE_EVENT,
    DELETE_EVENT,
    FETCH_EVENT,
    LIST_CALENDARS,
    LIST_CHANGES,
    UNWATCH_CALENDAR,
    UPDATE_EVENT,
    WATCH_CALENDAR,
)


class KeepsNoCalendars(RuleBroken):
    """This integration is of another kind."""

    code = "keeps_no_calendars"


def list_calendars(integration: Integration, *, by: User) -> tuple[RemoteCalendar, ...]:
    """The calendars that ``by``'s account there may see; what was found is remembered for a minute.

    Raises KeepsNoCalendars; NoConsent when ``by`` has not connected an account, else ProviderError;
    PermissionDenied where ``by`` reaches nothing (see ``integrations.accounts``).
    """
    if not can_reach(by, integration):
        raise PermissionDenied
    if integration.kind != Kind.CALENDAR:
        raise KeepsNoCalendars(f"{integration.name} keeps no calendars.")
    return call_as(integration, LIST_CALENDARS, _list, by=by).calendars


def _list(provider: CalendarProvider) -> CalendarList:
    return provider.list_calendars()


class OutsideCalendar:
    """One calendar at a provider, in the name of ``by``. Every method raises ProviderError.

    ``zone`` is what times mean over there that name none.
    """

    def __init__(self, integration: Integration, calendar: str, *, by: User, zone: str) -> None:
        self.integration, self.calendar, self.by, self.zone = integration, calendar, by, zone

    def changes(self, *, cursor: str, page: str = "") -> Changes:
        """One page of what changed since ``cursor``, or of all that is there. Raises CursorExpired."""
        told: Changes = self._ask(LIST_CHANGES, "list_changes", self.calendar, cursor=cursor, page=page, zone=self.zone)
        return told

    def fetch(self, event_id: str) -> RemoteEvent:
        """As it stands there now; without content when it is gone."""
        found: OneEvent = self._ask(FETCH_EVENT, "fetch_event", self.calendar, event_id, zone=self.zone)
        return found.event

    def create(self, content: EventContent, *, uid: str, key: str) -> RemoteEvent:
        """Done twice with the same ``key`` it is done once."""
        made: OneEvent = self._ask(
            CREATE_EVENT, "create_event", self.calendar, content, uid=uid, key=key, zone=self.zone
        )
        return made.event

    def update(self, event_id: str, content: EventContent, *, before: EventContent, etag: str) -> RemoteEvent:
        """Write what differs from ``before``. Raises PreconditionFailed unless it stands at ``etag``."""
        written: OneEvent = self._ask(
            UPDATE_EVENT, "update_event", self.calendar, event_id, content, before=before, etag=etag, zone=self.zone
        )
        return written.event

    def delete(self, event_id: str, *, etag: str) -> None:
        """Raises PreconditionFailed unless it stands at ``etag``, which may be empty for any."""
        self._ask(DELETE_EVENT, "delete_event", self.calendar, event_id, etag=etag)

    def watch(self, channel: str) -> Channel | None:
        """Have us told of changes; None where the provider tells nobody, can't reach us, or can't prove it."""
        secret = self._channel_secret()
        address = webhook_url(self.integration)
        if secret is None or address is None or not settings.SITE_URL.startswith("https://"):
            return None
        told: Channel = self._ask(
            WATCH_CALENDAR, "watch", self.calendar, channel=channel, address=address, secret=secret
        )
        return told

    def _channel_secret(self) -> Secret | None:
        provider = find_provider(self.integration.provider)
        if provider is None or not callable(getattr(provider.factory, "watch", None)):
            return None
        newest = self.integration.webhook_secrets.active().first()
        try:
            return newest.reveal() if newest else None
        except Unsealable:
            return None

    def unwatch(self, channel: str, resource: str) -> None:
        self._ask(UNWATCH_CALENDAR, "unwatch", channel, resource)

    def _ask(self, operation: Operation, method: str, *args: Any, **kwargs: Any) -> Any:
        act: Callable[[Any], Answer] = partial(_call, method, args, kwargs)
        return call_as(self.integration, operation, act, by=self.by)


def _call(method: str, args: tuple[Any, ...], kwargs: dict[str, Any], provider: Any) -> Any:
    return getattr(provider, method)(*args, **kwargs)
