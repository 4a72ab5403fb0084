"""Rooms: who may see what happens where. Each owner registers its kind (``project``, ``calendar``, ``team``, …).

A room is named ``kind`` or ``kind:id`` and is both the live room of the socket and the key of the activity feed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Person = Any  # a people.User; this layer knows no app


@dataclass(frozen=True)
class RoomKind:
    """How one kind of room answers: ``may_enter(user, id)`` and ``ids_of(user)``, all that the user may enter."""

    name: str
    may_enter: Callable[[Person, int], bool]
    ids_of: Callable[[Person], Iterable[int]]


_kinds: dict[str, RoomKind] = {}
OFFICE = "office"


def register_room(
    name: str, *, may_enter: Callable[[Person, int], bool], ids_of: Callable[[Person], Iterable[int]]
) -> None:
    """Declare a kind of room, once, from its owner's ``AppConfig.ready``."""
    _kinds[name] = RoomKind(name, may_enter, ids_of)


def room_of(row: Model) -> str:
    """The room of one row: ``project:12`` for project 12."""
    return f"{row._meta.model_name}:{row.pk}"


def may_enter(user: Person, room: str) -> bool:
    """Whether ``user`` may see ``room``. A name nobody registered is nobody's room."""
    if room == OFFICE:
        return True
    name, _, ident = room.partition(":")
    kind = _kinds.get(name)
    return kind is not None and ident.isascii() and ident.isdigit() and kind.may_enter(user, int(ident))


def rooms_of(user: Person) -> list[str]:
    """Every room that ``user`` may enter."""
    return [OFFICE, *(f"{kind.name}:{ident}" for kind in _kinds.values() for ident in kind.ids_of(user))]
