from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.asking import parsed, queried
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from estateman.people.models import User
from events import services
from events.api.serializers.hours import (
    AvailabilityQuerySerializer,
    AvailabilitySerializer,
    FindSlotsSerializer,
    FoundSlotsSerializer,
    HoursSerializer,
    TimeOffSerializer,
)
from events.finding import Meeting, Wish, find_meeting
from events.free_busy import free_busy
from events.models import HoursException, TimeOff
from events.permissions import can_see_reasons
from events.slots import Found, Need, Obstacle, Slot

_HOURS = OpenApiExample(
    "Four days a week, and one short Friday",
    {
        "weekly": {str(weekday): [[540, 720], [780, 1080]] for weekday in range(4)},
        "exceptions": [{"date": "2026-03-06", "spans": [[540, 720]], "note": "Covers for Bea"}],
    },
    request_only=True,
)
_OFF = OpenApiExample(
    "A week", {"starts_on": "2026-08-03", "ends_on": "2026-08-07", "reason": "Holiday"}, request_only=True
)
_FIND = OpenApiExample(
    "An hour for two, with a third if possible, in a room for four",
    {
        "from": "2026-03-02T00:00:00-05:00",
        "to": "2026-03-07T00:00:00-05:00",
        "required": [7, 9],
        "optional": [12],
        "resources": [{"kind": "room", "capacity": 4, "features": ["screen"]}],
        "duration_minutes": 60,
    },
    request_only=True,
)


class OfPerson(APIView):
    """A view below ``/users/{user_id}``."""

    @property
    def person(self) -> User:
        """Raises Http404 for who does not work here."""
        return get_object_or_404(User, pk=self.kwargs["user_id"], is_active=True)


class AvailabilityView(OfPerson):
    """When somebody works, is taken, and is free."""

    @extend_schema(parameters=[AvailabilityQuerySerializer], responses=AvailabilitySerializer)
    def get(self, request: Request, user_id: int) -> Response:
        """From ``from`` until before ``to``, at most 92 days; what takes their time is named to who may read it."""
        person, asked = self.person, queried(AvailabilityQuerySerializer, request)
        return self._answer(person, asked["from"], asked["to"])

    @extend_schema(request=HoursSerializer, responses=AvailabilitySerializer, examples=[_HOURS])
    def put(self, request: Request, user_id: int) -> Response:
        """Set my hours: the usual week, and the days that differ. Answers with the week from now."""
        person = self.person
        services.set_hours(person, **parsed(HoursSerializer, request), by=caller(request))
        now = clock.now().replace(second=0, microsecond=0)
        return self._answer(person, now, now + timedelta(days=7))

    def _answer(self, person: User, start: datetime, end: datetime) -> Response:
        me = caller(self.request)
        days = start.astimezone(person.zone).date(), end.astimezone(person.zone).date()
        in_full = can_see_reasons(me, person)
        differing = HoursException.objects.filter(user=person, date__range=days)
        found = free_busy(person, start, end, seen_by=me)
        shown = {
            "user": person,
            "found": found,
            "closed": sorted(day for day in found.hours.closed if days[0] <= day <= days[1]),
            "exceptions": [
                {"date": day.date, "spans": day.spans, "note": day.note if in_full else ""} for day in differing
            ],
            "time_off": TimeOff.objects.filter(user=person, starts_on__lte=days[1], ends_on__gte=days[0]),
        }
        return Response(AvailabilitySerializer(shown, context={"in_full": in_full}).data)


class TimeOffView(OfPerson):
    """The whole days that somebody is away."""

    @extend_schema(responses=whole_list_of("TimesOff", TimeOffSerializer(many=True)))
    def get(self, request: Request, user_id: int) -> Response:
        """What has not ended yet, by day; why is told to the person and the office's leaders."""
        person = self.person
        ahead = person.time_off.filter(ends_on__gte=clock.local_date(clock.now(), person.timezone))
        in_full = can_see_reasons(caller(request), person)
        return whole_list(TimeOffSerializer(ahead, many=True, context={"in_full": in_full}).data)

    @extend_schema(request=TimeOffSerializer, responses={201: TimeOffSerializer}, examples=[_OFF])
    def post(self, request: Request, user_id: int) -> Response:
        """Take days off; nothing can be booked with me then."""
        time_off = services.add_time_off(self.person, **parsed(TimeOffSerializer, request), by=caller(request))
        return Response(TimeOffSerializer(time_off, context={"in_full": True}).data, status=status.HTTP_201_CREATED)


class OneTimeOffView(OfPerson):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: int, time_off_id: int) -> Response:
        """Be there after all."""
        time_off = get_object_or_404(TimeOff.objects.select_related("user"), user=self.person, pk=time_off_id)
        services.remove_time_off(time_off, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class FindSlotsView(APIView):
    @extend_schema(request=FindSlotsSerializer, responses=FoundSlotsSerializer, examples=[_FIND])
    def post(self, request: Request) -> Response:
        """When all who are required are free in their hours, and what is needed too: the best times, and why.

        First come the times at which most of the optional people are free, then those within most of their hours,
        then those that take the smallest resources, then the earliest. Where there is none, it says who or what is
        in the way.
        """
        asked = parsed(FindSlotsSerializer, request)
        meeting = Meeting(
            start=asked["from"],
            end=asked["to"],
            duration=timedelta(minutes=asked["duration_minutes"]),
            step=timedelta(minutes=asked["step_minutes"]),
            required=asked["required"],
            optional=asked["optional"],
            needs=[Wish(**wish) for wish in asked["resources"]],
        )
        found = find_meeting(meeting, limit=asked["limit"], by=caller(request))
        return Response(FoundSlotsSerializer(_told(found, meeting)).data)


def _told(found: Found, meeting: Meeting) -> dict[str, Any]:
    return {
        "slots": [_slot(slot, meeting) for slot in found.slots],
        "total": found.total,
        "why_none": [_obstacle(obstacle, found.needs) for obstacle in found.why_none],
    }


def _slot(slot: Slot, meeting: Meeting) -> dict[str, Any]:
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.starts_at + meeting.duration,
        "optional_free": slot.optional_free,
        "optional_busy": slot.optional_busy,
        "resources": slot.things,
        "reasons": slot.reasons,
    }


def _obstacle(obstacle: Obstacle, needs: Sequence[Need]) -> dict[str, Any]:
    return {
        "user": obstacle.person.key if obstacle.person else None,
        "need": needs.index(obstacle.need) if obstacle.need else None,
        "detail": obstacle.detail,
    }
