"""Calendars on any CalDAV server (RFC 4791), with one account's password."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from integrations.providers.caldav import contents, listing, writing
from integrations.providers.caldav.config import CalDavConfig
from integrations.providers.caldav.server import APPLE, CAL, DAV, Found, Server, if_match, read
from integrations.registry import provider
from integrations.schema import Credential, web_address
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    AuthFailed,
    CalendarList,
    Changes,
    EventContent,
    Health,
    InvalidConfig,
    OneEvent,
    PreconditionFailed,
    ProviderError,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.transport import Line

_NO_SUCH_PLACE = {404, 405, 410, 501}
_WRITES = {f"{DAV}{each}" for each in ("all", "write", "write-content", "bind")}
_TZID = re.compile(r"^TZID:(.{1,80})$", re.MULTILINE)
_ASK = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/">'
    "<d:prop>{}</d:prop></d:propfind>"
)
_PRINCIPAL = _ASK.format("<d:current-user-principal/>").encode()
_HOME = _ASK.format("<c:calendar-home-set/>").encode()
_CALENDARS = _ASK.format(
    "<d:resourcetype/><d:displayname/><c:supported-calendar-component-set/><c:calendar-timezone/>"
    "<a:calendar-color/><d:current-user-privilege-set/>"
).encode()


@provider(
    "caldav",
    kind="calendar",
    label="CalDAV server (Nextcloud, Fastmail, iCloud, Radicale, …)",
    config=CalDavConfig,
    credentials=[Credential("password", about="Where the server offers app passwords, make one for Estateman")],
)
class CalDav:
    """One account; its calendars are found from the server's address (RFC 6764)."""

    def __init__(self, config: CalDavConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        web_address("config.url", config.url)
        if ":" in config.username:
            raise InvalidConfig("config.username", "A colon can't stand in it: it parts name and password.")
        self.config, self.server = config, Server(config, secrets["password"], line)

    def check(self) -> Health:
        """Find the account's calendars."""
        found = self.list_calendars().calendars
        where = urlsplit(self.config.url).hostname
        return Health(ok=True, detail=f"{where} shows {self.config.username} {len(found)} calendars.")

    def list_calendars(self) -> CalendarList:
        """Every collection in the account's homes that keeps events."""
        found = [
            _calendar(each)
            for home in self._homes()
            for each in self.server.ask(home, _CALENDARS, depth="1")
            if _keeps_events(each)
        ]
        return CalendarList(calendars=tuple(found), detail=f"{len(found)} calendars")

    def list_changes(self, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
        """By the collection's sync token (RFC 6578); where there is none, by the etags of all that it holds."""
        return listing.list_changes(self.server, calendar, cursor=cursor, page=page, zone=zone)

    def fetch_event(self, calendar: str, event_id: str, *, zone: str) -> OneEvent:
        response = self.server.get(event_id)
        if response is None:
            return OneEvent(event=RemoteEvent(id=event_id), detail="Gone")
        return OneEvent(event=contents.read(event_id, response.content, response.headers.get("ETag", ""), zone))

    def create_event(self, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
        """At an address made of the key, unless something is there: then that is made to say the same."""
        url = urljoin(_folder(calendar), f"estateman-{hashlib.sha256(key.encode()).hexdigest()[:40]}.ics")
        written = writing.new(content, uid=uid)
        try:
            response = self.server.put(url, written, {"If-None-Match": "*"})
        except PreconditionFailed:
            return self._made_to_say(calendar, url, content, zone=zone)
        return self._as_written(url, written, response, zone=zone)

    def _made_to_say(self, calendar: str, url: str, content: EventContent, *, zone: str) -> OneEvent:
        there = self.fetch_event(calendar, url, zone=zone).event
        if there.content is None:
            raise PreconditionFailed("An event is there and is not.")
        return self.update_event(calendar, url, content, before=there.content, etag=there.etag, zone=zone)

    def update_event(
        self, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
    ) -> OneEvent:
        response = self.server.get(event_id)
        there = "" if response is None else response.headers.get("ETag", "")
        if response is None or (etag and there and there != etag):
            raise PreconditionFailed("The event was changed on the server meanwhile.")
        self._refuse_with_guests(event_id, response.content)
        written = writing.changed(response.content, content, before=before)
        return self._as_written(
            event_id, written, self.server.put(event_id, written, if_match(there or etag)), zone=zone
        )

    def _as_written(self, url: str, written: bytes, response: Any, *, zone: str) -> OneEvent:
        """A server that keeps it otherwise than we wrote it tells no etag (RFC 4791, 5.3.4)."""
        etag = response.headers.get("ETag", "")
        if etag and not etag.startswith("W/"):
            return OneEvent(event=contents.read(url, written, etag, zone))
        return self.fetch_event("", url, zone=zone)

    def delete_event(self, calendar: str, event_id: str, *, etag: str) -> Answer:
        response = self.server.get(event_id)
        if response is None:
            return Answer(detail="Gone already")
        self._refuse_with_guests(event_id, response.content)
        self.server.delete(event_id, etag=etag)
        return Answer(detail="Deleted")

    def _refuse_with_guests(self, url: str, content: bytes) -> None:
        """Some servers mail those who are invited whenever an event of theirs is written, and can't be asked not to."""
        if contents.has_guests(content) and self.server.mails_guests(url):
            raise ProviderError("The server would mail those who are invited: change it there.", permanent=True)

    def _homes(self) -> list[str]:
        principal = self._principal()
        if not principal:
            return [self.config.url]
        told = self.server.ask(principal, _HOME)
        homes = [urljoin(each.url, link) for each in told for link in each.links(f"{CAL}calendar-home-set")]
        if not homes:
            raise ProviderError("The server does not say where the account's calendars are.")
        return homes

    def _principal(self) -> str:
        """Where the account itself is at the server; empty when it does not say."""
        told = self._ask_first(self._starts(), _PRINCIPAL)
        name = f"{DAV}current-user-principal"
        if any(f"{DAV}unauthenticated" in each.tags(name) for each in told):
            raise AuthFailed("The server did not look at the login.")
        links = [urljoin(each.url, link) for each in told for link in each.links(name)]
        return links[0] if links else ""

    def _starts(self) -> list[str]:
        if urlsplit(self.config.url).path.strip("/"):
            return [self.config.url]
        return [urljoin(self.config.url, "/.well-known/caldav"), urljoin(self.config.url, "/")]

    def _ask_first(self, urls: list[str], what: bytes) -> list[Found]:
        """What the first of ``urls`` that exists answers."""
        *others, last = urls
        for url in others:
            response, asked = self.server.look(url, what, depth="0")
            if response.status_code not in _NO_SUCH_PLACE:
                return read(response, asked)
        return self.server.ask(last, what)


def _folder(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _keeps_events(found: Found) -> bool:
    if f"{CAL}calendar" not in found.tags(f"{DAV}resourcetype"):
        return False
    kinds = found.properties.get(f"{CAL}supported-calendar-component-set")
    return kinds is None or "VEVENT" in {each.get("name") for each in kinds}


def _calendar(found: Found) -> RemoteCalendar:
    zone = _TZID.search(found.text(f"{CAL}calendar-timezone").replace("\r", ""))
    privileges = found.tags(f"{DAV}current-user-privilege-set")
    return RemoteCalendar(
        id=found.url,
        name=found.text(f"{DAV}displayname") or urlsplit(found.url).path.rstrip("/").rpartition("/")[2],
        timezone=zone[1].strip() if zone else "",
        color=found.text(f"{APPLE}calendar-color")[:7],
        # A server without access control lets its account write.
        may_write=not privileges or bool(privileges & _WRITES),
    )
