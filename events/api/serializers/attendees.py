from typing import Any

from rest_framework import serializers

from events.api.fields import InviteeField, LocalDateTimeField
from events.models import Attendance, Attendee, OccurrenceAnswer
from events.services.answers import CHOICES


class OccurrenceAnswerSerializer(serializers.ModelSerializer[OccurrenceAnswer]):
    """What somebody answered for one date."""

    recurrence_id = LocalDateTimeField(read_only=True)

    class Meta:
        model = OccurrenceAnswer
        fields = ("recurrence_id", "status", "responded_at")
        read_only_fields = fields


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    """Whether somebody came on one date."""

    recurrence_id = LocalDateTimeField(read_only=True)

    class Meta:
        model = Attendance
        fields = ("id", "attendee", "recurrence_id", "status", "recorded_at", "recorded_by")
        read_only_fields = fields


class AttendeeSerializer(serializers.ModelSerializer[Attendee]):
    """``user`` for one of the staff, else ``email``; ``answers`` are those for single dates."""

    name = serializers.SerializerMethodField()
    answers = OccurrenceAnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Attendee
        fields = (
            "id",
            "user",
            "name",
            "email",
            "is_required",
            "status",
            "responded_at",
            "waiting_since",
            "answers",
        )
        read_only_fields = fields

    def get_name(self, attendee: Attendee) -> str:
        return attendee.user.name if attendee.user else attendee.name


class InviteSerializer(serializers.Serializer[dict[str, Any]]):
    attendees = serializers.ListField(child=InviteeField(), max_length=200, min_length=1)


class RsvpSerializer(serializers.Serializer[dict[str, Any]]):
    status = serializers.ChoiceField(choices=CHOICES)
    recurrence_id = LocalDateTimeField(required=False, help_text="For this date alone")


class CheckInSerializer(serializers.Serializer[dict[str, Any]]):
    recurrence_id = LocalDateTimeField(help_text="The date, by its original local start")
    attendee = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Without it, that I am here"
    )
    status = serializers.ChoiceField(choices=Attendance.Status.choices, default=Attendance.Status.PRESENT)
