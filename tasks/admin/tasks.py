from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import TellingRefusals, changes_of, each
from tasks.models import (
    ChecklistItem,
    DateChange,
    Task,
    TaskAssignee,
    TaskDependency,
    TaskWatcher,
)


class AssigneeInline(ReadOnly, TabularInline):
    model = TaskAssignee
    fields = readonly_fields = ("user", "assigned_by", "assigned_at")


class WatcherInline(ReadOnly, TabularInline):
    model = TaskWatcher
    fields = ("user",)


class ChecklistInline(ReadOnly, TabularInline):
    model = ChecklistItem
    verbose_name_plural = "checklist"
    fields = ("text", "is_required", "state", "reason", "document", "done_by", "review")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChecklistItem]:
        return cast("QuerySet[ChecklistItem]", super().get_queryset(request).select_related("document", "done_by"))


class DeletedFilter(admin.SimpleListFilter):
    """What is there, unless what was deleted is asked for."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        return queryset if self.value() == "all" else queryset.filter(deleted_at__isnull=self.value() != "yes")


class PredecessorInline(ReadOnly, TabularInline):
    model = TaskDependency
    fk_name = "successor"
    verbose_name_plural = "waits for"
    fields = ("predecessor", "type", "lag_days")


class DateChangeInline(ReadOnly, TabularInline):
    model = DateChange
    fk_name = "task"
    ordering = ("-id",)
    verbose_name_plural = "why its days are what they are"
    fields = ("at", "why", "old_starts_on", "old_due_on", "new_starts_on", "new_due_on", "by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DateChange]:
        return cast("QuerySet[DateChange]", super().get_queryset(request).select_related("by"))


@admin.register(Task)
class TaskAdmin(TellingRefusals, ModelAdmin):
    list_display = ("name", "key", "project", "column", "priority", "due_on", "completed_on")
    list_filter = (
        DeletedFilter,
        "column__group",
        "priority",
        "scheduling_mode",
        ("completed_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "key", "project__name")
    date_hierarchy = "due_on"
    fields = (
        "project",
        "key",
        "column",
        "name",
        "description",
        "priority",
        "parent",
        "role",
        "estimate_minutes",
        "labels",
        "scheduling_mode",
        "not_before",
        "starts_on",
        "due_on",
        "duration_days",
        "deadline_on",
        "deadline_time",
        "deadline_timezone",
        "deadline_at",
        "progress",
        "recurrence",
        "occurrence_no",
        "applied_template",
        "completed_at",
        "completed_on",
        "completed_by",
        "completion_no",
        "created_by",
        "created_at",
        "deleted_at",
        "deleted_by",
        "version",
    )
    readonly_fields = (
        "project",
        "key",
        "column",
        "parent",
        "labels",
        "deadline_at",
        "recurrence",
        "occurrence_no",
        "deleted_at",
        "deleted_by",
        "applied_template",
        "completed_at",
        "completed_on",
        "completed_by",
        "completion_no",
        "created_by",
        "created_at",
        "version",
    )
    inlines = (AssigneeInline, WatcherInline, PredecessorInline, ChecklistInline, DateChangeInline)
    actions = ("complete", "reopen", "put_away", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        """Those the person may see; a private project's are its members', in the admin too."""
        by = cast("User", request.user)
        template = ("applied_template__template", "applied_template__project")
        people = ("completed_by", "created_by", "deleted_by")
        return Task.every.visible_to(by).select_related("project", "column", "parent", "recurrence", *template, *people)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        at_rest = obj is not None and (obj.project.archived_at or obj.deleted_at)
        return bool(super().has_change_permission(request, obj)) and not at_rest

    def has_delete_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Task,
        form: ModelForm[Task],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by, task = cast("User", request.user), Task.objects.get(pk=obj.pk)
        services.edit_task(task, by=by, changes=changes_of(form))

    @admin.action(description="Complete", permissions=["change"])
    def complete(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        each(services.complete_task, tasks.order_by("pk"), self, request)

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        each(services.reopen_task, tasks.order_by("pk"), self, request)

    @admin.action(description="Delete", permissions=["change"])
    def put_away(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        """One in the middle of a chain is refused: there it has to be said whether to bridge."""
        each(services.delete_task, tasks.order_by("pk"), self, request)

    @admin.action(description="Bring back", permissions=["change"])
    def restore(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        each(services.restore_task, tasks.order_by("pk"), self, request)
