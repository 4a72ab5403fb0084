"""Three-way merge, pure: what both sides said when they were last the same, and what each says now.

A base is kept of each side, because a side may be unable to say all that the other does: what it rounds or leaves out
is no change until it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from integrations.spi import EventContent, Override

Side = Literal["local", "remote"]
TIMES = ("starts_at", "timezone", "minutes", "all_day", "rule")
"""They mean something only together, so one side's are taken as a whole."""
DATES = ("exdates", "rdates", "overrides")
"""Keyed by local start: they go with the times that they were written for."""
SINGLE = ("title", "description", "location", "is_busy", "is_tentative")


@dataclass(frozen=True)
class Base:
    """What each side said when they were last the same."""

    local: EventContent
    remote: EventContent


@dataclass(frozen=True)
class Conflict:
    """Both sides changed the same ``field``, to different values."""

    field: str
    local: Any
    remote: Any
    winner: Side
    recurrence_id: datetime | None = None


@dataclass(frozen=True)
class Merged:
    """What both sides are to say, and where one of them had to give way."""

    local: EventContent
    remote: EventContent
    conflicts: tuple[Conflict, ...] = ()


def merge(base: Base | None, local: EventContent, remote: EventContent, *, winner: Side) -> Merged:
    """What each side is to say now. What only one side changed is taken from it; ``winner`` decides the rest.

    Without a ``base`` nothing is known of the past: every difference is one that ``winner`` decides.
    """
    return _Merge(base, local, remote, winner).run()


class _Merge:
    def __init__(self, base: Base | None, local: EventContent, remote: EventContent, winner: Side) -> None:
        self.base, self.local, self.remote, self.winner = base, local, remote, winner
        self.for_local: dict[str, Any] = {}
        self.for_remote: dict[str, Any] = {}
        self.conflicts: list[Conflict] = []

    def run(self) -> Merged:
        for name in SINGLE:
            self._take((name,))
        if self._moved():
            self._take((*TIMES, *DATES))
        else:
            self._merge_dates()
        return Merged(
            replace(self.local, **self.for_local), replace(self.remote, **self.for_remote), tuple(self.conflicts)
        )

    def _changed(self, side: Side, names: tuple[str, ...]) -> bool:
        if self.base is None:
            return True
        before, now = getattr(self.base, side), getattr(self, side)
        return any(getattr(before, name) != getattr(now, name) for name in names)

    def _moved(self) -> bool:
        if self.base is None:
            return any(getattr(self.local, name) != getattr(self.remote, name) for name in (*TIMES, *DATES))
        return self._changed("local", TIMES) or self._changed("remote", TIMES)

    def _take(self, names: tuple[str, ...]) -> None:
        """All of ``names`` from the one side that changed any of them."""
        here, there = self._changed("local", names), self._changed("remote", names)
        differing = [name for name in names if getattr(self.local, name) != getattr(self.remote, name)]
        if not differing or not (here or there):
            return
        taken: Side = self.winner if here and there else "local" if here else "remote"
        if here and there:
            for name in differing:
                self._note(name, getattr(self.local, name), getattr(self.remote, name))
        source, target = (self.local, self.for_remote) if taken == "local" else (self.remote, self.for_local)
        target.update({name: getattr(source, name) for name in names})

    def _merge_dates(self) -> None:
        for name in ("exdates", "rdates"):
            self._merge_set(name)
        self._merge_overrides()

    def _merge_set(self, name: str) -> None:
        """Date by date: put in or taken out on one side, it is on the other."""
        here, there = getattr(self.local, name), getattr(self.remote, name)
        if self.base is None:
            return
        before_here, before_there = getattr(self.base.local, name), getattr(self.base.remote, name)
        added = (here - before_here) | (there - before_there)
        removed = ((before_here - here) | (before_there - there)) - added
        self.for_local[name] = (here | added) - removed
        self.for_remote[name] = (there | added) - removed

    def _merge_overrides(self) -> None:
        if self.base is None:
            return
        here, there = dict(self.local.overrides), dict(self.remote.overrides)
        for key in sorted({*here, *there, *self.base.local.overrides, *self.base.remote.overrides}):
            self._merge_override(key, here, there, self.base)
        self.for_local["overrides"], self.for_remote["overrides"] = here, there

    def _merge_override(
        self, key: datetime, here: dict[datetime, Override], there: dict[datetime, Override], base: Base
    ) -> None:
        local, remote = here.get(key), there.get(key)
        changed_here = local != base.local.overrides.get(key)
        changed_there = remote != base.remote.overrides.get(key)
        if local == remote or not (changed_here or changed_there):
            return
        if changed_here and changed_there:
            self._note("overrides", local, remote, key)
        taken = self.winner if changed_here and changed_there else "local" if changed_here else "remote"
        source, target = (local, there) if taken == "local" else (remote, here)
        _put(target, key, source)

    def _note(self, field: str, local: Any, remote: Any, key: datetime | None = None) -> None:
        self.conflicts.append(Conflict(field, local, remote, self.winner, key))


def _put(overrides: dict[datetime, Override], key: datetime, override: Override | None) -> None:
    if override is None:
        overrides.pop(key, None)
    else:
        overrides[key] = override


def carried(base: EventContent, before: EventContent, after: EventContent) -> EventContent:
    """``base`` with what differs between ``before`` and ``after`` as ``after`` has it, date by date."""
    names = (*SINGLE, *TIMES)
    changed: dict[str, Any] = {
        name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)
    }
    for name in ("exdates", "rdates"):
        was, now = getattr(before, name), getattr(after, name)
        changed[name] = (getattr(base, name) | (now - was)) - (was - now)
    overrides = dict(base.overrides)
    for key in {*before.overrides, *after.overrides}:
        if before.overrides.get(key) != after.overrides.get(key):
            _put(overrides, key, after.overrides.get(key))
    return replace(base, **changed, overrides=overrides)


def slim(content: EventContent) -> EventContent:
    """The same with each override cut down to what really differs from the series; those that don't are left out."""
    return replace(content, overrides=slimmed(content.overrides, content))


def slimmed(overrides: Mapping[datetime, Override], content: EventContent) -> dict[datetime, Override]:
    found = {key: _slim(key, override, content) for key, override in overrides.items() if key not in content.exdates}
    return {key: override for key, override in found.items() if override != Override()}


def _slim(key: datetime, override: Override, content: EventContent) -> Override:
    usual = {
        "starts_at": key,
        "minutes": content.minutes,
        "title": content.title,
        "description": content.description,
        "location": content.location,
    }
    return Override(
        **{name: None if getattr(override, name) == value else getattr(override, name) for name, value in usual.items()}
    )
