from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events import services
from events.api.conflicts import IN_USE, STALE
from events.api.serializers.calendars import (
    CalendarChangeSerializer,
    CalendarSerializer,
    NewCalendarSerializer,
    NewShareSerializer,
    ShareHolderSerializer,
    ShareSerializer,
)
from events.models import Calendar, CalendarShare
from events.permissions import can_manage_calendar

_NEW = OpenApiExample(
    "A team's calendar",
    {"name": "Harbour sales", "timezone": "America/New_York", "color": "#0f766e", "team": 1},
    request_only=True,
)
_HOLIDAYS = OpenApiExample(
    "Public holidays for the whole office",
    {"name": "Holidays", "timezone": "America/New_York", "office": True, "holidays_of": "US-NY"},
    request_only=True,
)
_SHARE = OpenApiExample("With a colleague", {"user": 7, "access": "read"}, request_only=True)


class CalendarViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Calendar]):
    """The calendars I may look into, with what I may do there."""

    queryset = Calendar.objects.none()
    serializer_class = CalendarSerializer
    page_order = "name"
    page_orders = ("name", "id")
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Calendar]:
        return Calendar.objects.visible_to(caller(self.request))

    @extend_schema(request=NewCalendarSerializer, responses={201: CalendarSerializer}, examples=[_NEW, _HOLIDAYS])
    def create(self, request: Request) -> Response:
        """Open a calendar of my own, of a team that I lead, or, as one who leads the office, of the office.

        With `holidays_of` the office's shows the public holidays of a country (`US`) or a part of it (`US-NY`), which
        are filled in and kept up for us.
        """
        calendar = services.create_calendar(**parsed(NewCalendarSerializer, request), by=caller(request))
        return self._answer(calendar, status.HTTP_201_CREATED)

    @extend_schema(request=CalendarChangeSerializer, responses={200: CalendarSerializer, **conflicts(STALE)})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it. Events that stand keep their zone and reminders."""
        calendar, changes = self.get_object(), parsed(CalendarChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.change_calendar(calendar, changes=changes, by=caller(request), version=version)
        return self._answer(calendar)

    @extend_schema(responses={204: None, **conflicts(IN_USE)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Put it away with its history; refused while something in it is still to come."""
        services.archive_calendar(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, calendar: Calendar, code: int = status.HTTP_200_OK) -> Response:
        return Response(CalendarSerializer(self.get_queryset().get(pk=calendar.pk)).data, status=code)


class CalendarSharesView(APIView):
    """With whom a calendar is shared; for those who manage it."""

    @property
    def calendar(self) -> Calendar:
        """Raises Http404, and PermissionDenied before it is told with whom it is shared."""
        visible = Calendar.objects.visible_to(caller(self.request))
        calendar = get_object_or_404(visible, pk=self.kwargs["calendar_id"])
        if not can_manage_calendar(caller(self.request), calendar):
            raise PermissionDenied
        return calendar

    @extend_schema(responses=whole_list_of("CalendarShares", ShareSerializer(many=True)))
    def get(self, request: Request, calendar_id: int) -> Response:
        """Everyone it is shared with."""
        return whole_list(ShareSerializer(self.calendar.shares.order_by("pk"), many=True).data)

    @extend_schema(request=NewShareSerializer, responses=ShareSerializer, examples=[_SHARE])
    def put(self, request: Request, calendar_id: int) -> Response:
        """Share it with one person or team, or change how far it is open to them."""
        calendar, asked = self.calendar, parsed(NewShareSerializer, request)
        return Response(ShareSerializer(services.share_calendar(calendar, **asked, by=caller(request))).data)

    @extend_schema(parameters=[ShareHolderSerializer], responses={204: None})
    def delete(self, request: Request, calendar_id: int) -> Response:
        """Stop sharing with ``?user=`` or ``?team=``."""
        calendar, holder = self.calendar, queried(ShareHolderSerializer, request)
        share: Any = get_object_or_404(CalendarShare, calendar=calendar, **holder)
        services.unshare_calendar(share, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
