"""Calendars belong to a person or a team and may be shared with others."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Expression, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import Team, TeamMembership, User
from estateman.people.permissions import leads_office


class Access(models.IntegerChoices):
    """What somebody may do with a calendar. Ordered: of several grants the highest counts."""

    FREE_BUSY = 1, "free_busy"
    READ = 2, "read"
    WRITE = 3, "write"
    MANAGE = 4, "manage"


class ConflictPolicy(models.TextChoices):
    """What a calendar does when something new would fall on time that one of its people has taken."""

    IGNORE = "ignore"
    WARN = "warn"
    REFUSE = "refuse"


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def visible_to(self, user: User, *, at_least: Access = Access.FREE_BUSY) -> "CalendarQuerySet":
        """The calendars in use that ``user`` has this access to, with ``access`` on each."""
        return self.filter(archived_at=None).annotate(access=_access(user)).filter(access__gte=at_least)

    def access_by_id(self, user: User) -> dict[int, int]:
        """What ``user`` may do with each calendar that they may look into."""
        mine = self.filter(archived_at=None).annotate(access=_access(user)).filter(access__gte=Access.FREE_BUSY)
        return dict(mine.values_list("pk", "access"))


def _access(user: User) -> Expression:
    """An Access value, 0 for none.

    Owners, team leads and the office's leaders manage, a team's members write, all staff read the office's own, and
    shares give what they say.
    """
    if leads_office(user):
        return Value(Access.MANAGE, models.IntegerField())
    as_owner = Case(
        When(owner=user, then=Value(Access.MANAGE)),
        When(owner=None, team=None, then=Value(Access.READ)),
        default=Value(0),
    )
    return Greatest(as_owner, _as_member(user), _as_guest(user))


def _as_member(user: User) -> Coalesce:
    mine = TeamMembership.objects.filter(user=user, team=OuterRef("team"))
    rank = Case(When(is_lead=True, then=Value(Access.MANAGE)), default=Value(Access.WRITE))
    return Coalesce(Subquery(mine.values(rank=rank)[:1], output_field=models.IntegerField()), 0)


def _as_guest(user: User) -> Coalesce:
    teams = TeamMembership.objects.filter(user=user).values("team")
    mine = CalendarShare.objects.filter(Q(user=user) | Q(team__in=teams), calendar=OuterRef("pk"))
    best = mine.order_by().values("calendar").annotate(best=Max("access")).values("best")
    return Coalesce(Subquery(best, output_field=models.IntegerField()), 0)


def _one_holder(first: str, second: str) -> Q:
    return Q(**{f"{first}__isnull": True}) ^ Q(**{f"{second}__isnull": True})


class Calendar(Versioned):
    """A calendar of a person, of a team, or of the office. Its zone is what new events take unless they say otherwise.

    One that shows a country's public holidays is filled by the house; nobody else writes there.
    """

    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[clock.validate_zone])
    color = models.CharField(
        max_length=7,
        default="#2563eb",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a colour like #2563eb.")],
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="calendars"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="calendars")
    reminder_minutes = models.JSONField(
        default=list,
        blank=True,
        help_text="Minutes before the start at which new events remind, unless they say otherwise",
    )
    conflicts = models.CharField(
        max_length=10,
        choices=ConflictPolicy.choices,
        default=ConflictPolicy.WARN,
        help_text="What happens when a new event falls on time that its people have taken",
    )
    holidays_of = models.CharField(
        max_length=13, blank=True, help_text="Whose public holidays it shows, like US or US-NY; empty for any other use"
    )
    closes_office = models.BooleanField(
        default=False,
        help_text="Nobody works on its whole days, save who has hours of their own then; only a calendar of the office",
    )
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        db_table = "calendars"
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(team=None),
                name="calendar_of_one_holder",
                violation_error_message="A calendar belongs to a person, to a team or to the office.",
            ),
            models.CheckConstraint(
                condition=Q(closes_office=False) | Q(owner=None, team=None), name="office_closed_by_its_own_calendars"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def access_of(self, user: User) -> int:
        """What ``user`` may do here: an Access value, 0 for none."""
        found = Calendar.objects.filter(pk=self.pk).annotate(access=_access(user))
        return int(found.values_list("access", flat=True).get())

    @property
    def is_office(self) -> bool:
        """Whether it is the office's own, which all staff read."""
        return self.owner_id is None and self.team_id is None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class CalendarShare(models.Model):
    """That a calendar is open to one more person or team, and how far."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_shares"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_shares")
    access = models.PositiveSmallIntegerField(choices=Access.choices, default=Access.READ)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "calendar_shares"
        constraints = [
            models.CheckConstraint(
                condition=_one_holder("user", "team"),
                name="share_with_a_person_or_a_team",
                violation_error_message="A calendar is shared with a person or with a team.",
            ),
            models.UniqueConstraint(fields=["calendar", "user"], name="calendar_shared_once_with_user"),
            models.UniqueConstraint(fields=["calendar", "team"], name="calendar_shared_once_with_team"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} for {self.user or self.team}"
