"""What a subscription may ask to be told of.

Everything that has a room: who may enter a room may hear what happens there, wherever they sit.
What has none is nobody's to see, and what happens to subscriptions themselves is left out, for each
failure to tell would be one more thing to tell.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from django.core.exceptions import ValidationError

from estateman.activity.facts import Fact, known_kinds

OURS = "subscription."
EVERYTHING = "*"
MOST_KINDS = 100
_WORDS = {int: "integer", str: "string", bool: "boolean", float: "number", tuple: "array", dict: "object"}


@dataclass(frozen=True)
class Field:
    """One field of what is told under ``data``; ``type`` is JSON's word for it."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class TellableKind:
    """One kind of activity, and what a webhook of it holds."""

    kind: str
    about: str
    fields: Sequence[Field]


def tellable_kinds() -> dict[str, type[Fact]]:
    """Every kind that may leave, by name."""
    return {kind: fact for kind, fact in known_kinds().items() if _may_leave(fact)}


def _may_leave(fact: type[Fact]) -> bool:
    return fact.rooms is not Fact.rooms and not fact.kind.startswith(OURS)


def described() -> list[TellableKind]:
    """The same for people who connect something."""
    return [TellableKind(kind, _about(fact), _fields(fact)) for kind, fact in tellable_kinds().items()]


def _about(fact: type[Fact]) -> str:
    """The docstring's first paragraph, or the name in words where there is none but the one that dataclasses write."""
    text = fact.__doc__ or ""
    if text.startswith(f"{fact.__name__}("):
        return re.sub(r"\B(?=[A-Z])", " ", fact.__name__).capitalize() + "."
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "")


def _fields(fact: type[Fact]) -> list[Field]:
    hints = get_type_hints(fact)
    return [_field(each.name, hints[each.name]) for each in dataclasses.fields(fact) if each.name != "by_id"]


def _field(name: str, hint: Any) -> Field:
    options = [each for each in get_args(hint) or (hint,) if each is not type(None)]
    nullable = type(None) in get_args(hint)
    only = options[0] if nullable else hint
    return Field(name, _WORDS.get(get_origin(only) or only, "string"), nullable)


def is_wanted(kinds: Iterable[str], kind: str) -> bool:
    """Whether ``kind`` is among ``kinds``: named, by its beginning (``task.*``), or because all are (``*``)."""
    return any(_fits(wanted, kind) for wanted in kinds)


def _fits(wanted: str, kind: str) -> bool:
    return wanted in {kind, EVERYTHING} or (wanted.endswith(".*") and kind.startswith(wanted[:-1]))


def check_kinds(kinds: Sequence[str]) -> list[str]:
    """``kinds`` in their order, each once. Raises ValidationError for one that nothing would ever fit."""
    known = list(tellable_kinds())
    if not kinds:
        raise ValidationError({"kinds": f"Name at least one kind, or {EVERYTHING} for everything."})
    if len(kinds) > MOST_KINDS:
        raise ValidationError({"kinds": f"Name at most {MOST_KINDS} kinds, or take task.* or {EVERYTHING}."})
    for wanted in kinds:
        if not any(_fits(wanted, kind) for kind in known):
            raise ValidationError({"kinds": f"Nothing is called {wanted[:80]}. Known are: {', '.join(known)}."})
    return list(dict.fromkeys(kinds))
