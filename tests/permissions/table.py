"""How the tables of who may do what are written and read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

ROLES = ("nobody", "stranger", "viewer", "member", "owner", "manager")
_METHODS = {"get", "post", "put", "patch", "delete"}
_THING = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One route: the status that each role is answered with, on the things of ``world.py``.

    ``nobody``    is not signed in.
    ``stranger``  is an agent of the office without any tie to the thing.
    ``viewer``    looks on: viewer of the project, reader of the calendar; invited to the event.
    ``member``    works there: member of the project and the team, writes into the calendar, booked the room; and
                  whose the token, the notification and the ledger entry are.
    ``owner``     owns the project and the calendar and leads the team.
    ``manager``   leads the office and belongs to none of it.
    """

    nobody: int = 401
    stranger: int
    viewer: int
    member: int
    owner: int
    manager: int

    body: Any = None
    """What is sent; ``"{task}"`` is the id of the world's task, and of a function what it returns."""
    format: str = "json"
    """How it is sent: ``multipart`` is a form with a file."""
    query: str = ""
    """What follows the path, as in ``project={deal}``."""
    of: str = ""
    """The thing whose id ``{id}`` or a like-named part of the path is, where it isn't the usual one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: str = ""
    """A list's entry that is looked for: ``id=task`` is the one whose id is the task's …"""
    hidden_from: str = ""
    """… and the roles whose list, although it is answered, lacks it."""

    @property
    def statuses(self) -> dict[str, int]:
        return {role: getattr(self, role) for role in ROLES}


def everyone(status: int, *, nobody: int = 401, **rest: Any) -> Row:
    """The same for all who work here."""
    return Row(nobody=nobody, **_same(status, *ROLES[1:]), **rest)


def only_manager(status: int, *, others: int = 403, **rest: Any) -> Row:
    """For those who lead the office."""
    return Row(**_same(others, *ROLES[1:-1]), manager=status, **rest)


def only_member(status: int, *, others: int = 404, **rest: Any) -> Row:
    """The member's own: not even those who lead the office may."""
    return Row(**_same(others, *ROLES[1:]) | {"member": status}, **rest)


def _same(status: int, *roles: str) -> dict[str, Any]:
    return dict.fromkeys(roles, status)


def filled(value: Any, things: Mapping[str, Any]) -> Any:
    """``value`` with every ``"{name}"`` in it replaced by what ``things`` has under that name, and functions called."""
    if callable(value):
        return value()
    if isinstance(value, dict):
        return {name: filled(each, things) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, things) for each in value]
    named = _THING.fullmatch(value) if isinstance(value, str) else None
    return things[named[1]] if named else value


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI schema, as /api/schema serves it."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations() -> dict[str, dict[str, Any]]:
    """Every route of the schema: ``"GET /api/v1/tasks/{id}"`` to its operation."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    }
