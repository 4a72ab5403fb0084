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
from events.api.conflicts import CANCELLED
from events.api.serializers.events import AttendeeSerializer, InviteSerializer, RsvpSerializer

_INVITE = OpenApiExample(
    "A colleague and a guest", {"attendees": [{"user": 7}, {"email": "buyer@example.com"}]}, request_only=True
)
AttendeeList = whole_list_of("Attendees", AttendeeSerializer(many=True))


class AttendeesView(OfEvent):
    """Who comes to an event."""

    @extend_schema(responses=AttendeeList)
    def get(self, request: Request, event_id: int) -> Response:
        """Everyone invited, with their answers."""
        return whole_list(AttendeeSerializer(self.event.attendees.select_related("user"), many=True).data)

    @extend_schema(request=InviteSerializer, responses={201: AttendeeList, **conflicts(CANCELLED)}, examples=[_INVITE])
    def post(self, request: Request, event_id: int) -> Response:
        """Invite staff and guests; who was invited before stays so."""
        event = self.event
        services.invite(event, **parsed(InviteSerializer, request), by=caller(request))
        response = whole_list(AttendeeSerializer(event.attendees.select_related("user"), many=True).data)
        response.status_code = status.HTTP_201_CREATED
        return response


class RsvpView(OfEvent):
    @extend_schema(request=RsvpSerializer, responses=AttendeeSerializer)
    def post(self, request: Request, event_id: int) -> Response:
        """Answer my own invitation."""
        event, asked = self.event, parsed(RsvpSerializer, request)
        return Response(AttendeeSerializer(services.rsvp(event, **asked, by=caller(request))).data)
