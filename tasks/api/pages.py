"""Walking tasks by cursor in the order of days that some of them do not have."""

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request

from estateman.common.api.pagination import CursorPages

if TYPE_CHECKING:  # DRF's views import pagination through its settings
    from rest_framework.views import APIView

_DAYS = {"due_on": "due_order", "starts_on": "start_order"}


class TaskPages(CursorPages):
    """Tasks without the day they are ordered by come last: a cursor cannot stand on a null."""

    def get_ordering(self, request: Request, queryset: Any, view: "APIView") -> tuple[str, ...]:
        first, *rest = super().get_ordering(request, queryset, view)
        sign, name = ("-", first[1:]) if first.startswith("-") else ("", first)
        return (sign + _DAYS.get(name, name), *rest)
