from typing import Any

from rest_framework import serializers

from estateman.activity.models import Activity, ActivityRoom


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """One thing that happened."""

    actor = serializers.SerializerMethodField()
    rooms: "serializers.SlugRelatedField[ActivityRoom]" = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="room"
    )

    class Meta:
        model = Activity
        fields = ("id", "kind", "actor", "sentence", "payload", "rooms", "at")

    def get_actor(self, activity: Activity) -> dict[str, Any] | None:
        return {"id": activity.actor.pk, "name": str(activity.actor)} if activity.actor else None
