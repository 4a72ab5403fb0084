"""Calendars on any CalDAV server (RFC 4791), with one account's password."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from integrations.registry import provider
from integrations.schema import Credential, setting, web_address
from integrations.sealing import Secret
from integrations.spi import AuthFailed, CalendarList, Health, InvalidConfig, ProviderError, RemoteCalendar
from integrations.transport import Line, error_for

MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_NO_SUCH_PLACE = {404, 405, 410, 501}
_DAV, _CAL, _APPLE = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://apple.com/ns/ical/}"
_WRITES = {f"{_DAV}{each}" for each in ("all", "write", "write-content", "bind")}
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


@dataclass(frozen=True)
class CalDavConfig:
    """Where the server is, and who we are there."""

    url: str = setting(
        "Address of the server, like https://dav.example.com, or of the account's calendars there", is_address=True
    )
    username: str = setting("The account's name at the server")
    also_at: str = setting(
        "A domain to whose servers it may send us, like icloud.com; empty for none but its own",
        default="",
        is_address=True,
    )


@dataclass(frozen=True)
class _Found:
    """One resource of a multistatus answer, with the properties that it has."""

    url: str
    properties: Mapping[str, Element]

    def links(self, name: str) -> list[str]:
        """The addresses inside the property, as they stand there."""
        element = self.properties.get(name)
        texts = [each.text for each in element.iter(f"{_DAV}href")] if element is not None else []
        return [text.strip() for text in texts if text]

    def text(self, name: str) -> str:
        element = self.properties.get(name)
        return ((element.text if element is not None else None) or "").strip()

    def tags(self, name: str) -> set[str]:
        """Of all elements inside the property."""
        element = self.properties.get(name)
        return {each.tag for each in element.iter()} if element is not None else set()


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
        self.config, self.password, self.line = config, secrets["password"], line

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
            for each in self._ask(home, _CALENDARS, depth="1")
            if _keeps_events(each)
        ]
        return CalendarList(calendars=tuple(found), detail=f"{len(found)} calendars")

    def _homes(self) -> list[str]:
        principal = self._principal()
        if not principal:
            return [self.config.url]
        told = self._ask(principal, _HOME)
        homes = [urljoin(each.url, link) for each in told for link in each.links(f"{_CAL}calendar-home-set")]
        if not homes:
            raise ProviderError("The server does not say where the account's calendars are.")
        return homes

    def _principal(self) -> str:
        """Where the account itself is at the server; empty when it does not say."""
        told = self._ask_first(self._starts(), _PRINCIPAL)
        name = f"{_DAV}current-user-principal"
        if any(f"{_DAV}unauthenticated" in each.tags(name) for each in told):
            raise AuthFailed("The server did not look at the login.")
        links = [urljoin(each.url, link) for each in told for link in each.links(name)]
        return links[0] if links else ""

    def _starts(self) -> list[str]:
        if urlsplit(self.config.url).path.strip("/"):
            return [self.config.url]
        return [urljoin(self.config.url, "/.well-known/caldav"), urljoin(self.config.url, "/")]

    def _ask_first(self, urls: list[str], what: bytes) -> list[_Found]:
        """What the first of ``urls`` that exists answers."""
        *others, last = urls
        for url in others:
            response, asked = self._propfind(url, what, "0")
            if response.status_code not in _NO_SUCH_PLACE:
                return _read(response, asked)
        return self._ask(last, what)

    def _ask(self, url: str, what: bytes, *, depth: str = "0") -> list[_Found]:
        return _read(*self._propfind(url, what, depth))

    def _propfind(self, url: str, what: bytes, depth: str) -> tuple[Any, str]:
        """The answer, and where it came from at last: requests would follow a redirect with a GET."""
        for _ in range(MOST_REDIRECTS + 1):
            self._refuse_elsewhere(url)
            response = self.line.http.request(
                "PROPFIND",
                url,
                data=what,
                headers={"Depth": depth, "Content-Type": "application/xml; charset=utf-8"},
                # As bytes: requests would send a text as Latin-1.
                auth=(self.config.username.encode(), self.password.reveal().encode()),
                allow_redirects=False,
            )
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response, url
            url = urljoin(url, response.headers["Location"])
        raise ProviderError("The server sends us round in circles.")

    def _refuse_elsewhere(self, url: str) -> None:
        """Addresses are the server's word, and the password goes along."""
        try:
            here, there = _origin(self.config.url), _origin(url)
        except ValueError:
            raise ProviderError("The server names an address that is none.") from None
        domain = self.config.also_at.lower().strip(".")
        is_friend = there[0] == "https" and domain and f".{there[1]}".endswith(f".{domain}")
        if there != here and not is_friend:
            raise ProviderError(
                f"The server sends us to {there[1] or 'another place'}, which may not have the password. "
                "If that is right, name its domain in also_at."
            )


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _read(response: Any, asked: str) -> list[_Found]:
    """Raises ProviderError unless it is a multistatus (RFC 4918, 13)."""
    if response.status_code >= 400:
        raise error_for(response, response.reason or "refused")
    try:
        tree = fromstring(response.content, forbid_dtd=True) if response.status_code == 207 else None
    except (ParseError, ValueError, LookupError):
        tree = None
    if tree is None or tree.tag != f"{_DAV}multistatus":
        raise ProviderError(f"{urlsplit(asked).hostname} does not speak CalDAV at this address.")
    return [_Found(urljoin(asked, _href(each)), dict(_properties(each))) for each in tree.iter(f"{_DAV}response")]


def _href(response: Element) -> str:
    return (response.findtext(f"{_DAV}href") or "").strip()


def _properties(response: Element) -> Iterator[tuple[str, Element]]:
    """Those that the resource has; each group says in its status whether it does."""
    for group in response.iter(f"{_DAV}propstat"):
        if " 200" in (group.findtext(f"{_DAV}status") or ""):
            for properties in group.iter(f"{_DAV}prop"):
                yield from ((each.tag, each) for each in properties)


def _keeps_events(found: _Found) -> bool:
    if f"{_CAL}calendar" not in found.tags(f"{_DAV}resourcetype"):
        return False
    kinds = found.properties.get(f"{_CAL}supported-calendar-component-set")
    return kinds is None or "VEVENT" in {each.get("name") for each in kinds}


def _calendar(found: _Found) -> RemoteCalendar:
    zone = _TZID.search(found.text(f"{_CAL}calendar-timezone").replace("\r", ""))
    privileges = found.tags(f"{_DAV}current-user-privilege-set")
    return RemoteCalendar(
        id=found.url,
        name=found.text(f"{_DAV}displayname") or urlsplit(found.url).path.rstrip("/").rpartition("/")[2],
        timezone=zone[1].strip() if zone else "",
        color=found.text(f"{_APPLE}calendar-color")[:7],
        # A server without access control lets its account write.
        may_write=not privileges or bool(privileges & _WRITES),
    )
