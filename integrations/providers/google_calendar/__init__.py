"""Google Calendar (API v3), for each person who connected their Google account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from integrations.providers.google_calendar import events
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
    OAuthApp,
    OneEvent,
    PreconditionFailed,
    ProviderError,
    RateLimited,
    RawRequest,
    RemoteCalendar,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line, error_for, json_object, retry_after

MOST_PAGES = 40
LONGEST_ID = 200
# Reasons by which a 403 means "not so fast" (developers.google.com/calendar/api/guides/errors).
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"}
_WRITERS = {"owner", "writer"}


@dataclass(frozen=True)
class GoogleConfig:
    """Our client at Google."""

    client_id: str = setting("Google Cloud console > APIs and services > Credentials > OAuth 2.0 client ID")
    api_url: str = setting("Where the API is", default="https://www.googleapis.com/calendar/v3", is_address=True)
    authorize_url: str = setting(
        "Where people are asked for their consent",
        default="https://accounts.google.com/o/oauth2/v2/auth",
        is_address=True,
    )
    token_url: str = setting(
        "Where its tokens come from", default="https://oauth2.googleapis.com/token", is_address=True
    )
    revoke_url: str = setting(
        "Where they are taken back", default="https://oauth2.googleapis.com/revoke", is_address=True
    )


@provider(
    "google_calendar",
    kind="calendar",
    label="Google Calendar",
    config=GoogleConfig,
    credentials=[Credential("client_secret", about="Beside the client ID")],
    oauth=OAuthApp(
        authorize_url="{authorize_url}",
        token_url="{token_url}",
        revoke_url="{revoke_url}",
        scopes=(
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
            "https://www.googleapis.com/auth/calendar.events",
        ),
        # Else it gives no refresh token to whoever consented once before.
        extra=(("access_type", "offline"), ("prompt", "consent")),
    ),
    webhook_secret="The channel token: any long random text, which is given along when a calendar is watched",
    makes_webhook_secret=True,
)
class GoogleCalendar:
    """One person's calendars. Its push notifications carry no content: they say that something changed."""

    def __init__(self, config: GoogleConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        for name in ("api_url", "authorize_url", "token_url", "revoke_url"):
            web_address(f"config.{name}", getattr(config, name))
        self.api_url = config.api_url.rstrip("/")
        self.access_token, self.line = secrets.get("access_token", Secret("")), line

    def check(self) -> Health:
        """Ask for the first entry of the person's list of calendars."""
        found = self._get("/users/me/calendarList", maxResults="1")
        names = [each.name for each in _calendars(found)]
        return Health(
            ok=True, detail=f"Google answers, and shows {names[0] if names else 'an account without calendars'}."
        )

    def list_calendars(self) -> CalendarList:
        """Every calendar on the person's list, page by page."""
        found: list[RemoteCalendar] = []
        token = ""
        for _ in range(MOST_PAGES):
            more = {"pageToken": token} if token else {}
            page = self._get("/users/me/calendarList", maxResults="250", **more)
            found += _calendars(page)
            before, token = token, str(page.get("nextPageToken") or "")
            if token in {"", before}:
                break
        return CalendarList(calendars=tuple(found), detail=f"{len(found)} calendars")

    def list_changes(self, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
        return events.list_changes(self._ask, calendar, cursor=cursor, page=page, zone=zone)

    def fetch_event(self, calendar: str, event_id: str, *, zone: str) -> OneEvent:
        return OneEvent(event=events.fetch_event(self._ask, calendar, event_id, zone=zone))

    def create_event(self, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
        return events.create_event(self._ask, calendar, content, uid=uid, key=key, zone=zone)

    def update_event(
        self, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
    ) -> OneEvent:
        return events.update_event(self._ask, calendar, event_id, content, before=before, etag=etag, zone=zone)

    def delete_event(self, calendar: str, event_id: str, *, etag: str) -> Answer:
        return events.delete_event(self._ask, calendar, event_id, etag=etag)

    def watch(self, calendar: str, *, channel: str, address: str, secret: Secret) -> Channel:
        """Google lets it stand for a week at most."""
        return events.watch(self._ask, calendar, channel=channel, address=address, secret=secret)

    def unwatch(self, channel: str, resource: str) -> Answer:
        return events.unwatch(self._ask, channel, resource)

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        return self._ask("GET", path, query=query)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        etag: str = "",
    ) -> dict[str, Any]:
        if not self.access_token:
            raise AuthFailed("Nobody has connected a Google account for this call.")
        headers = {"Authorization": f"Bearer {self.access_token.reveal()}", "Accept": "application/json"}
        response = self.line.http.request(
            method,
            f"{self.api_url}{path}",
            params=query,
            json=body,
            headers={**headers, **({"If-Match": etag} if etag else {})},
        )
        answer = json_object(response)
        if response.status_code >= 400 or (method == "GET" and response.status_code != 200):
            raise _refusal(response, answer, writes=method != "GET")
        return answer

    def handshake(self, request: RawRequest) -> Handshake | None:
        """The first message of every channel says only that the channel stands."""
        return Handshake() if request.headers.get("x-goog-resource-state") == "sync" else None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """It is proven by the channel's token alone: Google signs nothing, and names no time."""
        token = request.headers.get("x-goog-channel-token", "").encode()
        # All of them, so that the time it takes does not say which.
        if not sum(compare_digest(token, secret.reveal().encode()) for secret in secrets if secret):
            raise WebhookRefused("The channel token is none of ours.")
        channel = request.headers.get("x-goog-channel-id", "")
        number = request.headers.get("x-goog-message-number", "")
        state = request.headers.get("x-goog-resource-state", "")
        if not (0 < len(channel) <= LONGEST_ID and number.isascii() and number.isdigit() and len(number) <= 20):
            raise WebhookRefused("It does not say which message of which channel it is.")
        payload = {
            "channel": channel,
            "number": number,
            "state": state[:40],
            "resource": request.headers.get("x-goog-resource-id", "")[:LONGEST_ID],
            "uri": request.headers.get("x-goog-resource-uri", "")[:1000],
        }
        return [Verified(event_id=f"{channel}:{number}", kind=f"calendar.{state[:40] or 'changed'}", payload=payload)]

    def read(self, event: Verified) -> Sequence[Happening]:
        """That the calendar which the channel watches changed; what it is has to be fetched."""
        told = event.payload
        detail = {name: str(told.get(name, "")) for name in ("state", "uri")}
        return [
            CalendarChanged(channel=str(told.get("channel", "")), resource=str(told.get("resource", "")), detail=detail)
        ]


def _refusal(response: Any, answer: Mapping[str, Any], *, writes: bool = False) -> ProviderError:
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    told = error.get("errors")
    reasons = {each.get("reason") for each in told if isinstance(each, dict)} if isinstance(told, list) else set()
    words = str(error.get("message") or response.reason)
    status = response.status_code
    if status == 403 and reasons & _TOO_FAST:
        return RateLimited(words, retry_after=retry_after(response))
    if status == 403 and writes:
        # Of this one event, like one that somebody else arranged; the consent is good for others.
        return ProviderError(f"403: {words}"[:500], permanent=True)
    known = {404: Gone, 409: events.AlreadyThere, 410: Gone, 412: PreconditionFailed}
    if status in known:
        return known[status](f"{status}: {words}"[:500], permanent=True)
    return error_for(response, words)


def _calendars(page: Mapping[str, Any]) -> list[RemoteCalendar]:
    try:
        # Of an empty list Google may leave the items out, and says by its kind that it is one.
        return [_calendar(item) for item in page.get("items", [] if "kind" in page else None)]
    except (TypeError, KeyError, AttributeError):
        raise ProviderError("Google answered something that is no list of calendars.") from None


def _calendar(item: Mapping[str, Any]) -> RemoteCalendar:
    return RemoteCalendar(
        id=str(item["id"]),
        name=str(item.get("summaryOverride") or item.get("summary") or item["id"]),
        timezone=str(item.get("timeZone") or ""),
        color=str(item.get("backgroundColor") or ""),
        is_primary=item.get("primary") is True,
        may_write=item.get("accessRole") in _WRITERS,
    )
