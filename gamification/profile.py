"""What a member has and what is within reach, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max

from estateman.common import clock
from estateman.people.models import User
from gamification.models import Achievement, Award, Balance, Counter, Currency
from gamification.rules import PeriodKind, period_start, period_starts


@dataclass(frozen=True)
class HeldAward:
    """A level that a member holds; ``times`` counts the periods they reached it in."""

    achievement: Achievement
    level: int
    times: int
    earned_at: datetime


@dataclass(frozen=True)
class LevelStanding:
    """One level, and when the member earned it in the current period; None while they have not."""

    level: int
    threshold: int
    points: int
    earned_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """How far a member is with one achievement, in the period that today lies in."""

    achievement: Achievement
    period_start: date
    value: int
    levels: list[LevelStanding]

    @property
    def next_level(self) -> LevelStanding | None:
        """The lowest level still ahead; None when all are behind."""
        ahead = (level for level in self.levels if not level.earned_at)
        return next((level for level in ahead if level.threshold > self.value), None)

    @property
    def nearness(self) -> float:
        """From 0 to 1, how much of the way to the next level is done."""
        return self.value / self.next_level.threshold if self.next_level else 1.0


@dataclass(frozen=True)
class Profile:
    """``next`` holds the achievements with a level ahead, the nearest first."""

    member: User
    score: int
    coins: int
    awards: list[HeldAward]
    next: list[Standing]


def profile(member: User) -> Profile:
    """Score, coins, awards and what comes next of ``member``."""
    balances = dict(Balance.objects.filter(member=member).values_list("currency", "available"))
    standing = standings(member, Achievement.objects.offered())
    return Profile(
        member=member,
        score=balances.get(Currency.SCORE, 0),
        coins=balances.get(Currency.COINS, 0),
        awards=held_awards(member),
        next=sorted((s for s in standing if s.next_level), key=lambda s: -s.nearness),
    )


def held_awards(member: User) -> list[HeldAward]:
    """What ``member`` holds, each level once, the latest first."""
    held = (
        Award.objects.held()
        .filter(member=member)
        .values("achievement_id", "level")
        .annotate(times=Count("pk"), last=Max("earned_at"))
        .order_by("-last", "-level")
    )
    rows = list(held)
    achievements = Achievement.objects.in_bulk({row["achievement_id"] for row in rows})
    return [HeldAward(achievements[row["achievement_id"]], row["level"], row["times"], row["last"]) for row in rows]


def standings(member: User, achievements: Iterable[Achievement]) -> list[Standing]:
    """How far ``member`` is with each of ``achievements``, as they come from ``offered()``."""
    achievements = list(achievements)
    today = clock.local_date(clock.now(), member.timezone)
    values = _values(member, achievements, today)
    earned = _earned(member, achievements, today)
    return [_standing(achievement, today, values, earned) for achievement in achievements]


Values = dict[tuple[int, str, date], int]
EarnedAt = dict[tuple[int, date, int], datetime]


def _values(member: User, achievements: Sequence[Achievement], today: date) -> Values:
    counters = Counter.objects.filter(
        member=member,
        metric__in={achievement.metric_id for achievement in achievements},
        period_start__in=period_starts(today).values(),
    )
    rows = counters.values_list("metric_id", "period_kind", "period_start", "value")
    return {(metric, kind, start): value for metric, kind, start, value in rows}


def _earned(member: User, achievements: Sequence[Achievement], today: date) -> EarnedAt:
    awards = Award.objects.held().filter(
        member=member,
        achievement__in=achievements,
        period_start__in=period_starts(today).values(),
    )
    rows = awards.values_list("achievement_id", "period_start", "level", "earned_at")
    return {(achievement, start, level): at for achievement, start, level, at in rows}


def _standing(achievement: Achievement, today: date, values: Values, earned: EarnedAt) -> Standing:
    start = period_start(PeriodKind(achievement.period_kind), today)
    value = values.get((achievement.metric_id, achievement.period_kind, start), 0)
    levels = [
        LevelStanding(
            level.level,
            level.threshold,
            level.points,
            earned.get((achievement.pk, start, level.level)),
        )
        for level in achievement.levels.all()
    ]
    return Standing(achievement, start, value, levels)
