from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import changes_of, each
from tasks.models import (
    Task,
    TaskAssignee,
    TaskDependency,
)


class AssigneeInline(ReadOnly, TabularInline):
    model = TaskAssignee
    fields = readonly_fields = ("user", "assigned_by", "assigned_at")


class PredecessorInline(ReadOnly, TabularInline):
    model = TaskDependency
    fk_name = "successor"
    verbose_name_plural = "waits for"
    fields = ("predecessor", "type", "lag_days")


@admin.register(Task)
class TaskAdmin(ModelAdmin):
    list_display = ("name", "key", "project", "column", "priority", "due_on", "completed_on")
    list_filter = (
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
        "scheduling_mode",
        "starts_on",
        "due_on",
        "duration_days",
        "progress",
        "applied_template",
        "completed_at",
        "completed_on",
        "completed_by",
        "completion_no",
        "created_by",
        "created_at",
        "version",
    )
    readonly_fields = (
        "project",
        "key",
        "column",
        "applied_template",
        "completed_at",
        "completed_on",
        "completed_by",
        "completion_no",
        "created_by",
        "created_at",
        "version",
    )
    inlines = (AssigneeInline, PredecessorInline)
    actions = ("complete", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        """Those the person may see; a private project's are its members', in the admin too."""
        by = cast("User", request.user)
        template = ("applied_template__template", "applied_template__project")
        return Task.objects.visible_to(by).select_related("project", "column", *template, "completed_by", "created_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        archived = obj is not None and obj.project.archived_at is not None
        return bool(super().has_change_permission(request, obj)) and not archived

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
