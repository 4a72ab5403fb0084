"""My deadlines, as a list and as a calendar that other programs subscribe to."""

from django.conf import settings
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.asking import queried
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.people.auth import caller
from estateman.people.feeds import close_feed, feed_owner
from tasks.api.serializers.deadlines import (
    DeadlineQuerySerializer,
    DeadlineSerializer,
    FeedSerializer,
    FeedTokenQuerySerializer,
)
from tasks.exchange.ics import write_ics
from tasks.exporting import entry
from tasks.my_deadlines import FEED, deadlines_of, open_deadline_feed


class DeadlinesView(APIView):
    """What I have to keep in mind, across all deals."""

    @extend_schema(
        parameters=[DeadlineQuerySerializer],
        responses=whole_list_of("Deadlines", DeadlineSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """My open tasks with a day, and the key dates of my deals: the soonest 500, overdue ones first."""
        me, asked = caller(request), queried(DeadlineQuerySerializer, request)
        today = clock.local_date(clock.now(), me.timezone)
        return whole_list(DeadlineSerializer(deadlines_of(me, today=today, **asked), many=True).data)


class DeadlineFeedView(APIView):
    """The secret address of my deadlines' calendar."""

    @extend_schema(request=None, responses={201: FeedSerializer})
    def post(self, request: Request) -> Response:
        """Make a new one; the one before opens nothing any more."""
        return Response({"url": open_deadline_feed(caller(request))}, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Close the feed."""
        close_feed(caller(request), FEED)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DeadlinesIcsView(APIView):
    """My deadlines for calendar programs, which sign in with the address alone."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyAnswerWillDo

    @extend_schema(
        parameters=[FeedTokenQuerySerializer],
        responses={(200, "text/calendar"): OpenApiTypes.STR},
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """As a calendar (RFC 5545). A wrong secret is a 404."""
        owner = feed_owner(FEED, queried(FeedTokenQuerySerializer, request)["token"])
        if owner is None:
            raise Http404
        today = clock.local_date(clock.now(), owner.timezone)
        days = deadlines_of(owner, today=today)
        calendar = write_ics("My deadlines", [entry(day, site=settings.SITE_URL) for day in days])
        return HttpResponse(calendar, content_type="text/calendar; charset=utf-8")
