"""The dates of a series that are not as its rule has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from events.models import Event


class Kind(StrEnum):
    """LEFT_OUT goes before CHANGED, and that before ADDED: an added date may be moved, and then be left out."""

    LEFT_OUT = "left_out"
    ADDED = "added"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True)
class ExceptionalDate:
    """One of them, by its original local start; ``changes`` are the fields in which it differs."""

    recurrence_id: datetime
    kind: Kind
    changes: Mapping[str, object] = field(default_factory=dict)


def exceptions_of(event: Event) -> list[ExceptionalDate]:
    """Each date once, in order, as what would be undone first. Reads ``exceptions`` and ``overrides``."""
    found = {local: ExceptionalDate(local, Kind.ADDED) for local in event.rdates}
    for row in event.overrides.all():
        patch = row.patch()
        moved = bool({"starts_at", "duration_minutes"} & patch.keys())
        found[row.recurrence_id] = ExceptionalDate(row.recurrence_id, Kind.MOVED if moved else Kind.CHANGED, patch)
    found |= {local: ExceptionalDate(local, Kind.LEFT_OUT) for local in event.exdates}
    return sorted(found.values(), key=lambda each: each.recurrence_id)
