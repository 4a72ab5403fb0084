from typing import Any

from rest_framework import serializers

from tasks.models import BusinessCalendar, Closure, DateProfile


class BusinessCalendarSerializer(serializers.ModelSerializer[BusinessCalendar]):
    """Which days are business days: weekdays (0 is Monday), less a country's holidays and the office's closing days."""

    weekdays = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = BusinessCalendar
        fields = ("id", "key", "name", "weekdays", "country", "subdivision", "keeps_observed", "version")
        read_only_fields = fields


class _CalendarFields(serializers.ModelSerializer[BusinessCalendar]):
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        required=False,
        min_length=1,
        max_length=7,
        help_text="0 is Monday; Mondays to Fridays, where it is not said",
    )

    def validate_country(self, country: str) -> str:
        return country.upper()


class NewBusinessCalendarSerializer(_CalendarFields):
    key = serializers.SlugField(required=False, max_length=50, help_text="Made of the name, where it is not said")

    class Meta:
        model = BusinessCalendar
        fields = ("key", "name", "weekdays", "country", "subdivision", "keeps_observed")


class BusinessCalendarChangeSerializer(_CalendarFields):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = BusinessCalendar
        fields = ("name", "weekdays", "country", "subdivision", "keeps_observed", "version")


class ClosureSerializer(serializers.ModelSerializer[Closure]):
    class Meta:
        model = Closure
        fields = ("id", "calendar", "on", "name")
        read_only_fields = fields


class NewClosureSerializer(serializers.Serializer[dict[str, Any]]):
    on = serializers.DateField()
    name = serializers.CharField(max_length=120)


_COUNTING = ("calendar", "counting", "weekend_roll", "holiday_roll", "skip_holidays", "deadline_time")


class DateProfileSerializer(serializers.ModelSerializer[DateProfile]):
    """How one contract or law counts days; ``description`` says the rule and where it stands."""

    class Meta:
        model = DateProfile
        fields = ("id", "key", "name", "description", *_COUNTING, "version")
        read_only_fields = fields


class NewDateProfileSerializer(serializers.ModelSerializer[DateProfile]):
    key = serializers.SlugField(required=False, max_length=50, help_text="Made of the name, where it is not said")
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)

    class Meta:
        model = DateProfile
        fields = ("key", "name", "description", *_COUNTING)


class DateProfileChangeSerializer(serializers.ModelSerializer[DateProfile]):
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = DateProfile
        fields = ("name", "description", *_COUNTING, "version")
