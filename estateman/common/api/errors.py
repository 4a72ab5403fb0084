"""One error shape everywhere: ``{"type", "errors": [{"code", "detail", "attr"}], …extra}``."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError

from estateman.common.errors import RuleBroken


class BrokenRule(APIException):
    """A RuleBroken on its way out: 409 with the rule's own code and extra."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, rule: RuleBroken) -> None:
        super().__init__(detail=rule.detail, code=rule.code)
        self.extra = rule.extra


class HouseExceptionHandler(ExceptionHandler):
    """Knows, beside DRF's own exceptions, the broken rules and validation errors that services raise."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RuleBroken):
            return BrokenRule(exc)
        if isinstance(exc, DjangoValidationError):
            return ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
        return super().convert_known_exceptions(exc)


class HouseExceptionFormatter(ExceptionFormatter):
    """Puts a broken rule's extra beside its error."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        extra = self.exc.extra if isinstance(self.exc, BrokenRule) else {}
        return {**super().format_error_response(error_response), **extra}
