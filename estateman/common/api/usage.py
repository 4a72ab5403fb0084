"""How much the API is used, by whom and for what: counted in memory, and written every few seconds.

A request only adds to a dictionary. Whichever request finds that it is time writes what all of them
counted, after its own answer has left, in one batch that adds to what other processes wrote.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponse

from estateman.common import clock
from estateman.common.api.callers import OF_ADDRESS, Caller, caller_of, route_class_of
from estateman.common.api.throttling import passage_of

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
MOST_ADDRESSES = 200
"""Between two writings; further ones are counted as one, so that nobody fills memory and table by changing theirs."""
OTHERS = Caller(f"{OF_ADDRESS}others")
TOO_MANY = 429

_ADD = """
    INSERT INTO api_rate_limits (hour, caller, user_id, route_class, requests, throttled, errors, total_ms)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (hour, caller, route_class) DO UPDATE SET
        requests = api_rate_limits.requests + excluded.requests,
        throttled = api_rate_limits.throttled + excluded.throttled,
        errors = api_rate_limits.errors + excluded.errors,
        total_ms = api_rate_limits.total_ms + excluded.total_ms
"""


@dataclass
class Count:
    """What one caller did to one class of routes."""

    requests: int = 0
    throttled: int = 0
    errors: int = 0
    total_ms: int = 0

    def add(self, other: "Count") -> None:
        self.requests += other.requests
        self.throttled += other.throttled
        self.errors += other.errors
        self.total_ms += other.total_ms


Key = tuple[datetime, Caller, str]
"""The hour, who, and the class of routes."""


class UsageMeter:
    """The counts of this process that are not written yet."""

    def __init__(self) -> None:
        self.every_seconds = EVERY_SECONDS
        self._counts: dict[Key, Count] = {}
        self._addresses: set[str] = set()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._written_at = time.monotonic()

    def note(self, caller: Caller, route_class: str, *, status: int, seconds: float) -> None:
        """One request was answered with ``status`` after so many seconds."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        one = Count(1, int(status == TOO_MANY), int(status >= 500), round(seconds * 1000))
        with self._lock:
            self._add((hour, caller, route_class), one)

    def _add(self, key: Key, count: Count) -> None:
        hour, caller, route_class = key
        if caller.name.startswith(OF_ADDRESS):
            if len(self._addresses) >= MOST_ADDRESSES and caller.name not in self._addresses:
                key = (hour, OTHERS, route_class)
            else:
                self._addresses.add(caller.name)
        self._counts.setdefault(key, Count()).add(count)

    def flush_if_due(self) -> bool:
        """Write, if it is time and nobody else is at it; whether it was."""
        if time.monotonic() - self._written_at < self.every_seconds or not self._counts:
            return False
        if not self._writing.acquire(blocking=False):
            return False
        try:
            self._flush()
        finally:
            self._writing.release()
        return True

    def flush(self) -> None:
        """Write now what was counted. Never raises: what can't be written is kept for the next time."""
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        if connection.in_atomic_block:  # it would hang on somebody else's transaction, and be rolled back with it
            return
        self._written_at = time.monotonic()
        with self._lock:
            counts, self._counts = self._counts, {}
            self._addresses = set()
        try:
            _write(counts)
        except Exception:  # whatever it is, measuring must not break what is measured
            logger.warning("The use of the API could not be written; the next writing includes it", exc_info=True)
            with self._lock:
                for key, count in counts.items():
                    self._add(key, count)

    def forget(self) -> None:
        """Drop what was not written."""
        with self._lock:
            self._counts.clear()
            self._addresses.clear()


meter = UsageMeter()


def _write(counts: Mapping[Key, Count]) -> None:
    if not counts:
        return
    wanted = {caller.user_id for _, caller, _ in counts if caller.user_id is not None}
    with transaction.atomic():
        known = set(get_user_model()._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))
        rows: list[tuple[Any, ...]] = [
            (
                _stored(hour),
                caller.name,
                caller.user_id if caller.user_id in known else None,
                route_class,
                *astuple(one),
            )
            for (hour, caller, route_class), one in counts.items()
        ]
        # In one order in all processes: two that add to the same rows must not wait for each other.
        rows.sort(key=lambda row: (str(row[0]), row[1], row[3]))
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


def _stored(hour: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(hour)


def usage_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count every request that an API view answered, refused ones too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        ticks = time.perf_counter()
        response = get_response(request)
        asked = _asked(request, response)
        if asked:
            meter.note(*asked, status=response.status_code, seconds=time.perf_counter() - ticks)
        return response

    return middleware


def _asked(request: HttpRequest, response: HttpResponse) -> tuple[Caller, str] | None:
    passage = passage_of(request)
    if passage:
        return passage.caller, passage.route_class
    # Turned away before the throttle: not signed in, or not allowed.
    context = getattr(response, "renderer_context", None)
    if context is None or not request.path.startswith("/api/v1/"):
        return None
    return caller_of(context["request"]), route_class_of(context["request"], context["view"])


def start() -> None:
    """Write after requests, and at the end of the process what is left by then."""
    request_finished.connect(_after_a_request, dispatch_uid="api usage")
    atexit.register(meter.flush)


def _after_a_request(**kwargs: object) -> None:
    if meter.flush_if_due():
        close_old_connections()  # it was opened anew after the request's was closed
