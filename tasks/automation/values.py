"""What may stand in one place of a rule. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LARGEST_ID = 2**63 - 1
"""What a column of ids holds."""


class Kind(StrEnum):
    """What a value is; the four that name something of the project are its id."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    COLUMN = "column"
    LABEL = "label"
    USER = "user"
    KEY_DATE = "key_date"


NAMING = (Kind.COLUMN, Kind.LABEL, Kind.USER, Kind.KEY_DATE)


class Misfit(Exception):
    """This cannot stand here; the text says what could."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """``least`` and ``most`` bound a number, ``most`` the length of a text."""

    kind: Kind
    says: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    is_optional: bool = False
    may_be_none: bool = False
    is_list: bool = False

    def read(self, raw: object) -> Any:
        """``raw`` as it is kept. Raises Misfit."""
        if raw is None and self.may_be_none:
            return None
        return _list(self, raw) if self.is_list else _one(self, raw)


LONGEST_LIST = 50


def _list(value: Value, raw: object) -> list[Any]:
    if not isinstance(raw, list) or not raw or len(raw) > LONGEST_LIST:
        raise Misfit(f"List 1 to {LONGEST_LIST} of them.")
    return list(dict.fromkeys(_one(value, each) for each in raw))


def _one(value: Value, raw: object) -> Any:
    match value.kind:
        case Kind.CHOICE:
            return _choice(value, raw)
        case Kind.YES_NO:
            return _yes_no(raw)
        case Kind.TEXT:
            return _text(value, raw)
        case Kind.NUMBER:
            return _number(raw, value.least, value.most)
        case _:
            return _number(raw, 1, LARGEST_ID)


def _choice(value: Value, raw: object) -> str:
    if isinstance(raw, str) and raw in value.choices:
        return raw
    raise Misfit(f"Choose one of: {', '.join(value.choices)}.")


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise Misfit("Say true or false.")


def _text(value: Value, raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > value.most:
        raise Misfit(f"Write 1 to {value.most} characters.")
    if "\0" in raw or any("\ud800" <= each <= "\udfff" for each in raw):
        raise Misfit("There are characters in it that no text has.")
    return raw.strip()


def _number(raw: object, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise Misfit("Name it by its id." if most == LARGEST_ID else f"Write a whole number from {least} to {most}.")
    return raw
