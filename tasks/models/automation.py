"""Rules that do the routine: when this happens, and that holds, then do so."""

from django.db import models

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.projects import Project


class AutomationRule(Versioned):
    """One rule of a project. What may stand in conditions and actions, and what it means, automation/ says."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="automation_rules")
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    trigger = models.CharField(max_length=40)
    conditions = models.JSONField(default=list, blank=True)
    actions = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "automation_rules"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="rule_name_once_per_project")]

    def __str__(self) -> str:
        return self.name


class AutomationRun(models.Model):
    """That a rule met an activity, once, and what came of it."""

    class Outcome(models.TextChoices):
        DONE = "done"
        SKIPPED = "skipped", "its conditions did not hold"
        STOPPED = "stopped", "it would have set itself off"
        REFUSED = "refused", "a rule of the house stood in the way"
        FAILED = "failed"

    rule = models.ForeignKey(AutomationRule, on_delete=models.CASCADE, related_name="runs")
    activity = models.ForeignKey(Activity, null=True, on_delete=models.SET_NULL, related_name="+")
    activity_no = models.PositiveBigIntegerField(help_text="The activity's number, also once it is forgotten")
    task = models.ForeignKey("Task", null=True, on_delete=models.SET_NULL, related_name="automation_runs")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    detail = models.TextField(blank=True)
    caused_by = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="caused",
        help_text="The run whose actions set it off",
    )
    depth = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "automation_runs"
        indexes = [models.Index(fields=["rule", "-id"], name="automation_run_by_rule")]
        constraints = [models.UniqueConstraint(fields=["rule", "activity_no"], name="rule_once_per_activity")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.outcome}"


class AutomatedActivity(models.Model):
    """That an activity was announced by what a rule did: how a chain of rules is told from what people do."""

    run = models.ForeignKey(AutomationRun, on_delete=models.CASCADE, related_name="activities")
    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="automated")

    class Meta:
        db_table = "automated_activities"

    def __str__(self) -> str:
        return f"{self.activity_id} by {self.run_id}"


class DeadlineNotice(models.Model):
    """That a deadline was warned of or escalated, once for each lead time and each day it was set to."""

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="deadline_notices")
    deadline_at = models.DateTimeField()
    hours_before = models.PositiveSmallIntegerField(help_text="72, 48 or 24; 0 is the escalation once it has passed")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "task_deadline_notices"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "deadline_at", "hours_before"], name="deadline_notice_once_per_lead_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.hours_before} h before"


class OverdueDigest(models.Model):
    """That somebody's list of what is overdue was made, once a day of theirs; an empty one is not sent."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "task_overdue_digests"
        constraints = [models.UniqueConstraint(fields=["user", "on"], name="overdue_digest_once_per_day")]

    def __str__(self) -> str:
        return f"{self.user} on {self.on}"
