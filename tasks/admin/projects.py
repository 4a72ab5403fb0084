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
from tasks.admin.key_dates import KeyDateInline
from tasks.models import (
    AppliedTemplate,
    BoardColumn,
    Project,
    ProjectMember,
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


@admin.register(Project)
class ProjectAdmin(TellingRefusals, ModelAdmin):
    list_display = ("name", "kind", "status", "team", "starts_on", "is_private", "archived_at")
    list_filter = ("kind", "status", "team", "is_private", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "address", "client_names")
    date_hierarchy = "starts_on"
    autocomplete_fields = ("team",)
    fields = (
        "name",
        "kind",
        "status",
        "address",
        "client_names",
        "timezone",
        "starts_on",
        "calendar",
        "date_profile",
        "team",
        "is_private",
        "created_by",
        "created_at",
        "archived_at",
        "version",
    )
    readonly_fields = ("created_by", "created_at", "archived_at", "version")
    inlines = (MemberInline, KeyDateInline, ColumnInline, AppliedInline)
    actions = ("archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        """A private project is its members', in the admin too."""
        return Project.objects.visible_to(cast("User", request.user)).select_related(
            "team", "created_by", "calendar", "date_profile"
        )

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
            services.edit_project(project, by=by, changes=changes_of(form))
        else:
            obj.pk = services.open_project(**form.cleaned_data, by=by).pk

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        each(services.archive_project, projects, self, request)

    @admin.action(description="Take out of the archive", permissions=["change"])
    def restore(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        each(services.restore_project, projects, self, request)
