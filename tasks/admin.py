from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from tasks import services
from tasks.models import (
    AppliedTemplate,
    BoardColumn,
    Project,
    ProjectMember,
    ProjectTemplate,
    Task,
    TaskAssignee,
    TaskDependency,
    TemplateDependency,
    TemplateTask,
)


class MemberInline(ReadOnly, TabularInline):
    model = ProjectMember
    fields = readonly_fields = ("user", "role", "deal_role", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectMember]:
        return cast("QuerySet[ProjectMember]", super().get_queryset(request).select_related("user"))


class ColumnInline(ReadOnly, TabularInline):
    model = BoardColumn
    fields = ("name", "group", "wip_limit", "wip_is_hard", "position")


class AppliedInline(ReadOnly, TabularInline):
    model = AppliedTemplate
    fields = readonly_fields = ("template", "applied_by", "applied_at")


def _each(act: Callable[..., Any], rows: QuerySet[Any], site_admin: ModelAdmin, request: HttpRequest) -> None:
    """Call the service for each row; say which of them a rule stands in the way of."""
    done = 0
    for row in rows:
        try:
            act(row, by=request.user)
        except RuleBroken as rule:
            site_admin.message_user(request, f"{row}: {rule.detail}", messages.ERROR)
        else:
            done += 1
    if done:
        site_admin.message_user(request, f"Done: {done}.")


def _changes(form: ModelForm[Any]) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.changed_data}


@admin.register(Project)
class ProjectAdmin(ModelAdmin):
    list_display = ("name", "kind", "status", "team", "starts_on", "is_private", "archived_at")
    list_filter = ("kind", "status", "team", "is_private", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "address")
    date_hierarchy = "starts_on"
    autocomplete_fields = ("team",)
    fields = (
        "name",
        "kind",
        "status",
        "address",
        "starts_on",
        "team",
        "is_private",
        "created_by",
        "created_at",
        "archived_at",
        "version",
    )
    readonly_fields = ("created_by", "created_at", "archived_at", "version")
    inlines = (MemberInline, ColumnInline, AppliedInline)
    actions = ("archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        """A private project is its members', in the admin too."""
        return Project.objects.visible_to(cast("User", request.user)).select_related("team", "created_by")

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not (obj and obj.archived_at)

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """It is archived instead: what was done in it is history."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Project,
        form: ModelForm[Project],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            project = Project.objects.get(pk=obj.pk)
            services.edit_project(project, by=by, changes=_changes(form))
        else:
            obj.pk = services.open_project(**form.cleaned_data, by=by).pk

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        _each(services.archive_project, projects, self, request)

    @admin.action(description="Take out of the archive", permissions=["change"])
    def restore(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        _each(services.restore_project, projects, self, request)


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
        services.edit_task(task, by=by, changes=_changes(form))

    @admin.action(description="Complete", permissions=["change"])
    def complete(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        _each(services.complete_task, tasks.order_by("pk"), self, request)

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        _each(services.reopen_task, tasks.order_by("pk"), self, request)


class TemplateTaskInline(TabularInline):
    model = TemplateTask
    extra = 0
    show_change_link = True
    fields = ("position", "key", "name", "duration_days", "offset_days", "role")


@admin.register(ProjectTemplate)
class TemplateAdmin(ModelAdmin):
    """What is changed here holds for the deals that take the template from now on."""

    list_display = ("name", "key", "kind", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key")
    inlines = (TemplateTaskInline,)


class TemplateDependencyInline(TabularInline):
    model = TemplateDependency
    fk_name = "successor"
    verbose_name_plural = "waits for"
    extra = 0
    autocomplete_fields = ("predecessor",)
    fields = ("predecessor", "type", "lag_days")


@admin.register(TemplateTask)
class TemplateTaskAdmin(ModelAdmin):
    list_display = ("name", "key", "template", "duration_days", "offset_days", "role")
    list_filter = ("template", "role")
    list_select_related = ("template",)
    search_fields = ("name", "key", "template__name")
    autocomplete_fields = ("template",)
    inlines = (TemplateDependencyInline,)
