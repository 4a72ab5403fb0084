"""The 409 answers of a route, each with an example, as the docs show them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from estateman.common.errors import RuleBroken


class RefusalSerializer(serializers.Serializer[dict[str, Any]]):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


ConflictSerializer = inline_serializer(
    "Conflict",
    {
        "type": serializers.CharField(),
        "errors": RefusalSerializer(many=True, help_text="What to act on stands beside it"),
    },
)


def conflicts(*rules: RuleBroken) -> dict[int, OpenApiResponse]:
    """The 409 of a route that any of ``rules`` may refuse, with each as an example."""
    return {409: OpenApiResponse(ConflictSerializer, examples=[_example(rule) for rule in rules])}


def _example(rule: RuleBroken) -> OpenApiExample:
    error = {"code": rule.code, "detail": rule.detail, "attr": None}
    answer = {"type": "client_error", "errors": [error], **rule.extra}
    return OpenApiExample(rule.code, answer, response_only=True, status_codes=["409"])
