from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events import services
from events.api.conflicts import CANCELLED, STALE, TAKEN
from events.api.serializers.events import (
    EventChangeSerializer,
    EventSerializer,
    NewEventSerializer,
    NewRecurringEventSerializer,
    OccurrenceSerializer,
    ScopeSerializer,
)
from events.api.serializers.window import EventQuerySerializer, OccurrenceQuerySerializer
from events.models import Event
from events.models.events import EventQuerySet
from events.occurrences import Narrowing, occurrences_for

MOST_OCCURRENCES = 10_000
_ONE = {
    "calendar": 1,
    "title": "Listing appointment, 12 Quay Street",
    "starts_at": "2026-03-04T15:00:00",
    "timezone": "America/New_York",
    "duration_minutes": 45,
    "attendees": [{"user": 7}, {"email": "seller@example.com"}],
    "reminders": [{"minutes_before": 30, "channels": ["in_app", "email"]}],
}
_WEEKLY = {
    "calendar": 1,
    "title": "Open house, 12 Quay Street",
    "starts_at": "2026-03-02T09:00:00",
    "timezone": "America/New_York",
    "duration_minutes": 60,
    "recurrence": "FREQ=WEEKLY;BYDAY=MO;COUNT=10",
    "exdates": ["2026-03-16T09:00:00"],
}


class EventViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Event]):
    """The events I may read: those of calendars open to me, and those I am invited to."""

    queryset = Event.objects.none()
    serializer_class = EventSerializer
    filter_backends = ()
    page_order = "-id"
    page_orders = ("starts_at", "title", "id")
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Event]:
        visible = Event.objects.visible_to(caller(self.request)).with_series()
        return _narrowed(visible, queried(EventQuerySerializer, self.request)) if self.action == "list" else visible

    @extend_schema(parameters=[EventQuerySerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Series and single events; ``from`` and ``to`` keep those that may take place in between."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=NewEventSerializer,
        responses={201: EventSerializer},
        examples=[OpenApiExample("An appointment", _ONE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Plan an event. A local start that spring skips is taken with the offset from before: 02:30 becomes 03:30."""
        event = services.create_event(**parsed(NewEventSerializer, request), by=caller(request))
        return _answer(event, status.HTTP_201_CREATED)

    @extend_schema(
        request=NewRecurringEventSerializer,
        responses={201: EventSerializer},
        examples=[OpenApiExample("An open house every Monday", _WEEKLY, request_only=True)],
    )
    @action(detail=False, methods=["post"])
    def recurring(self, request: Request) -> Response:
        """Plan a series. A start that the rule does not name moves to the rule's first date."""
        asked = parsed(NewRecurringEventSerializer, request)
        event = services.create_recurring_event(**asked, by=caller(request))
        return _answer(event, status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[ScopeSerializer],
        request=EventChangeSerializer,
        responses={200: EventSerializer, **conflicts(STALE, TAKEN, CANCELLED)},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, a series as a whole; bookings and reminders move along, or the move is refused."""
        event, changes = self.get_object(), parsed(EventChangeSerializer, request, partial=True)
        queried(ScopeSerializer, request)
        version = changes.pop("version", None)
        return _answer(services.edit_event(event, changes=changes, by=caller(request), version=version))  # type: ignore[arg-type]

    @extend_schema(parameters=[ScopeSerializer], responses={204: None, **conflicts(CANCELLED)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Cancel it: bookings are free again, nobody is reminded; it stays readable as cancelled."""
        event = self.get_object()
        queried(ScopeSerializer, request)
        services.cancel_event(event, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _answer(event: Event, code: int = status.HTTP_200_OK) -> Response:
    return Response(EventSerializer(Event.objects.with_series().get(pk=event.pk)).data, status=code)


def _narrowed(events: EventQuerySet, asked: dict[str, Any]) -> QuerySet[Event]:
    if calendar := asked.get("calendar"):
        events = events.filter(calendar=calendar)
    if wanted := asked.get("status"):
        events = events.filter(status=wanted)
    if text := asked.get("q"):
        found = Q(title__icontains=text) | Q(description__icontains=text) | Q(location__icontains=text)
        events = events.filter(found)
    if start := asked.get("from"):
        events = events.filter(Q(until_utc=None) | Q(until_utc__gt=start))
    return events.filter(first_utc__lt=asked["to"]) if "to" in asked else events


class OccurrenceView(APIView):
    @extend_schema(
        parameters=[OccurrenceQuerySerializer],
        responses=whole_list_of("Occurrences", OccurrenceSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """What happens from ``from`` until before ``to``, expanded, flat and in order; at most 400 days."""
        asked = queried(OccurrenceQuerySerializer, request)
        start, end = asked.pop("from"), asked.pop("to")
        found = occurrences_for(caller(request), start, end, Narrowing(**asked))
        if len(found) > MOST_OCCURRENCES:
            raise serializers.ValidationError({"to": f"More than {MOST_OCCURRENCES} occurrences; ask for less."})
        return whole_list(OccurrenceSerializer(found, many=True).data)
