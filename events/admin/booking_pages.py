from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from events import services
from events.admin.through_services import ThroughServices, changes_of, each, staff
from events.models import Appointment, BookingPage, BookingPageHost


class HostInline(ReadOnly, TabularInline):
    model = BookingPageHost
    fields = ("user", "calendar")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookingPageHost]:
        hosts: QuerySet[BookingPageHost] = super().get_queryset(request).select_related("user", "calendar")
        return hosts


@admin.register(BookingPage)
class BookingPageAdmin(ThroughServices):
    """A new page's host is whoever opens it; others are named where the page is viewed on the site."""

    list_display = ("title", "slug", "duration_minutes", "is_active")
    list_filter = ("is_active",)
    search_fields = ("title", "slug")
    autocomplete_fields = ("resource",)
    fields = (*BookingPage.DECIDED, "created_by", "version")
    readonly_fields = ("created_by", "version")
    inlines = (HostInline,)
    actions = ("remove",)

    def view_on_site(self, page: BookingPage) -> str:
        return reverse("booking-page", args=[page.pk])

    def save_model(
        self,
        request: HttpRequest,
        obj: BookingPage,
        form: ModelForm[BookingPage],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        if change:
            page = BookingPage.objects.get(pk=obj.pk)
            services.change_booking_page(page, changes=changes_of(form), by=staff(request))
        else:
            obj.pk = services.create_booking_page(**form.cleaned_data, by=staff(request)).pk

    @admin.action(description="Delete, where nobody is expected", permissions=["change"])
    def remove(self, request: HttpRequest, pages: QuerySet[BookingPage]) -> None:
        each(services.delete_booking_page, pages, self, request)


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, ModelAdmin):
    list_display = ("visitor_name", "page", "host", "starts_at", "status")
    list_filter = ("status", "page")
    list_select_related = ("page", "host")
    search_fields = ("visitor_name", "visitor_email", "host__name")
    date_hierarchy = "starts_at"
    actions = ("cancel",)

    @admin.action(description="Cancel, and write to the visitor")
    def cancel(self, request: HttpRequest, appointments: QuerySet[Appointment]) -> None:
        booked = appointments.filter(status=Appointment.Status.BOOKED).select_related("event__calendar")
        each(_cancel, booked, self, request)


def _cancel(appointment: Appointment, *, by: User) -> None:
    services.cancel_event(appointment.event, by=by)
