"""The staff's tasks, and who they are given to."""

from datetime import date
from typing import Any, cast

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.dependencies import TaskDependency
from tasks.models.details import ChecklistItem, Label, Recurrence, TaskWatcher
from tasks.models.projects import OPEN_GROUPS, BoardColumn, ColumnGroup, DealRole, Priority, Project
from tasks.models.templates import AppliedTemplate


class SchedulingMode(models.TextChoices):
    """Automatic: as soon as its predecessors allow. Manual: the dates that a person gave win."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> "TaskQuerySet":
        """The tasks of the projects ``user`` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def current(self) -> "TaskQuerySet":
        """Those of projects that are not archived."""
        return self.filter(project__archived_at=None)

    def assigned_to(self, user: User) -> "TaskQuerySet":
        return self.filter(Exists(TaskAssignee.objects.filter(task=OuterRef("pk"), user=user)))

    def open(self) -> "TaskQuerySet":
        """Neither completed nor cancelled."""
        return self.filter(column__group__in=OPEN_GROUPS)

    def completed(self) -> "TaskQuerySet":
        return self.filter(completed_at__isnull=False)

    def due_by(self, day: date) -> "TaskQuerySet":
        """Due on ``day`` or before."""
        return self.filter(due_on__lte=day)

    def searched(self, words: str) -> "TaskQuerySet":
        """Those with ``words`` in the name or the description, or as their key."""
        return self.filter(Q(name__icontains=words) | Q(key__iexact=words) | Q(description__icontains=words))

    def blocked(self) -> "TaskQuerySet":
        """Open, and not to be completed before others are."""
        return self.open().filter(Exists(TaskDependency.objects.blocking().filter(successor=OuterRef("pk"))))

    def with_blockers(self) -> "TaskQuerySet":
        """Reads in one query what each task waits for, so that ``blockers`` costs none."""
        links = TaskDependency.objects.blocking().select_related("predecessor").order_by("id")
        return self.prefetch_related(Prefetch("incoming", queryset=links, to_attr="blocking_links"))

    def with_people(self) -> "TaskQuerySet":
        """Reads in one query who each task is assigned to, in the order they were."""
        given = TaskAssignee.objects.select_related("user").order_by("id")
        return self.prefetch_related(Prefetch("assignments", queryset=given))

    def with_checklist_counts(self) -> "TaskQuerySet":
        """Adds ``checklist_done`` and ``checklist_total``, the numbers of its checklist's items, without a join."""
        items = ChecklistItem.objects.filter(task=OuterRef("pk"))
        return self.annotate(
            checklist_done=_number_of(items.settled()),
            checklist_total=_number_of(items),
        )

    def with_day_order(self) -> "TaskQuerySet":
        """Adds ``due_order`` and ``start_order``: the days, and one far off for tasks without."""
        never = Value(date.max, output_field=models.DateField())
        return self.annotate(due_order=Coalesce("due_on", never), start_order=Coalesce("starts_on", never))

    def for_display(self) -> "TaskQuerySet":
        """With all that a line or a card shows, in a constant number of queries."""
        return self.select_related("project", "column").with_people().with_blockers()

    def with_details(self) -> "TaskQuerySet":
        """``for_display``, and with all else that the API tells of each, in a constant number of queries."""
        watching = TaskWatcher.objects.order_by("id")
        shown = self.for_display().with_checklist_counts().select_related("recurrence")
        return shown.prefetch_related("labels", Prefetch("watchings", queryset=watching))

    def with_subtasks(self) -> "TaskQuerySet":
        """Reads in one query what each is made up of, in the order of the board."""
        parts = Task.objects.select_related("column").order_by("column__position", "rank", "id")
        return self.prefetch_related(Prefetch("subtasks", queryset=parts))


def _number_of(rows: "models.QuerySet[Any]") -> Coalesce:
    counted = rows.order_by().values("task").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


EveryTaskManager = models.Manager.from_queryset(TaskQuerySet)


class TaskManager(EveryTaskManager["Task"]):
    """The tasks that are there; ``Task.every`` has the deleted ones, too."""

    def get_queryset(self) -> TaskQuerySet:
        return cast("TaskQuerySet", super().get_queryset().filter(deleted_at=None))


