"""Writes that move money or send something may be repeated safely with an ``Idempotency-Key``."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.models import IdempotencyKey

GIVEN_UP_AFTER = timedelta(minutes=5)
Method = Callable[..., Response]


class IdempotencyMismatch(RuleBroken):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"


class InProgress(RuleBroken):
    """The first request with this key has not been answered yet."""

    code = "in_progress"


def idempotent(*, required: bool) -> Callable[[Method], Method]:
    """Decorator of a view method: same key and same body get the first answer again, and nothing is done twice.

    An answer of 5xx is not kept, nor is a request that died for longer than GIVEN_UP_AFTER: both may be tried again.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def guarded(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get("Idempotency-Key", "")
            if not key and not required:
                return method(view, request, *args, **kwargs)
            if not 1 <= len(key) <= 255:
                raise ValidationError({"Idempotency-Key": "Send this header, 1 to 255 characters long."})
            entry = _enter(request, key)
            if entry.status is not None:
                return Response(entry.answer, status=entry.status, headers={"Idempotent-Replayed": "true"})
            return _answer(entry, view, lambda: method(view, request, *args, **kwargs))

        return guarded

    return decorate


def _enter(request: Request, key: str) -> IdempotencyKey:
    user_id = int(request.user.pk or 0)
    asked = hashlib.sha256(b"\0".join((request.method.encode(), request.path.encode(), request.body))).hexdigest()  # type: ignore[union-attr]
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(user_id=user_id, key=key, fingerprint=asked)
    except IntegrityError:
        return _first_use(user_id, key, asked)


def _first_use(user_id: int, key: str, asked: str) -> IdempotencyKey:
    entry = IdempotencyKey.objects.get(user_id=user_id, key=key)
    if entry.fingerprint != asked:
        raise IdempotencyMismatch("This Idempotency-Key was used for another request. Take a new one.")
    if entry.status is not None:
        return entry
    abandoned = IdempotencyKey.objects.filter(pk=entry.pk, status=None, created_at__lt=clock.now() - GIVEN_UP_AFTER)
    if not abandoned.update(created_at=clock.now()):
        raise InProgress("The first request with this Idempotency-Key is still being worked on.")
    return entry


def _answer(entry: IdempotencyKey, view: Any, call: Callable[[], Response]) -> Response:
    try:
        response = call()
    except Exception as error:  # noqa: BLE001  a refusal is an answer too, and is kept like one
        response = view.handle_exception(error)
    if response.status_code >= 500:
        entry.delete()
    else:
        entry.status, entry.answer = response.status_code, response.data
        entry.save(update_fields=["status", "answer"])
    return response
