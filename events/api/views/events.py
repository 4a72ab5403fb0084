from datetime import datetime
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
from estateman.people.models import User
from events import services
from events.api.conflicts import (
    CANCELLED,
    HOST_MAY_NOT_WRITE,
    IN_THAT_CALENDAR,
    OUT_OF_USE,
    SLOT_TAKEN,
    STALE,
    TAKEN,
    TIME_TAKEN,
)
from events.api.serializers.events import (
    EventChangeSerializer,
    EventSerializer,
    NewEventSerializer,
    NewRecurringEventSerializer,
    OccurrenceSerializer,
    ScopeSerializer,
    WrittenEventSerializer,
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
_LATER = {"starts_at": "2026-03-09T10:00:00", "location": "Meet at the gate", "version": 3}


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
        responses={201: WrittenEventSerializer, **conflicts(TIME_TAKEN)},
        examples=[OpenApiExample("An appointment", _ONE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Plan an event. A local start that spring skips is taken with the offset from before: 02:30 becomes 03:30."""
        event = services.create_event(**parsed(NewEventSerializer, request), by=caller(request))
        return _answer(event, status.HTTP_201_CREATED)

    @extend_schema(
        request=NewRecurringEventSerializer,
        responses={201: WrittenEventSerializer, **conflicts(TIME_TAKEN)},
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
        responses={
            200: WrittenEventSerializer,
            **conflicts(
                STALE,
                TAKEN,
                OUT_OF_USE,
                TIME_TAKEN,
                SLOT_TAKEN,
                CANCELLED,
                IN_THAT_CALENDAR,
                HOST_MAY_NOT_WRITE,
            ),
        },
        examples=[OpenApiExample("One date an hour later", _LATER, request_only=True)],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, or of a series one date (`this`: text, place and time) or a date and all that follow.

        Bookings and reminders move along, or the move is refused. With `following` the answer is the series that goes
        on from that date; it `follows` this one. Into another `calendar` go those that I may write into both.
        """
        event, changes = self.get_object(), parsed(EventChangeSerializer, request, partial=True)
        asked = queried(ScopeSerializer, request)
        version = changes.pop("version", None)
        edited = _edit(event, **asked, changes=changes, by=caller(request), version=version)
        return _answer(edited)

    @extend_schema(parameters=[ScopeSerializer], responses={204: None, **conflicts(CANCELLED)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Cancel it: bookings are free again, nobody is reminded; it stays readable as cancelled.

        Of a series, `this` leaves one date out and `following` ends it before that date.
        """
        event = self.get_object()
        _cancel(event, **queried(ScopeSerializer, request), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _edit(event: Event, *, scope: str, recurrence_id: datetime | None = None, **asked: Any) -> Event:
    if scope == "all" or recurrence_id is None:
        return services.edit_event(event, **asked)
    edit = services.edit_occurrence if scope == "this" else services.edit_following
    return edit(event, recurrence_id, **asked)


def _cancel(event: Event, *, scope: str, recurrence_id: datetime | None = None, by: User) -> Event:
    if scope == "all" or recurrence_id is None:
        return services.cancel_event(event, by=by)
    cancel = services.cancel_occurrence if scope == "this" else services.cancel_following
    return cancel(event, recurrence_id, by=by)


def _answer(event: Event, code: int = status.HTTP_200_OK) -> Response:
    written = Event.objects.with_series().get(pk=event.pk)
    written.conflicts = getattr(event, "conflicts", [])
    return Response(WrittenEventSerializer(written).data, status=code)


def _narrowed(events: EventQuerySet, asked: dict[str, Any]) -> QuerySet[Event]:
    if calendar := asked.get("calendar"):
        events = events.filter(calendar=calendar)
    if wanted := asked.get("status"):
        events = events.filter(status=wanted)
    if text := asked.get("q"):
        found = Q(title__icontains=text) | Q(description__icontains=text) | Q(location__icontains=text)
        events = events.filter(found)
    if start := asked.get("from"):
        events = events.not_over(start)
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