class Task(Versioned):
    """One thing to do. It is completed exactly while it stands in a column of the done group.

    Dates are days, both inclusive; durations are working days, and 0 is a milestone. A deadline is what a contract
    says: a day, and a time of day where it names one, in a zone. Deleted tasks stay until they are restored: their
    hours were worked.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    column = models.ForeignKey(BoardColumn, on_delete=models.RESTRICT, related_name="tasks")
    rank = models.BigIntegerField(editable=False, help_text="Place in its column; ranking.py chooses it")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="subtasks",
        help_text="It is part of this one",
    )
    description = models.TextField(blank=True, help_text="Markdown")
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    duration_days = models.PositiveSmallIntegerField(default=1)
    progress = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    scheduling_mode = models.CharField(max_length=10, choices=SchedulingMode.choices, default=SchedulingMode.AUTOMATIC)
    not_before = models.DateField(
        null=True, blank=True, help_text="Scheduled automatically, it starts no earlier than this"
    )
    deadline_on = models.DateField(null=True, blank=True)
    deadline_time = models.TimeField(null=True, blank=True, help_text="The end of the day without one")
    deadline_timezone = models.CharField(max_length=64, blank=True, help_text="The project's, where it is not said")
    deadline_at = models.DateTimeField(null=True, editable=False, help_text="The instant of these three")
    estimate_minutes = models.PositiveIntegerField(null=True, blank=True)
    labels = models.ManyToManyField(Label, related_name="tasks", blank=True)
    watchers = models.ManyToManyField(User, through="TaskWatcher", related_name="watched_tasks")
    role = models.CharField(
        max_length=20,
        choices=DealRole.choices,
        blank=True,
        help_text="Who has it by their part in the deal; changes hands with the part",
    )
    assignees = models.ManyToManyField(
        User,
        through="TaskAssignee",
        through_fields=("task", "user"),
        related_name="assigned_tasks",
    )
    applied_template = models.ForeignKey(
        AppliedTemplate, null=True, editable=False, on_delete=models.SET_NULL, related_name="tasks"
    )
    completed_at = models.DateTimeField(null=True, editable=False)
    completed_on = models.DateField(
        null=True, editable=False, help_text="The day it was really done, where it was done"
    )
    completed_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    completion_no = models.PositiveIntegerField(default=0, editable=False, help_text="How often it has been completed")
    recurrence = models.ForeignKey(
        Recurrence, null=True, editable=False, on_delete=models.SET_NULL, related_name="tasks"
    )
    occurrence_no = models.PositiveIntegerField(
        null=True, editable=False, help_text="The how manieth of its recurrence"
    )
    created_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")

    objects = TaskManager()
    every = EveryTaskManager()

    class Meta:
        db_table = "tasks"
        indexes = [
            models.Index(fields=["column", "rank"], name="task_by_place"),
            models.Index(fields=["due_on"], name="task_by_due_day"),
            models.Index(fields=["deadline_at"], name="task_by_deadline"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="task_key_once_per_project"),
            models.UniqueConstraint(fields=["recurrence", "occurrence_no"], name="occurrence_once_per_recurrence"),
            models.CheckConstraint(
                condition=Q(deadline_on=None, deadline_at=None)
                | Q(deadline_on__isnull=False, deadline_at__isnull=False),
                name="task_deadline_on_and_at",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="task_progress_in_percent"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(due_on__gte=models.F("starts_on")),
                name="task_due_not_before_start",
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None, completed_on=None)
                | Q(completed_at__isnull=False, completed_on__isnull=False),
                name="task_completed_at_and_on",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_completed(self) -> bool:
        return self.completed_at is not None

    @property
    def is_cancelled(self) -> bool:
        return self.column.group == ColumnGroup.CANCELLED

    @property
    def blockers(self) -> "list[Task]":
        """The tasks it waits for; none once it is completed."""
        if self.is_completed:
            return []
        links = getattr(self, "blocking_links", None)
        if links is None:
            links = self.incoming.blocking().select_related("predecessor").order_by("id")
        return [link.predecessor for link in links]

    @property
    def is_blocked(self) -> bool:
        return bool(self.blockers)

    @property
    def assignee_ids(self) -> list[int]:
        """Who it is given to, longest first."""
        return [given.user_id for given in self.assignments.all()]

    @property
    def watcher_ids(self) -> list[int]:
        """Who watches it, longest first."""
        return [watching.user_id for watching in self.watchings.all()]

    @property
    def label_ids(self) -> list[int]:
        return [label.pk for label in self.labels.all()]

    @property
    def deadline_zone(self) -> str:
        """Where its deadline is told: its own zone, or the project's; empty without one."""
        return (self.deadline_timezone or self.project.timezone) if self.deadline_on else ""

    @property
    def current_recurrence(self) -> Recurrence | None:
        """When it comes again, if it still does."""
        return self.recurrence if self.recurrence and self.recurrence.is_active else None


class TaskAssignee(models.Model):
    """That a task is given to someone."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="task_assignments")
    assigned_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    assigned_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "task_assignees"
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="assignee_once_per_task")]

    def __str__(self) -> str:
        return f"{self.task} for {self.user}"
