"""Logs and answers hold no secrets: neither the very values in use, nor what looks like one."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from integrations.sealing import MASK, Secret

LONGEST = 4000
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


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with ``secrets``, in any usual spelling, and every named secret masked."""
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    # The longest first: masking a shorter one that is part of it would leave the rest standing.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return _NAMED.sub(rf"\g<1>{MASK}", text)[:LONGEST]


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
