from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from events import services
from events.api.asking import OfEvent
from events.api.conflicts import CANCELLED, TAKEN, TIME_TAKEN
from events.api.serializers.events import ExceptionalDateSerializer
from events.exceptions import exceptions_of
from events.fields import parse_local


class ExceptionsView(OfEvent):
    @extend_schema(responses=whole_list_of("ExceptionalDates", ExceptionalDateSerializer(many=True)))
    def get(self, request: Request, event_id: int) -> Response:
        """The dates that are not as the series has them: left out, added, moved, or changed in their words."""
        return whole_list(ExceptionalDateSerializer(exceptions_of(self.event), many=True).data)


class ExceptionView(OfEvent):
    @extend_schema(responses={204: None, **conflicts(TAKEN, TIME_TAKEN, CANCELLED)})
    def delete(self, request: Request, event_id: int, recurrence_id: str) -> Response:
        """Undo it: the date is as the series has it. Refused where what is booked for the series is taken then."""
        event, date = self.event, _date(recurrence_id)
        try:
            services.restore_occurrence(event, date, by=caller(request))
        except ObjectDoesNotExist:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _date(text: str) -> datetime:
    try:
        return parse_local(text)
    except ValidationError:
        raise Http404 from None
