"""The labels of projects, and which tasks come again, in the admin."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import TellingRefusals, changes_of
from tasks.models import Label, Project, Recurrence


@admin.register(Label)
class LabelAdmin(TellingRefusals, ModelAdmin):
    list_display = ("name", "project", "color", "tasks_with_it")
    list_filter = (("project", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("project",)
    search_fields = ("name", "project__name")
    autocomplete_fields = ("project",)
    fields = ("project", "name", "color")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        """A private project's are its members', in the admin too."""
        labels = cast("QuerySet[Label]", super().get_queryset(request))
        visible = labels.filter(project__in=Project.objects.visible_to(cast("User", request.user)))
        return visible.annotate(tasks_with_it=Count("tasks", filter=Q(tasks__deleted_at=None)))

    @admin.display(description="tasks", ordering="tasks_with_it")
    def tasks_with_it(self, label: Any) -> Any:
        return label.tasks_with_it

    def get_readonly_fields(self, request: HttpRequest, obj: Label | None = None) -> tuple[str, ...]:
        return ("project",) if obj else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: Label,
        form: ModelForm[Label],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            label = Label.objects.select_related("project").get(pk=obj.pk)
            services.change_label(label, by=by, changes=changes_of(form))
        else:
            obj.pk = services.create_label(**form.cleaned_data, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Label) -> None:
        services.delete_label(obj, by=cast("User", request.user))


@admin.register(Recurrence)
class RecurrenceAdmin(ReadOnly, ModelAdmin):
    """Which tasks come again is said on the task."""

    list_display = ("project", "__str__", "base", "anchor_on", "until", "times", "is_active", "occurrences")
    list_filter = ("is_active", "unit", "base")
    list_select_related = ("project",)
    search_fields = ("project__name", "tasks__name")
    fields = ("project", "every", "unit", "base", "anchor_on", "until", "times", "is_active", "version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recurrence]:
        rules = cast("QuerySet[Recurrence]", super().get_queryset(request))
        visible = rules.filter(project__in=Project.objects.visible_to(cast("User", request.user)))
        return visible.annotate(occurrences=Count("tasks", filter=Q(tasks__deleted_at=None), distinct=True))

    @admin.display(description="made so far")
    def occurrences(self, recurrence: Any) -> Any:
        return recurrence.occurrences
