"""Counting what people did, and taking it back."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from gamification import awards, counters
from gamification.activities import AchievementEarned, PointsAwarded
from gamification.awards import Earned
from gamification.ledger import account_of
from gamification.models import ActivityEvent, Counter, LedgerEntry, Metric
from gamification.rules import Deed, PeriodKind, counts, fits_cap


class NothingToReverse(RuleBroken):
    """The event never counted, or is itself a reversal."""

    code = "nothing_to_reverse"


@transaction.atomic
def record(member: User, deed: Deed, *, quiet: bool = False) -> list[ActivityEvent]:
    """Count ``deed`` by every active metric that it meets, pay it, and give what it earns.

    Returns one event per metric: accepted, or rejected with the reason. An act that was recorded
    before changes nothing, and its first events are returned. ``quiet`` is for filling in the past:
    it announces nothing.
    """
    with account_of(member) as account:
        known = ActivityEvent.objects.of_act(deed.source, deed.key).filter(member=member)
        if first := list(known.order_by("metric_id").select_related("metric")):
            return first
        events = _take_in(member, deed)
        accepted = {e.metric_id: e for e in events if e.status == ActivityEvent.Status.ACCEPTED}
        for event in accepted.values():
            account.pay_event(event, _points(event))
        moved = _count(member, accepted.values())
        earned = awards.grant(account, moved, events=accepted)
    if not quiet:
        _tell_points(member, accepted.values(), score=account.score)
        _tell_awards(member, earned)
    return events


def _points(event: ActivityEvent) -> int:
    return event.metric.points * event.quantity


def _take_in(member: User, deed: Deed) -> list[ActivityEvent]:
    active = Metric.objects.filter(activity_kind=deed.kind, is_active=True).order_by("pk")
    metrics = [metric for metric in active if counts(metric.conditions, deed.details)]
    day = clock.local_date(deed.occurred_at, member.timezone)
    events = [
        ActivityEvent(
            source=deed.source,
            idem_key=deed.key,
            member=member,
            metric=metric,
            title=deed.title,
            occurred_at=deed.occurred_at,
            local_date=day,
            quantity=deed.quantity,
        )
        for metric in metrics
    ]
    _reject_over_cap(events)
    return ActivityEvent.objects.bulk_create(events)


def _reject_over_cap(events: Sequence[ActivityEvent]) -> None:
    """What exceeds a cap is kept, so that the member can see why it earned nothing."""
    capped = [event for event in events if event.metric.daily_cap is not None]
    counted = _counted_that_day(capped)
    for event in capped:
        before = counted.get(event.metric_id, 0)
        if not fits_cap(before, event.quantity, event.metric.daily_cap):
            event.status = ActivityEvent.Status.REJECTED
            event.reason = ActivityEvent.Reason.CAPPED


def _counted_that_day(events: Sequence[ActivityEvent]) -> dict[int, int]:
    """What each metric of ``events``, all of one member and day, has counted on that day."""
    if not events:
        return {}
    that_day = Counter.objects.filter(
        member=events[0].member,
        metric__in=[event.metric_id for event in events],
        period_kind=PeriodKind.DAY.value,
        period_start=events[0].local_date,
    )
    return dict(that_day.values_list("metric_id", "value"))


def _count(member: User, events: Iterable[ActivityEvent]) -> list[counters.Count]:
    """Add events of one day to the member's counters."""
    quantities = {event.metric_id: event.quantity for event in events}
    day = next((event.local_date for event in events), None)
    return counters.add(member.pk, day=day, quantities=quantities) if day else []


def _tell_points(member: User, events: Iterable[ActivityEvent], *, score: int) -> None:
    points = sum(_points(event) for event in events)
    if points:
        title = next(event.title for event in events)
        announce(PointsAwarded(by_id=member.pk, user_id=member.pk, points=points, reason=title, score=score))


def _tell_awards(member: User, earned: Iterable[Earned]) -> None:
    for new in earned:
        achievement = new.level.achievement
        announce(
            AchievementEarned(
                by_id=member.pk,
                user_id=member.pk,
                achievement_id=achievement.pk,
                key=achievement.key,
                name=achievement.name,
                description=achievement.description,
                icon=achievement.icon,
                level=new.level.level,
                points=new.level.points,
            )
        )


@transaction.atomic
def reverse(event: ActivityEvent) -> ActivityEvent:
    """Take back what ``event`` brought: counts in its own periods, points, revocable awards.

    Returns the reversal; a second call returns the same one. Raises NothingToReverse.
    """
    if event.reverses_id or event.status != ActivityEvent.Status.ACCEPTED:
        raise NothingToReverse("This never counted, so there is nothing to take back.")
    with account_of(event.member) as account:
        if earlier := ActivityEvent.objects.filter(reverses=event).first():
            return earlier
        reversal = ActivityEvent.objects.create(
            source=event.source,
            idem_key=f"{event.idem_key}:reversed",
            member=event.member,
            metric=event.metric,
            title=event.title,
            occurred_at=clock.now(),
            local_date=event.local_date,
            quantity=-event.quantity,
            reverses=event,
        )
        # An award that this event earned has its own fate: it may be sticky, or still deserved.
        account.take_back(LedgerEntry.objects.filter(event=event, award=None), event=reversal)
        moved = _count(event.member, [reversal])
        awards.revoke(account, moved, event=reversal)
    return reversal


@transaction.atomic
def reverse_act(*, source: str, key: str) -> list[ActivityEvent]:
    """Reverse all that one act counted for, whomever it counted for; none when nothing counted."""
    counted = ActivityEvent.objects.of_act(source, key).counted().select_related("member", "metric")
    return [reverse(event) for event in counted.order_by("member_id", "metric_id")]


@transaction.atomic
def rebuild(member: User) -> None:
    """Recompute a member's counters from their events and their balances from the ledger."""
    with account_of(member) as account:
        counters.rebuild(member.pk)
        account.rebuild()
