"""Lists answer ``{results, next, previous}`` and are walked by cursor."""

from typing import TYPE_CHECKING, Any

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF's views import this module through its settings
    from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """``?limit=`` (at most 200), ``?cursor=`` and ``?ordering=``.

    A view sets ``page_order``, its own order, and ``page_orders``, the fields that a caller may ask for instead.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_ordering(self, request: Request, queryset: Any, view: "APIView") -> tuple[str, ...]:
        default: str = getattr(view, "page_order", "-id")
        asked = request.query_params.get("ordering", default)
        chosen = asked if asked.lstrip("-") in getattr(view, "page_orders", ()) else default
        # The id breaks ties, so that no row is shown twice or skipped where many share one value.
        return (chosen,) if chosen.lstrip("-") == "id" else (chosen, "-id" if chosen.startswith("-") else "id")
