from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.common.api.idempotency import idempotent
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events import jobs, services
from events.api.asking import OfEvent
from events.api.conflicts import CANCELLED, NO_REMINDERS
from events.api.serializers.reminders import (
    ReminderSerializer,
    RemindersQuerySerializer,
    RemindersSerializer,
    SentRemindersSerializer,
)
from events.models import Event
from events.reminding import reminders_of

_TWO = OpenApiExample(
    "A day before by e-mail, half an hour before in the app too",
    {
        "reminders": [
            {"minutes_before": 1440, "channels": ["email"]},
            {"minutes_before": 30, "channels": ["in_app", "email"]},
        ]
    },
    request_only=True,
)
ReminderList = whole_list_of("Reminders", ReminderSerializer(many=True))


class RemindersView(OfEvent):
    """The reminders of an event and what becomes of them."""

    @extend_schema(responses=ReminderList)
    def get(self, request: Request, event_id: int) -> Response:
        """The event's reminders and my own, with their deliveries: mine, or everyone's for who may change the event."""
        return self._answer(self.event)

    @extend_schema(
        parameters=[RemindersQuerySerializer],
        request=RemindersSerializer,
        responses={200: ReminderList, **conflicts(CANCELLED)},
        examples=[_TWO],
    )
    def put(self, request: Request, event_id: int) -> Response:
        """Set the event's reminders, or with ``mine`` my own, instead of those there were; none is sent twice."""
        event, asked = self.event, parsed(RemindersSerializer, request)
        mine = queried(RemindersQuerySerializer, request)["mine"]
        set_them = services.set_own_reminders if mine else services.set_reminders
        set_them(event, asked["reminders"], by=caller(request))
        return self._answer(event)

    @extend_schema(request=None, responses={200: SentRemindersSerializer, **conflicts(NO_REMINDERS, CANCELLED)})
    @idempotent(required=False)
    def post(self, request: Request, event_id: int) -> Response:
        """Send the next occurrence's reminders now; those that were sent already are not sent twice."""
        deliveries = services.send_reminders_now(self.event, by=caller(request))
        jobs.wake()
        return Response(SentRemindersSerializer({"deliveries": deliveries}).data)

    def _answer(self, event: Event) -> Response:
        rows: Any = reminders_of(event, seen_by=caller(self.request))
        return whole_list(ReminderSerializer(rows, many=True).data)
