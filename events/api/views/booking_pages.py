from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from events import services
from events.api.conflicts import APPOINTMENT_OVER, PAGE_IN_USE, SLOT_TAKEN, SLUG_TAKEN, STALE, TOO_MANY
from events.api.serializers.booking_pages import (
    AppointmentSerializer,
    BookAppointmentSerializer,
    BookingPageChangeSerializer,
    BookingPageSerializer,
    MoveAppointmentSerializer,
    NewBookingPageSerializer,
    OpenSlotsSerializer,
    SlotsQuerySerializer,
)
from events.appointments import Offer, offers
from events.models import Appointment, BookingPage

_NEW = OpenApiExample(
    "Half an hour with either of two, in the viewing room",
    {
        "slug": "valuation",
        "title": "A valuation of your home",
        "duration_minutes": 30,
        "buffer_after_minutes": 15,
        "notice_minutes": 240,
        "daily_limit": 6,
        "resource": 2,
        "hosts": [{"user": 7, "calendar": 3}, {"user": 9, "calendar": 5}],
    },
    request_only=True,
)
_BOOK = OpenApiExample(
    "A visitor",
    {
        "starts_at": "2026-03-04T15:00:00Z",
        "name": "Sarah Seller",
        "email": "seller@example.com",
        "timezone": "America/New_York",
    },
    request_only=True,
)


class BookingPageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[BookingPage]):
    """The pages on which visitors book appointments. All staff see them, as everybody outside does."""

    queryset = BookingPage.objects.none()
    serializer_class = BookingPageSerializer
    page_order = "title"
    page_orders = ("title", "id")
    filter_backends = ()
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[BookingPage]:
        return BookingPage.objects.prefetch_related("hosts")

    @extend_schema(
        request=NewBookingPageSerializer,
        responses={201: BookingPageSerializer, **conflicts(SLUG_TAKEN)},
        examples=[_NEW],
    )
    def create(self, request: Request) -> Response:
        """Open a page: for oneself, or for hosts whose calendars one manages; the office's leaders for anybody."""
        page = services.create_booking_page(**parsed(NewBookingPageSerializer, request), by=caller(request))
        return self._answer(page, status.HTTP_201_CREATED)

    @extend_schema(
        request=BookingPageChangeSerializer, responses={200: BookingPageSerializer, **conflicts(STALE, SLUG_TAKEN)}
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change or close it (``is_active``); for who made it and the leaders. Appointments stand as booked."""
        page, changes = self.get_object(), parsed(BookingPageChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.change_booking_page(page, changes=changes, by=caller(request), version=version)
        return self._answer(page)

    @extend_schema(responses={204: None, **conflicts(PAGE_IN_USE)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it; refused while visitors are expected."""
        services.delete_booking_page(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, page: BookingPage, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=page.pk)
        return Response(BookingPageSerializer(fresh, context={"request": self.request}).data, status=code)


class Public(APIView):
    """Open to everybody: nobody signs in here, so no session's rights are lent to what a page elsewhere sends."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "send"


class OfPage(Public):
    """A view below ``/book/{slug}``."""

    @property
    def page(self) -> BookingPage:
        """Raises Http404 also for one that is closed."""
        return get_object_or_404(
            BookingPage.objects.select_related("resource"), slug=self.kwargs["slug"], is_active=True
        )


class SlotsView(OfPage):
    @extend_schema(parameters=[SlotsQuerySerializer], responses=OpenSlotsSerializer, auth=[])
    def get(self, request: Request, slug: str) -> Response:
        """When a visitor can have an appointment."""
        page, asked = self.page, queried(SlotsQuerySerializer, request)
        return _slots(page, offers(page, asked["from"], asked["to"]), asked.get("timezone"))


class BookAppointmentView(OfPage):
    @extend_schema(
        request=BookAppointmentSerializer,
        responses={201: AppointmentSerializer, **conflicts(SLOT_TAKEN, TOO_MANY)},
        examples=[_BOOK],
        auth=[],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Book a slot. A confirmation goes to the visitor's address, with the link to move or cancel it."""
        appointment = services.book_appointment(self.page, **parsed(BookAppointmentSerializer, request))
        return Response(AppointmentSerializer(appointment).data, status=status.HTTP_201_CREATED)


@method_decorator(never_cache, name="dispatch")
class OfAppointment(Public):
    """A view below ``/book/appointments/{token}``."""

    @property
    def appointment(self) -> Appointment:
        """Raises Http404 for a wrong token."""
        found = services.appointment_of(self.kwargs["token"])
        if found is None:
            raise Http404
        return found


class AppointmentView(OfAppointment):
    """A visitor's own appointment; whoever has the token is the visitor."""

    @extend_schema(responses=AppointmentSerializer, auth=[])
    def get(self, request: Request, token: str) -> Response:
        """When, where and with whom."""
        return Response(AppointmentSerializer(self.appointment).data)

    @extend_schema(
        request=MoveAppointmentSerializer,
        responses={200: AppointmentSerializer, **conflicts(SLOT_TAKEN, APPOINTMENT_OVER)},
        auth=[],
    )
    def patch(self, request: Request, token: str) -> Response:
        """Move it to another slot of the same host."""
        appointment, asked = self.appointment, parsed(MoveAppointmentSerializer, request)
        return Response(AppointmentSerializer(services.move_appointment(appointment, **asked)).data)

    @extend_schema(responses={200: AppointmentSerializer, **conflicts(APPOINTMENT_OVER)}, auth=[])
    def delete(self, request: Request, token: str) -> Response:
        """Cancel it; again is fine."""
        return Response(AppointmentSerializer(services.cancel_appointment(self.appointment)).data)


class AppointmentSlotsView(OfAppointment):
    @extend_schema(parameters=[SlotsQuerySerializer], responses=OpenSlotsSerializer, auth=[])
    def get(self, request: Request, token: str) -> Response:
        """Where it could be moved to."""
        appointment, asked = self.appointment, queried(SlotsQuerySerializer, request)
        found = offers(
            appointment.page, asked["from"], asked["to"], host=appointment.host_id, leaving_out=appointment.event
        )
        return _slots(appointment.page, found, asked.get("timezone") or appointment.visitor_timezone)


def _slots(page: BookingPage, found: list[Offer], timezone: str | None) -> Response:
    zone = timezone or page.timezone
    told = {name: getattr(page, name) for name in ("title", "description", "location", "duration_minutes")}
    slots = [_slot(page, offer.starts_at, ZoneInfo(zone)) for offer in found]
    return Response(OpenSlotsSerializer({**told, "timezone": zone, "slots": slots}).data)


def _slot(page: BookingPage, starts_at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=page.duration_minutes),
        "local_starts_at": starts_at.astimezone(zone).replace(tzinfo=None),
    }
