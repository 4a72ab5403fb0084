"""Templates: the tasks a kind of deal always has, and where they were applied."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.people.models import User
from tasks.models.dependencies import DependencyType
from tasks.models.projects import DealRole, Project, ProjectKind


class ProjectTemplateQuerySet(models.QuerySet["ProjectTemplate"]):
    def offered(self) -> "ProjectTemplateQuerySet":
        return self.filter(is_active=True)

    def whole(self) -> "ProjectTemplateQuerySet":
        """With its tasks and how they hang together."""
        return self.prefetch_related("tasks", "tasks__incoming__predecessor", "tasks__incoming__successor")


class ProjectTemplate(models.Model):
    """A plan to start a deal with. Editing it touches only deals that take it afterwards."""

    key = models.SlugField(unique=True, help_text="What it is known by, whatever it is called")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=ProjectKind.choices)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True, help_text="Offered when a deal is opened")

    objects = ProjectTemplateQuerySet.as_manager()

    class Meta:
        db_table = "project_templates"

    def __str__(self) -> str:
        return self.name

    @property
    def dependencies(self) -> "list[TemplateDependency]":
        """How its tasks hang together."""
        return [link for task in self.tasks.all() for link in task.incoming.all()]


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
