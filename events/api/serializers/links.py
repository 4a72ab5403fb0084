"""Links to calendars outside and their runs, as JSON."""

from typing import Any

from rest_framework import serializers

from events.api.fields import CalendarField
from events.models import CalendarLink, DataSync, SyncConflict
from integrations.accounts import Account, CalendarPlace
from integrations.models import Integration, Kind

COUNTS = (
    "created_here",
    "changed_here",
    "deleted_here",
    "created_there",
    "changed_there",
    "deleted_there",
    "echoes",
    "failures",
)


class CalendarPlaceSerializer(serializers.Serializer[CalendarPlace]):
    """With ``none`` and ``ended``, ``POST /api/v1/integrations/{id}/connect`` comes first."""

    integration = serializers.IntegerField(source="integration.pk")
    name = serializers.CharField(source="integration.name")
    provider = serializers.CharField(source="integration.provider")
    account = serializers.ChoiceField(choices=Account.choices)


class CalendarLinkSerializer(serializers.ModelSerializer[CalendarLink]):
    integration_name = serializers.CharField(source="integration.name")
    next_sync_at = serializers.DateTimeField(
        source="next_attempt_at", allow_null=True, help_text="Null while it is switched off"
    )
    has_cursor = serializers.SerializerMethodField(help_text="Whether the next run asks only for what changed since")
    watched_until = serializers.SerializerMethodField(help_text="Until when the provider tells of changes at once")

    def get_has_cursor(self, link: CalendarLink) -> bool:
        return bool(link.cursor)

    def get_watched_until(self, link: CalendarLink) -> str | None:
        until = link.channel_expires_at
        return f"{until:%Y-%m-%dT%H:%M:%SZ}" if link.channel and until else None

    class Meta:
        model = CalendarLink
        fields = (
            "id",
            "calendar",
            "user",
            "integration",
            "integration_name",
            "remote_id",
            "remote_name",
            "direction",
            "winner",
            "is_active",
            "has_cursor",
            "watched_until",
            "last_synced_at",
            "next_sync_at",
            "last_error",
            "created_at",
        )
        read_only_fields = fields


class NewLinkSerializer(serializers.ModelSerializer[CalendarLink]):
    """``remote_id`` as ``GET /api/v1/integrations/{id}/calendars`` tells it."""

    calendar = CalendarField()
    integration = serializers.PrimaryKeyRelatedField(queryset=Integration.objects.existing().filter(kind=Kind.CALENDAR))

    class Meta:
        model = CalendarLink
        fields = ("calendar", "integration", "remote_id", "direction", "winner")
        # Whether it is linked already is the service's rule, which answers 409.
        validators: list[Any] = []


class LinkChangesSerializer(serializers.ModelSerializer[CalendarLink]):
    class Meta:
        model = CalendarLink
        fields = ("direction", "winner", "is_active")


class SyncConflictSerializer(serializers.ModelSerializer[SyncConflict]):
    """``local`` and ``remote`` are what each side said; ``recurrence_id`` is the date of a series, if about one."""

    recurrence_id = serializers.SerializerMethodField()

    def get_recurrence_id(self, conflict: SyncConflict) -> str | None:
        return conflict.recurrence_id.isoformat() if conflict.recurrence_id else None

    class Meta:
        model = SyncConflict
        fields = ("event", "recurrence_id", "field", "local", "remote", "winner")
        read_only_fields = fields


class DataSyncSerializer(serializers.ModelSerializer[DataSync]):
    duration_ms = serializers.SerializerMethodField(help_text="Null while it runs")
    conflicts = SyncConflictSerializer(many=True)

    def get_duration_ms(self, run: DataSync) -> int | None:
        return round((run.finished_at - run.started_at).total_seconds() * 1000) if run.finished_at else None

    class Meta:
        model = DataSync
        fields = (
            "id",
            "link",
            "status",
            "is_full",
            "started_at",
            "finished_at",
            "duration_ms",
            *COUNTS,
            "error",
            "conflicts",
        )
        read_only_fields = fields


class SyncSerializer(serializers.Serializer[Any]):
    link = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="One link; else all of mine that are in use"
    )


class LinkSyncedSerializer(DataSyncSerializer):
    """A run, and where its link stands now."""

    has_cursor = serializers.BooleanField(source="link.cursor")
    next_sync_at = serializers.DateTimeField(source="link.next_attempt_at", allow_null=True)

    class Meta(DataSyncSerializer.Meta):
        fields = (*DataSyncSerializer.Meta.fields, "has_cursor", "next_sync_at")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]
