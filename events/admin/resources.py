from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from events import services
from events.admin.through_services import ThroughServices, changes_of, each, staff
from events.models import Blackout, Resource, ResourceBooking


class BlackoutInline(ReadOnly, TabularInline):
    model = Blackout
    fields = ("starts_at", "ends_at", "reason", "created_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Blackout]:
        blackouts: QuerySet[Blackout] = super().get_queryset(request).select_related("created_by")
        return blackouts


@admin.register(Resource)
class ResourceAdmin(ThroughServices):
    list_display = ("name", "kind", "units", "capacity", "location", "needs_approval", "bookers", "team", "is_active")
    list_filter = ("kind", "needs_approval", "bookers", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "location")
    autocomplete_fields = ("team",)
    fields = (
        "name",
        "kind",
        "units",
        "capacity",
        "features",
        "location",
        "timezone",
        "bookable_hours",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "bookers",
        "team",
        "needs_approval",
        "release_after_minutes",
        "is_active",
        "version",
    )
    readonly_fields = ("version",)
    inlines = (BlackoutInline,)

    def save_model(
        self,
        request: HttpRequest,
        obj: Resource,
        form: ModelForm[Resource],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        if change:
            services.change_resource(Resource.objects.get(pk=obj.pk), changes=changes_of(form), by=staff(request))
        else:
            obj.pk = services.create_resource(**form.cleaned_data, by=staff(request)).pk


@admin.register(Blackout)
class BlackoutAdmin(ThroughServices):
    list_display = ("resource", "starts_at", "ends_at", "reason", "created_by")
    list_filter = ("resource",)
    list_select_related = ("resource", "created_by")
    autocomplete_fields = ("resource",)
    fields = ("resource", "starts_at", "ends_at", "reason")
    date_hierarchy = "starts_at"
    actions = ("remove",)

    def has_change_permission(self, request: HttpRequest, obj: Blackout | None = None) -> bool:
        """Whoever booked in it was told of these times: remove it and add another one."""
        return obj is None and bool(super().has_change_permission(request))

    def save_model(
        self,
        request: HttpRequest,
        obj: Blackout,
        form: ModelForm[Blackout],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        obj.pk = services.add_blackout(**form.cleaned_data, by=staff(request)).pk

    @admin.action(description="Open again", permissions=["change"])
    def remove(self, request: HttpRequest, blackouts: QuerySet[Blackout]) -> None:
        each(services.remove_blackout, blackouts.select_related("resource"), self, request)


@admin.register(ResourceBooking)
class ResourceBookingAdmin(ReadOnly, ModelAdmin):
    list_display = ("resource", "unit", "event", "recurrence_id", "starts_at", "ends_at", "status", "booked_by")
    list_filter = ("status", "resource")
    list_select_related = ("resource", "event", "booked_by")
    search_fields = ("resource__name", "event__title")
    date_hierarchy = "starts_at"
    actions = ("approve", "decline", "release", "cancel")

    @admin.action(description="Approve")
    def approve(self, request: HttpRequest, bookings: QuerySet[ResourceBooking]) -> None:
        each(services.approve_booking, _whole(bookings), self, request)

    @admin.action(description="Decline")
    def decline(self, request: HttpRequest, bookings: QuerySet[ResourceBooking]) -> None:
        each(services.decline_booking, _whole(bookings), self, request)

    @admin.action(description="Release")
    def release(self, request: HttpRequest, bookings: QuerySet[ResourceBooking]) -> None:
        each(services.release_booking, _whole(bookings), self, request)

    @admin.action(description="Give back")
    def cancel(self, request: HttpRequest, bookings: QuerySet[ResourceBooking]) -> None:
        each(services.cancel_booking, _whole(bookings), self, request)


def _whole(bookings: QuerySet[ResourceBooking]) -> QuerySet[ResourceBooking]:
    return bookings.select_related("event__calendar", "resource")
