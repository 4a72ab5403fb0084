"""What became of a plan: why days were changed, and how it once stood."""

from django.db import models

from estateman.common import clock
from estateman.people.models import User
from tasks.models.key_dates import KeyDate
from tasks.models.projects import Project


class DateChange(models.Model):
    """That a task's days were changed, and which task, key date or person caused it."""

    class Cause(models.TextChoices):
        EDITED = "edited", "a person changed it"
        TASK = "task", "a task that it hangs off moved"
        KEY_DATE = "key_date", "a key date that it hangs off moved"
        PROJECT = "project", "the project's start or calendar changed"
        DEPENDENCY = "dependency", "a dependency was added or removed"

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="date_changes")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    caused_by_task = models.ForeignKey("Task", null=True, on_delete=models.SET_NULL, related_name="caused_date_changes")
    caused_by_key_date = models.ForeignKey(KeyDate, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=300)
    old_starts_on = models.DateField(null=True)
    old_due_on = models.DateField(null=True)
    new_starts_on = models.DateField(null=True)
    new_due_on = models.DateField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "task_date_changes"
        indexes = [models.Index(fields=["task", "-at"], name="date_change_by_task")]

    def __str__(self) -> str:
        return f"{self.task}: {self.old_due_on} to {self.new_due_on}"


class Baseline(models.Model):
    """The plan as it stood when somebody kept it, to compare with."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="baselines")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "baselines"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="baseline_name_once_per_project")]

    def __str__(self) -> str:
        return self.name


class BaselineTask(models.Model):
    """The days of one task in a baseline."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="tasks")
    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="baselines")
    starts_on = models.DateField()
    due_on = models.DateField()
    duration_days = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "baseline_tasks"
        constraints = [models.UniqueConstraint(fields=["baseline", "task"], name="task_once_per_baseline")]

    def __str__(self) -> str:
        return f"{self.task} in {self.baseline}"
