"""What there is to earn from the start: plain data, and its installation."""

from dataclasses import dataclass, field

from django.db import transaction

from gamification.models import Achievement, AchievementLevel, Metric
from gamification.rules import PeriodKind

STICKY = Achievement.RevokePolicy.STICKY
REVOCABLE = Achievement.RevokePolicy.REVOCABLE


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    key: str
    name: str
    activity_kind: str
    points: int
    conditions: dict[str, object] = field(default_factory=dict)
    daily_cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class AchievementSpec:
    """``levels`` are pairs of threshold and points, lowest first."""

    key: str
    name: str
    description: str
    icon: str
    metric: str
    levels: tuple[tuple[int, int], ...]
    period_kind: PeriodKind = PeriodKind.ALL
    revoke_policy: str = REVOCABLE


# Nobody finishes forty tasks in a day; whoever closes more is tidying up.
MOST_TASKS_A_DAY = 40

METRICS = (
    MetricSpec(
        key="tasks.completed",
        name="Tasks completed",
        activity_kind="task.completed",
        points=10,
        daily_cap=MOST_TASKS_A_DAY,
    ),
    MetricSpec(
        key="tasks.completed_on_time",
        name="Tasks completed on time",
        activity_kind="task.completed",
        conditions={"on_time": True},
        points=5,
        daily_cap=MOST_TASKS_A_DAY,
    ),
)

ACHIEVEMENTS = (
    AchievementSpec(
        key="tasks.first",
        name="First task",
        description="Complete your first task.",
        icon="🌱",
        metric="tasks.completed",
        levels=((1, 10),),
        revoke_policy=STICKY,
    ),
    AchievementSpec(
        key="tasks.done",
        name="Getting things done",
        description="Complete tasks: 10, 50, 200.",
        icon="✅",
        metric="tasks.completed",
        levels=((10, 20), (50, 100), (200, 400)),
    ),
    AchievementSpec(
        key="tasks.busy_week",
        name="Busy week",
        description="Complete 15 tasks in one week.",
        icon="⚡",
        metric="tasks.completed",
        levels=((15, 50),),
        period_kind=PeriodKind.WEEK,
    ),
    AchievementSpec(
        key="tasks.on_the_dot",
        name="On the dot",
        description="Complete tasks by their due day: 5, 25, 100.",
        icon="🎯",
        metric="tasks.completed_on_time",
        levels=((5, 15), (25, 75), (100, 250)),
    ),
)


@transaction.atomic
def install_catalogue() -> None:
    """Add what is missing, by key; what the office has made of an entry since is left as it is.

    To take something out of use, set it inactive: deleted, it would come back.
    """
    for spec in METRICS:
        values = vars(spec) | {}
        Metric.objects.get_or_create(key=values.pop("key"), defaults=values)
    for achievement in ACHIEVEMENTS:
        _install(achievement)


def _install(spec: AchievementSpec) -> None:
    achievement, created = Achievement.objects.get_or_create(
        key=spec.key,
        defaults={
            "name": spec.name,
            "description": spec.description,
            "icon": spec.icon,
            "metric": Metric.objects.get(key=spec.metric),
            "period_kind": spec.period_kind.value,
            "revoke_policy": spec.revoke_policy,
        },
    )
    if created:
        AchievementLevel.objects.bulk_create(
            AchievementLevel(achievement=achievement, level=number, threshold=threshold, points=points)
            for number, (threshold, points) in enumerate(spec.levels, start=1)
        )
