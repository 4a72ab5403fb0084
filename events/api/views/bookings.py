from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from events import services
from events.api.asking import OfEvent
from events.api.conflicts import (
    BEGUN,
    CANCELLED,
    CHECK_IN_CLOSED,
    DECIDED,
    ITSELF,
    NEEDS_APPROVAL,
    NOT_HELD,
    OUT_OF_USE,
    OUTSIDE_HOURS,
    OVER,
    TAKEN,
)
from events.api.serializers.resources import (
    BookedSerializer,
    BookingListQuerySerializer,
    BookingSerializer,
    BookQuerySerializer,
    BookSerializer,
    DecideSerializer,
    ExtendSerializer,
    SwapSerializer,
    TitledBookingSerializer,
)
from events.api.serializers.window import BookingQuerySerializer
from events.api.views.resources import OfResource
from events.models import ResourceBooking
from events.models.bookings import BookingQuerySet

_ONE_DATE = OpenApiExample("One date of a series", {"recurrence_id": "2026-03-09T09:00:00"}, request_only=True)
_TO_ANOTHER = OpenApiExample("Another room", {"resource": 3}, request_only=True)
_WITH_OTHERS = OpenApiExample("The room of another booking", {"booking": 31}, request_only=True)


class BookingListView(generics.ListAPIView[ResourceBooking]):
    """``title`` is null where the caller may not read the event."""

    queryset = ResourceBooking.objects.none()
    serializer_class = TitledBookingSerializer
    filter_backends = ()
    page_order = "starts_at"
    page_orders = ("starts_at", "id")

    def listed(self, asked: dict[str, Any]) -> BookingQuerySet:
        user = caller(self.request)
        bookings = ResourceBooking.objects.filter(booked_by=user) if asked["mine"] else ResourceBooking.objects.all()
        bookings = bookings.to_decide(user) if asked["to_decide"] else bookings
        return bookings.filter(**{name: asked[name] for name in ("resource", "status") if name in asked})

    query_serializer: type[BookingQuerySerializer] = BookingListQuerySerializer

    def get_queryset(self) -> QuerySet[ResourceBooking]:
        asked = queried(self.query_serializer, self.request)
        bookings = self.listed(asked).visible_to(caller(self.request)).select_related("event")
        bookings = bookings.filter(blocked_until__gt=asked["from"]) if "from" in asked else bookings
        return bookings.filter(blocked_from__lt=asked["to"]) if "to" in asked else bookings

    @extend_schema(parameters=[BookingListQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bookings of all resources by start: mine, or those I may decide about."""
        return super().get(request, *args, **kwargs)


class ResourceBookingsView(OfResource, BookingListView):
    query_serializer = BookingQuerySerializer

    def listed(self, asked: dict[str, Any]) -> BookingQuerySet:
        return ResourceBooking.objects.filter(resource=self.resource)

    @extend_schema(parameters=[BookingQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """When it is, was and would have been taken: all its bookings by start."""
        return super().get(request, *args, **kwargs)


class BookView(OfEvent, OfResource):
    @extend_schema(
        parameters=[BookQuerySerializer],
        request=BookSerializer,
        responses={201: BookedSerializer, **conflicts(TAKEN, OUTSIDE_HOURS, ITSELF, OUT_OF_USE, CANCELLED)},
        examples=[_ONE_DATE],
    )
    def post(self, request: Request, event_id: int, resource_id: int) -> Response:
        """Book it for the whole event, or for one occurrence, or ask for it where it takes approval."""
        event, resource = self.event, self.resource
        asked = {**parsed(BookSerializer, request), **queried(BookQuerySerializer, request)}
        bookings = services.book_resource(event, resource, **asked, by=caller(request))
        return Response(BookedSerializer({"bookings": bookings}).data, status=status.HTTP_201_CREATED)


class OfBooking(APIView):
    """A view below ``/bookings/{booking_id}``; every booking is seen by all staff."""

    @property
    def booking(self) -> ResourceBooking:
        """Raises Http404."""
        bookings = ResourceBooking.objects.select_related("event__calendar", "resource")
        return get_object_or_404(bookings, pk=self.kwargs["booking_id"])


class ApproveBookingView(OfBooking):
    @extend_schema(
        request=DecideSerializer,
        responses={
            200: BookingSerializer,
            **conflicts(DECIDED, TAKEN, OUTSIDE_HOURS, ITSELF, OVER, OUT_OF_USE, CANCELLED),
        },
    )
    def post(self, request: Request, booking_id: int) -> Response:
        """Give a request the time; rivals that no unit is left for are declined. For those who run the resource."""
        asked = parsed(DecideSerializer, request)
        services.approve_booking(self.booking, **asked, by=caller(request))
        return Response(BookingSerializer(self.booking).data)


class DeclineBookingView(OfBooking):
    @extend_schema(request=DecideSerializer, responses={200: BookingSerializer, **conflicts(DECIDED)})
    def post(self, request: Request, booking_id: int) -> Response:
        """Say no to a request; for those who run the resource."""
        asked = parsed(DecideSerializer, request)
        services.decline_booking(self.booking, **asked, by=caller(request))
        return Response(BookingSerializer(self.booking).data)


class CancelBookingView(OfBooking):
    @extend_schema(request=None, responses={200: BookingSerializer, **conflicts(OVER)})
    def post(self, request: Request, booking_id: int) -> Response:
        """Give it back for this occurrence, or stop asking; for its booker and those who may change the event."""
        return Response(BookingSerializer(services.cancel_booking(self.booking, by=caller(request))).data)


class CheckInBookingView(OfBooking):
    @extend_schema(request=None, responses={200: BookingSerializer, **conflicts(CHECK_IN_CLOSED, NOT_HELD)})
    def post(self, request: Request, booking_id: int) -> Response:
        """Say that somebody came; what nobody checks in to may be released after a while."""
        return Response(BookingSerializer(services.check_in_booking(self.booking, by=caller(request))).data)


class ReleaseBookingView(OfBooking):
    @extend_schema(request=None, responses={200: BookingSerializer, **conflicts(NOT_HELD, OVER)})
    def post(self, request: Request, booking_id: int) -> Response:
        """Give back what is left of it."""
        return Response(BookingSerializer(services.release_booking(self.booking, by=caller(request))).data)


class ExtendBookingView(OfBooking):
    @extend_schema(
        request=ExtendSerializer,
        responses={200: BookingSerializer, **conflicts(TAKEN, OUTSIDE_HOURS, NOT_HELD, OVER, NEEDS_APPROVAL)},
    )
    def post(self, request: Request, booking_id: int) -> Response:
        """Keep it for longer, if it is free; the event itself stays as long as it is."""
        asked = parsed(ExtendSerializer, request)
        return Response(BookingSerializer(services.extend_booking(self.booking, **asked, by=caller(request))).data)


class SwapBookingView(OfBooking):
    @extend_schema(
        request=SwapSerializer,
        responses={
            200: BookingSerializer,
            **conflicts(TAKEN, OUTSIDE_HOURS, ITSELF, NOT_HELD, BEGUN, NEEDS_APPROVAL, OUT_OF_USE),
        },
        examples=[_TO_ANOTHER, _WITH_OTHERS],
    )
    def post(self, request: Request, booking_id: int) -> Response:
        """Take another resource for this occurrence, or exchange resources with another booking: both or none."""
        booking, asked, user = self.booking, parsed(SwapSerializer, request), caller(request)
        if "resource" in asked:
            services.swap_resource(booking, resource=asked["resource"], by=user)
        else:
            services.exchange_bookings(booking, asked["booking"], by=user)
        return Response(BookingSerializer(self.booking).data)
