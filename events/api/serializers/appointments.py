"""What visitors booked, for the staff, as JSON."""

from rest_framework import serializers

from events.api.serializers.window import WindowSerializer
from events.models import Appointment


class AppointmentQuerySerializer(WindowSerializer):
    required_window = False

    status = serializers.ChoiceField(choices=Appointment.Status.choices, required=False)


class AppointmentOfPageSerializer(serializers.ModelSerializer[Appointment]):
    host_name = serializers.CharField(source="host.name")

    class Meta:
        model = Appointment
        fields = (
            "id",
            "event",
            "host",
            "host_name",
            "starts_at",
            "ends_at",
            "status",
            "visitor_name",
            "visitor_email",
            "visitor_phone",
            "visitor_timezone",
            "note",
            "created_at",
        )
        read_only_fields = fields
