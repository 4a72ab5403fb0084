"""Where a task stood, and from when on: what cycle times and flow are counted from."""

from django.db import models

from estateman.common import clock
from tasks.models.projects import ColumnGroup, Project


class TaskTransition(models.Model):
    """That a task came to stand in a group of columns. ``to_group`` is empty when it was deleted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="transitions")
    from_group = models.CharField(max_length=20, choices=ColumnGroup.choices, blank=True)
    to_group = models.CharField(max_length=20, choices=ColumnGroup.choices, blank=True)
    at = models.DateTimeField(default=clock.now)
    on = models.DateField(help_text="The day in the project's time zone, or the one somebody said it was done on")

    class Meta:
        db_table = "task_transitions"
        indexes = [models.Index(fields=["project", "on"], name="transition_by_day")]

    def __str__(self) -> str:
        return f"{self.task}: {self.from_group} to {self.to_group}"
