"""The rules that do a deal's routine: reading them, writing them, and what became of them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.models import AutomationRule, AutomationRun, Project
from tasks.permissions import can_manage_project
from tasks.rule_forms import RuleForm, initial_for, initial_of
from tasks.rule_words import Names, told
from tasks.services import change_automation_rule, create_automation_rule, delete_automation_rule
from tasks.views.deals import deal_of, head_of

LATEST = 25


@login_required
@require_GET
def rules(request: StaffRequest, project_id: int) -> HttpResponse:
    """All of them in words, and what they did lately."""
    project = deal_of(request, project_id)
    names, last = Names(project), AutomationRun.objects.filter(rule=OuterRef("pk")).order_by("-pk")
    found = project.automation_rules.select_related("created_by").order_by("name")
    about = {
        **_head(request, project),
        "rules": [(each, told(each, names)) for each in found.annotate(last_run_at=Subquery(last.values("at")[:1]))],
        "runs": _runs(AutomationRun.objects.filter(rule__project=project)),
    }
    return render(request, "tasks/rules.html", about)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, project_id: int) -> HttpResponse:
    """Write a rule."""
    project = deal_of(request, project_id)
    if request.method == "GET":
        return _written(request, project, RuleForm(project=project))
    form = RuleForm(request.POST, project=project)
    return _saved(request, project, form, lambda: create_automation_rule(project, by=request.user, **form.written))


@login_required
@require_http_methods(["GET", "POST"])
def rule(request: StaffRequest, project_id: int, rule_id: int) -> HttpResponse:
    """One rule with what became of it; and writing it anew."""
    project = deal_of(request, project_id)
    found = _rule(project, rule_id)
    if request.method == "GET":
        return _written(request, project, RuleForm(project=project, initial=initial_for(found)), found)
    form = RuleForm(request.POST, project=project)

    def save() -> AutomationRule:
        version = form.cleaned_data["version"]
        return change_automation_rule(found, by=request.user, changes=form.written, version=version)

    return _saved(request, project, form, save, found)


@login_required
@require_POST
def parts(request: StaffRequest, project_id: int) -> HttpResponse:
    """The form drawn anew, after something was chosen that asks for something else."""
    project = deal_of(request, project_id)
    form = RuleForm(project=project, initial=initial_of(request.POST))
    return render(request, "tasks/_rule_parts.html", {"form": form, "project": project})


@login_required
@require_POST
def switch(request: StaffRequest, project_id: int, rule_id: int) -> HttpResponse:
    """On, or off."""
    project = deal_of(request, project_id)
    is_active = bool(request.POST.get("is_active"))
    try:
        found = change_automation_rule(_rule(project, rule_id), by=request.user, changes={"is_active": is_active})
    except RuleBroken as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, f"“{found}” is {'on' if is_active else 'off'}.")
    return redirect("automation", project.pk)


@login_required
@require_POST
def delete(request: StaffRequest, project_id: int, rule_id: int) -> HttpResponse:
    """With the log of what it did."""
    project = deal_of(request, project_id)
    found = _rule(project, rule_id)
    name = found.name
    try:
        delete_automation_rule(found, by=request.user)
    except RuleBroken as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, f"“{name}” is deleted.")
    return HttpResponseClientRedirect(reverse("automation", args=[project.pk]))


def _head(request: StaffRequest, project: Project) -> dict[str, Any]:
    head = head_of(request, project, "automation")
    return {**head, "may_write": head["may_work"] and can_manage_project(request.user, project)}


def _rule(project: Project, rule_id: int) -> AutomationRule:
    return get_object_or_404(project.automation_rules.select_related("project", "created_by"), pk=rule_id)


def _runs(runs: Any) -> Any:
    return runs.select_related("rule", "task").order_by("-pk")[:LATEST]


def _written(
    request: StaffRequest, project: Project, form: RuleForm, found: AutomationRule | None = None, status: int = 200
) -> HttpResponse:
    """The page of a rule, or of a new one; who may not write it, reads it."""
    head = _head(request, project)
    if found is None and not head["may_write"]:
        raise PermissionDenied
    about = {**head, "form": form, "rule": found}
    if found:
        about |= {"told": told(found, Names(project)), "runs": _runs(found.runs)}
    return render(request, "tasks/rule.html", about, status=status)


def _saved(
    request: StaffRequest,
    project: Project,
    form: RuleForm,
    save: Callable[[], AutomationRule],
    found: AutomationRule | None = None,
) -> HttpResponse:
    """Back to all of them; or the form with what is wrong."""
    status = 422
    if form.is_valid():
        try:
            kept = save()
        except RuleBroken as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        except ValidationError as mistake:
            form.blame(mistake)
        else:
            messages.success(request, f"“{kept}” is saved.")
            return redirect("automation", project.pk)
    return _written(request, project, form, found, status)
