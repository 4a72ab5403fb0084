"""A provider's settings are a frozen dataclass; this reads plain values into one and describes it.

A field is a str, int, bool or ``Literal`` of words; ``setting(…)`` says what it is about.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from integrations.spi import InvalidConfig

Config = TypeVar("Config")
_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One field of a provider's settings, as forms and clients need to know it."""

    name: str
    type: type
    required: bool
    default: Any
    choices: tuple[str, ...]
    about: str
    least: int | None = None
    most: int | None = None
    is_address: bool = False


@dataclass(frozen=True)
class Credential:
    """One secret that a provider takes."""

    name: str
    about: str = ""
    required: bool = True


def setting(
    about: str,
    *,
    default: Any = dataclasses.MISSING,
    least: int | None = None,
    most: int | None = None,
    is_address: bool = False,
) -> Any:
    """A dataclass field and what it is about. Without a ``default`` it must be given.

    The limits of a number are inclusive. ``is_address`` marks what decides where secrets go, and how well they are
    kept on the way: whoever changes it has to know them.
    """
    metadata = {"about": about, "least": least, "most": most, "is_address": is_address}
    return field(default=default, metadata=metadata)


def settings_of(schema: type) -> Iterator[Setting]:
    """The fields of ``schema``, in their order."""
    hints = get_type_hints(schema)
    for each in dataclasses.fields(schema):
        choices = get_args(hints[each.name]) if get_origin(hints[each.name]) is Literal else ()
        required = each.default is dataclasses.MISSING
        yield Setting(
            name=each.name,
            type=str if choices else hints[each.name],
            required=required,
            default=None if required else each.default,
            choices=choices,
            **each.metadata,
        )


def addresses(schema: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Where ``values`` send what is secret: each setting that is an address, its default where it is not set."""
    found = {each.name: values.get(each.name, each.default) for each in settings_of(schema) if each.is_address}
    return {name: value.strip() if isinstance(value, str) else value for name, value in found.items()}


def read_config(schema: type[Config], values: Mapping[str, Any]) -> Config:
    """``values`` as a ``schema``. Raises InvalidConfig for the first that can't be."""
    known = {each.name: each for each in settings_of(schema)}
    if unknown := sorted(set(values) - set(known)):
        raise InvalidConfig(
            f"config.{unknown[0]}",
            f"There is no such setting. Known are: {', '.join(known) or 'none'}.",
        )
    return schema(
        **{
            name: _read(each, values.get(name, each.default))
            for name, each in known.items()
            if name in values or each.required
        }
    )


def _read(each: Setting, value: Any) -> Any:
    where = f"config.{each.name}"
    if each.required and value in (None, ""):
        raise InvalidConfig(where, "This setting is required.")
    # True is an int to Python, but no port to anybody.
    if type(value) is not each.type:
        raise InvalidConfig(where, f"This must be {_WORDS[each.type]}.")
    if each.choices and value not in each.choices:
        raise InvalidConfig(where, f"This must be one of: {', '.join(each.choices)}.")
    if isinstance(value, int) and not isinstance(value, bool):
        _check_limits(where, value, each)
    return value.strip() if isinstance(value, str) else value


def _check_limits(where: str, value: int, each: Setting) -> None:
    if each.least is not None and value < each.least:
        raise InvalidConfig(where, f"This must be at least {each.least}.")
    if each.most is not None and value > each.most:
        raise InvalidConfig(where, f"This must be at most {each.most}.")


def read_credentials(known: tuple[Credential, ...], values: Mapping[str, Any]) -> dict[str, str]:
    """Those ``values`` that are set. Raises InvalidConfig, which never quotes a value."""
    names = {each.name for each in known}
    if unknown := sorted(set(values) - names):
        raise InvalidConfig(f"credentials.{unknown[0]}", "This provider takes no such credential.")
    for each in known:
        if not isinstance(values.get(each.name, ""), str):
            raise InvalidConfig(f"credentials.{each.name}", "This must be a text.")
        if each.required and not values.get(each.name):
            raise InvalidConfig(f"credentials.{each.name}", "This credential is required.")
    return {name: value for name, value in values.items() if value}


def web_address(field: str, text: str) -> str:
    """``text`` without a slash at its end. Raises InvalidConfig unless it is an address of the web."""
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or "@" in parts.netloc or not text.isprintable() or " " in text:
        raise InvalidConfig(field, "This must be an address like https://example.com, without a login in it.")
    return text.rstrip("/")
