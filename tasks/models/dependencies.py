"""That one task waits for another."""

from typing import cast

from django.db import models
from django.db.models import F, Q

from tasks.models.projects import OPEN_GROUPS, ColumnGroup


class DependencyType(models.TextChoices):
    """Which end of the predecessor holds which end of the successor."""

    FS = "FS", "finish to start"
    SS = "SS", "start to start"
    FF = "FF", "finish to finish"
    SF = "SF", "start to finish"


class TaskDependencyQuerySet(models.QuerySet["TaskDependency"]):
    def of_project(self, project_id: int) -> "TaskDependencyQuerySet":
        return self.filter(successor__project=project_id)

    def touching(self, task_id: int) -> "TaskDependencyQuerySet":
        """Those on either side of one task."""
        return self.filter(Q(predecessor=task_id) | Q(successor=task_id))

    def blocking(self) -> "TaskDependencyQuerySet":
        """Those that keep their successor from being completed now.

        FS and FF hold it until the predecessor is completed, SF until the predecessor has been
        started (left the backlog). SS ties the starts only, so it never keeps a task from being
        completed. A cancelled predecessor holds nothing.
        """
        unfinished = Q(
            type__in=(DependencyType.FS, DependencyType.FF),
            predecessor__column__group__in=OPEN_GROUPS,
        )
        unstarted = Q(type=DependencyType.SF, predecessor__column__group=ColumnGroup.BACKLOG)
        return self.filter(unfinished | unstarted)


EveryTaskDependencyManager = models.Manager.from_queryset(TaskDependencyQuerySet)


class TaskDependencyManager(EveryTaskDependencyManager["TaskDependency"]):
    """Those between tasks that are there: a deleted task's come back with it."""

    def get_queryset(self) -> TaskDependencyQuerySet:
        present = super().get_queryset().filter(predecessor__deleted_at=None, successor__deleted_at=None)
        return cast("TaskDependencyQuerySet", present)


class TaskDependency(models.Model):
    """``successor`` hangs off ``predecessor``; the lag counts working days and may be negative."""

    predecessor = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="outgoing")
    successor = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="incoming")
    type = models.CharField(max_length=2, choices=DependencyType.choices, default=DependencyType.FS)
    lag_days = models.SmallIntegerField(default=0)

    objects = TaskDependencyManager()
    every = EveryTaskDependencyManager()

    class Meta:
        db_table = "task_dependencies"
        base_manager_name = "every"
        verbose_name_plural = "task dependencies"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="dependency_once_per_pair"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="dependency_not_on_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.type} {self.successor_id}"
