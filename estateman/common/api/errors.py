"""One error shape everywhere: ``{"type", "errors": [{"code", "detail", "attr"}], …extra}``."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, PermissionDenied, ValidationError

from estateman.common.errors import RuleBroken, TooLarge


class BrokenRule(APIException):
    """A RuleBroken on its way out: 409 with the rule's own code and extra."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, rule: RuleBroken) -> None:
        super().__init__(detail=rule.detail, code=rule.code)
        self.extra = rule.extra


class Oversized(APIException):
    """What was sent is longer than what is taken."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class HouseExceptionHandler(ExceptionHandler):
    """Knows, beside DRF's own exceptions, what services raise."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RuleBroken):
            return BrokenRule(exc)
        if isinstance(exc, TooLarge):
            return Oversized(str(exc))
        if isinstance(exc, DjangoPermissionDenied) and str(exc):  # the library would drop what it says
            return PermissionDenied(str(exc))
        if isinstance(exc, DjangoValidationError):
            named = hasattr(exc, "error_dict")
            return ValidationError(
                {name: _told(errors) for name, errors in exc.error_dict.items()} if named else _told(exc.error_list)
            )
        return super().convert_known_exceptions(exc)


def _told(errors: Iterable[DjangoValidationError]) -> list[ErrorDetail]:
    return [ErrorDetail(message, code=error.code or "invalid") for error in errors for message in error.messages]


class HouseExceptionFormatter(ExceptionFormatter):
    """Puts a broken rule's extra beside its error."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        extra = self.exc.extra if isinstance(self.exc, BrokenRule) else {}
        return {**super().format_error_response(error_response), **extra}
