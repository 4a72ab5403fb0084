"""Templates: the tasks a kind of deal always has, and where they were applied."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from estateman.people.permissions import leads_office
from tasks.models.calendars import DayCount, Sets
from tasks.models.dependencies import DependencyType
from tasks.models.key_dates import KeyDateKind
from tasks.models.projects import DealRole, Priority, Project, ProjectKind, ProjectStatus

# What the office is paid for; marketing and internal projects are its work for itself.
PAID_KINDS = (ProjectKind.LISTING, ProjectKind.PURCHASE, ProjectKind.LEASE)


class ProjectTemplateQuerySet(models.QuerySet["ProjectTemplate"]):
    def offered(self) -> "ProjectTemplateQuerySet":
        return self.filter(is_active=True)

    def visible_to(self, user: User) -> "ProjectTemplateQuerySet":
        """Those that are offered; to the office's leaders also those out of use."""
        return self if leads_office(user) else self.offered()

    def fitting(self, project: Project) -> "ProjectTemplateQuerySet":
        """Those that are applied by themselves to projects like this one, standing where it does.

        One without a kind is for all that the office is paid for, not for its work for itself.
        """
        kinds = {project.kind, ""} if project.kind in PAID_KINDS else {project.kind}
        return self.offered().filter(applies_on=project.status, kind__in=kinds)


class ProjectTemplate(Versioned):
    """A plan to start a deal with. Editing it touches only deals that take it afterwards."""

    key = models.SlugField(unique=True, help_text="What it is known by, whatever it is called")
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=20, choices=ProjectKind.choices, blank=True, help_text="Which projects it is for; empty for all"
    )
    applies_on = models.CharField(
        max_length=20,
        choices=ProjectStatus.choices,
        blank=True,
        help_text="Applied by itself when a project of its kind comes to stand here; empty for never",
    )
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True, help_text="Offered when a deal is opened")

    objects = ProjectTemplateQuerySet.as_manager()

    class Meta:
        db_table = "project_templates"

    def __str__(self) -> str:
        return self.name


class TemplateTask(models.Model):
    """One task of a template, given to whoever plays ``role`` in the deal."""

    template = models.ForeignKey(ProjectTemplate, on_delete=models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    duration_days = models.PositiveSmallIntegerField(default=1, help_text="Working days; 0 is a milestone")
    offset_days = models.SmallIntegerField(
        default=0,
        validators=[MinValueValidator(0)],
        help_text="Starts no earlier than this many working days after the deal does",
    )
    role = models.CharField(max_length=20, choices=DealRole.choices, blank=True)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="subtasks",
        help_text="It is part of this one",
    )
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    estimate_minutes = models.PositiveIntegerField(null=True, blank=True)
    labels = models.JSONField(default=list, blank=True, help_text="Names of labels")
    is_deadline = models.BooleanField(default=False, help_text="Its due day is one that the contract sets")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "template_tasks"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["template", "key"], name="template_task_key_once_per_template"),
            models.CheckConstraint(condition=Q(offset_days__gte=0), name="template_task_offset_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateDependency(models.Model):
    """How two tasks of one template hang together; becomes a TaskDependency in the deal."""

    predecessor = models.ForeignKey(TemplateTask, on_delete=models.CASCADE, related_name="outgoing")
    successor = models.ForeignKey(TemplateTask, on_delete=models.CASCADE, related_name="incoming")
    type = models.CharField(max_length=2, choices=DependencyType.choices, default=DependencyType.FS)
    lag_days = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "template_dependencies"
        verbose_name_plural = "template dependencies"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="template_dependency_once_per_pair"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="template_dependency_not_on_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.type} {self.successor_id}"


class TemplateChecklistItem(models.Model):
    """A line of the checklist that a template's task comes with."""

    task = models.ForeignKey(TemplateTask, on_delete=models.CASCADE, related_name="checklist")
    text = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)
    is_required = models.BooleanField(default=False)
    needs_document = models.BooleanField(default=False)
    needs_review = models.BooleanField(default=False)

    class Meta:
        db_table = "template_checklist_items"
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class TemplateKeyDate(models.Model):
    """A key date that a template adds to the deal, where it has none of that kind or name."""

    template = models.ForeignKey(ProjectTemplate, on_delete=models.CASCADE, related_name="key_dates")
    kind = models.CharField(max_length=30, choices=KeyDateKind.choices)
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "template_key_dates"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["template", "name"], name="template_key_date_name_once_per_template")
        ]

    def __str__(self) -> str:
        return self.name


class TemplateDateRule(DayCount):
    """The rule of a template's task or key date; becomes a DateRule in the deal."""

    task = models.OneToOneField(TemplateTask, null=True, blank=True, on_delete=models.CASCADE, related_name="date_rule")
    key_date = models.OneToOneField(
        TemplateKeyDate, null=True, blank=True, on_delete=models.CASCADE, related_name="date_rule"
    )
    sets = models.CharField(max_length=10, choices=Sets.choices, default=Sets.DUE)
    after_key_date = models.ForeignKey(
        TemplateKeyDate, null=True, blank=True, on_delete=models.CASCADE, related_name="followers"
    )
    after_task = models.ForeignKey(
        TemplateTask, null=True, blank=True, on_delete=models.CASCADE, related_name="date_followers"
    )

    class Meta:
        db_table = "template_date_rules"
        constraints = [
            models.CheckConstraint(
                condition=Q(task=None, key_date__isnull=False) | Q(task__isnull=False, key_date=None),
                name="template_date_rule_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(after_task=None, after_key_date__isnull=False)
                | Q(after_task__isnull=False, after_key_date=None),
                name="template_date_rule_after_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} {self.direction} {self.after_key_date or self.after_task}"


class AppliedTemplate(models.Model):
    """That a template was applied to a project: once, however often it is asked for."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="applied_templates")
    template = models.ForeignKey(ProjectTemplate, on_delete=models.PROTECT, related_name="applications")
    applied_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    applied_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "applied_templates"
        constraints = [models.UniqueConstraint(fields=["project", "template"], name="template_once_per_project")]

    def __str__(self) -> str:
        return f"{self.template} on {self.project}"
