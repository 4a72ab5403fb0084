from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import CALENDAR_GONE, CALENDAR_IN_USE, CALENDAR_KEY_TAKEN, CLOSED, PROFILE_IN_USE, STALE
from tasks.api.serializers.calendars import (
    BusinessCalendarChangeSerializer,
    BusinessCalendarSerializer,
    ClosureSerializer,
    DateProfileChangeSerializer,
    DateProfileSerializer,
    NewBusinessCalendarSerializer,
    NewClosureSerializer,
    NewDateProfileSerializer,
)
from tasks.models import BusinessCalendar, Closure, DateProfile

_OFFICE = OpenApiExample(
    "Our office",
    {"name": "Our office", "weekdays": [0, 1, 2, 3, 4], "country": "US", "keeps_observed": True},
    request_only=True,
)


class BusinessCalendarViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[BusinessCalendar]
):
    """The business calendars that days are counted with."""

    queryset = BusinessCalendar.objects.all()
    serializer_class = BusinessCalendarSerializer
    page_order = "name"
    lookup_value_regex = r"\d+"

    @extend_schema(
        request=NewBusinessCalendarSerializer,
        responses={201: BusinessCalendarSerializer, **conflicts(CALENDAR_KEY_TAKEN)},
        examples=[_OFFICE],
    )
    def create(self, request: Request) -> Response:
        """Make one: the office's leaders do. A country that is not known is a 400."""
        calendar = services.create_calendar(**parsed(NewBusinessCalendarSerializer, request), by=caller(request))
        return Response(BusinessCalendarSerializer(calendar).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=BusinessCalendarChangeSerializer,
        responses={200: BusinessCalendarSerializer, **conflicts(STALE, CALENDAR_GONE)},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change which days are business days. No deal moves by it before it is counted anew."""
        calendar, changes = self.get_object(), parsed(BusinessCalendarChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.change_calendar(calendar, by=caller(request), changes=changes, version=version)
        return Response(BusinessCalendarSerializer(calendar).data)

    @extend_schema(responses={204: None, **conflicts(CALENDAR_IN_USE, CALENDAR_GONE)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it, with its closing days, where nothing counts by it."""
        services.delete_calendar(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class _OfCalendar(generics.GenericAPIView[Closure]):
    queryset = Closure.objects.none()
    serializer_class = ClosureSerializer

    @property
    def calendar(self) -> BusinessCalendar:
        return get_object_or_404(BusinessCalendar, pk=self.kwargs["business_calendar_id"])

    def get_queryset(self) -> QuerySet[Closure]:
        return self.calendar.closures.select_related("calendar")


class ClosureListView(_OfCalendar, generics.ListAPIView[Closure]):
    """The days on which the office itself is closed."""

    page_order = "on"

    @extend_schema(request=NewClosureSerializer, responses={201: ClosureSerializer, **conflicts(CLOSED, CALENDAR_GONE)})
    def post(self, request: Request, business_calendar_id: int) -> Response:
        """Close on a day."""
        calendar, asked = self.calendar, parsed(NewClosureSerializer, request)
        closure = services.add_closure(calendar, **asked, by=caller(request))
        return Response(ClosureSerializer(closure).data, status=status.HTTP_201_CREATED)


class ClosureView(_OfCalendar):
    """One closing day."""

    lookup_url_kwarg = "closure_id"

    @extend_schema(responses={204: None, **conflicts(CALENDAR_GONE)})
    def delete(self, request: Request, business_calendar_id: int, closure_id: int) -> Response:
        """Open on that day again."""
        services.remove_closure(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DateProfileViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DateProfile]):
    """How contracts and laws count days. A start: check the contract at hand."""

    queryset = DateProfile.objects.all()
    serializer_class = DateProfileSerializer
    page_order = "name"
    lookup_value_regex = r"\d+"

    @extend_schema(
        request=NewDateProfileSerializer,
        responses={201: DateProfileSerializer, **conflicts(CALENDAR_KEY_TAKEN, CALENDAR_GONE)},
    )
    def create(self, request: Request) -> Response:
        """Make one: the office's leaders do."""
        profile = services.create_profile(**parsed(NewDateProfileSerializer, request), by=caller(request))
        return Response(DateProfileSerializer(profile).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=DateProfileChangeSerializer, responses={200: DateProfileSerializer, **conflicts(STALE, CALENDAR_GONE)}
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change how it counts. No deal moves by it before it is counted anew."""
        profile, changes = self.get_object(), parsed(DateProfileChangeSerializer, request, partial=True)
        version: Any = changes.pop("version", None)
        services.change_profile(profile, by=caller(request), changes=changes, version=version)
        return Response(DateProfileSerializer(profile).data)

    @extend_schema(responses={204: None, **conflicts(PROFILE_IN_USE, CALENDAR_GONE)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it, where nothing counts by it."""
        services.delete_profile(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
