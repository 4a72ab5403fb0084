"""Lists that are short by nature, in the shape of every list."""

from copy import copy
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.response import Response


def whole_list(rows: Any) -> Response:
    """A list that is short by nature, in the shape of every list, on one page."""
    return Response({"results": rows, "next": None, "previous": None})


def whole_list_of(name: str, rows: serializers.BaseSerializer[Any]) -> Any:
    """The schema of ``whole_list`` with ``rows``, a serializer of many."""
    no_page = serializers.URLField(allow_null=True, help_text="Always null: everything is on this page")
    return inline_serializer(name, {"results": rows, "next": no_page, "previous": copy(no_page)})
