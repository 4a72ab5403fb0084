"""Credentials at rest: sealed under keys of their own, and bound to their row and field.

What is sealed carries the model, the row's uuid and the field's name inside, so a sealed value that
is copied into another row opens no more than one that was tampered with. The keys are
``settings.FIELD_KEYS``: the first one seals, all of them open, and `manage.py rotate_credentials`
moves every row to the first.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, NoReturn
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

MASK = "••••"
SHOWN_FROM = 12
"""How long a secret must be for its last four to be shown: of a shorter one they are too much."""


class Unsealable(Exception):
    """What is kept can't be opened: its key is gone, or it was tampered with or moved."""


class Secret:
    """A text that shows itself to nobody who does not ask for it by ``reveal()``."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself. Hand it straight on: a local variable may end in a traceback."""
        return self._text

    def hint(self) -> str:
        """``••••1234``: enough for its owner to recognise, too little for anybody else."""
        return MASK + (self._text[-4:] if len(self._text) >= SHOWN_FROM else "")

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is never pickled: it must not travel to a queue or a cache.")


@dataclass(frozen=True)
class Place:
    """Where a sealed value belongs."""

    model: str
    row: str
    field: str

    @classmethod
    def of(cls, row: models.Model, field: str) -> "Place":
        """The field ``field`` of ``row``, which must have a ``uuid``."""
        uuid: UUID = row.uuid  # type: ignore[attr-defined]
        return cls(row._meta.label_lower, str(uuid), field)


@dataclass(frozen=True)
class Sealed:
    """What the database keeps: which key sealed it, and the token, which nobody needs to see."""

    key_id: str
    token: str

    def __repr__(self) -> str:
        return f"Sealed(under {self.key_id})"

    __str__ = __repr__

    @property
    def is_current(self) -> bool:
        """Whether the first of the keys sealed it."""
        return self.key_id == current_key_id()


def seal(values: Mapping[str, str], *, place: Place) -> Sealed:
    """``values`` under the current key, to be opened at ``place`` only."""
    content = {"place": [place.model, place.row, place.field], "values": dict(values)}
    token = _keyring().encrypt(json.dumps(content).encode()).decode()
    return Sealed(current_key_id(), token)


def unseal(sealed: Sealed, *, place: Place) -> dict[str, Secret]:
    """What was sealed for ``place``, and never anything else. Raises Unsealable."""
    try:
        content = json.loads(_keyring().decrypt(sealed.token.encode()))
    except InvalidToken:
        raise Unsealable(_why_it_stays_shut(sealed)) from None
    if content["place"] != [place.model, place.row, place.field]:
        raise Unsealable("These credentials belong to another row. Enter them again.")
    return {name: Secret(text) for name, text in content["values"].items()}


def _why_it_stays_shut(sealed: Sealed) -> str:
    if sealed.key_id in {key_id(key) for key in _keys()}:
        return "These credentials were damaged. Enter them again."
    return (
        f"These credentials were sealed under key {sealed.key_id}, which is not among FIELD_KEYS. "
        "Add that key again, or enter the credentials again."
    )


def key_id(key: str) -> str:
    """The name of a key: the start of its SHA-256, which gives nothing away."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def current_key_id() -> str:
    """The name of the key that seals."""
    return key_id(_keys()[0])


def _keys() -> list[str]:
    return [key.strip() for key in settings.FIELD_KEYS]


def _keyring() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in _keys()])
    except ValueError:
        # Without the cause: it could quote the key.
        raise ImproperlyConfigured(
            "FIELD_KEYS holds something that is no key: separate keys by commas, and make one with "
            "`manage.py new_field_key`."
        ) from None


class SealedField(models.Field[Sealed, Sealed]):
    """A column of Sealed. It takes nothing else, so nothing is stored in clear by mistake."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "editable": False})

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else self.to_python(value)

    def to_python(self, value: Any) -> Sealed | None:
        if value is None or isinstance(value, Sealed):
            return value
        name, _, token = str(value).partition(":")
        return Sealed(name, token)

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(f"{self.name} takes what seal() returns, never the plain value.")
        return f"{value.key_id}:{value.token}"

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""


def hints(secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The hint of each secret that is set, by name."""
    return {name: secret.hint() for name, secret in secrets.items() if secret}
