"""Baselines in the admin: how plans once stood."""

from typing import cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import each
from tasks.models import Baseline, BaselineTask, Project


class BaselineTaskInline(ReadOnly, TabularInline):
    model = BaselineTask
    fields = ("task", "starts_on", "due_on", "duration_days")
    ordering = ("starts_on", "task_id")
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[BaselineTask]:
        return cast("QuerySet[BaselineTask]", super().get_queryset(request).select_related("task"))


@admin.register(Baseline)
class BaselineAdmin(ReadOnly, ModelAdmin):
    """They are kept from a project's plan; here they are looked at, and forgotten."""

    list_display = ("name", "project", "task_count", "created_by", "created_at")
    list_filter = ("project__kind",)
    search_fields = ("name", "project__name")
    date_hierarchy = "created_at"
    fields = ("project", "name", "created_by", "created_at")
    inlines = (BaselineTaskInline,)
    actions = ("forget",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Baseline]:
        """A private project's are its members', in the admin too."""
        visible = Project.objects.visible_to(cast("User", request.user))
        mine = Baseline.objects.filter(project__in=visible).select_related("project", "created_by")
        return mine.annotate(tasks_kept=Count("tasks"))

    @admin.display(description="Tasks", ordering="tasks_kept")
    def task_count(self, baseline: Baseline) -> int:
        return cast("int", getattr(baseline, "tasks_kept", 0))

    @admin.action(description="Forget")
    def forget(self, request: HttpRequest, baselines: QuerySet[Baseline]) -> None:
        each(services.delete_baseline, baselines, self, request)
