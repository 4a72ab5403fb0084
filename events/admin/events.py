from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import TabularInline

from estateman.common.admin import ReadOnly
from events import services
from events.admin.forms import EventForm
from events.admin.through_services import ThroughServices, changes_of, each, staff
from events.models import Attendee, Event, EventException, EventOverride, Reminder, ResourceBooking


class ExceptionInline(ReadOnly, TabularInline):
    model = EventException
    fields = ("kind", "recurrence_id")
    readonly_fields = fields


class OverrideInline(ReadOnly, TabularInline):
    model = EventOverride
    fields = ("recurrence_id", "starts_at", "duration_minutes", "title", "location")
    readonly_fields = fields


class AttendeeInline(ReadOnly, TabularInline):
    model = Attendee
    fields = ("user", "email", "status", "responded_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendee]:
        attendees: QuerySet[Attendee] = super().get_queryset(request).select_related("user")
        return attendees


class ReminderInline(ReadOnly, TabularInline):
    model = Reminder
    fields = ("minutes_before", "channels")
    readonly_fields = fields


class BookingInline(ReadOnly, TabularInline):
    model = ResourceBooking
    fields = ("resource", "recurrence_id", "starts_at", "ends_at", "status")
    readonly_fields = fields
    ordering = ("starts_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResourceBooking]:
        held: QuerySet[ResourceBooking] = super().get_queryset(request).select_related("resource")
        return held


@admin.register(Event)
class EventAdmin(ThroughServices):
    form = EventForm
    list_display = ("title", "calendar", "starts_at", "timezone", "recurrence", "status")
    list_filter = ("status", "all_day", "calendar")
    list_select_related = ("calendar",)
    search_fields = ("title", "description", "location")
    autocomplete_fields = ("calendar",)
    fields = (*EventForm.Meta.fields, "created_by", "sequence", "first_utc", "until_utc", "version")
    readonly_fields = ("created_by", "sequence", "first_utc", "until_utc", "version")
    inlines = (ExceptionInline, OverrideInline, AttendeeInline, ReminderInline, BookingInline)
    actions = ("cancel",)

    def view_on_site(self, event: Event) -> str:
        """One date of a series, and a date with all that follow, are changed there."""
        return reverse("event", args=[event.pk])

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"timezone": staff(request).timezone, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not (obj and obj.is_cancelled)

    def save_model(
        self,
        request: HttpRequest,
        obj: Event,
        form: ModelForm[Event],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        if change:
            services.edit_event(Event.objects.get(pk=obj.pk), changes=changes_of(form), by=staff(request))  # type: ignore[arg-type]
        else:
            obj.pk = services.create_event(**form.cleaned_data, by=staff(request)).pk

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, events: QuerySet[Event]) -> None:
        each(services.cancel_event, events, self, request)
