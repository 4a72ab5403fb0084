"""One account at a CalDAV server: guarded requests, and what multistatus answers say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from integrations.providers.caldav.config import CalDavConfig
from integrations.sealing import Secret
from integrations.spi import PreconditionFailed, ProviderError
from integrations.transport import Line, error_for

MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
DAV, CAL, APPLE = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://apple.com/ns/ical/}"
XML = {"Content-Type": "application/xml; charset=utf-8"}


@dataclass(frozen=True)
class Found:
    """One resource of a multistatus answer, with the properties that it has and the status of itself, if told."""

    url: str
    properties: Mapping[str, Element]
    status: str = ""

    @property
    def is_gone(self) -> bool:
        return " 404" in self.status

    @property
    def is_cut_off(self) -> bool:
        """Whether the server left out some of what it had to say (RFC 6578, 3.6)."""
        return " 507" in self.status

    def links(self, name: str) -> list[str]:
        """The addresses inside the property, as they stand there."""
        element = self.properties.get(name)
        texts = [each.text for each in element.iter(f"{DAV}href")] if element is not None else []
        return [text.strip() for text in texts if text]

    def text(self, name: str) -> str:
        element = self.properties.get(name)
        return ((element.text if element is not None else None) or "").strip()

    def tags(self, name: str) -> set[str]:
        """Of all elements inside the property."""
        element = self.properties.get(name)
        return {each.tag for each in element.iter()} if element is not None else set()


class Server:
    """Speaks to the server of ``config.url`` and, with the password, to no other."""

    def __init__(self, config: CalDavConfig, password: Secret, line: Line) -> None:
        self.config, self.password, self.line = config, password, line

    def ask(self, url: str, what: bytes, *, depth: str = "0", method: str = "PROPFIND") -> list[Found]:
        """Raises ProviderError unless the answer is a multistatus."""
        return read(*self.look(url, what, depth=depth, method=method))

    def look(self, url: str, what: bytes, *, depth: str, method: str = "PROPFIND") -> tuple[Any, str]:
        """The answer, and where it came from at last: requests would follow a redirect with a GET."""
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send(method, url, what, {"Depth": depth, **XML})
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response, url
            url = urljoin(url, response.headers["Location"])
        raise ProviderError("The server sends us round in circles.")

    def get(self, url: str) -> Any:
        """The resource; None where there is none."""
        # Packed on its way it would come with another etag, which the server itself does not know.
        response = self._send("GET", url, b"", {"Accept-Encoding": "identity"})
        if response.status_code in {404, 410}:
            return None
        if response.status_code != 200:
            raise (
                error_for(response, response.reason or "refused")
                if response.status_code >= 400
                else ProviderError(f"{urlsplit(url).hostname} answered {response.status_code} instead of the event.")
            )
        return response

    def put(self, url: str, content: bytes, condition: Mapping[str, str]) -> Any:
        """Raises PreconditionFailed unless the ``condition`` holds there."""
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        return _written(self._send("PUT", url, content, headers))

    def delete(self, url: str, *, etag: str) -> None:
        # A server that schedules would answer an invitation in the account's name (RFC 6638, 8.1).
        response = self._send("DELETE", url, b"", {"Schedule-Reply": "F", **if_match(etag)})
        if response.status_code not in {404, 410}:
            _written(response)

    def mails_guests(self, url: str) -> bool:
        """Whether it tells those who are invited by itself of what is written at ``url`` (RFC 6638, 2)."""
        told = self._send("OPTIONS", url, b"", {}).headers.get("DAV", "")
        return "calendar-auto-schedule" in told.lower()

    def _send(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> Any:
        self._refuse_elsewhere(url)
        return self.line.http.request(
            method,
            url,
            data=content,
            headers=dict(headers),
            # As bytes: requests would send a text as Latin-1.
            auth=(self.config.username.encode(), self.password.reveal().encode()),
            allow_redirects=False,
        )

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


def if_match(etag: str) -> dict[str, str]:
    """No condition with a weak etag: it never holds (RFC 9110, 13.1.1)."""
    return {"If-Match": etag} if etag and not etag.startswith("W/") else {}


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _written(response: Any) -> Any:
    """A 403 is about this calendar or event, and says nothing of the login, for which there is 401."""
    if response.status_code == 412:
        raise PreconditionFailed("The event was changed on the server meanwhile.")
    if response.status_code == 403:
        raise ProviderError("403: the server does not let us write this.", permanent=True)
    if response.status_code >= 400:
        raise error_for(response, response.reason or "refused")
    return response


def read(response: Any, asked: str) -> list[Found]:
    """Raises ProviderError unless it is a multistatus (RFC 4918, 13)."""
    tree = multistatus(response, asked)
    return [
        Found(urljoin(asked, _href(each)), dict(_properties(each)), (each.findtext(f"{DAV}status") or "").strip())
        for each in tree.iter(f"{DAV}response")
    ]


def multistatus(response: Any, asked: str) -> Element:
    if response.status_code >= 400:
        raise error_for(response, response.reason or "refused")
    tree = parsed(response.content) if response.status_code == 207 else None
    if tree is None or tree.tag != f"{DAV}multistatus":
        raise ProviderError(f"{urlsplit(asked).hostname} does not speak CalDAV at this address.")
    return tree


def parsed(content: bytes) -> Element | None:
    try:
        tree: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        return None
    return tree


def _href(response: Element) -> str:
    return (response.findtext(f"{DAV}href") or "").strip()


def _properties(response: Element) -> Iterator[tuple[str, Element]]:
    """Those that the resource has; each group says in its status whether it does."""
    for group in response.iter(f"{DAV}propstat"):
        if " 200" in (group.findtext(f"{DAV}status") or ""):
            for properties in group.iter(f"{DAV}prop"):
                yield from ((each.tag, each) for each in properties)
