from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from events.admin.through_services import each
from events.models import CalendarLink, DataSync, SyncConflict
from events.services import links


@admin.register(CalendarLink)
class CalendarLinkAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "calendar",
        "user",
        "integration",
        "remote_name",
        "direction",
        "is_active",
        "last_synced_at",
        "last_error",
    )
    list_filter = ("is_active", "direction", "integration")
    list_select_related = ("calendar", "user", "integration")
    search_fields = ("calendar__name", "user__name", "remote_name")
    exclude = ("cursor", "lease_token")
    actions = ("sync", "unlink")

    @admin.action(description="Synchronise now")
    def sync(self, request: HttpRequest, chosen: QuerySet[CalendarLink]) -> None:
        each(links.sync_now, chosen.select_related("calendar"), self, request)

    @admin.action(description="End")
    def unlink(self, request: HttpRequest, chosen: QuerySet[CalendarLink]) -> None:
        each(links.unlink_calendar, chosen.select_related("calendar", "integration", "user"), self, request)


class ConflictInline(ReadOnly, TabularInline):
    model = SyncConflict
    fields = ("event", "recurrence_id", "field", "local", "remote", "winner")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncConflict]:
        found: QuerySet[SyncConflict] = super().get_queryset(request).select_related("event")
        return found


@admin.register(DataSync)
class DataSyncAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "link",
        "status",
        "is_full",
        "started_at",
        "created_here",
        "changed_here",
        "deleted_here",
        "created_there",
        "changed_there",
        "deleted_there",
        "echoes",
        "failures",
    )
    list_filter = ("status", "is_full")
    list_select_related = ("link__calendar",)
    search_fields = ("link__calendar__name", "error")
    date_hierarchy = "started_at"
    inlines = (ConflictInline,)
