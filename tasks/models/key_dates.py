"""The days a deal turns on, and the rules that hang days off others."""

from datetime import date

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.calendars import DayCount, Sets
from tasks.models.projects import Project


class KeyDateKind(models.TextChoices):
    """The days that a deal turns on."""

    LISTING_LIVE = "listing_live", "listing live"
    CONTRACT_ACCEPTANCE = "contract_acceptance", "contract acceptance"
    EARNEST_MONEY_DUE = "earnest_money_due", "earnest money due"
    INSPECTION = "inspection"
    APPRAISAL = "appraisal"
    LOAN_APPROVAL = "loan_approval", "loan approval"
    CLOSING_DISCLOSURE = "closing_disclosure", "closing disclosure"
    WALKTHROUGH = "walkthrough"
    CLOSING = "closing"
    EXPIRY = "expiry"
    OWN = "own", "one of our own"


class KeyDateQuerySet(models.QuerySet["KeyDate"]):
    def visible_to(self, user: User) -> "KeyDateQuerySet":
        """Those of the projects ``user`` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def for_display(self) -> "KeyDateQuerySet":
        """With their rules, and ``day_order``: the day, and one far off for those without."""
        never = Value(date.max, output_field=models.DateField())
        return self.select_related("date_rule").annotate(day_order=Coalesce("on", never))


class KeyDate(Versioned):
    """One day that the deal turns on. With a rule it follows another day, until a person sets it by hand."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="key_dates")
    kind = models.CharField(max_length=30, choices=KeyDateKind.choices)
    name = models.CharField(max_length=120)
    on = models.DateField(null=True, blank=True, help_text="Empty while it is not known yet")
    at = models.TimeField(null=True, blank=True, help_text="Until when on that day, in the project's time zone")
    is_overridden = models.BooleanField(default=False, help_text="Set by hand: its rule no longer moves it")
    met_on = models.DateField(null=True, blank=True, help_text="The day it really happened; it moves no more")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = KeyDateQuerySet.as_manager()

    class Meta:
        db_table = "key_dates"
        ordering = ("on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"], condition=~Q(kind=KeyDateKind.OWN), name="key_date_once_per_kind"
            ),
            models.UniqueConstraint(fields=["project", "name"], name="key_date_name_once_per_project"),
        ]

    def __str__(self) -> str:
        return self.name


class DateRuleQuerySet(models.QuerySet["DateRule"]):
    def of_project(self, project_id: int) -> "DateRuleQuerySet":
        """Those of its key dates and of its tasks, save what hangs on a deleted task: they come back with it."""
        own = Q(key_date__project=project_id) | Q(task__project=project_id, task__deleted_at=None)
        return self.filter(own, after_task__deleted_at=None)


class DateRule(DayCount):
    """A task's or a key date's day, counted from a key date or from the day another task is completed."""

    task = models.OneToOneField("Task", null=True, on_delete=models.CASCADE, related_name="date_rule")
    key_date = models.OneToOneField(KeyDate, null=True, on_delete=models.CASCADE, related_name="date_rule")
    sets = models.CharField(max_length=10, choices=Sets.choices, default=Sets.DUE)
    after_key_date = models.ForeignKey(KeyDate, null=True, on_delete=models.CASCADE, related_name="followers")
    after_task = models.ForeignKey("Task", null=True, on_delete=models.CASCADE, related_name="date_followers")
    override_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="As this deal's addendum says, instead of the usual number"
    )
    is_overridden = models.BooleanField(
        default=False, help_text="A person gave the task another day: the rule no longer moves it"
    )

    is_deadline = models.BooleanField(
        default=False, help_text="A contract sets the day that it gives the task: the task's deadline is that day, too"
    )

    objects = DateRuleQuerySet.as_manager()

    class Meta:
        db_table = "date_rules"
        constraints = [
            models.CheckConstraint(
                condition=Q(task=None, key_date__isnull=False) | Q(task__isnull=False, key_date=None),
                name="date_rule_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(after_task=None, after_key_date__isnull=False)
                | Q(after_task__isnull=False, after_key_date=None),
                name="date_rule_after_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted_days} {self.direction} {self.after_key_date or self.after_task}"

    @property
    def counted_days(self) -> int:
        return self.days if self.override_days is None else self.override_days
