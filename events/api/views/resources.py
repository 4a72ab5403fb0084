from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from events import services
from events.api.asking import OfEvent
from events.api.conflicts import CANCELLED, ITSELF, NAME_TAKEN, OUT_OF_USE, STALE, TAKEN
from events.api.serializers.resources import (
    BookedSerializer,
    BookingSerializer,
    BookQuerySerializer,
    BookSerializer,
    ResourceChangeSerializer,
    ResourceSerializer,
    TitledBookingSerializer,
)
from events.api.serializers.window import (
    AvailableQuerySerializer,
    BookingQuerySerializer,
    ResourceQuerySerializer,
)
from events.models import Resource, ResourceBooking

_NEW = OpenApiExample(
    "A room",
    {"name": "Viewing room", "kind": "room", "capacity": 8, "features": ["projector", "parking"]},
    request_only=True,
)
_ONE_DATE = OpenApiExample("One date of a series", {"recurrence_id": "2026-03-09T09:00:00"}, request_only=True)


def _fitting(resources: Any, asked: dict[str, Any]) -> QuerySet[Resource]:
    text = asked.get("q", "")
    found = resources.filter(Q(name__icontains=text) | Q(location__icontains=text)) if text else resources
    wanted = {name: asked[name] for name in ("kind", "capacity", "features") if name in asked}
    fitting: QuerySet[Resource] = found.fitting(**wanted)
    return fitting


class ResourceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Resource]):
    """What the office has to book: rooms, equipment, vehicles, keys."""

    queryset = Resource.objects.all()
    serializer_class = ResourceSerializer
    filter_backends = ()
    page_order = "name"
    page_orders = ("name", "capacity", "id")
    lookup_value_regex = r"\d+"

    @extend_schema(parameters=[ResourceQuerySerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, also those out of use."""
        return super().list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Resource]:
        resources = Resource.objects.all()
        return (
            _fitting(resources, queried(ResourceQuerySerializer, self.request)) if self.action == "list" else resources
        )

    @extend_schema(
        request=ResourceSerializer, responses={201: ResourceSerializer, **conflicts(NAME_TAKEN)}, examples=[_NEW]
    )
    def create(self, request: Request) -> Response:
        """Add one; for the office's leaders."""
        resource = services.create_resource(**parsed(ResourceSerializer, request), by=caller(request))
        return Response(ResourceSerializer(resource).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=ResourceChangeSerializer, responses={200: ResourceSerializer, **conflicts(STALE, NAME_TAKEN)}
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, or take it out of use; for the office's leaders."""
        resource, changes = self.get_object(), parsed(ResourceChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.change_resource(resource, changes=changes, by=caller(request), version=version)
        return Response(ResourceSerializer(resource).data)


class AvailableResourcesView(generics.ListAPIView[Resource]):
    queryset = Resource.objects.none()
    serializer_class = ResourceSerializer
    filter_backends = ()
    page_order = "name"
    page_orders = ("name", "capacity", "id")

    def get_queryset(self) -> QuerySet[Resource]:
        asked = queried(AvailableQuerySerializer, self.request)
        return _fitting(Resource.objects.in_use().free_between(asked["from"], asked["to"]), asked)

    @extend_schema(parameters=[AvailableQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is free from ``from`` until before ``to``."""
        return super().get(request, *args, **kwargs)


class ResourceBookingsView(generics.ListAPIView[ResourceBooking]):
    queryset = ResourceBooking.objects.none()
    serializer_class = TitledBookingSerializer
    filter_backends = ()
    page_order = "starts_at"
    page_orders = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[ResourceBooking]:
        resource, asked = self._resource(), queried(BookingQuerySerializer, self.request)
        bookings = resource.bookings.visible_to(caller(self.request)).select_related("event")
        bookings = bookings.filter(blocked_until__gt=asked["from"]) if "from" in asked else bookings
        return bookings.filter(blocked_from__lt=asked["to"]) if "to" in asked else bookings

    def _resource(self) -> Resource:
        return get_object_or_404(Resource, pk=self.kwargs.get("resource_id"))

    @extend_schema(parameters=[BookingQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """When it is, was and would have been taken: all its bookings by start."""
        return super().get(request, *args, **kwargs)


class BookView(OfEvent):
    @extend_schema(
        parameters=[BookQuerySerializer],
        request=BookSerializer,
        responses={201: BookedSerializer, **conflicts(TAKEN, ITSELF, OUT_OF_USE, CANCELLED)},
        examples=[_ONE_DATE],
    )
    def post(self, request: Request, event_id: int, resource_id: int) -> Response:
        """Book the resource for the whole event, or for one occurrence; answers with the bookings that hold it."""
        event, resource = self.event, get_object_or_404(Resource, pk=resource_id)
        asked = {**parsed(BookSerializer, request), **queried(BookQuerySerializer, request)}
        bookings = services.book_resource(event, resource, **asked, by=caller(request))
        return Response(BookedSerializer({"bookings": bookings}).data, status=status.HTTP_201_CREATED)


class CancelBookingView(APIView):
    @extend_schema(request=None, responses=BookingSerializer)
    def post(self, request: Request, booking_id: int) -> Response:
        """Give the resource back for this occurrence; for its booker and those who may change the event."""
        bookings = ResourceBooking.objects.select_related("event__calendar", "resource")
        booking = get_object_or_404(bookings, pk=booking_id)
        return Response(BookingSerializer(services.cancel_booking(booking, by=caller(request))).data)
