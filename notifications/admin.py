from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common import clock
from notifications import jobs
from notifications.models import Delivery, Notification, Preference


class DeliveryInline(TabularInline):
    model = Delivery
    fields = readonly_fields = ("channel", "address", "state", "attempts", "provider", "last_error", "sent_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, *args: object) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ModelAdmin):
    """What was told to whom; written by reactions, never by hand."""

    list_display = ("created_at", "user", "category", "title", "read_at")
    list_filter = ("category", "kind")
    list_select_related = ("user",)
    search_fields = ("title", "user__email", "user__name")
    date_hierarchy = "created_at"
    inlines = (DeliveryInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):
    list_display = ("created_at", "channel", "address", "state", "attempts", "provider", "last_error")
    list_filter = ("state", "channel", "provider")
    search_fields = ("address", "provider_message_id")
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @admin.action(description="Try the given-up ones again")
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        dead = deliveries.filter(state=Delivery.State.DEAD)
        count = dead.update(state=Delivery.State.PENDING, attempts=0, next_attempt_at=clock.now())
        jobs.wake()
        self.message_user(request, f"{count} on their way again.")


@admin.register(Preference)
class PreferenceAdmin(ModelAdmin):
    list_display = ("user", "category", "channel", "is_on")
    list_filter = ("category", "channel", "is_on")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
