"""A vendor's request, untouched: its proof is over the very bytes that came in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import APIException, NotFound, ParseError, UnsupportedMediaType

from integrations.services.webhooks import NobodyListens
from integrations.spi import ProviderError, RawRequest, WebhookRefused

LONGEST = 1024 * 1024
"""Bytes of a body that are read."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class TooLarge(APIException):
    """Nobody's webhook is that long."""

    status_code = 413
    default_code = "too_large"
    default_detail = f"A webhook holds {LONGEST} bytes at most."


class Unproven(APIException):
    """Nothing proves who sent it."""

    status_code = 403
    default_code = "webhook_refused"


class NotProvenNow(APIException):
    """What would prove it is out of reach; the vendor is to come again."""

    status_code = 503
    default_code = "provider_unavailable"


def read_raw(request: HttpRequest) -> RawRequest:
    """``request`` as it came in; its url is the one that the outside knows.

    Raises TooLarge before anything is read where the length is said, UnsupportedMediaType and
    ParseError.
    """
    if _said_length(request) > LONGEST:
        raise TooLarge
    body = request.read(LONGEST + 1)
    if len(body) > LONGEST:
        raise TooLarge
    if body:
        _refuse_unreadable(request.headers.get("Content-Type", ""), body)
    return RawRequest(
        method=request.method or "",
        url=f"{settings.SITE_URL}{request.get_full_path()}",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),
        body=body,
    )


def _said_length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _refuse_unreadable(content_type: str, body: bytes) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (JSON, FORM):
        raise UnsupportedMediaType(content_type[:100])
    if kind == JSON:
        try:
            json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"JSON parse error - {type(error).__name__}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


@contextmanager
def refusals_answered() -> Iterator[None]:
    """Inside, what is not proven becomes 403, what nobody waits for 404, and what can't be decided now 503."""
    try:
        yield
    except NobodyListens:
        raise NotFound from None
    except WebhookRefused as error:
        raise Unproven(str(error)) from None
    except ProviderError:
        raise NotProvenNow("What would prove this can't be fetched now. Send it again later.") from None
