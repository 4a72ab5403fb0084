from typing import Any

from rest_framework import serializers

from events.api.fields import LocalDateTimeField, MomentField, resource_field
from events.api.serializers.window import BookingQuerySerializer
from events.models import Blackout, Resource, ResourceBooking


def _features_field(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=50), max_length=50, **kwargs)


def _hours_field(**kwargs: Any) -> serializers.DictField:
    span = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    help_text = 'Spans of minutes of the day by weekday (0 is Monday), like {"0": [[540, 1020]]}; empty means always'
    return serializers.DictField(child=serializers.ListField(child=span, max_length=50), help_text=help_text, **kwargs)


_FIELDS = (
    "name",
    "kind",
    "capacity",
    "features",
    "location",
    "timezone",
    "units",
    "bookable_hours",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "needs_approval",
    "bookers",
    "team",
    "release_after_minutes",
    "is_active",
    "version",
)
# Whether a name is taken is the service's rule, which answers 409.
_NAME: dict[str, Any] = {"name": {"validators": []}}


class ResourceSerializer(serializers.ModelSerializer[Resource]):
    """``bookable_hours`` are on the clocks of ``timezone``."""

    features = _features_field(required=False)
    bookable_hours = _hours_field(required=False)

    class Meta:
        model = Resource
        fields = ("id", *_FIELDS)
        read_only_fields = ("is_active", "version")
        extra_kwargs = _NAME


class ResourceChangeSerializer(serializers.ModelSerializer[Resource]):
    features = _features_field(required=False)
    bookable_hours = _hours_field(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = Resource
        fields = _FIELDS
        extra_kwargs = _NAME


class BlackoutSerializer(serializers.ModelSerializer[Blackout]):
    class Meta:
        model = Blackout
        fields = ("id", "resource", "starts_at", "ends_at", "reason", "created_by", "created_at")
        read_only_fields = fields


class NewBlackoutSerializer(serializers.Serializer[dict[str, Any]]):
    """Instants; a date, or a time without offset, is taken in the caller's own zone."""

    starts_at = MomentField()
    ends_at = MomentField(help_text="Exclusive")
    reason = serializers.CharField(required=False, max_length=200, allow_blank=True)


class BookingSerializer(serializers.ModelSerializer[ResourceBooking]):
    """``starts_at`` and ``ends_at`` are instants, ``recurrence_id`` is the occurrence's local start.

    ``unit`` is which of the resource's units it has; of a request it says nothing.
    """

    recurrence_id = LocalDateTimeField(read_only=True)

    class Meta:
        model = ResourceBooking
        fields = (
            "id",
            "resource",
            "event",
            "recurrence_id",
            "starts_at",
            "ends_at",
            "status",
            "unit",
            "booked_by",
            "decided_by",
            "checked_in_at",
        )
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


class DecideSerializer(serializers.Serializer[dict[str, Any]]):
    whole_series = serializers.BooleanField(
        default=False, help_text="All that was asked for, for its event and of its resource"
    )


class ExtendSerializer(serializers.Serializer[dict[str, Any]]):
    minutes = serializers.IntegerField(min_value=1, max_value=24 * 60)


class SwapSerializer(serializers.Serializer[dict[str, Any]]):
    """Either the resource to take instead, or the booking to exchange resources with."""

    resource = resource_field(required=False)
    booking = serializers.PrimaryKeyRelatedField(
        queryset=ResourceBooking.objects.select_related("event__calendar", "resource"), required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"resource": "Name either a resource or a booking."})
        return attrs


class BookingListQuerySerializer(BookingQuerySerializer):
    mine = serializers.BooleanField(default=False, help_text="Only what I booked")
    to_decide = serializers.BooleanField(default=False, help_text="Only requests that I may approve or decline")
    resource = resource_field(required=False)
    status = serializers.ChoiceField(choices=ResourceBooking.Status.choices, required=False)
