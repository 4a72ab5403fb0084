from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline

from estateman.common.admin import ReadOnly
from events import services
from events.admin.forms import CalendarForm
from events.admin.through_services import ThroughServices, changes_of, each, staff
from events.models import Calendar, CalendarShare


class ShareInline(ReadOnly, TabularInline):
    model = CalendarShare
    fields = ("user", "team", "access", "created_at")
    readonly_fields = fields


@admin.register(Calendar)
class CalendarAdmin(ThroughServices):
    list_display = ("name", "owner", "team", "holidays_of", "timezone", "archived_at")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "team")
    list_select_related = ("owner", "team")
    search_fields = ("name", "owner__name", "team__name")
    autocomplete_fields = ("team",)
    form = CalendarForm
    fields = (
        "name",
        "team",
        "timezone",
        "color",
        "conflicts",
        "reminder_minutes",
        "holidays_of",
        "closes_office",
        "owner",
        "archived_at",
        "version",
    )
    readonly_fields = ("owner", "archived_at", "version")
    inlines = (ShareInline,)
    actions = ("archive",)

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> tuple[str, ...]:
        """Whose calendar it is stays so; a new one without a team is the reader's own."""
        return (*self.readonly_fields, "team", "holidays_of") if obj else self.readonly_fields

    def get_fields(self, request: HttpRequest, obj: Calendar | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "office", *self.fields[1:])

    def save_model(
        self,
        request: HttpRequest,
        obj: Calendar,
        form: ModelForm[Calendar],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        if change:
            services.change_calendar(Calendar.objects.get(pk=obj.pk), changes=changes_of(form), by=staff(request))
        else:
            obj.pk = services.create_calendar(**form.cleaned_data, by=staff(request)).pk

    @admin.action(description="Put away", permissions=["change"])
    def archive(self, request: HttpRequest, calendars: QuerySet[Calendar]) -> None:
        each(services.archive_calendar, calendars.filter(archived_at=None), self, request)
