"""Logs and answers hold no secrets: neither the very values in use, nor what looks like one."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote, quote_plus

from integrations.sealing import MASK, SHOWN_FROM, Secret

LONGEST = 4000
DEEPEST = 50
"""How far JSON may be nested and still be kept whole."""
# What begins a name is not looked at and its rest is bounded: else one long word would take minutes.
_NAMED = re.compile(
    r"""(?ix)
    (
      (?: passw(?:or)?d | secret | token | api[_-]?key | authorization | credential )
      [\w-]{0,64} ["']? \s* [:=] \s*
      (?: (?: bearer | basic | digest ) \s+ )?
    )
    (?: "[^"]*" | '[^']*' | [^\s"',;&}]+ )
    """
)


_SECRET_NAME = re.compile(r"(?:secret|token|passw(?:or)?d|apikey|authorization|credential)s?$")


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with ``secrets``, in any usual spelling, and every named secret masked."""
    return _without_named(_without(text, _all_spellings(secrets)))[:LONGEST]


def redact_json(value: Any, secrets: Iterable[Secret]) -> Any:
    """``value``, as read from JSON, with ``secrets`` and whatever is called one masked.

    What comes back is JSON that both databases keep: what they refuse (NUL, half characters, endless
    numbers) is replaced, and what lies deeper than DEEPEST left out. Sentences are left alone but for
    ``secrets``: they are people's own words. A secret shorter than SHOWN_FROM is masked only where it
    is the whole of a value: it may stand in any id by chance, and what comes back is acted upon.
    """
    secrets = [secret for secret in secrets if secret]
    spellings = _all_spellings(each for each in secrets if not _is_short(each))
    short = frozenset(_all_spellings(filter(_is_short, secrets)))

    def clean(each: Any, depth: int) -> Any:
        if each is None or isinstance(each, bool | int) or (isinstance(each, float) and isfinite(each)):
            return each
        if isinstance(each, Mapping | list | tuple) and depth > DEEPEST:
            return "…"
        if isinstance(each, Mapping):
            return {_clean_text(name, spellings): field(name, inner, depth) for name, inner in each.items()}
        if isinstance(each, list | tuple):
            return [clean(inner, depth + 1) for inner in each]
        return MASK if str(each) in short else _clean_text(each, spellings)

    def field(name: Any, inner: Any, depth: int) -> Any:
        holds_one = isinstance(inner, str | int | float) and not isinstance(inner, bool) and inner != ""
        return MASK if holds_one and _is_secret_name(str(name)) else clean(inner, depth + 1)

    return clean(value, 0)


def _is_short(secret: Secret) -> bool:
    return len(secret.reveal()) < SHOWN_FROM


def _clean_text(value: Any, spellings: list[str]) -> str:
    text = _without(str(value), spellings)
    if "://" in text:
        text = _without_named(text)
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(re.sub(r"[^a-z]", "", name.lower())) is not None


def _all_spellings(secrets: Iterable[Secret]) -> list[str]:
    """The longest first: masking a shorter one that is part of it would leave the rest standing."""
    return sorted({spelling for secret in secrets if secret for spelling in _spellings(secret)}, key=len, reverse=True)


def _without(text: str, spellings: list[str]) -> str:
    for spelling in spellings:
        text = text.replace(spelling, MASK)
    return text


def _without_named(text: str) -> str:
    return _NAMED.sub(rf"\g<1>{MASK}", text)


def _spellings(secret: Secret) -> Iterator[str]:
    text = secret.reveal()
    yield from (
        text,
        quote(text, safe=""),
        quote_plus(text),
        json.dumps(text)[1:-1],
        repr(text)[1:-1],
    )
    yield base64.b64encode(text.encode()).decode()
    yield base64.urlsafe_b64encode(text.encode()).decode()
