"""Guessing passwords is slowed down: per address and e-mail, and per address over all e-mails."""

from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 300
MOST_FAILURES = 10
MOST_FAILURES_OF_ADDRESS = 100


def seconds_to_wait(request: HttpRequest | None, email: str) -> int:
    """How long this caller must wait before trying ``email`` again; 0 when they may try now."""
    limits = ((_pair(request, email), MOST_FAILURES), (_address(request), MOST_FAILURES_OF_ADDRESS))
    return WINDOW_SECONDS if any(cache.get(key, 0) >= most for key, most in limits) else 0


def count_failure(request: HttpRequest | None, email: str) -> None:
    """Remember one wrong password for WINDOW_SECONDS."""
    for key in (_pair(request, email), _address(request)):
        cache.add(key, 0, timeout=WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two lines
            cache.set(key, 1, timeout=WINDOW_SECONDS)


def forget_failures(request: HttpRequest | None, email: str) -> None:
    """The right password came."""
    cache.delete(_pair(request, email))


def _address(request: HttpRequest | None) -> str:
    return f"login:{request.META.get('REMOTE_ADDR', '') if request else ''}"


def _pair(request: HttpRequest | None, email: str) -> str:
    return f"{_address(request)}:{email.casefold().encode().hex()[:180]}"
