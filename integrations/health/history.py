"""How an integration was doing: when its health is worth a sample, and by which level the office is alerted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from integrations.health.reporting import Report
from integrations.health.sparkline import Sparkline, sparkline
from integrations.models import HealthSample, Integration, Status

Level = HealthSample.Level
AT_LEAST_EVERY = timedelta(hours=1)
KEPT_FOR = timedelta(days=90)
LINE_DAYS = 7
FALLS_BELOW = {Level.GOOD: 70, Level.FAIR: 40}
"""A level is left downwards as soon as the score is below this …"""
RISES_AT = {Level.GOOD: 80, Level.FAIR: 50}
"""… and reached again only from this upwards, so that a score on the edge does not alert again and again."""


def level_of(score: int, *, status: str, before: str) -> Level:
    """The level after ``before`` (empty for none, or ``off``) with this score."""
    if status == Status.DISABLED:
        return Level.OFF
    for level, falls_below in FALLS_BELOW.items():
        was_here = before in ("", Level.OFF) or _rank(before) >= _rank(level)
        if score >= (falls_below if was_here else RISES_AT[level]):
            return level
    return Level.POOR


def _rank(level: str) -> int:
    """The better, the higher."""
    return (Level.POOR, Level.FAIR, Level.GOOD).index(Level(level))


def is_worth_keeping(last: HealthSample | None, report: Report, *, status: str, now: datetime) -> bool:
    """Whether something changed since the ``last`` sample, or it is an hour old.

    Other numbers in the same reasons are no change: on a busy integration they differ every minute.
    """
    if last is None or now - last.at >= AT_LEAST_EVERY:
        return True
    reasons = {each.code for each in report.deductions}
    return (last.score, last.status, {each["code"] for each in last.reasons}) != (report.score, status, reasons)


def last_samples(integrations: Sequence[Integration]) -> dict[int, HealthSample]:
    """The newest sample of each that has one, by its id."""
    newest = HealthSample.objects.filter(integration=OuterRef("pk")).order_by("-at", "-pk").values("pk")[:1]
    latest = Integration.objects.filter(pk__in=[each.pk for each in integrations]).values(latest=Subquery(newest))
    return {sample.integration_id: sample for sample in HealthSample.objects.filter(pk__in=latest)}


def recent_lines(ids: Sequence[int], *, now: datetime) -> dict[int, Sparkline]:
    """The scores of the last LINE_DAYS as a line, by integration; without those that have none."""
    start = now - timedelta(days=LINE_DAYS)
    rows = HealthSample.objects.filter(integration__in=ids, at__gte=start).order_by("at", "pk")
    scores: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for pk, at, score in rows.values_list("integration_id", "at", "score"):
        scores[pk].append((at, score))
    return {pk: line for pk, found in scores.items() if (line := sparkline(found, start=start, end=now))}
