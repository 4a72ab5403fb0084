"""The days a deal turns on. Moving one is looked at before it is done."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from estateman.common.errors import RuleBroken
from estateman.people.requests import StaffRequest
from tasks.deal_rules import rules_of
from tasks.models import KeyDate, KeyDateKind, Project
from tasks.reflow import Rule
from tasks.services import add_key_date, change_key_date
from tasks.views.deals import deal_of, head_of

_DATE = {"type": "date", "min": "2000-01-01", "max": "2099-12-31"}


class KeyDateForm(forms.Form):
    """A new key date; its day may still be open."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label.capitalize()) for kind in KeyDateKind])
    name = forms.CharField(max_length=120, required=False, help_text="As its kind is called, where it is empty")
    on = forms.DateField(label="Day", required=False, widget=forms.DateInput(_DATE, format="%Y-%m-%d"))


class MoveForm(forms.Form):
    """Another day, or the day on which it really happened."""

    on = forms.DateField(required=False)
    met_on = forms.DateField(required=False)
    back_to_rule = forms.BooleanField(required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    @property
    def changes(self) -> dict[str, Any]:
        """What was filled in, as ``change_key_date`` takes it."""
        if self.cleaned_data["back_to_rule"]:
            return {"is_overridden": False}
        return {name: self.cleaned_data[name] for name in ("on", "met_on") if self.cleaned_data[name]}


@login_required
@require_GET
def dates(request: StaffRequest, project_id: int) -> HttpResponse:
    """The key dates in their order; to htmx the list alone."""
    project = deal_of(request, project_id)
    return _page(request, project, KeyDateForm(initial={"kind": KeyDateKind.CLOSING}))


@login_required
@require_POST
def add(request: StaffRequest, project_id: int) -> HttpResponse:
    """A new key date; a rule in the way is told beside the form."""
    project, form = deal_of(request, project_id), KeyDateForm(request.POST)
    if form.is_valid():
        try:
            add_key_date(project, by=request.user, **form.cleaned_data)
        except RuleBroken as rule:
            form.add_error(None, rule.detail)
        except ValidationError as mistake:
            form.add_error(None, mistake)
        else:
            return redirect("dates", project.pk)
    return _page(request, project, form, status=422)


@login_required
@require_POST
def move(request: StaffRequest, project_id: int, key_date_id: int) -> HttpResponse:
    """What would change, in a dialog; and once that was looked at, the change."""
    project = deal_of(request, project_id)
    key_date = get_object_or_404(KeyDate.objects.select_related("project"), project=project, pk=key_date_id)
    form, is_preview = MoveForm(request.POST), "apply" not in request.POST
    about: dict[str, Any] = {"project": project, "key_date": key_date, "asked": request.POST}
    if not form.is_valid() or not form.changes:
        return render(request, "tasks/_reflow.html", {**about, "refused": "Say the day."}, status=422)
    try:
        about["changes"] = change_key_date(
            key_date, by=request.user, changes=form.changes, version=form.cleaned_data["version"], preview=is_preview
        )
    except RuleBroken as rule:
        return render(request, "tasks/_reflow.html", {**about, "refused": rule.detail}, status=409)
    except ValidationError as mistake:
        return render(request, "tasks/_reflow.html", {**about, "refused": mistake.messages[0]}, status=422)
    if is_preview:
        return render(request, "tasks/_reflow.html", about)
    return HttpResponse(headers={"HX-Refresh": "true"})


def _page(request: StaffRequest, project: Project, form: KeyDateForm, status: int = 200) -> HttpResponse:
    rules = {rule.target.id: rule for rule in rules_of(project) if rule.target.kind == "key_date"}
    about = {
        **head_of(request, project, "dates"),
        "key_dates": [(each, _rule_of(each, rules)) for each in _in_order(project)],
        "form": form,
        "today": timezone.localdate(),
    }
    template = "tasks/_dates.html" if request.htmx else "tasks/dates.html"
    return render(request, template, about, status=status)


def _rule_of(key_date: KeyDate, rules: Mapping[int, Rule]) -> str:
    """What it is counted from, in words; nothing for one that has no rule."""
    if key_date.pk not in rules:
        return ""
    return rules[key_date.pk].describe(str(key_date.date_rule.after_key_date or key_date.date_rule.after_task))


def _in_order(project: Project) -> QuerySet[KeyDate]:
    anchors = ("date_rule__after_key_date", "date_rule__after_task")
    shown: QuerySet[Any] = KeyDate.objects.filter(project=project).for_display()
    return shown.select_related(*anchors).order_by("day_order", "pk")
