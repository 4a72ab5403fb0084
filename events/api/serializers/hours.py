"""Working hours, free and busy time, and the search for a time, as JSON."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estateman.people.models import User
from events.api.fields import FIRST_YEAR, LAST_YEAR, LocalDateTimeField, resource_field
from events.api.serializers.window import WindowSerializer
from events.models import Resource
from events.models.events import LONGEST_MINUTES
from events.models.hours import validate_spans
from events.services import DifferentDay

_SPANS = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "example": [[540, 720], [780, 1020]],
}
MOST_EXCEPTIONS, MOST_PEOPLE, MOST_NEEDS = 1000, 50, 5
SEARCHED, LOOKED_AT = timedelta(days=62), timedelta(days=92)


@extend_schema_field(_SPANS)
class SpansField(serializers.Field[list[tuple[int, int]], Any, Any, Any]):
    """Minutes after midnight, from and until, in order and apart."""

    def to_internal_value(self, data: Any) -> list[tuple[int, int]]:
        try:
            validate_spans(data)
        except ModelValidationError as refused:
            raise serializers.ValidationError(refused.messages) from None
        return [(since, until) for since, until in data]

    def to_representation(self, value: Any) -> Any:
        return [list(span) for span in value]


@extend_schema_field(
    {"type": "object", "additionalProperties": _SPANS, "example": {"0": [[540, 1020]], "1": [[540, 720]]}}
)
class WeekField(serializers.Field[dict[int, list[tuple[int, int]]], Any, Any, Any]):
    """Spans by weekday, of which ``"0"`` is Monday."""

    def to_internal_value(self, data: Any) -> dict[int, list[tuple[int, int]]]:
        if not isinstance(data, dict) or not set(data) <= {str(weekday) for weekday in range(7)}:
            raise serializers.ValidationError('Give spans by weekday, like {"0": [[540, 1020]]}.')
        return {int(weekday): SpansField().run_validation(spans) for weekday, spans in data.items()}

    def to_representation(self, value: Any) -> Any:
        return {str(weekday): [list(span) for span in value[weekday]] for weekday in sorted(value)}


class DayField(serializers.DateField):
    """A date that a calendar may hold."""

    def to_internal_value(self, value: Any) -> date:
        found: date = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year < LAST_YEAR:
            raise serializers.ValidationError(f"Dates lie between {FIRST_YEAR} and {LAST_YEAR - 1}.")
        return found


class DifferentDaySerializer(serializers.Serializer[Any]):
    """A date with hours of its own; no spans is a free day. The note is for the person and the leaders."""

    date = DayField()
    spans = SpansField()
    note = serializers.CharField(max_length=200, allow_blank=True, required=False, default="")


class HoursSerializer(serializers.Serializer[Any]):
    """What is given replaces what stood there; what is not stays. An empty week is the usual one again."""

    weekly = WeekField(required=False)
    exceptions = serializers.ListField(child=DifferentDaySerializer(), required=False, max_length=MOST_EXCEPTIONS)

    def validate_exceptions(self, value: list[dict[str, Any]]) -> list[DifferentDay]:
        return [DifferentDay(**day) for day in value]


class TimeOffSerializer(serializers.Serializer[Any]):
    """Both days included. ``reason`` is null for who may not know it."""

    id = serializers.IntegerField(read_only=True)
    starts_on = DayField()
    ends_on = DayField()
    reason = serializers.CharField(max_length=200, allow_blank=True, required=False, default="")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown if self.context.get("in_full") else {**shown, "reason": None}


class AvailabilityQuerySerializer(WindowSerializer):
    longest = LOOKED_AT


class IntervalSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField(source="0")
    ends_at = serializers.DateTimeField(source="1")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = serializers.DateTimeField()
        return dict(zip(("starts_at", "ends_at"), map(shown.to_representation, instance), strict=True))


class BusyTimeSerializer(serializers.Serializer[Any]):
    """With free/busy access only, ``event`` is null and ``title`` says Busy."""

    event = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    recurrence_id = LocalDateTimeField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class ClashSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    events = BusyTimeSerializer(many=True)


class AvailabilitySerializer(serializers.Serializer[Any]):
    """``weekly`` and ``exceptions`` are on the clocks of ``timezone``, all else are instants."""

    user = serializers.IntegerField(source="user.pk")
    name = serializers.CharField(source="user.name")
    timezone = serializers.CharField(source="user.timezone")
    weekly = WeekField(source="found.hours.weekly")
    exceptions = DifferentDaySerializer(many=True)
    time_off = TimeOffSerializer(many=True)
    closed = serializers.ListField(child=serializers.DateField(), help_text="Days on which the office is closed")
    working = IntervalSerializer(source="found.working", many=True)
    busy = BusyTimeSerializer(source="found.busy", many=True)
    free = IntervalSerializer(source="found.free", many=True)
    conflicts = ClashSerializer(source="found.conflicts", many=True)


class NeedSerializer(serializers.Serializer[Any]):
    """A given ``resource``, or any of a kind with room for so many and with all features."""

    resource = resource_field(required=False)
    kind = serializers.ChoiceField(choices=Resource.Kind.choices, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    features = serializers.ListField(child=serializers.CharField(max_length=50), max_length=20, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Say which resource, or what it must be.")
        return attrs


class PeopleField(serializers.ListField):
    """Ids of some who work here; each counts once. One query, however many."""

    child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def to_internal_value(self, data: Any) -> list[User]:
        ids = list(dict.fromkeys(super().to_internal_value(data)))
        found = User.objects.filter(is_active=True).in_bulk(ids)
        if missing := [str(each) for each in ids if each not in found]:
            raise serializers.ValidationError(f"Nobody who works here has the id {', '.join(missing)}.")
        return [found[each] for each in ids]


class FindSlotsSerializer(WindowSerializer):
    longest = SEARCHED

    required = PeopleField(max_length=MOST_PEOPLE, default=list)  # type: ignore[assignment]
    optional = PeopleField(max_length=MOST_PEOPLE, default=list)
    resources = serializers.ListField(child=NeedSerializer(), max_length=MOST_NEEDS, default=list)
    duration_minutes = serializers.IntegerField(min_value=5, max_value=min(LONGEST_MINUTES, 24 * 60))
    step_minutes = serializers.IntegerField(min_value=5, max_value=24 * 60, default=15)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if not (attrs["required"] or attrs["optional"] or attrs["resources"]):
            raise serializers.ValidationError({"required": "Say who or what is needed."})
        return {**attrs, "optional": [user for user in attrs["optional"] if user not in attrs["required"]]}


class SlotPersonSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="key")
    name = serializers.CharField()


class SlotResourceSerializer(serializers.Serializer[Any]):
    resource = serializers.IntegerField(source="key")
    name = serializers.CharField()
    capacity = serializers.IntegerField(allow_null=True)


class SlotSerializer(serializers.Serializer[Any]):
    """One time that suits; ``resources`` are in the order of the needs, ``reasons`` say why it stands where it does."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    optional_free = SlotPersonSerializer(many=True)
    optional_busy = SlotPersonSerializer(many=True)
    resources = SlotResourceSerializer(many=True)
    reasons = serializers.ListField(child=serializers.CharField())


class ObstacleSerializer(serializers.Serializer[Any]):
    """``user`` or ``need`` (its place in the list of resources asked for) says what stands in the way."""

    user = serializers.IntegerField(allow_null=True)
    need = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField()


class FoundSlotsSerializer(serializers.Serializer[Any]):
    """The best first; ``total`` is how many there are, ``why_none`` is empty unless there is none."""

    slots = SlotSerializer(many=True)
    total = serializers.IntegerField()
    why_none = ObstacleSerializer(many=True)
