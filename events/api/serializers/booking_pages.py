"""Booking pages for the staff, and what their visitors see and send, as JSON."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from rest_framework import serializers

from estateman.common import clock
from estateman.common.clock import validate_zone
from events.api.fields import LocalDateTimeField, MomentField, resource_field, staff_field
from events.models import Appointment, BookingPage, BookingPageHost, Calendar
from events.recurrence import instant
from events.services import Host, appointment_token
from events.services.appointments_following import appointment_url

SHOWN = timedelta(days=42)
_USUALLY_SHOWN = timedelta(days=14)


class HostSerializer(serializers.ModelSerializer[BookingPageHost]):
    """With whom, and the calendar that their appointments go into."""

    class Meta:
        model = BookingPageHost
        fields = ("user", "calendar")


class NewHostSerializer(serializers.Serializer[Any]):
    user = staff_field()
    # Any: a host who stands may have a calendar that whoever edits the page cannot look into.
    calendar = serializers.PrimaryKeyRelatedField(queryset=Calendar.objects.filter(archived_at=None))

    def validate(self, attrs: dict[str, Any]) -> Any:
        # A change of the page leaves out what it likes; one of its hosts is named in full.
        if missing := sorted({"user", "calendar"} - attrs.keys()):
            raise serializers.ValidationError(dict.fromkeys(missing, self.error_messages["required"]), code="required")
        return {"host": Host(**attrs)}


class BookingPageSerializer(serializers.ModelSerializer[BookingPage]):
    hosts = HostSerializer(many=True)
    url = serializers.SerializerMethodField(help_text="What visitors open")

    class Meta:
        model = BookingPage
        fields = ("id", *BookingPage.DECIDED, "hosts", "created_by", "url", "version")
        read_only_fields = fields

    def get_url(self, page: BookingPage) -> str:
        return str(self.context["request"].build_absolute_uri(f"/book/{page.slug}"))


class NewBookingPageSerializer(serializers.ModelSerializer[BookingPage]):
    """``hosts`` are oneself with one's first calendar unless they are given."""

    # The database decides whether the address is free, and answers 409.
    slug = serializers.SlugField(max_length=60)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    resource = resource_field(required=False, allow_null=True)
    hosts = serializers.ListField(child=NewHostSerializer(), required=False, allow_empty=False, max_length=50)

    class Meta:
        model = BookingPage
        fields = (*BookingPage.DECIDED, "hosts")
        extra_kwargs: ClassVar[dict[str, Any]] = {"timezone": {"required": False}}

    def validate_hosts(self, value: list[dict[str, Any]]) -> list[Host]:
        return [each["host"] for each in value]


class BookingPageChangeSerializer(NewBookingPageSerializer):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta(NewBookingPageSerializer.Meta):
        fields = (*NewBookingPageSerializer.Meta.fields, "version")  # type: ignore[assignment]


class _VisitorsMoment(MomentField):
    """A date or a time without offset is the visitor's own, whose zone is known once all is read."""

    def placed(self, local: datetime) -> datetime:
        return local


class SlotsQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """From now for two weeks unless said otherwise; at most 42 days. ``timezone`` is the visitor's."""

    timezone = serializers.CharField(max_length=64, required=False, validators=[validate_zone])

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a word of the language and cannot stand in the class body.
        moments = {name: _VisitorsMoment(required=False) for name in ("from", "to")}
        return {**moments, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.get("timezone") or "UTC"
        start, end = (
            instant(moment, zone) if moment and moment.tzinfo is None else moment
            for moment in (attrs.get("from"), attrs.get("to"))
        )
        start = start or (min(clock.now(), end) if end else clock.now())
        end = end or start + _USUALLY_SHOWN
        if end < start:
            raise serializers.ValidationError({"to": "The window ends before it begins."})
        if end - start > SHOWN:
            raise serializers.ValidationError({"to": f"Ask for at most {SHOWN.days} days."})
        return {**attrs, "from": start, "to": end}


class OpenSlotSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    local_starts_at = LocalDateTimeField(help_text="On the visitor's clock")


class OpenSlotsSerializer(serializers.Serializer[Any]):
    """What visitors may know of the page, and when there is a place; ``timezone`` is what the local times are in."""

    title = serializers.CharField()
    description = serializers.CharField()
    location = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    timezone = serializers.CharField()
    slots = OpenSlotSerializer(many=True)


class StartField(MomentField):
    """An instant; without its offset it could be any."""

    def placed(self, local: datetime) -> datetime:
        raise serializers.ValidationError("Write an instant with its offset, like 2026-03-04T15:00:00Z.")


class BookAppointmentSerializer(serializers.Serializer[dict[str, Any]]):
    """``starts_at`` is one of the slots; ``timezone`` is the visitor's, in which they are written to."""

    starts_at = StartField()
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(max_length=254)
    phone = serializers.CharField(max_length=40, allow_blank=True, required=False)
    note = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    timezone = serializers.CharField(max_length=64, validators=[validate_zone])


class MoveAppointmentSerializer(serializers.Serializer[dict[str, Any]]):
    starts_at = StartField()


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    """``token`` is the visitor's secret, by which they look at it, move and cancel it; ``url`` is the page for that."""

    title = serializers.CharField(source="page.title")
    location = serializers.CharField(source="page.location")
    host = serializers.CharField(source="host.name", help_text="Their name")
    name = serializers.CharField(source="visitor_name")
    email = serializers.EmailField(source="visitor_email")
    timezone = serializers.CharField(source="visitor_timezone")
    token = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = (
            "title",
            "location",
            "host",
            "starts_at",
            "ends_at",
            "timezone",
            "status",
            "name",
            "email",
            "token",
            "url",
        )
        read_only_fields = fields

    def get_token(self, appointment: Appointment) -> str:
        return appointment_token(appointment)

    def get_url(self, appointment: Appointment) -> str:
        return appointment_url(appointment)
