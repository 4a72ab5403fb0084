"""Key dates of deals, and what days are counted by: calendars and date profiles."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import TellingRefusals, changes_of
from tasks.models import BusinessCalendar, Closure, DateProfile, DateRule, KeyDate, Project


class KeyDateInline(ReadOnly, TabularInline):
    """Of a project; each opens in a form of its own."""

    model = KeyDate
    show_change_link = True
    fields = readonly_fields = ("name", "kind", "on", "at", "met_on", "is_overridden")


class DateRuleInline(ReadOnly, TabularInline):
    """What a key date counts from. Set through the API, which previews what it moves."""

    model = DateRule
    fk_name = "key_date"
    verbose_name_plural = "rule"
    fields = readonly_fields = (
        "days",
        "override_days",
        "direction",
        "after_key_date",
        "after_task",
        "profile",
        "counting",
        "weekend_roll",
        "holiday_roll",
        "skip_holidays",
    )


@admin.register(KeyDate)
class KeyDateAdmin(TellingRefusals, ModelAdmin):
    """Saving one moves all that hangs off it."""

    list_display = ("name", "project", "kind", "on", "met_on", "is_overridden")
    list_filter = ("kind", "is_overridden", ("project", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("project",)
    search_fields = ("name", "project__name")
    date_hierarchy = "on"
    autocomplete_fields = ("project",)
    fields = ("project", "kind", "name", "on", "at", "is_overridden", "met_on", "note", "version")
    inlines = (DateRuleInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyDate]:
        """A private project's are its members', in the admin too."""
        return KeyDate.objects.visible_to(cast("User", request.user)).select_related("project")

    def get_readonly_fields(self, request: HttpRequest, obj: KeyDate | None = None) -> tuple[str, ...]:
        return ("project", "version") if obj else ("is_overridden", "version")

    def has_change_permission(self, request: HttpRequest, obj: KeyDate | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not (obj and obj.project.archived_at)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = Project.objects.visible_to(cast("User", request.user)).current()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: KeyDate,
        form: ModelForm[KeyDate],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            key_date = KeyDate.objects.select_related("project").get(pk=obj.pk)
            services.change_key_date(key_date, by=by, changes=changes_of(form))
        else:
            obj.pk = services.add_key_date(**form.cleaned_data, by=by).pk

    def delete_model(self, request: HttpRequest, obj: KeyDate) -> None:
        """With the rules that count from it, which the page of confirmation has listed."""
        services.remove_key_date(obj, by=cast("User", request.user), release=True)


class ClosureInline(TabularInline):
    model = Closure
    extra = 0
    fields = ("on", "name")
    per_page = 40

    def has_change_permission(self, *args: object) -> bool:
        """A closing day is added or taken away."""
        return False


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(TellingRefusals, ModelAdmin):
    """No deal moves by what is changed here before it is counted anew."""

    list_display = ("name", "key", "country", "subdivision", "keeps_observed")
    list_filter = ("country",)
    search_fields = ("name", "key")
    fields = ("key", "name", "weekdays", "country", "subdivision", "keeps_observed", "version")
    inlines = (ClosureInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: BusinessCalendar | None = None) -> tuple[str, ...]:
        return ("key", "version") if obj else ("version",)

    def save_model(
        self,
        request: HttpRequest,
        obj: BusinessCalendar,
        form: ModelForm[BusinessCalendar],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            calendar = BusinessCalendar.objects.get(pk=obj.pk)
            services.change_calendar(calendar, by=by, changes=changes_of(form))
        else:
            obj.pk = services.create_calendar(**form.cleaned_data, by=by).pk

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm[BusinessCalendar],
        formset: BaseInlineFormSet[Closure, BusinessCalendar, Any],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        added = formset.save(commit=False)
        for closure in formset.deleted_objects:
            services.remove_closure(closure, by=by)
        for closure in added:
            services.add_closure(closure.calendar, on=closure.on, name=closure.name, by=by)

    def delete_model(self, request: HttpRequest, obj: BusinessCalendar) -> None:
        services.delete_calendar(obj, by=cast("User", request.user))


@admin.register(DateProfile)
class DateProfileAdmin(TellingRefusals, ModelAdmin):
    """How contracts and laws count days; what is changed here moves no deal before it is counted anew."""

    list_display = ("name", "key", "calendar", "counting", "weekend_roll", "holiday_roll")
    list_filter = ("counting", "calendar")
    list_select_related = ("calendar",)
    search_fields = ("name", "key", "description")
    fields = (
        "key",
        "name",
        "description",
        "calendar",
        "counting",
        "weekend_roll",
        "holiday_roll",
        "skip_holidays",
        "deadline_time",
        "version",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: DateProfile | None = None) -> tuple[str, ...]:
        return ("key", "version") if obj else ("version",)

    def save_model(
        self,
        request: HttpRequest,
        obj: DateProfile,
        form: ModelForm[DateProfile],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            services.change_profile(DateProfile.objects.get(pk=obj.pk), by=by, changes=changes_of(form))
        else:
            obj.pk = services.create_profile(**form.cleaned_data, by=by).pk

    def delete_model(self, request: HttpRequest, obj: DateProfile) -> None:
        services.delete_profile(obj, by=cast("User", request.user))
