"""What is counted, what was done, what it earned.

Events and ledger entries are only ever added; counters and balances can be rebuilt from them.
"""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from estateman.common import clock
from estateman.people.models import User
from estateman.people.permissions import leads_office
from gamification.rules import PeriodKind

PERIOD_CHOICES = [(kind.value, kind.value) for kind in PeriodKind]
_key = RegexValidator(r"^[a-z][a-z0-9_.-]*$", "Write the key like tasks.completed.")


class Metric(models.Model):
    """Something that is counted per member, and what one unit of it earns.

    It counts the activities of one kind whose fields equal all of ``conditions`` (``{"on_time":
    true}``).
    """

    key = models.CharField(max_length=80, unique=True, validators=[_key])
    name = models.CharField(max_length=120)
    activity_kind = models.CharField(max_length=80, db_index=True)
    conditions = models.JSONField(default=dict, blank=True)
    points = models.PositiveIntegerField(default=0, help_text="Points for one unit")
    daily_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most units that count on one of the member's days"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "gamification_metrics"
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class ActivityEventQuerySet(models.QuerySet["ActivityEvent"]):
    def of_act(self, source: str, key: str) -> "ActivityEventQuerySet":
        """What one act was taken in as: one event per member and metric."""
        return self.filter(source=source, idem_key=key)

    def counted(self) -> "ActivityEventQuerySet":
        return self.filter(status=ActivityEvent.Status.ACCEPTED)


class ActivityEvent(models.Model):
    """One act of one member, as one metric sees it. Never changed: an undoing is a second event.

    ``local_date`` is the member's own day at the time; a reversal carries the day of what it
    reverses, with the quantity negated, so that it comes off the very periods that counted it.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    class Reason(models.TextChoices):
        CAPPED = "capped", "over the metric's daily cap"

    source = models.CharField(max_length=40)
    idem_key = models.CharField(max_length=200)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="activity_events")
    metric = models.ForeignKey(Metric, on_delete=models.RESTRICT, related_name="events")
    title = models.CharField(max_length=300, help_text="What was done, in the member's words")
    occurred_at = models.DateTimeField()
    local_date = models.DateField()
    quantity = models.IntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACCEPTED)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="reversed_by"
    )
    recorded_at = models.DateTimeField(default=clock.now)

    objects = ActivityEventQuerySet.as_manager()

    class Meta:
        db_table = "gamification_events"
        constraints = [
            # One act may count for several people and by several metrics, for each of them once.
            models.UniqueConstraint(
                fields=["source", "idem_key", "member", "metric"],
                name="event_once_per_member_and_metric",
            ),
        ]
        indexes = [models.Index(fields=["member", "-occurred_at"], name="event_by_member")]

    def __str__(self) -> str:
        return f"{self.metric}: {self.title}"


class Counter(models.Model):
    """How much of a metric a member has in one period; kept by ``counters.add`` alone."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="counters")
    metric = models.ForeignKey(Metric, on_delete=models.RESTRICT, related_name="counters")
    period_kind = models.CharField(max_length=8, choices=PERIOD_CHOICES)
    period_start = models.DateField()
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "gamification_counters"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "metric", "period_kind", "period_start"],
                name="counter_once_per_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} per {self.period_kind} from {self.period_start}: {self.value}"


class AchievementQuerySet(models.QuerySet["Achievement"]):
    def offered(self) -> "AchievementQuerySet":
        """What can be earned now, with its metric and levels."""
        return self.filter(is_active=True).select_related("metric").prefetch_related("levels")


class Achievement(models.Model):
    """Something to be proud of: so much of one metric in one period, in levels."""

    class RevokePolicy(models.TextChoices):
        STICKY = "sticky", "kept when the work is undone"
        REVOCABLE = "revocable", "taken back when the work is undone"

    key = models.CharField(max_length=80, unique=True, validators=[_key])
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=16, blank=True, help_text="An emoji")
    metric = models.ForeignKey(Metric, on_delete=models.RESTRICT, related_name="achievements")
    period_kind = models.CharField(max_length=8, choices=PERIOD_CHOICES, default=PeriodKind.ALL.value)
    revoke_policy = models.CharField(max_length=10, choices=RevokePolicy.choices, default=RevokePolicy.REVOCABLE)
    is_active = models.BooleanField(default=True)

    objects = AchievementQuerySet.as_manager()

    class Meta:
        db_table = "gamification_achievements"
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class AchievementLevel(models.Model):
    """One step: reached with ``threshold`` units in the period, worth ``points``."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    threshold = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    points = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "gamification_achievement_levels"
        ordering = ("level",)
        constraints = [
            models.UniqueConstraint(fields=["achievement", "level"], name="level_once"),
            models.UniqueConstraint(fields=["achievement", "threshold"], name="threshold_once"),
            models.CheckConstraint(condition=Q(level__gte=1, threshold__gte=1), name="level_and_threshold_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} {self.level}"


class AwardQuerySet(models.QuerySet["Award"]):
    def held(self) -> "AwardQuerySet":
        return self.filter(state=Award.State.HELD)


class Award(models.Model):
    """That a member reached a level of an achievement in one period.

    ``seq`` counts how often it was earned: what was revoked and is earned again pays again, under a
    new ledger key.
    """

    class State(models.TextChoices):
        HELD = "held"
        REVOKED = "revoked"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="awards")
    achievement = models.ForeignKey(Achievement, on_delete=models.RESTRICT, related_name="awards")
    level = models.PositiveSmallIntegerField()
    period_start = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    seq = models.PositiveIntegerField(default=1)
    earned_at = models.DateTimeField()

    objects = AwardQuerySet.as_manager()

    class Meta:
        db_table = "gamification_awards"
        constraints = [
            models.UniqueConstraint(fields=["member", "achievement", "period_start", "level"], name="one_award"),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} {self.level}"


class Currency(models.TextChoices):
    """Points count twice: as score, which nobody ever spends, and as coins, which buy rewards."""

    SCORE = "score"
    COINS = "coins"


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> "LedgerEntryQuerySet":
        """Everyone reads their own ledger; whoever leads the office reads all."""
        return self.all() if leads_office(user) else self.filter(member=user)


class LedgerEntry(models.Model):
    """One movement on a member's account. Never changed: a mistake is mirrored by another."""

    class Kind(models.TextChoices):
        ACTIVITY = "activity"
        ACHIEVEMENT = "achievement"
        REVERSAL = "reversal"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ledger")
    currency = models.CharField(max_length=5, choices=Currency.choices)
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=120, unique=True)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="reversed_by"
    )
    event = models.ForeignKey(ActivityEvent, null=True, blank=True, on_delete=models.RESTRICT, related_name="entries")
    award = models.ForeignKey(Award, null=True, blank=True, on_delete=models.RESTRICT, related_name="entries")
    created_at = models.DateTimeField(default=clock.now)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        db_table = "gamification_ledger"
        verbose_name_plural = "ledger entries"
        indexes = [models.Index(fields=["member", "-id"], name="ledger_by_member")]

    def __str__(self) -> str:
        return f"{self.amount:+} {self.currency}"


class Balance(models.Model):
    """What a member has of a currency, the sum of their ledger. Its rows lock the account."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="balances")
    currency = models.CharField(max_length=5, choices=Currency.choices)
    available = models.BigIntegerField(default=0)
    lifetime = models.BigIntegerField(default=0, help_text="All that was earned, spent or not")

    class Meta:
        db_table = "gamification_balances"
        constraints = [
            models.UniqueConstraint(fields=["member", "currency"], name="balance_once_per_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.available} {self.currency}"
