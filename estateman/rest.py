"""How the API reads, answers and describes itself; its rates stand with the other settings."""

from typing import Any

REST: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "estateman.people.auth.BearerAuthentication",
        "estateman.people.auth.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "estateman.common.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["estateman.common.api.parsing.HouseJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["estateman.common.api.throttling.CallerThrottle"],
    "DEFAULT_SCHEMA_CLASS": "estateman.common.api.schema.HouseSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "SEARCH_PARAM": "q",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "estateman.common.api.errors.HouseExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": "estateman.common.api.errors.HouseExceptionFormatter",
}
