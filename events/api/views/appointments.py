from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import queried
from estateman.people.auth import caller
from events.api.serializers.appointments import AppointmentOfPageSerializer, AppointmentQuerySerializer
from events.models import Appointment, BookingPage


class AppointmentsView(ListAPIView[Appointment]):
    """What visitors booked on a page: with me, or all where I made the page or lead the office."""

    queryset = Appointment.objects.none()
    serializer_class = AppointmentOfPageSerializer
    filter_backends = ()
    page_order = "starts_at"
    page_orders = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[Appointment]:
        page = get_object_or_404(BookingPage, pk=self.kwargs["page_id"])
        asked = queried(AppointmentQuerySerializer, self.request)
        found = page.appointments.visible_to(caller(self.request)).select_related("host")
        found = found.filter(status=asked["status"]) if "status" in asked else found
        found = found.filter(ends_at__gt=asked["from"]) if "from" in asked else found
        return found.filter(starts_at__lt=asked["to"]) if "to" in asked else found

    @extend_schema(parameters=[AppointmentQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who comes when, to whom. They are moved and cancelled with their `event`; the visitor is written to."""
        return super().get(request, *args, **kwargs)
