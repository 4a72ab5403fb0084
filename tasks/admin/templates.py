"""Templates, written as they stand: the services see afterwards that the whole still holds together."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from estateman.people.models import User
from tasks import services
from tasks.admin.acting import TellingRefusals, each
from tasks.models import (
    ProjectTemplate,
    TemplateChecklistItem,
    TemplateDateRule,
    TemplateDependency,
    TemplateKeyDate,
    TemplateTask,
)

LONGEST_LABEL = 40
_RULE_FIELDS = (
    "days",
    "direction",
    "after_key_date",
    "after_task",
    "sets",
    "profile",
    "counting",
    "weekend_roll",
    "holiday_roll",
    "skip_holidays",
)


class _OfOneTemplate:
    """Offers tasks and key dates of the template at hand only."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kinds: dict[Any, Any] = {TemplateTask: TemplateTask.objects, TemplateKeyDate: TemplateKeyDate.objects}
        if db_field.remote_field.model in kinds and db_field.name in {"parent", "predecessor", *_RULE_FIELDS}:
            owner = getattr(request, "edited_template", None)
            kwargs["queryset"] = kinds[db_field.remote_field.model].filter(template=owner)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class TemplateTaskInline(TabularInline):
    model = TemplateTask
    extra = 0
    show_change_link = True
    fields = ("position", "key", "name", "duration_days", "offset_days", "role", "priority", "is_deadline")


class TemplateKeyDateInline(TabularInline):
    model = TemplateKeyDate
    extra = 0
    show_change_link = True
    fields = ("position", "kind", "name")


class TemplateDependencyInline(_OfOneTemplate, TabularInline):
    model = TemplateDependency
    fk_name = "successor"
    verbose_name_plural = "waits for"
    extra = 0
    fields = ("predecessor", "type", "lag_days")


class TemplateChecklistInline(TabularInline):
    model = TemplateChecklistItem
    extra = 0
    fields = ("position", "text", "is_required", "needs_document", "needs_review")


class TaskRuleInline(_OfOneTemplate, TabularInline):
    model = TemplateDateRule
    fk_name = "task"
    extra = 0
    fields = _RULE_FIELDS


class KeyDateRuleInline(_OfOneTemplate, TabularInline):
    model = TemplateDateRule
    fk_name = "key_date"
    extra = 0
    fields = tuple(name for name in _RULE_FIELDS if name != "sets")


@admin.register(ProjectTemplate)
class TemplateAdmin(TellingRefusals):
    """What is changed here holds for the deals that take the template from now on."""

    list_display = ("name", "key", "kind", "applies_on", "is_active", "version")
    list_filter = ("kind", "applies_on", "is_active")
    search_fields = ("name", "key")
    readonly_fields = ("version",)
    inlines = (TemplateTaskInline, TemplateKeyDateInline)
    actions = ("duplicate", "remove")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By the action, which keeps those that deals were planned with."""
        return False

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:  # noqa: FBT001  Django calls it so
        super().save_related(request, form, formsets, change)
        told = "changed" if change else "created"
        services.settle_template(form.instance, by=cast("User", request.user), change=told)

    @admin.action(description="Duplicate", permissions=["add"])
    def duplicate(self, request: HttpRequest, templates: QuerySet[ProjectTemplate]) -> None:
        each(services.duplicate_template, templates, self, request)

    @admin.action(description="Remove, or take out of use where it was applied", permissions=["change"])
    def remove(self, request: HttpRequest, templates: QuerySet[ProjectTemplate]) -> None:
        each(services.delete_template, templates, self, request)


class _PartAdmin(_OfOneTemplate, TellingRefusals):
    """A part of a template; the template is changed with it."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  Django calls it so
        request.edited_template = obj and obj.template  # type: ignore[attr-defined]  # read by _OfOneTemplate
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("template",) if obj else ()

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:  # noqa: FBT001  Django calls it so
        super().save_related(request, form, formsets, change)
        services.settle_template(form.instance.template, by=cast("User", request.user))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        services.settle_template(obj.template, by=cast("User", request.user))


class _LabelsField(forms.CharField):
    """Names with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [name for each in (value or "").split(",") if (name := each.strip())]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(len(name) > LONGEST_LABEL for name in value):
            raise forms.ValidationError(f"A label has at most {LONGEST_LABEL} characters.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class TemplateTaskForm(ModelForm[TemplateTask]):
    labels = _LabelsField(required=False, help_text="With commas between them", widget=UnfoldAdminTextInputWidget)


@admin.register(TemplateTask)
class TemplateTaskAdmin(_PartAdmin):
    form = TemplateTaskForm
    list_display = ("name", "key", "template", "duration_days", "offset_days", "role", "is_deadline")
    list_filter = ("template", "role", "is_deadline")
    list_select_related = ("template",)
    search_fields = ("name", "key", "template__name")
    fields = (
        "template",
        "key",
        "name",
        "description",
        "parent",
        "duration_days",
        "offset_days",
        "role",
        "priority",
        "estimate_minutes",
        "labels",
        "is_deadline",
        "position",
    )
    inlines = (TemplateDependencyInline, TaskRuleInline, TemplateChecklistInline)


@admin.register(TemplateKeyDate)
class TemplateKeyDateAdmin(_PartAdmin):
    list_display = ("name", "kind", "template")
    list_filter = ("template", "kind")
    list_select_related = ("template",)
    search_fields = ("name", "template__name")
    fields = ("template", "kind", "name", "position")
    inlines = (KeyDateRuleInline,)
