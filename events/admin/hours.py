from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly
from events import services
from events.admin.through_services import ThroughServices, staff
from events.models import HoursException, TimeOff, WeeklyHours


def hours_link(user_id: int) -> str:
    """To the page on which somebody's hours are set."""
    return format_html('<a href="{}?of={}">Their hours</a>', reverse("hours"), user_id)


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(ReadOnly, ModelAdmin):
    """The week is set as a whole, on the page that each row leads to."""

    list_display = ("user", "weekday", "start_minute", "end_minute", "set_on")
    list_filter = ("weekday",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")

    @admin.display(description="Set")
    def set_on(self, hours: WeeklyHours) -> str:
        return hours_link(hours.user_id)


@admin.register(HoursException)
class HoursExceptionAdmin(ReadOnly, ModelAdmin):
    list_display = ("user", "date", "spans", "note", "set_on")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "note")
    date_hierarchy = "date"

    @admin.display(description="Set")
    def set_on(self, day: HoursException) -> str:
        return hours_link(day.user_id)


@admin.register(TimeOff)
class TimeOffAdmin(ThroughServices):
    list_display = ("user", "starts_on", "ends_on", "reason")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "reason")
    autocomplete_fields = ("user",)
    fields = ("user", "starts_on", "ends_on", "reason")
    date_hierarchy = "starts_on"

    def has_change_permission(self, request: HttpRequest, obj: TimeOff | None = None) -> bool:
        """Taken back and written anew instead."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super(ThroughServices, self).has_delete_permission(request, obj))

    def save_model(
        self,
        request: HttpRequest,
        obj: TimeOff,
        form: ModelForm[TimeOff],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        wanted = {**form.cleaned_data}
        obj.pk = services.add_time_off(wanted.pop("user"), **wanted, by=staff(request)).pk

    def delete_model(self, request: HttpRequest, obj: TimeOff) -> None:
        services.remove_time_off(obj, by=staff(request))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for time_off in queryset.select_related("user"):
            services.remove_time_off(time_off, by=staff(request))
