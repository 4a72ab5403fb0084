"""All that changed in a calendar outside since the last run, page by page."""

from dataclasses import dataclass, replace

from events.models import CalendarLink
from events.sync.contents import usual
from integrations.services import OutsideCalendar
from integrations.spi import CursorExpired, ProviderError, RemoteEvent

MOST_PAGES = 1000


@dataclass(frozen=True)
class Heard:
    """Each event once, as it was told last, and what is out of sight. ``is_full`` says that this is all there is."""

    events: tuple[RemoteEvent, ...]
    missing: frozenset[str]
    cursor: str
    is_full: bool


def listen(link: CalendarLink, outside: OutsideCalendar) -> Heard:
    """From the link's cursor on; from the beginning where there is none that is good. Raises ProviderError."""
    if link.cursor:
        try:
            return _all_pages(outside, link.cursor)
        except CursorExpired:
            pass
    return _all_pages(outside, "")


def _all_pages(outside: OutsideCalendar, cursor: str) -> Heard:
    found: dict[str, RemoteEvent] = {}
    missing: set[str] = set()
    page = ""
    for _ in range(MOST_PAGES):
        told = outside.changes(cursor=cursor, page=page)
        found |= {event.id: event for event in told.events}
        missing |= set(told.missing)
        if not told.page:
            events = tuple(_usual(event) for event in found.values())
            return Heard(events, frozenset(missing - found.keys()), told.cursor, is_full=not cursor)
        page = told.page
    raise ProviderError(f"The list has more than {MOST_PAGES} pages.")


def _usual(event: RemoteEvent) -> RemoteEvent:
    return event if event.content is None else replace(event, content=usual(event.content))
