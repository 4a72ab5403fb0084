"""One's week: what was worked on when, the timer, and writing down what was forgotten."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.models import Task, TimeLog
from tasks.services import delete_time, edit_time, log_time, start_timer, stop_timer
from tasks.time_forms import TimeForm, tasks_to_choose
from tasks.timesheet import timesheet
from tasks.timesheets import Days, week_named, week_of
from tasks.week_page import WeekPage


@login_required
@require_GET
def week(request: StaffRequest) -> HttpResponse:
    """The whole page; to htmx what may have changed on it."""
    return _sheet(request) if request.htmx else _page(request, "tasks/timesheet.html")


@login_required
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """Start the timer on ``task``; the one that runs elsewhere stops."""
    task = _task(request, request.POST.get("task", ""))
    try:
        start_timer(task, by=request.user, switch=True)
    except RuleBroken as rule:
        return _refused(request, rule)
    return _sheet(request)


@login_required
@require_POST
def stop(request: StaffRequest, task_id: int) -> HttpResponse:
    """Stop my timer on it."""
    try:
        log = stop_timer(_task(request, str(task_id)), by=request.user)
    except RuleBroken as rule:
        return _refused(request, rule)
    return _said(_sheet(request), f"“{log.task}” is stopped.")


@login_required
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """The form for time that is written down afterwards, in a dialog; and writing it down."""
    if request.method == "GET":
        return _form(request, TimeForm(user=request.user, initial=request.GET.dict()))
    form = TimeForm(request.POST, user=request.user)
    return _saved(request, form, lambda: log_time(by=request.user, **form.entry))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, log_id: int) -> HttpResponse:
    """The same for time that stands, in the zone in which it was logged."""
    log = _log(request, log_id)
    if request.method == "GET":
        return _form(request, TimeForm(user=request.user, log=log), log)
    form = TimeForm(request.POST, user=request.user, log=log)
    return _saved(request, form, lambda: edit_time(log, by=request.user, changes=form.changes), log)


@login_required
@require_POST
def confirm(request: StaffRequest, log_id: int) -> HttpResponse:
    """Say of a timer that was probably forgotten that it is right."""
    try:
        edit_time(_log(request, log_id), by=request.user, changes={"needs_review": False})
    except RuleBroken as rule:
        return _refused(request, rule)
    return _sheet(request)


@login_required
@require_POST
def delete(request: StaffRequest, log_id: int) -> HttpResponse:
    """Take it away."""
    log = _log(request, log_id)
    try:
        delete_time(log, by=request.user)
    except RuleBroken as rule:
        return _out_of_the_dialog(_refused(request, rule))
    return _out_of_the_dialog(_said(_sheet(request), f"The time on “{log.task}” is deleted."))


def _sheet(request: StaffRequest, status: int = 200) -> HttpResponse:
    return _page(request, "tasks/_timesheet.html", status=status)


def _page(request: StaffRequest, template: str, status: int = 200) -> HttpResponse:
    sheet = timesheet(request.user, _week(request), seen_by=request.user)
    running = TimeLog.objects.running().for_display().filter(user=request.user).first()
    about = {
        "page": WeekPage(sheet, today=timezone.localdate()),
        "running": running,
        "choices": tasks_to_choose(request.user),
    }
    return render(request, template, about, status=status)


def _week(request: StaffRequest) -> Days:
    """The week that the address asks for; the present one where it asks for none that there is."""
    return week_named(request.GET.get("week", "")) or week_of(timezone.localdate())


def _form(request: StaffRequest, form: TimeForm, log: TimeLog | None = None, status: int = 200) -> HttpResponse:
    about = {"form": form, "log": log, "week": request.GET.get("week", "")}
    return render(request, "tasks/_time_form.html", about, status=status)


def _saved(request: StaffRequest, form: TimeForm, save: Any, log: TimeLog | None = None) -> HttpResponse:
    """What came of the form: the sheet, or the form with what is wrong."""
    if not form.is_valid():
        return _form(request, form, log, status=422)
    try:
        save()
    except RuleBroken as rule:
        form.refuse(rule)
        return _form(request, form, log, status=409)
    except ValidationError as mistake:
        form.blame(mistake)
        return _form(request, form, log, status=422)
    return _out_of_the_dialog(_said(_sheet(request), "Saved."))


def _out_of_the_dialog(sheet: HttpResponse) -> HttpResponse:
    """It closes, and the sheet goes to its own place."""
    sheet["HX-Retarget"], sheet["HX-Reswap"] = "#sheet", "outerHTML"
    return trigger_client_event(sheet, "saved", {})


def _refused(request: StaffRequest, rule: RuleBroken) -> HttpResponse:
    return _said(_sheet(request, status=409), rule.detail, kind="error")


def _said(answer: HttpResponse, words: str, kind: str = "done") -> HttpResponse:
    return trigger_client_event(answer, "toast", {"text": words, "kind": kind})


def _task(request: StaffRequest, number: str) -> Task:
    visible = Task.objects.visible_to(request.user).select_related("project", "column")
    return get_object_or_404(visible, pk=int(number) if number.isascii() and number.isdigit() else 0)


def _log(request: StaffRequest, log_id: int) -> TimeLog:
    return get_object_or_404(TimeLog.objects.for_display().filter(user=request.user), pk=log_id)
