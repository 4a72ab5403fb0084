"""Admins of rows that people look at and do not write, and of how much the API is used."""

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from estateman.common.models import ApiUsage


class Kept:
    """Neither added nor deleted by hand, for other rows hang on it."""

    def has_add_permission(self, *args: object) -> bool:
        return False

    def has_delete_permission(self, *args: object) -> bool:
        return False


class ReadOnly(Kept):
    """To be looked at only: a service, or what happened, writes it."""

    def has_change_permission(self, *args: object) -> bool:
        return False


@admin.register(ApiUsage)
class ApiUsageAdmin(ReadOnly, ModelAdmin):
    list_display = ("hour", "caller", "user", "route_class", "requests", "throttled", "errors", "mean_ms")
    list_filter = ("route_class", "user", ("hour", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("user",)
    search_fields = ("caller",)
    ordering = ("-hour", "-requests")

    @admin.display(description="Mean")
    def mean_ms(self, usage: ApiUsage) -> str:
        return f"{round(usage.total_ms / usage.requests)} ms" if usage.requests else ""
