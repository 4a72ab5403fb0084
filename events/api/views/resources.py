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
from events.api.conflicts import NAME_TAKEN, STALE
from events.api.serializers.resources import (
    BlackoutSerializer,
    NewBlackoutSerializer,
    ResourceChangeSerializer,
    ResourceSerializer,
)
from events.api.serializers.window import (
    AvailableQuerySerializer,
    BookingQuerySerializer,
    ResourceQuerySerializer,
)
from events.diaries import free_between
from events.models import Blackout, Resource
from events.models.resources import ResourceQuerySet

_NEW = OpenApiExample(
    "A room",
    {"name": "Viewing room", "kind": "room", "capacity": 8, "features": ["projector", "parking"]},
    request_only=True,
)
_REPAIRS = OpenApiExample(
    "Repairs",
    {"starts_at": "2026-03-09T08:00:00-04:00", "ends_at": "2026-03-11T18:00:00-04:00", "reason": "New floor"},
    request_only=True,
)


def _fitting(resources: ResourceQuerySet, asked: dict[str, Any]) -> ResourceQuerySet:
    text = asked.get("q", "")
    found = resources.filter(Q(name__icontains=text) | Q(location__icontains=text)) if text else resources
    wanted = {name: asked[name] for name in ("kind", "capacity", "features") if name in asked}
    return found.fitting(**wanted)


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
        return free_between(_fitting(Resource.objects.in_use(), asked), asked["from"], asked["to"])

    @extend_schema(parameters=[AvailableQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What can be booked from ``from`` until before ``to``: units, hours, buffers and blackouts count."""
        return super().get(request, *args, **kwargs)


class OfResource(APIView):
    """A view below ``/resources/{resource_id}``."""

    @property
    def resource(self) -> Resource:
        """Raises Http404."""
        return get_object_or_404(Resource, pk=self.kwargs.get("resource_id"))


class BlackoutsView(OfResource, generics.ListAPIView[Blackout]):
    queryset = Blackout.objects.none()
    serializer_class = BlackoutSerializer
    filter_backends = ()
    page_order = "starts_at"
    page_orders = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[Blackout]:
        blackouts, asked = self.resource.blackouts.all(), queried(BookingQuerySerializer, self.request)
        blackouts = blackouts.filter(ends_at__gt=asked["from"]) if "from" in asked else blackouts
        return blackouts.filter(starts_at__lt=asked["to"]) if "to" in asked else blackouts

    @extend_schema(parameters=[BookingQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """When it cannot be booked, and why."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=NewBlackoutSerializer, responses={201: BlackoutSerializer}, examples=[_REPAIRS])
    def post(self, request: Request, resource_id: int) -> Response:
        """Close it for a time; for those who run it. What is booked then stays, and whoever booked it is told."""
        blackout = services.add_blackout(self.resource, **parsed(NewBlackoutSerializer, request), by=caller(request))
        return Response(BlackoutSerializer(blackout).data, status=status.HTTP_201_CREATED)


class BlackoutView(OfResource):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, resource_id: int, blackout_id: int) -> Response:
        """Open it again."""
        blackout = get_object_or_404(self.resource.blackouts.select_related("resource"), pk=blackout_id)
        services.remove_blackout(blackout, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
