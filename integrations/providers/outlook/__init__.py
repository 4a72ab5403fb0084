"""Outlook calendars (Microsoft Graph 1.0), for each person who connected their Microsoft account."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from integrations.providers.outlook import events
from integrations.registry import provider
from integrations.schema import Credential, setting, web_address
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    AuthFailed,
    CalendarChanged,
    CalendarList,
    Changes,
    Channel,
    EventContent,
    Gone,
    Handshake,
    Happening,
    Health,
    InvalidConfig,
    OAuthApp,
    OneEvent,
    PreconditionFailed,
    ProviderError,
    RawRequest,
    RemoteCalendar,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line, error_for, json_object

MOST_PAGES = 40
MOST_NOTIFICATIONS = 1000
LONGEST_VALIDATION = 1024
_FIELDS = "id,name,hexColor,isDefaultCalendar,canEdit"
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,120}")


@dataclass(frozen=True)
class OutlookConfig:
    """Our application at Microsoft."""

    client_id: str = setting("Entra admin center > App registrations > Application (client) ID")
    tenant: str = setting(
        "Directory (tenant) ID, if only your own organisation connects; common for any account",
        default="common",
        is_address=True,
    )
    api_url: str = setting("Where the API is", default="https://graph.microsoft.com/v1.0", is_address=True)
    login_url: str = setting(
        "Where people consent and tokens come from", default="https://login.microsoftonline.com", is_address=True
    )


@provider(
    "outlook",
    kind="calendar",
    label="Outlook (Microsoft 365)",
    config=OutlookConfig,
    credentials=[Credential("client_secret", about="Certificates and secrets > New client secret, its value")],
    oauth=OAuthApp(
        authorize_url="{login_url}/{tenant}/oauth2/v2.0/authorize",
        token_url="{login_url}/{tenant}/oauth2/v2.0/token",
        scopes=("offline_access", "Calendars.ReadWrite"),
        extra=(("response_mode", "query"), ("prompt", "select_account")),
    ),
    webhook_secret="The client state: any long random text of up to 128 characters, given along when subscribing",
    makes_webhook_secret=True,
)
class Outlook:
    """One person's calendars. Its change notifications name what changed and are proven by their client state."""

    def __init__(self, config: OutlookConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        self.api_url = web_address("config.api_url", config.api_url)
        if web_address("config.login_url", config.login_url) != config.login_url:
            raise InvalidConfig("config.login_url", "Leave out the slash at its end.")
        if not _TENANT.fullmatch(config.tenant):
            raise InvalidConfig("config.tenant", "This must be an id, a domain, or one of common and organizations.")
        self.access_token, self.line = secrets.get("access_token", Secret("")), line

    def check(self) -> Health:
        """Ask for the first of the person's calendars."""
        found = self._get(f"{self.api_url}/me/calendars", {"$top": "1", "$select": _FIELDS})
        names = [each.name for each in _calendars(found)]
        return Health(
            ok=True, detail=f"Outlook answers, and shows {names[0] if names else 'an account without calendars'}."
        )

    def list_calendars(self) -> CalendarList:
        """Every calendar of the person, page by page."""
        found: list[RemoteCalendar] = []
        url, query = f"{self.api_url}/me/calendars", {"$top": "100", "$select": _FIELDS}
        for _ in range(MOST_PAGES):
            page = self._get(url, query)
            found += _calendars(page)
            url, query = str(page.get("@odata.nextLink") or ""), {}
            if not url:
                break
        return CalendarList(calendars=tuple(found), detail=f"{len(found)} calendars")

    def list_changes(self, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
        return events.list_changes(self._ask, calendar, cursor=cursor, page=page, zone=zone)

    def fetch_event(self, calendar: str, event_id: str, *, zone: str) -> OneEvent:
        return OneEvent(event=events.fetch_event(self._ask, event_id, zone=zone))

    def create_event(self, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
        return events.create_event(self._ask, calendar, content, uid=uid, key=key, zone=zone)

    def update_event(
        self, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
    ) -> OneEvent:
        """Refused where somebody is invited: Outlook would mail them."""
        return events.update_event(self._ask, event_id, content, before=before, etag=etag, zone=zone)

    def delete_event(self, calendar: str, event_id: str, *, etag: str) -> Answer:
        return events.delete_event(self._ask, event_id, etag=etag)

    def watch(self, calendar: str, *, channel: str, address: str, secret: Secret) -> Channel:
        """Graph names the channel itself, and lets it stand for three days at most."""
        return events.watch(self._ask, calendar, address=address, secret=secret)

    def unwatch(self, channel: str, resource: str) -> Answer:
        return events.unwatch(self._ask, channel)

    def _get(self, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        return self._ask("GET", url, query=query)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        etag: str = "",
    ) -> dict[str, Any]:
        """``path`` below the API, or an address that Graph named."""
        if not self.access_token:
            raise AuthFailed("Nobody has connected a Microsoft account for this call.")
        url = f"{self.api_url.rstrip('/')}{path}" if path.startswith("/") else path
        self._refuse_elsewhere(url)
        headers = {
            "Authorization": f"Bearer {self.access_token.reveal()}",
            "Accept": "application/json",
            "Prefer": 'outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=200',
        }
        if etag:
            headers["If-Match"] = etag
        response = self.line.http.request(method, url, params=query, json=body, headers=headers)
        answer = json_object(response)
        if response.status_code >= 400 or (method == "GET" and response.status_code != 200):
            raise _refusal(response, answer, writes=method != "GET")
        return answer

    def _refuse_elsewhere(self, url: str) -> None:
        """The next page's address is the server's word, and the token goes along."""
        here, there = urlsplit(self.api_url), urlsplit(url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise ProviderError("Outlook named a next page on another server.")

    def handshake(self, request: RawRequest) -> Handshake | None:
        """Graph asks whether we are there, by a token that it wants back as plain text."""
        token = request.query.get("validationToken", "")
        return Handshake(body=token) if 0 < len(token) <= LONGEST_VALIDATION else None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """One request holds several notifications, each with its client state; all have to prove themselves."""
        told = _notifications(request.body)
        for each in told:
            state = str(each.get("clientState") or "").encode()
            # All of them, so that the time it takes does not say which.
            if not sum(compare_digest(state, secret.reveal().encode()) for secret in secrets if secret):
                raise WebhookRefused("A client state is none of ours.")
        return [_verified(each, now) for each in told]

    def read(self, event: Verified) -> Sequence[Happening]:
        """That something changed in what the subscription watches; what it is has to be fetched."""
        told = event.payload
        names = ("changeType", "lifecycleEvent")
        detail = {name: str(told[name]) for name in names if told.get(name)}
        resource = str(told.get("resource") or "")
        return [CalendarChanged(channel=str(told.get("subscriptionId", "")), resource=resource, detail=detail)]


def _refusal(response: Any, answer: Mapping[str, Any], *, writes: bool) -> ProviderError:
    error = answer.get("error")
    words = str((error.get("message") if isinstance(error, dict) else None) or response.reason)
    status = response.status_code
    if status == 403 and writes:
        # Of this one event; the consent is good for others.
        return ProviderError(f"403: {words}"[:500], permanent=True)
    known = {404: Gone, 409: events.AlreadyThere, 410: Gone, 412: PreconditionFailed}
    if status in known:
        return known[status](f"{status}: {words}"[:500], permanent=True)
    return error_for(response, words)


def _calendars(page: Mapping[str, Any]) -> list[RemoteCalendar]:
    try:
        return [_calendar(item) for item in page["value"]]
    except (TypeError, KeyError, AttributeError):
        raise ProviderError("Outlook answered something that is no list of calendars.") from None


def _calendar(item: Mapping[str, Any]) -> RemoteCalendar:
    return RemoteCalendar(
        id=str(item["id"]),
        name=str(item.get("name") or item["id"]),
        color=str(item.get("hexColor") or ""),
        is_primary=item.get("isDefaultCalendar") is True,
        may_write=item.get("canEdit") is True,
    )


def _notifications(body: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(body)
        found = told["value"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise WebhookRefused("It holds no notifications.") from None
    if not (isinstance(found, list) and 0 < len(found) <= MOST_NOTIFICATIONS):
        raise WebhookRefused("It holds no notifications.")
    if not all(isinstance(each, dict) and each.get("subscriptionId") for each in found):
        raise WebhookRefused("A notification does not say which subscription it is of.")
    return found


def _verified(told: Mapping[str, Any], now: datetime) -> Verified:
    payload = {name: value for name, value in told.items() if name != "clientState"}
    what = told.get("lifecycleEvent") or told.get("changeType") or "changed"
    return Verified(event_id=_event_id(payload, now), kind=f"calendar.{str(what)[:60]}", payload=payload)


def _event_id(payload: Mapping[str, Any], now: datetime) -> str:
    """The same when Graph tells it again, and another for the next change, as far as it tells them apart.

    Where it names neither the notification nor the version (etag) of what changed, two changes may
    read alike; then the minute tells them apart. Being told once too often is harmless here.
    """
    data = payload.get("resourceData")
    is_told_apart = bool(payload.get("id")) or (isinstance(data, dict) and bool(data.get("@odata.etag")))
    when = "" if is_told_apart else now.strftime("%Y%m%d%H%M")
    digest = hashlib.sha256(f"{json.dumps(payload, sort_keys=True)}{when}".encode()).hexdigest()
    return f"{str(payload['subscriptionId'])[:100]}:{digest}"
