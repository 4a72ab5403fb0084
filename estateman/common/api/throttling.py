"""How many requests a caller may make, and headers that say how many are left.

Several limits hold for each request: those of its caller as a whole (the person and the token, or
the address), and that of its class of route. The one that is nearest to its end is told.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache as remembered
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from estateman.common.api.callers import WEBHOOKS, Caller, caller_of, route_class_of

if TYPE_CHECKING:  # DRF's views import this module through its settings
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Standing:
    """Where a caller stands within one limit, this request included."""

    limit: int
    count: int
    reset_seconds: int
    """Until everything is back."""

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def is_over(self) -> bool:
        return self.count > self.limit


@dataclass(frozen=True)
class Passage:
    """One request at the door: by whom, to what, and how it stands within the ``strictest`` of its limits."""

    caller: Caller
    route_class: str
    strictest: Standing | None


_KEPT_AS = "api_passage"


class CallerThrottle(BaseThrottle):
    """Counts every request within all limits that hold for it. A view names its class of route with ``throttle_scope``.

    A limit counts in windows that begin with the minute (the hour, the day), in one atomic step of the cache, so
    that requests at once are all counted. Where the cache is away nothing is counted, and everybody passes: limits
    are there to keep the service up.
    """

    _passage: Passage

    def allow_request(self, request: Request, view: "APIView") -> bool:
        caller, route_class = caller_of(request), route_class_of(request, view)
        standings = list(_standings(caller, route_class))
        strictest = min(standings, key=lambda each: (each.remaining, -each.reset_seconds), default=None)
        over = [each for each in standings if each.is_over]
        if over:
            strictest = max(over, key=lambda each: each.reset_seconds)
        self._passage = Passage(caller, route_class, strictest)
        setattr(request._request, _KEPT_AS, self._passage)
        return not over

    def wait(self) -> float | None:
        strictest = self._passage.strictest
        return strictest.reset_seconds if strictest else None


def _standings(caller: Caller, route_class: str) -> Iterator[Standing]:
    """Count the request within each limit that is set."""
    for name, ident in _limits(caller, route_class):
        if rate := api_settings.DEFAULT_THROTTLE_RATES.get(name):
            standing = _count(str(rate), f"{name}:{ident}")
            if standing is None:  # nor would it count the next
                return
            yield standing


def _limits(caller: Caller, route_class: str) -> Iterator[tuple[str, str]]:
    """The names of the rates that hold, each with whom it counts."""
    if caller.user_id is None:
        # A vendor's webhooks come in by the thousand from a handful of addresses.
        if route_class != WEBHOOKS:
            yield "anonymous", caller.name
        yield route_class, caller.name
        return
    yield "user", str(caller.user_id)
    if caller.name.startswith("token:"):
        yield "token", caller.name
    yield route_class, str(caller.user_id)


def _count(rate: str, key: str) -> Standing | None:
    """None where the cache is away."""
    limit, seconds = parse_rate(rate)
    window, elapsed = divmod(time.time(), seconds)
    try:
        count = _add_one(f"rate:{key}:{int(window)}", seconds)
    except Exception as error:  # noqa: BLE001  each cache has its own, and none may take the API down
        _complaint.say(error)
        return None
    return Standing(limit, count, math.ceil(seconds - elapsed))


def _add_one(kept_as: str, seconds: int) -> int:
    try:
        return cache.incr(kept_as)
    except ValueError:  # the first of its window
        return 1 if cache.add(kept_as, 1, timeout=2 * seconds) else cache.incr(kept_as)


class _Complaint:
    """Says that the cache is away, once a minute: it is noticed by every request."""

    every_seconds = 60.0

    def __init__(self) -> None:
        self._due_at = 0.0

    def say(self, error: Exception) -> None:
        if time.monotonic() < self._due_at:
            return
        self._due_at = time.monotonic() + self.every_seconds
        logger.error("Requests are not counted, and not limited: the cache does not answer (%r)", error)


_complaint = _Complaint()


@remembered
def parse_rate(rate: str) -> tuple[int, int]:
    """``120/min`` as (120, 60)."""
    count, _, period = rate.partition("/")
    return int(count), _SECONDS[period[0]]


def passage_of(request: HttpRequest) -> Passage | None:
    """How ``request`` passed the throttle; None where it never got so far."""
    found: Passage | None = getattr(request, _KEPT_AS, None)
    return found


def rate_limit_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say on every API answer how many requests are left."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        passage = passage_of(request)
        if passage and passage.strictest:
            response["RateLimit-Limit"] = str(passage.strictest.limit)
            response["RateLimit-Remaining"] = str(passage.strictest.remaining)
            response["RateLimit-Reset"] = str(passage.strictest.reset_seconds)
        return response

    return middleware
