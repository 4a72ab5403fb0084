"""A project's report. The formulas stand in docs/analytics.md."""

from typing import Any

from rest_framework import serializers

from tasks.api.serializers.board import ID
from tasks.api.serializers.stats import (
    AdherenceSerializer,
    HoursSerializer,
    KindAdherenceSerializer,
    PeriodQuerySerializer,
    ThroughputSerializer,
    TimesSerializer,
)
from tasks.models import ColumnGroup
from tasks.report import Report


class ReportQuerySerializer(PeriodQuerySerializer):
    """The period, by default since the project was started or opened; at most 400 days."""

    baseline = serializers.IntegerField(
        **ID, required=False, help_text="One of the project's: tasks are due as planned then, not as they are now"
    )


class RefSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    """As of today; cancelled tasks do not count."""

    open = serializers.IntegerField()
    completed = serializers.IntegerField()
    overdue = serializers.IntegerField(help_text="Open, and due before today")
    completion_rate = serializers.FloatField(allow_null=True, help_text="completed / (completed + open)")
    progress_percent = serializers.FloatField(
        allow_null=True, help_text="The tasks' own progress, each weighing as much as its working days"
    )


class TimelineSerializer(serializers.Serializer[Any]):
    """How well the days of what was done within the period were kept."""

    finishes_on = serializers.DateField(help_text="When the last task is planned to be finished")
    tasks = AdherenceSerializer()
    key_dates = KindAdherenceSerializer(many=True)


class FlowDaySerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    backlog = serializers.IntegerField()
    active = serializers.IntegerField()
    done = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class LeftSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    remaining = serializers.IntegerField(allow_null=True, help_text="At the end of the day; null for days to come")
    ideal = serializers.FloatField(help_text="What should remain to finish in time at a steady pace")


class BurndownSerializer(serializers.Serializer[Any]):
    tasks = LeftSerializer(many=True, source="burndown")
    estimate_minutes = LeftSerializer(many=True, source="burndown_minutes")


class EstimateSerializer(serializers.Serializer[Any]):
    task = RefSerializer()
    is_completed = serializers.BooleanField()
    estimate_seconds = serializers.IntegerField()
    seconds = serializers.IntegerField()
    over_seconds = serializers.IntegerField(help_text="seconds - estimate_seconds")


class EstimatesSerializer(serializers.Serializer[Any]):
    """Of all time that I may see, whatever the period; the sums are over completed tasks that have an estimate."""

    estimate_seconds = serializers.IntegerField()
    seconds = serializers.IntegerField()
    ratio = serializers.FloatField(allow_null=True, help_text="seconds / estimate_seconds")
    tasks = EstimateSerializer(many=True, help_text="Those with an estimate, most over it first, at most 50")


class PushSerializer(serializers.Serializer[Any]):
    task = RefSerializer()
    days = serializers.IntegerField(help_text="Working days by which it is moved")


class LateSerializer(serializers.Serializer[Any]):
    """A late task, and what it moves if all others are as they are.

    One that is open past its due day is taken to be finished today; a completed one is compared with itself, had it
    been done when it was due.
    """

    task = RefSerializer()
    is_open = serializers.BooleanField()
    late_days = serializers.IntegerField(help_text="Working days since its due day, or to the day it was done")
    pushes_tasks = serializers.IntegerField(help_text="How many other tasks it moves")
    pushes = PushSerializer(many=True, help_text="The most first, at most 50")
    pushes_finish_days = serializers.IntegerField(help_text="Working days by which the end of the project is moved")


class ReportSerializer(serializers.Serializer[Any]):
    """How a project goes."""

    project = serializers.IntegerField()
    since = serializers.DateField()
    until = serializers.DateField()
    progress = ProgressSerializer()
    timeline = TimelineSerializer()
    cumulative_flow = FlowDaySerializer(many=True, help_text="Tasks by group at the end of each day until today")
    burndown = BurndownSerializer()
    throughput = ThroughputSerializer()
    cycle_time = TimesSerializer(help_text="From the first day in a column being worked on until done")
    lead_time = TimesSerializer(help_text="From the day it was made until done")
    estimates = EstimatesSerializer()
    hours = HoursSerializer()
    sees_all_time = serializers.BooleanField(help_text="Whether the time is everybody's: for who manages the project")
    impact = LateSerializer(many=True, help_text="What is open first, then what was late most; at most 50")


def told(report: Report, *, sees_all_time: bool) -> dict[str, Any]:
    """What ReportSerializer renders."""
    names = report.names
    return {
        "project": report.project.pk,
        "since": report.period.first,
        "until": report.period.last,
        "progress": report.progress,
        "timeline": {
            "finishes_on": report.finishes_on,
            "tasks": report.adherence,
            "key_dates": report.key_dates,
        },
        "cumulative_flow": [
            {"on": day, **{group: counts[group] for group in ColumnGroup.values}} for day, counts in report.flow
        ],
        "burndown": report,
        "throughput": report.pace,
        "cycle_time": report.pace.cycle_time,
        "lead_time": report.pace.lead_time,
        "estimates": report.estimates,
        "hours": report.hours,
        "sees_all_time": sees_all_time,
        "impact": [
            {
                "task": names[late.task],
                "is_open": late.is_open,
                "late_days": late.late_days,
                "pushes_tasks": late.pushes_tasks,
                "pushes": [{"task": names[push.task], "days": push.days} for push in late.pushes],
                "pushes_finish_days": late.pushes_finish_days,
            }
            for late in report.impact
        ],
    }
