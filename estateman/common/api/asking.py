"""How a view reads what it is asked, as plain values."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

Serializer = type[serializers.BaseSerializer[Any]]


def parsed(serializer: Serializer, request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The body of ``request`` as plain values. Raises ValidationError naming the field."""
    asked = serializer(data=request.data, partial=partial, context={"request": request})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def queried(serializer: Serializer, request: Request) -> dict[str, Any]:
    """The query of ``request`` as plain values. Raises ValidationError naming the field."""
    asked = serializer(data=request.query_params, context={"request": request})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
