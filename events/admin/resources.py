from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly
from events import services
from events.admin.through_services import ThroughServices, changes_of, each, staff
from events.models import Resource, ResourceBooking


@admin.register(Resource)
class ResourceAdmin(ThroughServices):
    list_display = ("name", "kind", "capacity", "location", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "location")
    fields = ("name", "kind", "capacity", "features", "location", "timezone", "is_active", "version")
    readonly_fields = ("version",)

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


@admin.register(ResourceBooking)
class ResourceBookingAdmin(ReadOnly, ModelAdmin):
    list_display = ("resource", "event", "recurrence_id", "starts_at", "ends_at", "status", "booked_by")
    list_filter = ("status", "resource")
    list_select_related = ("resource", "event", "booked_by")
    search_fields = ("resource__name", "event__title")
    date_hierarchy = "starts_at"
    actions = ("cancel",)

    @admin.action(description="Give back")
    def cancel(self, request: HttpRequest, bookings: QuerySet[ResourceBooking]) -> None:
        each(services.cancel_booking, bookings.select_related("event__calendar", "resource"), self, request)
