"""Typed reads of the environment. Every value may also come from a file named by ``<NAME>_FILE``."""

import os
import re
import secrets
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def env_text(name: str, default: str = "") -> str:
    """The value of ``name``, or what stands in the file that ``<name>_FILE`` points to."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool) -> bool:
    """Yes or no. Raises ImproperlyConfigured for any other word."""
    text = env_text(name).lower()
    if not text:
        return default
    if text not in _WORDS:
        raise ImproperlyConfigured(f"{name}={text} is neither yes nor no: set it to 1 or 0.")
    return _WORDS[text]


def env_int(name: str, *, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured for anything else."""
    text = env_text(name)
    try:
        return int(text) if text else default
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text} is not a whole number.") from None


def env_list(name: str) -> list[str]:
    """Comma-separated words without the blanks around them; empty when unset."""
    return [word for part in env_text(name).split(",") if (word := part.strip())]


def env_rate(name: str, default: str) -> str:
    """So many in a second, a minute, an hour or a day, like ``60/min``; empty is no limit.

    Raises ImproperlyConfigured for anything else.
    """
    text = env_text(name, default)
    if text and not re.fullmatch(r"[1-9]\d*/(s|sec|m|min|h|hour|d|day)", text):
        raise ImproperlyConfigured(f"{name}={text} is not a rate: set it like 60/min.")
    return text


def kept_secret(name: str, *, file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The secret ``name`` from the environment, else from ``file``, which is made (mode 0600) when it is missing."""
    if given := env_text(name):
        return given
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_once(file, make())
    return file.read_text(encoding="utf-8").strip()


def _write_once(file: Path, text: str) -> None:
    """Two first starts at once must agree on one key, so the file appears whole under its name or not at all."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
