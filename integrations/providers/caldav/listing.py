"""What changed in a collection since a cursor: by its sync token (RFC 6578), else by the etags of all it holds."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

from integrations.providers.caldav import contents
from integrations.providers.caldav.server import CAL, DAV, Found, Server, multistatus, parsed, read
from integrations.spi import Changes, CursorExpired, ProviderError, RemoteEvent

PAGE = 100
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'
_SYNC = (
    f"{_HEAD}<d:sync-collection {_SPACES}><d:sync-token>{{}}</d:sync-token><d:sync-level>1</d:sync-level>"
    "<d:prop><d:getetag/></d:prop></d:sync-collection>"
)
_LIST = f"{_HEAD}<d:propfind {_SPACES}><d:prop><d:getetag/><d:resourcetype/><s:getctag/></d:prop></d:propfind>"
_CTAG = f"{_HEAD}<d:propfind {_SPACES}><d:prop><s:getctag/></d:prop></d:propfind>"
_GET = (
    f"{_HEAD}<c:calendar-multiget {_SPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>{{}}</c:calendar-multiget>"
)
_KNOWS_NO_SYNC = {400, 404, 405, 415, 422, 501}
_GETCTAG = "{http://calendarserver.org/ns/}getctag"


def list_changes(server: Server, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
    """One page: what is missing, and at most PAGE of the events that are new or changed. Raises CursorExpired."""
    missing: list[str] = []
    if page:
        told = _kept(page)
        left, after, again = told["left"], told["cursor"], told["again"]
        if not left and again:
            left, missing, after, again = _changed(server, calendar, after)
    else:
        left, missing, after, again = _changed(server, calendar, _kept(cursor) if cursor else {})
    events = _fetched(server, calendar, left[:PAGE], zone)
    left = left[PAGE:]
    more = {"left": left, "cursor": after, "again": again} if left or again else None
    return Changes(
        events=tuple(events),
        missing=tuple(missing),
        page=json.dumps(more) if more else "",
        cursor="" if more else json.dumps(after),
        detail=f"{len(events) + len(missing)} changes",
    )


def _kept(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise CursorExpired("The cursor can't be read.")
    return told


Changed = tuple[list[str], list[str], dict[str, Any], bool]
"""The addresses that are new or changed, those that are gone, where to go on from, and whether the server has more."""


def _changed(server: Server, calendar: str, cursor: dict[str, Any]) -> Changed:
    if "etags" in cursor:
        return _by_etags(server, calendar, cursor)
    asked = _SYNC.format(escape(str(cursor.get("token", "")))).encode()
    response, where = server.look(calendar, asked, depth="0", method="REPORT")
    if response.status_code in {403, 409, 410, 412} and _names_the_token(response.content):
        raise CursorExpired("The server knows this sync token no longer.")
    if not cursor and (response.status_code in _KNOWS_NO_SYNC or response.status_code == 403):
        return _by_etags(server, calendar, {"etags": {}})
    token = _token(multistatus(response, where))
    found = read(response, where)
    events = [each for each in found if not _is_collection(each, where)]
    again = any(each.is_cut_off for each in found)
    if again and token == cursor.get("token"):
        raise ProviderError("The server says again and again that there is more.")
    gone = [each.url for each in events if each.is_gone]
    return [each.url for each in events if not each.is_gone], gone, {"token": token}, again


def _names_the_token(content: bytes) -> bool:
    tree = parsed(content)
    return tree is not None and any(each.tag == f"{DAV}valid-sync-token" for each in tree.iter())


def _token(tree: Any) -> str:
    token = (tree.findtext(f"{DAV}sync-token") or "").strip()
    if not token:
        raise ProviderError("The server named no sync token.")
    return token


def _by_etags(server: Server, calendar: str, cursor: dict[str, Any]) -> Changed:
    before: dict[str, str] = cursor["etags"]
    if before and cursor.get("ctag"):
        (now, *_) = [each.text(_GETCTAG) for each in server.ask(calendar, _CTAG.encode())] or [""]
        if now == cursor["ctag"]:
            return [], [], cursor, False
    found = server.ask(calendar, _LIST.encode(), depth="1")
    etags = {each.url: each.text(f"{DAV}getetag") for each in found if not _is_collection(each, calendar)}
    if before and not etags:
        return [], [], cursor, False  # a bad day, perhaps: an empty list takes nothing away
    ctag = next((each.text(_GETCTAG) for each in found if each.text(_GETCTAG)), "")
    changed = [url for url, etag in etags.items() if not etag or before.get(url) != etag]
    return changed, [url for url in before if url not in etags], {"ctag": ctag, "etags": etags}, False


def _is_collection(found: Found, calendar: str) -> bool:
    is_itself = found.url.rstrip("/") == calendar.rstrip("/")
    return is_itself or found.url.endswith("/") or f"{DAV}collection" in found.tags(f"{DAV}resourcetype")


def _fetched(server: Server, calendar: str, urls: Iterable[str], zone: str) -> list[RemoteEvent]:
    paths = [urlsplit(url).path for url in urls]
    if not paths:
        return []
    asked = _GET.format("".join(f"<d:href>{escape(path)}</d:href>" for path in paths)).encode()
    found = server.ask(calendar, asked, depth="1", method="REPORT")
    return [event for each in found if (event := _event(each, calendar, zone))]


def _event(found: Found, calendar: str, zone: str) -> RemoteEvent | None:
    """None for what is no event, like a thing to do."""
    url = urljoin(calendar, found.url)
    if found.is_gone:
        return RemoteEvent(id=url)
    content = found.text(f"{CAL}calendar-data").encode()
    if not contents.keeps_an_event(content):
        return None
    return contents.read(url, content, found.text(f"{DAV}getetag"), zone)
