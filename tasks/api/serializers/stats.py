"""Numbers about tasks. Their formulas stand in docs/analytics.md."""

from datetime import date, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from tasks.api.serializers.board import ID
from tasks.flow import Period
from tasks.models import KeyDateKind, ProjectKind

# Far enough from the ends of the calendar to count days and weeks around them.
_IN_REACH = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
MOST_DAYS = 400


class PeriodQuerySerializer(serializers.Serializer[dict[str, Any]]):
    since = serializers.DateField(required=False, validators=_IN_REACH)
    until = serializers.DateField(required=False, validators=_IN_REACH, help_text="Today, where it is not said")


def period_of(asked: dict[str, Any], *, today: date, usual: timedelta) -> Period:
    """The period that was asked for, by default the days of ``usual`` before its end and that day.

    Raises ValidationError for one that ends before it starts, or has more than MOST_DAYS.
    """
    last = asked.get("until", today)
    period = Period(first=asked.get("since", last - usual), last=last)
    if not period.length:
        raise serializers.ValidationError({"until": "It cannot end before it starts."})
    if period.length > MOST_DAYS:
        raise serializers.ValidationError({"since": f"Ask for {MOST_DAYS} days at most."})
    return period


class StatsQuerySerializer(PeriodQuerySerializer):
    """Of one project or of one team's projects; of my own tasks without either. At most 400 days."""

    project = serializers.IntegerField(required=False, **ID)
    team = serializers.IntegerField(required=False, **ID)
    since = serializers.DateField(
        required=False,
        validators=_IN_REACH,
        help_text="30 days before its end, where it is not said",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "project" in attrs and "team" in attrs:
            raise serializers.ValidationError({"team": "Say project or team, not both."})
        return attrs


class TimesSerializer(serializers.Serializer[Any]):
    """How long things took, in calendar days."""

    count = serializers.IntegerField(help_text="How many there are to tell of")
    median_days = serializers.FloatField(allow_null=True)
    p85_days = serializers.IntegerField(allow_null=True, help_text="85 of 100 took no longer")
    mean_days = serializers.FloatField(allow_null=True)


class DoneSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(help_text="The day, or the Monday of the week")
    completed = serializers.IntegerField()


class ThroughputSerializer(serializers.Serializer[Any]):
    by_day = DoneSerializer(many=True)
    by_week = DoneSerializer(many=True, help_text="Of the weeks at both ends only what lies in the period")


class AdherenceSerializer(serializers.Serializer[Any]):
    """How well planned days were kept."""

    count = serializers.IntegerField()
    on_time = serializers.IntegerField()
    on_time_rate = serializers.FloatField(allow_null=True, help_text="on_time / count")
    mean_slip_days = serializers.FloatField(
        allow_null=True, help_text="Calendar days from the planned day to the real one, early ones below 0"
    )


class KindAdherenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KeyDateKind.choices)
    met = AdherenceSerializer(help_text="Those met within the period")
    overdue = serializers.IntegerField(help_text="Those whose day has passed today, and that are not met")


class ShareSerializer(serializers.Serializer[Any]):
    seconds = serializers.IntegerField()
    billable_seconds = serializers.IntegerField()


class PersonShareSerializer(ShareSerializer):
    user = serializers.IntegerField(source="key")
    name = serializers.CharField()


class ProjectShareSerializer(ShareSerializer):
    project = serializers.IntegerField(source="key")
    name = serializers.CharField()


class KindShareSerializer(ShareSerializer):
    kind = serializers.ChoiceField(source="key", choices=ProjectKind.choices)


class HoursSerializer(serializers.Serializer[Any]):
    """Time spent within the period, cut at midnight where the people were; running timers do not count.

    Mine, and that of others on projects that I manage.
    """

    seconds = serializers.IntegerField(source="total.seconds")
    billable_seconds = serializers.IntegerField(source="total.billable_seconds")
    by_person = PersonShareSerializer(many=True)
    by_project = ProjectShareSerializer(many=True)
    by_kind = KindShareSerializer(many=True)


class OutputSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField()
    name = serializers.CharField()
    completed = serializers.IntegerField(help_text="Tasks they had, or completed where nobody had them")
    seconds = serializers.IntegerField(help_text="Time they spent")


class StatsSerializer(serializers.Serializer[Any]):
    """Open tasks as of today; the rest within ``since`` to ``until``. The formulas stand in docs/analytics.md."""

    scope = serializers.ChoiceField(choices=("me", "project", "team"))
    since = serializers.DateField()
    until = serializers.DateField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    due_today = serializers.IntegerField()
    due_in_7_days = serializers.IntegerField(help_text="Today and the six days after it")
    blocked = serializers.IntegerField()
    completed = serializers.IntegerField()
    completed_with_due_day = serializers.IntegerField()
    completed_on_time = serializers.IntegerField()
    completion_rate = serializers.FloatField(allow_null=True, help_text="completed / (completed + open)")
    on_time_rate = serializers.FloatField(allow_null=True, help_text="completed_on_time / completed_with_due_day")
    throughput = ThroughputSerializer()
    cycle_time = TimesSerializer(help_text="From the first day in a column being worked on until done")
    lead_time = TimesSerializer(help_text="From the day it was made until done")
    key_dates = KindAdherenceSerializer(many=True)
    hours = HoursSerializer()
    people = OutputSerializer(many=True, help_text="What each got done: the members, and who else did something")
