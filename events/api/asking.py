"""How the views find what they are about through the user, and answer a short list."""

from copy import copy
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.people.auth import caller
from events.models import Event


class OfEvent(APIView):
    """A view below ``/events/{event_id}``."""

    @property
    def event(self) -> Event:
        """Raises Http404 for those who may not see it."""
        visible = Event.objects.visible_to(caller(self.request)).with_series()
        return get_object_or_404(visible, pk=self.kwargs["event_id"])


def whole_list(rows: Any) -> Response:
    """A list that is short by nature, in the shape of every list, on one page."""
    return Response({"results": rows, "next": None, "previous": None})


def whole_list_of(name: str, rows: serializers.BaseSerializer[Any]) -> Any:
    """The schema of ``whole_list`` with ``rows``, a serializer of many."""
    no_page = serializers.URLField(allow_null=True, help_text="Always null: everything is on this page")
    return inline_serializer(name, {"results": rows, "next": no_page, "previous": copy(no_page)})
