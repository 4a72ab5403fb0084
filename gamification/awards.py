"""Awards follow the counters: a level reached is given, a level lost may be taken back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F

from gamification.counters import Count
from gamification.ledger import Account
from gamification.models import Achievement, AchievementLevel, ActivityEvent, Award, LedgerEntry
from gamification.rules import lost, reached

Levels = Mapping[tuple[int, str], list[AchievementLevel]]


@dataclass(frozen=True)
class Earned:
    """An award that was just given, and the level that it is for."""

    award: Award
    level: AchievementLevel


def grant(account: Account, counts: Iterable[Count], *, events: Mapping[int, ActivityEvent]) -> list[Earned]:
    """Give and pay every level just reached; ``events`` are what counted, by metric id."""
    levels = _levels(events, achievement__is_active=True)
    earned = []
    for count in counts:
        event = events[count.metric_id]
        for level in reached(_of(count, levels), before=count.before, after=count.after):
            award = _give(level, count, event)
            if award is not None:
                account.pay_award(award, level.points, event=event)
                earned.append(Earned(award, level))
    return earned


def revoke(account: Account, counts: Iterable[Count], *, event: ActivityEvent) -> None:
    """Take back, with their points, the revocable levels that ``counts`` no longer reach."""
    revocable = Achievement.RevokePolicy.REVOCABLE
    levels = _levels([event.metric_id], achievement__revoke_policy=revocable)
    for count in counts:
        for level in lost(_of(count, levels), before=count.before, after=count.after):
            _take(account, level, count, event)


def _levels(metric_ids: Iterable[int], **which: object) -> Levels:
    """The levels that hang on some metrics, by metric and period."""
    found = AchievementLevel.objects.filter(achievement__metric__in=list(metric_ids), **which)
    levels = defaultdict(list)
    for level in found.select_related("achievement"):
        levels[level.achievement.metric_id, level.achievement.period_kind].append(level)
    return levels


def _of(count: Count, levels: Levels) -> list[AchievementLevel]:
    return levels.get((count.metric_id, count.period_kind.value), [])


def _give(level: AchievementLevel, count: Count, event: ActivityEvent) -> Award | None:
    """The award, once: None when it is held already, as a sticky one is that was reached before."""
    award, created = Award.objects.get_or_create(
        member_id=event.member_id,
        achievement=level.achievement,
        level=level.level,
        period_start=count.period_start,
        defaults={"earned_at": event.occurred_at},
    )
    if created:
        return award
    revoked = Award.objects.filter(pk=award.pk, state=Award.State.REVOKED)
    if not revoked.update(state=Award.State.HELD, seq=F("seq") + 1, earned_at=event.occurred_at):
        return None
    award.refresh_from_db()
    return award


def _take(account: Account, level: AchievementLevel, count: Count, event: ActivityEvent) -> None:
    award = Award.objects.held().filter(
        member=account.member,
        achievement=level.achievement,
        level=level.level,
        period_start=count.period_start,
    )
    paid = LedgerEntry.objects.filter(award__in=list(award))
    if award.update(state=Award.State.REVOKED):
        account.take_back(paid, event=event)
