"""A request id runs through everything one request causes to be logged."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")
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


class RequestIdFilter(logging.Filter):
    """Puts the request id on every log record (``-`` outside a request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True
