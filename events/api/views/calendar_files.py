"""Calendars for other programs: the feed that they subscribe to, and files that are taken in."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import ConflictSerializer
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.common.api.parsing import FileParser, UploadParser
from estateman.common.errors import TooLarge
from estateman.people.auth import caller
from events import services
from events.api.serializers.calendars import (
    CalendarFeedSerializer,
    CalendarFileSerializer,
    CalendarImportedSerializer,
    FeedSecretSerializer,
)
from events.feeds import opened_feed
from events.ics import Malformed
from events.models import Calendar

_ICS = "text/calendar"


class _OfCalendar(APIView):
    @property
    def calendar(self) -> Calendar:
        """Raises Http404 for those who may not look into it."""
        return get_object_or_404(Calendar.objects.visible_to(caller(self.request)), pk=self.kwargs["calendar_id"])


class CalendarFeedView(_OfCalendar):
    """The secret address at which calendar programs read the calendar as I may."""

    @extend_schema(request=None, responses={201: CalendarFeedSerializer})
    def post(self, request: Request, calendar_id: int) -> Response:
        """Make a new one, told this once; my one before opens nothing any more."""
        url = services.open_calendar_feed(self.calendar, by=caller(request))
        return Response({"url": url}, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, calendar_id: int) -> Response:
        """Let nobody read it with my address any more."""
        services.close_calendar_feed(self.calendar, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CalendarIcsView(APIView):
    """A calendar for calendar programs, which sign in with the address alone."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyAnswerWillDo

    @extend_schema(
        parameters=[FeedSecretSerializer],
        responses={(200, _ICS): OpenApiTypes.STR, 304: OpenApiResponse(description="As `If-None-Match` has it")},
        auth=[],
    )
    def get(self, request: Request, calendar_id: int) -> HttpResponseBase:
        """As iCalendar (RFC 5545): every series, and single events from a year ago until two years ahead.

        It shows what whoever made the address may see today; with free/busy access only when they are busy. A wrong
        secret is a 404.
        """
        feed = opened_feed(calendar_id, queried(FeedSecretSerializer, request)["token"])
        if feed is None:
            raise Http404
        known: Any = get_conditional_response(request, etag=feed.etag)
        answer = known or HttpResponse(feed.written(), content_type=f"{_ICS}; charset=utf-8")
        answer.headers["ETag"] = feed.etag
        answer.headers["Referrer-Policy"] = "no-referrer"
        patch_cache_control(answer, private=True, no_cache=True)
        return answer


class _IcsParser(FileParser):
    media_type = _ICS


class ImportCalendarView(_OfCalendar):
    """A calendar file taken in."""

    parser_classes = (_IcsParser, UploadParser)

    @extend_schema(
        request={_ICS: OpenApiTypes.STR, "multipart/form-data": CalendarFileSerializer},
        responses={
            200: CalendarImportedSerializer,
            413: OpenApiResponse(ConflictSerializer, description="Longer than 8 MiB (`too_large`)"),
        },
    )
    def post(self, request: Request, calendar_id: int) -> Response:
        """Take in the events of an iCalendar file, sent as the body or as the field `file` of a form.

        Events are known again by their UID and changed. One that cannot be kept here is skipped, with the reason; a
        file that is none is a 400 that names the line, and nothing is written. Nobody is invited or mailed.
        """
        calendar, content = self.calendar, _content(request)
        try:
            done = services.import_ics(calendar, content, by=caller(request))
        except Malformed as why:
            raise ValidationError({"file": str(why)}) from None
        return Response(CalendarImportedSerializer(done).data)


def _content(request: Request) -> bytes:
    if isinstance(request.data, bytes):
        return request.data
    file = parsed(CalendarFileSerializer, request)["file"]
    if file.size > FileParser.most_bytes:
        raise TooLarge(FileParser.most_bytes)
    content: bytes = file.read()
    return content
