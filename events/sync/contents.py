"""An event of ours as every provider understands it, and both as the JSON that is kept of a link's last agreement."""

import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from events.models import Event
from events.services.timing import WHOLE_DAY, EventFields
from events.sync.merging import DATES, TIMES, Base, slim
from integrations.spi import EventContent, Override

LONGEST_TITLE = LONGEST_LOCATION = 200
UNTITLED = "(no title)"
PRIVATE = "Private"
"""What an event is called here whose owner marked it private elsewhere."""
_USUAL_PARTS = {"INTERVAL=1", "WKST=MO"}


def content_of(event: Event) -> EventContent:
    """What ``event`` says. Reads its exceptions and overrides: load it ``with_series``."""
    return usual(
        EventContent(
            title=event.title,
            description=event.description,
            location=event.location,
            starts_at=event.starts_at,
            timezone="" if event.all_day else event.timezone,
            minutes=event.duration_minutes,
            all_day=event.all_day,
            rule=event.recurrence,
            exdates=frozenset(event.exdates),
            rdates=frozenset(event.rdates),
            overrides={row.recurrence_id: _override(row.patch()) for row in event.overrides.all()},
            is_busy=event.is_busy,
            is_tentative=event.status == Event.Status.TENTATIVE,
        )
    )


def _override(patch: dict[str, Any]) -> Override:
    return Override(**{("minutes" if name == "duration_minutes" else name): value for name, value in patch.items()})


def usual(content: EventContent) -> EventContent:
    """The same in one way of writing it, so that what means the same is the same; of what is private, no words."""
    content = _hidden(content) if content.is_private else content
    description = content.description.replace("\r\n", "\n")
    return slim(replace(content, description=description, rule=_usual_rule(content.rule, all_day=content.all_day)))


def _hidden(content: EventContent) -> EventContent:
    """It takes its time, and says no more: whoever reads the calendar here would read the rest."""
    silent = {"title": None, "description": None, "location": None}
    overrides = {key: replace(override, **silent) for key, override in content.overrides.items()}
    return replace(content, title=PRIVATE, description="", location="", overrides=overrides)


def _usual_rule(rule: str, *, all_day: bool) -> str:
    parts = [part for part in re.sub(r"\s", "", rule).upper().removeprefix("RRULE:").split(";") if part]
    kept = [_usual_until(part, all_day=all_day) for part in parts if part not in _USUAL_PARTS]
    return ";".join(sorted(kept, key=lambda part: (not part.startswith("FREQ="), part)))


def _usual_until(part: str, *, all_day: bool) -> str:
    if not part.startswith("UNTIL="):
        return part
    if all_day:
        return part[: len("UNTIL=YYYYMMDD")]
    return part if "T" in part[len("UNTIL=") :] else f"{part}T235959"


def fields_of(content: EventContent, names: Iterable[str] | None = None) -> EventFields:
    """``content`` as an event here can hold it, or what of it ``names`` stands for; overrides are kept apart."""
    wanted = set(names) if names is not None else {*TIMES, *DATES, "title", "description", "location", "is_busy"}
    if names is None or "is_tentative" in wanted:
        wanted.add("status")
    values: dict[str, Any] = {
        "title": cut_title(content.title),
        "description": content.description,
        "location": cut_location(content.location),
        "starts_at": content.starts_at,
        "timezone": content.timezone,
        "minutes": at_least(content.minutes, all_day=content.all_day),
        "all_day": content.all_day,
        "rule": content.rule,
        "exdates": sorted(content.exdates),
        "rdates": sorted(content.rdates),
        "is_busy": content.is_busy,
        "status": Event.Status.TENTATIVE if content.is_tentative else Event.Status.CONFIRMED,
    }
    if not content.timezone:
        del values["timezone"]  # whole days are the calendar's own, or stay in the zone they have
    renamed = {"minutes": "duration_minutes", "rule": "recurrence"}
    return {renamed.get(name, name): value for name, value in values.items() if name in wanted}  # type: ignore[return-value]


def at_least(minutes: int, *, all_day: bool) -> int:
    """As long as an event here must be; others know events without an end."""
    return max(minutes, WHOLE_DAY if all_day else 1)


def cut_title(text: str) -> str:
    """As a title here may be."""
    return text.strip()[:LONGEST_TITLE] or UNTITLED


def cut_location(text: str) -> str:
    return text.strip()[:LONGEST_LOCATION]


def snapshot(base: Base) -> dict[str, Any]:
    """As it is kept in a row."""
    return {"local": to_json(base.local), "remote": to_json(base.remote)}


def base_of(kept: dict[str, Any]) -> Base | None:
    """What ``snapshot`` made; None where nothing is kept."""
    return Base(from_json(kept["local"]), from_json(kept["remote"])) if "local" in kept else None


def to_json(content: EventContent) -> dict[str, Any]:
    return {name: plain(value) for name, value in vars(content).items()}


def plain(value: Any) -> Any:
    """A value of a content as JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(plain(each) for each in value)
    if isinstance(value, Override):
        return {name: plain(each) for name, each in asdict(value).items() if each is not None}
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in sorted(value.items())}
    return value


def from_json(kept: dict[str, Any]) -> EventContent:
    dates = {name: frozenset(datetime.fromisoformat(each) for each in kept[name]) for name in ("exdates", "rdates")}
    overrides = {datetime.fromisoformat(key): _override_from(each) for key, each in kept["overrides"].items()}
    start = datetime.fromisoformat(kept["starts_at"])
    return EventContent(**{**kept, **dates, "overrides": overrides, "starts_at": start})


def _override_from(kept: dict[str, Any]) -> Override:
    start = kept.get("starts_at")
    return Override(**{**kept, "starts_at": datetime.fromisoformat(start) if start else None})
