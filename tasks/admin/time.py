"""Time logs in the admin: what was worked, what should be looked at, and what was changed of it."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter

from estateman.common.admin import Kept, ReadOnly
from estateman.common.api.downloads import written
from estateman.people.auth import caller
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import changes_of, each
from tasks.models import TimeLog, TimeLogChange
from tasks.timesheet_csv import parts_of, time_csv


@admin.register(TimeLog)
class TimeLogAdmin(Kept, ModelAdmin):
    """Times are put right where they were logged; here they are looked at, judged and taken along."""

    list_display = (
        "work_date",
        "user",
        "task",
        "project",
        "started_at",
        "shown_length",
        "is_billable",
        "needs_review",
        "ended_by",
    )
    list_filter = (
        "needs_review",
        ("ended_at", admin.EmptyFieldListFilter),
        "is_billable",
        "source",
        "ended_by",
        ("user", admin.RelatedOnlyFieldListFilter),
        "task__project__kind",
        ("work_date", RangeDateFilter),
    )
    list_filter_submit = True
    search_fields = ("task__name", "task__project__name", "user__name", "note")
    date_hierarchy = "work_date"
    ordering = ("-started_at", "-pk")
    fields = (
        "user",
        "task",
        "started_at",
        "ended_at",
        "shown_length",
        "timezone",
        "work_date",
        "note",
        "is_billable",
        "needs_review",
        "source",
        "ended_by",
        "created_at",
        "version",
    )
    readonly_fields = tuple(name for name in fields if name not in {"note", "is_billable", "needs_review"})
    actions = ("confirm", "stop", "export")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimeLog]:
        """Of private projects their members' own, in the admin too."""
        return TimeLog.objects.visible_to(caller(request)).for_display()

    def has_change_permission(self, request: HttpRequest, obj: TimeLog | None = None) -> bool:
        archived = obj is not None and obj.task.project.archived_at is not None
        return bool(super().has_change_permission(request, obj)) and not archived

    def save_model(
        self,
        request: HttpRequest,
        obj: TimeLog,
        form: ModelForm[TimeLog],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        log = TimeLog.objects.for_display().get(pk=obj.pk)
        services.edit_time(log, by=cast("User", request.user), changes=changes_of(form))

    @admin.display(description="Project", ordering="task__project__name")
    def project(self, log: TimeLog) -> str:
        return log.task.project.name

    @admin.display(description="Length", ordering="seconds")
    def shown_length(self, log: TimeLog) -> str:
        if log.seconds is None:
            return "running"
        return f"{log.seconds // 3600}:{log.seconds % 3600 // 60:02}"

    @admin.action(description="Confirm: they are right", permissions=["change"])
    def confirm(self, request: HttpRequest, logs: QuerySet[TimeLog]) -> None:
        each(_confirm, logs.order_by("pk"), self, request)

    @admin.action(description="Stop what is running", permissions=["change"])
    def stop(self, request: HttpRequest, logs: QuerySet[TimeLog]) -> None:
        each(services.stop_log, logs.order_by("pk"), self, request)

    @admin.action(description="Export as CSV", permissions=["view"])
    def export(self, request: HttpRequest, logs: QuerySet[TimeLog]) -> HttpResponse:
        """What has ended of the chosen ones, a line for each day."""
        text = time_csv(parts_of(logs.order_by("started_at", "pk")))
        return written(text, name="time.csv", content_type="text/csv; charset=utf-8")


def _confirm(log: TimeLog, *, by: User) -> None:
    services.edit_time(log, by=by, changes={"needs_review": False})


@admin.register(TimeLogChange)
class TimeLogChangeAdmin(ReadOnly, ModelAdmin):
    """What was edited and deleted is history."""

    list_display = ("at", "by", "log_no", "task", "what")
    list_filter = (("by", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("log_no", "task__name", "by__name")
    ordering = ("-at", "-pk")
    fields = ("log_no", "task", "by", "at", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimeLogChange]:
        return TimeLogChange.objects.visible_to(caller(request)).select_related("by", "task")

    @admin.display(description="What")
    def what(self, change: TimeLogChange) -> str:
        if change.after is None:
            return "deleted"
        differing: list[Any] = [name for name in change.after if change.before.get(name) != change.after[name]]
        return ", ".join(name.replace("_", " ") for name in differing if name != "version")
