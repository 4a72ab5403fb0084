"""When a request began, and what is logged about it: an id runs through what it causes, secret addresses stay out."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from estateman.common import clock

HEADER = "X-Request-ID"
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")
_SECRET_PATH = re.compile(r"^((?:/api/v1)?/(?:book/appointments|invitations)/)[^/]+")
"""Whoever has such an address is taken for the visitor or guest that it was sent to."""
_SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take a caller's well-formed ``X-Request-ID`` or make one, log under it, and send it back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _SAFE.fullmatch(given) else uuid4().hex
        token = current_request_id.set(request_id)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(token)
        response[HEADER] = request_id
        return response

    return middleware


def request_id() -> str:
    """Of the request that is being answered; empty outside one."""
    found = current_request_id.get()
    return "" if found == "-" else found


def began_at_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """``request.began_at``: what happened before it is in the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.began_at = clock.now()  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


class RequestIdFilter(logging.Filter):
    """Puts the request id on every log record (``-`` outside a request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class SecretPathFilter(logging.Filter):
    """Takes the secret out of the paths that Django logs with what it refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_secret(each) for each in record.args)
        return True


def _without_secret(told: object) -> object:
    return _SECRET_PATH.sub(r"\1…", told) if isinstance(told, str) else told
