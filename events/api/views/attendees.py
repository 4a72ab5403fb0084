from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events import services
from events.api.asking import OfEvent
from events.api.conflicts import CANCELLED, HAS_ATTENDED, NOT_THEN, TOO_LATE
from events.api.serializers.attendees import (
    AttendanceSerializer,
    AttendeeSerializer,
    CheckInSerializer,
    InviteSerializer,
    RsvpSerializer,
)
from events.models import Attendance, Attendee, Event

_INVITE = OpenApiExample(
    "A colleague and a guest",
    {"attendees": [{"user": 7}, {"email": "buyer@example.com", "name": "Bo Buyer", "is_required": False}]},
    request_only=True,
)
AttendeeList = whole_list_of("Attendees", AttendeeSerializer(many=True))
AttendanceList = whole_list_of("AttendanceRecords", AttendanceSerializer(many=True))


def _invited(event: Event) -> QuerySet[Attendee]:
    return event.attendees.select_related("user").prefetch_related("answers")


class AttendeesView(OfEvent):
    """Who comes to an event."""

    @extend_schema(responses=AttendeeList)
    def get(self, request: Request, event_id: int) -> Response:
        """Everyone invited, with their answers; who waits for a place is `waiting`."""
        return whole_list(AttendeeSerializer(_invited(self.event), many=True).data)

    @extend_schema(request=InviteSerializer, responses={201: AttendeeList, **conflicts(CANCELLED)}, examples=[_INVITE])
    def post(self, request: Request, event_id: int) -> Response:
        """Invite staff and guests; who was invited before stays so."""
        event = self.event
        services.invite(event, **parsed(InviteSerializer, request), by=caller(request))
        response = whole_list(AttendeeSerializer(_invited(event), many=True).data)
        response.status_code = status.HTTP_201_CREATED
        return response


class AttendeeView(OfEvent):
    @extend_schema(responses={204: None, **conflicts(CANCELLED, HAS_ATTENDED)})
    def delete(self, request: Request, event_id: int, attendee_id: int) -> Response:
        """Take somebody off the list; whoever waits for a place gets theirs."""
        attendee = get_object_or_404(_invited(self.event), pk=attendee_id)
        services.remove_attendee(attendee, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RsvpView(OfEvent):
    @extend_schema(request=RsvpSerializer, responses={200: AttendeeSerializer, **conflicts(CANCELLED, TOO_LATE)})
    def post(self, request: Request, event_id: int) -> Response:
        """Answer my own invitation, for the whole or for one date; a yes beyond the capacity waits for a place."""
        event, asked = self.event, parsed(RsvpSerializer, request)
        return Response(AttendeeSerializer(services.rsvp(event, **asked, by=caller(request))).data)


class CheckInView(OfEvent):
    """Who came."""

    @extend_schema(responses=AttendanceList)
    def get(self, request: Request, event_id: int) -> Response:
        """Who came, or did not, on which date."""
        rows = Attendance.objects.filter(attendee__event=self.event)
        return whole_list(AttendanceSerializer(rows, many=True).data)

    @extend_schema(request=CheckInSerializer, responses={200: AttendanceSerializer, **conflicts(CANCELLED, NOT_THEN)})
    def post(self, request: Request, event_id: int) -> Response:
        """Note that I am here, or (for those who may change the event) that somebody came or did not."""
        event, asked = self.event, parsed(CheckInSerializer, request)
        if pk := asked.pop("attendee", None):
            asked["attendee"] = get_object_or_404(_invited(event), pk=pk)
        return Response(AttendanceSerializer(services.record_attendance(event, **asked, by=caller(request))).data)
