"""What stood in the way, in sentences with the dates."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from estateman.common.errors import RuleBroken, VersionConflict
from events.services import BookingConflict, TimeTaken
from events.wording import span_words

MOST_LINES = 12
_WHY = {
    "booked": "booked already",
    "blackout": "closed",
    "outside_hours": "outside the hours in which it can be booked",
}


@dataclass(frozen=True)
class Told:
    """``lines`` say what collides, date by date, and ``more`` how many are not said.

    ``leave_out`` are the dates in question, by their original local starts; ``has_free`` is whether others can be had.
    ``is_stale`` is whether it changed since it was read.
    """

    detail: str
    lines: list[str]
    more: int = 0
    leave_out: str = ""
    has_free: bool = False
    is_booking: bool = False
    is_stale: bool = False


def told(rule: RuleBroken, zone: tzinfo) -> Told:
    """``rule`` as a person in ``zone`` reads it."""
    found: list[dict[str, Any]] = rule.extra.get("conflicts", [])
    if not isinstance(rule, BookingConflict | TimeTaken):
        return Told(rule.detail, [], is_stale=isinstance(rule, VersionConflict))
    keys = sorted({each["recurrence_id"] for each in found})
    return Told(
        detail=rule.detail,
        lines=[sentence(each, zone) for each in found[:MOST_LINES]],
        more=len(found[MOST_LINES:]),
        leave_out=" ".join(keys),
        has_free=bool(rule.extra.get("free")),
        is_booking=isinstance(rule, BookingConflict),
    )


def sentence(conflict: dict[str, Any], zone: tzinfo) -> str:
    """One collision: of a resource, or of somebody's time."""
    when = span_words(_read(conflict["starts_at"], zone), _read(conflict["ends_at"], zone))
    if "user" in conflict:
        what = f"“{conflict['title']}”" if conflict["event"] else "something else"
        return f"{when}: {conflict['name']} has {what}."
    why = _WHY[conflict["reason"]]
    return f"{when}: {why} (“{conflict['title']}”)." if conflict["title"] else f"{when}: {why}."


def _read(text: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)
