"""Calendars kept the same as calendars elsewhere."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events.api.conflicts import ALREADY_LINKED, LINK_OUT_OF_USE, SYNC_UNDER_WAY
from events.api.serializers.links import (
    CalendarLinkSerializer,
    CalendarPlaceSerializer,
    DataSyncSerializer,
    LinkChangesSerializer,
    LinkSyncedSerializer,
    NewLinkSerializer,
    SyncSerializer,
)
from events.models import CalendarLink, DataSync
from events.services import links
from integrations.accounts import calendar_places
from integrations.api.errors import NotConnected, ProviderRefused, provider_errors_answered

_NEW = OpenApiExample(
    "My showings and my Google calendar",
    {"calendar": 3, "integration": 2, "remote_id": "maria@harbour.example", "direction": "both", "winner": "newest"},
    request_only=True,
)
_SWITCHED_OFF = OpenApiExample("Switch it off", {"is_active": False}, request_only=True)
_ONE = OpenApiExample("One link", {"link": 5}, request_only=True)


class CalendarPlacesView(APIView):
    """Where I may look for calendars outside."""

    @extend_schema(
        summary="Where calendars outside can be linked",
        responses=whole_list_of("CalendarPlaces", CalendarPlaceSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Those that I may link my calendars with, and how my own account stands there."""
        places: Any = calendar_places(caller(request))
        return whole_list(CalendarPlaceSerializer(places, many=True).data)


class CalendarLinkViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[CalendarLink]):
    """My links to calendars outside; the office's leaders see everyone's."""

    queryset = CalendarLink.objects.none()
    serializer_class = CalendarLinkSerializer
    page_order = "id"
    page_orders = ("id",)
    filterset_fields = ("calendar", "integration", "is_active")
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[CalendarLink]:
        visible = CalendarLink.objects.visible_to(caller(self.request))
        return visible.select_related("calendar", "integration", "user")

    @extend_schema(
        request=NewLinkSerializer,
        responses={
            201: CalendarLinkSerializer,
            **conflicts(
                ALREADY_LINKED,
                NotConnected("You have not connected an account to Google yet."),
                ProviderRefused("404: Not Found"),
            ),
        },
        examples=[_NEW],
    )
    def create(self, request: Request) -> Response:
        """Keep a calendar that I manage the same as one outside. The first run follows at once."""
        asked = parsed(NewLinkSerializer, request)
        calendar, integration = asked.pop("calendar"), asked.pop("integration")
        with provider_errors_answered():
            link = links.link_calendar(calendar, integration, **asked, by=caller(request))
        return Response(CalendarLinkSerializer(link).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LinkChangesSerializer, responses=CalendarLinkSerializer, examples=[_SWITCHED_OFF])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its direction, whose word counts, or whether it is in use."""
        link, changes = self.get_object(), parsed(LinkChangesSerializer, request, partial=True)
        return Response(CalendarLinkSerializer(links.change_link(link, changes=changes, by=caller(request))).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End it. What stands on either side stays."""
        links.unlink_calendar(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CalendarSyncView(APIView):
    """Make calendars the same now."""

    @extend_schema(
        request=SyncSerializer,
        responses={
            200: whole_list_of("CalendarSyncs", LinkSyncedSerializer(many=True)),
            **conflicts(SYNC_UNDER_WAY, LINK_OUT_OF_USE),
        },
        examples=[_ONE],
    )
    def post(self, request: Request) -> Response:
        """Run one link, or all of mine, and tell what each run did. One that failed says why in `error`."""
        user, asked = caller(request), parsed(SyncSerializer, request)
        if "link" in asked:
            visible = CalendarLink.objects.visible_to(user)
            runs = [links.sync_now(get_object_or_404(visible, pk=asked["link"]), by=user)]
        else:
            runs = links.sync_all(by=user)
        rows: Any = DataSync.objects.filter(pk__in=[run.pk for run in runs]).select_related("link")
        return whole_list(LinkSyncedSerializer(rows.prefetch_related("conflicts").order_by("pk"), many=True).data)


class DataSyncList(ListAPIView[DataSync]):
    """The runs of my links; the office's leaders see everyone's."""

    queryset = DataSync.objects.none()
    serializer_class = DataSyncSerializer
    page_order = "-started_at"
    page_orders = ("id", "started_at")
    filterset_fields = ("link", "status", "link__calendar", "link__integration")

    def get_queryset(self) -> QuerySet[DataSync]:
        return DataSync.objects.visible_to(caller(self.request)).prefetch_related("conflicts")

    @extend_schema(summary="What was carried over between calendars here and outside, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
