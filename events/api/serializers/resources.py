from typing import Any, ClassVar

from rest_framework import serializers

from events.api.fields import LocalDateTimeField
from events.models import Resource, ResourceBooking


def _features_field(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=50), max_length=50, **kwargs)


class ResourceSerializer(serializers.ModelSerializer[Resource]):
    features = _features_field(required=False)

    class Meta:
        model = Resource
        fields = ("id", "name", "kind", "capacity", "features", "location", "timezone", "is_active", "version")
        read_only_fields = ("is_active", "version")
        # Whether a name is taken is the service's rule, which answers 409.
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}


class ResourceChangeSerializer(serializers.ModelSerializer[Resource]):
    features = _features_field(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = Resource
        fields = ("name", "kind", "capacity", "features", "location", "timezone", "is_active", "version")
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}


class BookingSerializer(serializers.ModelSerializer[ResourceBooking]):
    """``starts_at`` and ``ends_at`` are instants, ``recurrence_id`` is the occurrence's local start."""

    recurrence_id = LocalDateTimeField(read_only=True)

    class Meta:
        model = ResourceBooking
        fields = ("id", "resource", "event", "recurrence_id", "starts_at", "ends_at", "status")
        read_only_fields = fields


class TitledBookingSerializer(BookingSerializer):
    """``title`` is null where the caller may not read the event."""

    title = serializers.SerializerMethodField()

    class Meta:
        model = ResourceBooking
        fields = (*BookingSerializer.Meta.fields, "title")
        read_only_fields = fields

    def get_title(self, booking: ResourceBooking) -> str | None:
        return booking.event.title if getattr(booking, "shows_title", False) else None


class BookSerializer(serializers.Serializer[dict[str, Any]]):
    recurrence_id = LocalDateTimeField(required=False, help_text="One occurrence; without it the whole event")


class BookQuerySerializer(serializers.Serializer[dict[str, Any]]):
    skip_conflicts = serializers.BooleanField(default=False, help_text="Leave out the dates that collide")


class BookedSerializer(serializers.Serializer[dict[str, Any]]):
    bookings = BookingSerializer(many=True)
