from rest_framework import serializers

from events.analytics import AttendanceFigures, EventFigures, ReminderFigures, ResourceFigures, SyncFigures
from events.api.fields import CalendarField
from events.api.serializers.window import WindowSerializer


class AnalyticsQuerySerializer(WindowSerializer):
    calendar = CalendarField(required=False, help_text="Of this calendar alone")


class AttendanceFiguresSerializer(serializers.Serializer[AttendanceFigures]):
    """Invitations by date: somebody invited to a series of three counts three times."""

    invited = serializers.IntegerField()
    accepted = serializers.IntegerField()
    declined = serializers.IntegerField()
    tentative = serializers.IntegerField()
    waiting = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    present = serializers.IntegerField()
    absent = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="present / (present + absent)")


class ResourceFiguresSerializer(serializers.Serializer[ResourceFigures]):
    """One resource."""

    resource = serializers.IntegerField()
    name = serializers.CharField()
    bookings = serializers.IntegerField()
    released = serializers.IntegerField(help_text="Given back because nobody had checked in")
    booked_minutes = serializers.IntegerField()
    bookable_minutes = serializers.IntegerField()
    ratio = serializers.FloatField(allow_null=True, help_text="booked / bookable")


class SyncFiguresSerializer(serializers.Serializer[SyncFigures]):
    """Runs that ended."""

    runs = serializers.IntegerField()
    failed = serializers.IntegerField()
    carried = serializers.IntegerField(help_text="Changes carried over, both ways")
    failures = serializers.IntegerField(help_text="Single events that could not be")
    conflicts = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    effectiveness = serializers.FloatField(allow_null=True, help_text="carried / (carried + failures)")


class ReminderFiguresSerializer(serializers.Serializer[ReminderFigures]):
    """Reminders that fell due."""

    sent = serializers.IntegerField()
    skipped_late = serializers.IntegerField()
    failed = serializers.IntegerField()
    pending = serializers.IntegerField()
    delivery_rate = serializers.FloatField(allow_null=True, help_text="sent / (sent + skipped_late + failed)")
    median_late_seconds = serializers.FloatField(allow_null=True)
    p95_late_seconds = serializers.FloatField(allow_null=True)


class EventFiguresSerializer(serializers.Serializer[EventFigures]):
    """The period's figures: attendance, sync and reminders of the calendars I manage, utilisation of all resources."""

    attendance = AttendanceFiguresSerializer()
    utilisation = ResourceFiguresSerializer(many=True)
    sync = SyncFiguresSerializer()
    reminders = ReminderFiguresSerializer()
