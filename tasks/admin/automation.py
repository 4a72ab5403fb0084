"""Automation rules in the admin: written as JSON, judged before they are saved, tried out; and their runs."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks import services
from tasks.admin.acting import TellingRefusals, changes_of
from tasks.automation import TRIGGERS
from tasks.models import AutomationRule, AutomationRun, Project, Task


class RuleForm(forms.ModelForm[AutomationRule]):
    trigger = forms.ChoiceField(
        choices=[(name, f"{name}: {trigger.says}") for name, trigger in TRIGGERS.items()],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = AutomationRule
        fields = ("project", "name", "is_active", "trigger", "conditions", "actions")

    def clean(self) -> dict[str, Any]:
        """What does not fit is told below the field that it stands in, with its place there."""
        written = super().clean() or {}
        project = written.get("project") or getattr(self.instance, "project", None)
        if project and not self.errors:
            try:
                services.judge_rule(project, **{name: written[name] for name in ("trigger", "conditions", "actions")})
            except ValidationError as unfit:
                self._tell(unfit.message_dict)
        return written

    def _tell(self, errors: Mapping[str, list[str]]) -> None:
        for path, mistakes in errors.items():
            name, _, place = path.partition(".")
            for mistake in mistakes:
                self.add_error(name if name in self.fields else NON_FIELD_ERRORS, f"{place}: {mistake}".lstrip(": "))


@admin.register(AutomationRule)
class AutomationRuleAdmin(TellingRefusals, ModelAdmin):
    """What a rule may say stands in docs/automation.md. It acts in the name of whoever wrote it last."""

    form = RuleForm
    list_display = ("name", "project", "trigger", "is_active", "created_by")
    list_filter = ("is_active", "trigger", ("project", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("project", "created_by")
    search_fields = ("name", "project__name")
    autocomplete_fields = ("project",)
    fields = ("project", "name", "is_active", "trigger", "conditions", "actions", "created_by", "created_at", "version")
    readonly_fields = ("created_by", "created_at", "version")
    actions = ("try_out",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AutomationRule]:
        """A private project's are its members', in the admin too."""
        rules = cast("QuerySet[AutomationRule]", super().get_queryset(request))
        return rules.filter(project__in=Project.objects.visible_to(cast("User", request.user)))

    def get_readonly_fields(self, request: HttpRequest, obj: AutomationRule | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "project") if obj else self.readonly_fields

    def save_model(
        self,
        request: HttpRequest,
        obj: AutomationRule,
        form: forms.ModelForm[AutomationRule],
        change: bool,  # noqa: FBT001  Django calls it so
    ) -> None:
        by = cast("User", request.user)
        if change:
            rule = AutomationRule.objects.select_related("project").get(pk=obj.pk)
            services.change_automation_rule(rule, by=by, changes=changes_of(form))
        else:
            obj.pk = services.create_automation_rule(**form.cleaned_data, by=by).pk

    def delete_model(self, request: HttpRequest, obj: AutomationRule) -> None:
        services.delete_automation_rule(obj, by=cast("User", request.user))

    @admin.action(description="Try out on the newest open task", permissions=["change"])
    def try_out(self, request: HttpRequest, rules: QuerySet[AutomationRule]) -> None:
        """Nothing is kept and nobody is told."""
        for rule in rules.select_related("project", "created_by"):
            task = Task.objects.filter(project=rule.project).open().order_by("-pk").first()
            try:
                trial = services.try_automation_rule(rule, by=cast("User", request.user), task=task)
            except ValidationError as mistake:
                self.message_user(request, f"{rule}: {' '.join(mistake.messages)}", messages.ERROR)
            else:
                self.message_user(request, f"{rule}: {_said(trial, task)}", messages.INFO)


def _said(trial: services.Trial, task: Task | None) -> str:
    does = "; ".join(sentence for each in trial.actions for sentence in each.does) or "nothing new"
    on = f"on {task}" if task else "as things stand"
    return f"{on} it would be {trial.outcome}: {trial.why_not}" if trial.why_not else f"{on} it would have {does}."


@admin.register(AutomationRun)
class AutomationRunAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "rule", "task", "outcome", "depth", "detail")
    list_filter = ("outcome", ("rule", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("rule", "task")
    search_fields = ("rule__name", "task__name")
    date_hierarchy = "at"
    fields = ("rule", "activity", "activity_no", "task", "outcome", "detail", "caused_by", "depth", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AutomationRun]:
        runs = cast("QuerySet[AutomationRun]", super().get_queryset(request))
        return runs.filter(rule__project__in=Project.objects.visible_to(cast("User", request.user)))
