"""What a task carries beside its fields: labels, watchers, a checklist, files, and when it comes again."""

import uuid
from pathlib import PurePath

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.projects import Project


class Label(models.Model):
    """A word that a project's tasks are sorted by."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)
    color = models.CharField(
        max_length=7,
        default="#64748b",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", "Write the colour like #64748b.")],
    )

    class Meta:
        db_table = "task_labels"
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="label_once_per_project")]

    def __str__(self) -> str:
        return self.name


class TaskWatcher(models.Model):
    """That someone hears what becomes of a task without having it."""

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="watchings")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="task_watchings")

    class Meta:
        db_table = "task_watchers"
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="watcher_once_per_task")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.task}"


def _path(attachment: "Attachment", name: str) -> str:
    """Where a file is kept: under a name nobody can guess, which has only the suffix of the one it came with."""
    return f"{Attachment.FOLDER}/{attachment.project_id}/{uuid.uuid4().hex}{PurePath(name).suffix.lower()[:10]}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> "AttachmentQuerySet":
        """Those of the tasks ``user`` may see."""
        return self.filter(task__deleted_at=None, project__in=Project.objects.visible_to(user))


class Attachment(models.Model):
    """A file of a task or of one of its comments. It is served only to those who may see the task."""

    FOLDER = "attachments"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attachments")
    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="attachments")
    comment = models.ForeignKey("TaskComment", null=True, on_delete=models.SET_NULL, related_name="attachments")
    file = models.FileField(upload_to=_path, max_length=200)
    name = models.CharField(max_length=200, help_text="As it was called where it came from")
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        db_table = "task_attachments"

    def __str__(self) -> str:
        return self.name


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def settled(self) -> "ChecklistItemQuerySet":
        """``is_settled``, as a filter."""
        accepted = Q(needs_review=False) | Q(review=ChecklistItem.Review.ACCEPTED)
        done = Q(state=ChecklistItem.State.DONE) & accepted
        return self.filter(done | Q(state=ChecklistItem.State.NOT_APPLICABLE))

    def holding(self) -> "ChecklistItemQuerySet":
        """Those that keep their task from being completed: required, and not settled."""
        return self.filter(is_required=True).exclude(pk__in=ChecklistItem.objects.settled().values("pk"))


class ChecklistItem(Versioned):
    """One line of a task's checklist. A required one that is not settled keeps the task from being completed.

    ``needs_document``: it is done by putting a file into its slot. ``needs_review``: once done, somebody who manages
    the project accepts or rejects it; rejected it is open again.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        NOT_APPLICABLE = "not_applicable", "not applicable"

    class Review(models.TextChoices):
        NONE = "", "none"
        PENDING = "pending"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="checklist")
    text = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    is_required = models.BooleanField(default=False)
    needs_document = models.BooleanField(default=False)
    needs_review = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it does not apply")
    document = models.ForeignKey(Attachment, null=True, on_delete=models.SET_NULL, related_name="checklist_items")
    done_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    review = models.CharField(max_length=10, choices=Review.choices, blank=True, default=Review.NONE)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, blank=True)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        db_table = "task_checklist_items"
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="not_applicable") | ~Q(reason=""), name="checklist_not_applicable_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_settled(self) -> bool:
        """Done and, where it needs a review, accepted; or not applicable."""
        if self.state == self.State.DONE:
            return not self.needs_review or self.review == self.Review.ACCEPTED
        return self.state == self.State.NOT_APPLICABLE


class Recurrence(Versioned):
    """That a task comes again, ``every`` so many of ``unit``: each occurrence is made once, as the one before is done.

    Months and years are counted from ``anchor_on``, so that the 31st comes back after a February.
    """

    class Unit(models.TextChoices):
        DAY = "day"
        WEEK = "week"
        MONTH = "month"
        YEAR = "year"

    class Base(models.TextChoices):
        DUE = "due", "the day it was due"
        COMPLETION = "completion", "the day it was completed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="recurrences")
    every = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    unit = models.CharField(max_length=10, choices=Unit.choices)
    base = models.CharField(max_length=12, choices=Base.choices, default=Base.DUE)
    anchor_on = models.DateField(help_text="The day the first one is due")
    until = models.DateField(null=True, blank=True)
    times = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "task_recurrences"

    def __str__(self) -> str:
        return f"every {self.every} {self.unit}"
