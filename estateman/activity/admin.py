from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.activity import jobs, reactions
from estateman.activity.models import Activity, Receipt
from estateman.common.admin import ReadOnly


class ReceiptInline(ReadOnly, TabularInline):
    model = Receipt
    fields = ("reaction", "state", "attempts", "last_error", "changed_at")


@admin.register(Activity)
class ActivityAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "kind", "actor", "sentence", "next_attempt_at")
    list_filter = ("kind",)
    list_select_related = ("actor",)
    search_fields = ("sentence",)
    date_hierarchy = "at"
    inlines = (ReceiptInline,)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly, ModelAdmin):
    list_display = ("reaction", "activity", "state", "attempts", "next_attempt_at", "last_error")
    list_filter = ("state", "reaction")
    list_select_related = ("activity",)
    actions = ("retry_now",)

    @admin.action(description="Retry the reactions that were given up")
    def retry_now(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        for receipt in receipts.filter(state=Receipt.State.DEAD):
            reactions.retry(receipt)
        jobs.wake()
        self.message_user(request, "They are being tried again.")
