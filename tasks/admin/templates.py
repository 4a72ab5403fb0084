from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from tasks.models import (
    ProjectTemplate,
    TemplateDependency,
    TemplateTask,
)


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
