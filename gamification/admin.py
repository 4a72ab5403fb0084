from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import Kept, ReadOnly
from estateman.people.models import User
from gamification import services
from gamification.explanation import BEHIND, explain
from gamification.models import (
    Achievement,
    AchievementLevel,
    ActivityEvent,
    Award,
    Balance,
    LedgerEntry,
    Metric,
)


@admin.register(Metric)
class MetricAdmin(Kept, ModelAdmin):
    """Changed points hold for what is done from now on."""

    list_display = ("name", "key", "activity_kind", "points", "daily_cap", "is_active")
    list_filter = ("is_active", "activity_kind")
    search_fields = ("name", "key")
    readonly_fields = ("key", "activity_kind", "conditions")


class LevelInline(ReadOnly, TabularInline):
    model = AchievementLevel
    fields = ("level", "threshold", "points")


@admin.register(Achievement)
class AchievementAdmin(Kept, ModelAdmin):
    """How it reads may change at any time; what it takes was promised to those who work for it."""

    list_display = ("name", "icon", "metric", "period_kind", "revoke_policy", "is_active")
    list_filter = ("is_active", "period_kind")
    list_select_related = ("metric",)
    search_fields = ("name", "key")
    readonly_fields = ("key", "metric", "period_kind", "revoke_policy")
    inlines = (LevelInline,)


@admin.register(ActivityEvent)
class ActivityEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("occurred_at", "member", "metric", "title", "quantity", "status", "reason")
    list_filter = ("status", "metric")
    list_select_related = ("member", "metric")
    search_fields = ("title", "idem_key", "member__name", "member__email")
    date_hierarchy = "occurred_at"


@admin.register(Award)
class AwardAdmin(ReadOnly, ModelAdmin):
    list_display = ("earned_at", "member", "achievement", "level", "period_start", "state", "seq")
    list_filter = ("state", "achievement")
    list_select_related = ("member", "achievement")
    search_fields = ("member__name", "member__email")
    date_hierarchy = "earned_at"


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "member", "amount", "currency", "kind", "why")
    list_filter = ("currency", "kind")
    list_select_related = ("member", *BEHIND)
    search_fields = ("member__name", "member__email", "event__title", "key")
    date_hierarchy = "created_at"
    readonly_fields = ("why",)

    @admin.display(description="why")
    def why(self, entry: LedgerEntry) -> str:
        return explain(entry)


@admin.register(Balance)
class BalanceAdmin(ReadOnly, ModelAdmin):
    list_display = ("member", "currency", "available", "lifetime")
    list_filter = ("currency",)
    list_select_related = ("member",)
    search_fields = ("member__name", "member__email")
    actions = ("recount",)

    @admin.action(description="Recount from events and ledger")
    def recount(self, request: HttpRequest, balances: QuerySet[Balance]) -> None:
        for member in User.objects.filter(balances__in=balances).distinct().order_by("pk"):
            services.rebuild(member)
        self.message_user(request, "Counters and balances say what events and ledger say.")
