"""A deal is a project: its people, and the columns of its board."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import Team, User
from estateman.people.permissions import leads_office
from tasks.workdays import WEEKDAYS, Workdays


class ProjectKind(models.TextChoices):
    """What the office is paid for, and the two kinds of work it does for itself."""

    LISTING = "listing"
    PURCHASE = "purchase"
    LEASE = "lease"
    MARKETING = "marketing"
    INTERNAL = "internal"


class ProjectStatus(models.TextChoices):
    """Where a deal stands. Archiving is apart: a closed deal stays in sight until archived."""

    PREPARING = "preparing"
    ACTIVE = "active"
    UNDER_CONTRACT = "under_contract", "under contract"
    ON_HOLD = "on_hold", "on hold"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ProjectRole(models.TextChoices):
    """What a member may do: permissions.py says what that is."""

    OWNER = "owner"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"


MANAGING = (ProjectRole.OWNER, ProjectRole.MANAGER)


class DealRole(models.TextChoices):
    """The part someone plays in the deal; templates give their tasks to these."""

    LISTING_AGENT = "listing_agent", "listing agent"
    BUYER_AGENT = "buyer_agent", "buyer agent"
    COORDINATOR = "coordinator"
    COMPLIANCE = "compliance"
    MARKETING = "marketing"
    ASSISTANT = "assistant"


class Priority(models.TextChoices):
    """How much it matters that it is done soon."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class ColumnGroup(models.TextChoices):
    """What it means for a task to stand in a column. Done means completed: the two are one fact."""

    BACKLOG = "backlog"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN_GROUPS = (ColumnGroup.BACKLOG, ColumnGroup.ACTIVE)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        """The projects ``user`` is a member of; for the office's leaders all but private ones."""
        mine = Exists(ProjectMember.objects.filter(project=OuterRef("pk"), user=user))
        return self.filter(mine | Q(is_private=False)) if leads_office(user) else self.filter(mine)

    def managed_by(self, user: User) -> "ProjectQuerySet":
        """The projects ``user`` owns or manages; for the office's leaders all but private ones, too."""
        roles = ProjectMember.objects.filter(project=OuterRef("pk"), user=user, role__in=MANAGING)
        return self.filter(Exists(roles) | Q(is_private=False)) if leads_office(user) else self.filter(Exists(roles))

    def current(self) -> "ProjectQuerySet":
        """What is not archived."""
        return self.filter(archived_at=None)

    def with_star_of(self, user: User) -> "ProjectQuerySet":
        """Adds ``starred``, whether ``user`` keeps it at the top of their list."""
        return self.annotate(starred=Exists(ProjectStar.objects.filter(project=OuterRef("pk"), user=user)))

    def with_progress(self) -> "ProjectQuerySet":
        """Adds ``tasks_open`` and ``tasks_done``, the numbers of its tasks."""
        present = Q(tasks__deleted_at=None)
        return self.annotate(
            tasks_open=Count("tasks", filter=present & Q(tasks__column__group__in=OPEN_GROUPS)),
            tasks_done=Count("tasks", filter=present & Q(tasks__column__group=ColumnGroup.DONE)),
        )


class Project(Versioned):
    """A deal, or another piece of work with people, a board and tasks of its own."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=ProjectKind.choices)
    status = models.CharField(max_length=20, choices=ProjectStatus.choices, default=ProjectStatus.ACTIVE)
    address = models.CharField(max_length=240, blank=True)
    client_names = models.CharField(max_length=240, blank=True, help_text="Whom it is done for, as they are addressed")
    timezone = models.CharField(
        max_length=64,
        default="America/New_York",
        validators=[clock.validate_zone],
        help_text="Where the property stands: its deadlines are told in this zone",
    )
    starts_on = models.DateField(help_text="The plan counts its working days from here")
    calendar = models.ForeignKey(
        "BusinessCalendar",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
        help_text="Its working days; Mondays to Fridays without one",
    )
    date_profile = models.ForeignKey(
        "DateProfile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
        help_text="How its contract counts days, where a rule says nothing else",
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects")
    is_private = models.BooleanField(default=False, help_text="Seen by its members only, not by the office's leaders")
    members = models.ManyToManyField(User, through="ProjectMember", related_name="projects")
    starred_by = models.ManyToManyField(User, through="ProjectStar", related_name="starred_projects")
    last_task_no = models.PositiveIntegerField(
        default=0, editable=False, help_text="The number of the newest key like T-12"
    )
    created_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        db_table = "projects"
        indexes = [models.Index(fields=["kind", "status"], name="project_by_kind")]

    def __str__(self) -> str:
        return self.name

    def workdays(self) -> Workdays:
        """The days that are worked on it: its calendar's, or Mondays to Fridays."""
        return self.calendar.workdays() if self.calendar else WEEKDAYS


class ProjectMember(models.Model):
    """That someone belongs to a project, what they may do there and which part they play."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="project_memberships")
    role = models.CharField(max_length=20, choices=ProjectRole.choices, default=ProjectRole.MEMBER)
    deal_role = models.CharField(max_length=20, choices=DealRole.choices, blank=True)
    joined_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "project_members"
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once_per_project")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"


class ProjectStar(models.Model):
    """That someone keeps a project at the top of their list."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stars")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="project_stars")

    class Meta:
        db_table = "project_stars"
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="star_once_per_project")]

    def __str__(self) -> str:
        return f"{self.user} starred {self.project}"


class BoardColumn(models.Model):
    """One column of a board. A hard limit refuses the card too many; a soft one only shows."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="columns")
    name = models.CharField(max_length=60)
    group = models.CharField(max_length=20, choices=ColumnGroup.choices)
    wip_limit = models.PositiveIntegerField(null=True, blank=True)
    wip_is_hard = models.BooleanField(default=False)
    position = models.PositiveIntegerField()

    class Meta:
        db_table = "board_columns"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="column_name_once_per_project"),
            models.CheckConstraint(condition=Q(wip_limit=None) | Q(wip_limit__gt=0), name="column_limit_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name
