from django.contrib import admin
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly
from events.models import ReminderDelivery


@admin.register(ReminderDelivery)
class ReminderDeliveryAdmin(ReadOnly, ModelAdmin):
    list_display = ("event", "user", "starts_at", "due_at", "state", "attempts", "last_error", "settled_at")
    list_filter = ("state",)
    list_select_related = ("event", "user")
    search_fields = ("event__title", "user__name", "user__email")
    date_hierarchy = "due_at"
