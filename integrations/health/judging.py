"""How well each integration works: a score from 0 to 100, and the reasons for it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from estateman.common import clock
from integrations.models import Integration, IntegrationLog, Status

WINDOW = timedelta(hours=24)
MOST_CALLS = 200
"""Of each integration, the newest so many calls of the window are judged."""
SLOW_MS = 2000
VERY_SLOW_MS = 8000


@dataclass(frozen=True)
class Call:
    """One call as it is judged."""

    ok: bool
    duration_ms: int
    error_kind: str = ""

    @property
    def was_refused(self) -> bool:
        """The provider answered well: it was the message that it did not want."""
        return self.error_kind == "rejected"


@dataclass(frozen=True)
class Report:
    """How one integration is doing."""

    score: int
    reasons: tuple[str, ...]
    calls: int
    success_ratio: float | None
    latency_p95_ms: int | None


@dataclass(frozen=True)
class Totals:
    """How all of them are doing: counts, and the mean score of those that are not disabled."""

    total: int
    active: int
    errors: int
    score: int | None


def judge(calls: Sequence[Call], *, status: str, failures_in_row: int, ever_worked: bool) -> Report:
    """The report on these calls. Pure: what the score is made of stands here and nowhere else."""
    judged = [call for call in calls if not call.was_refused]
    ratio = sum(call.ok for call in judged) / len(judged) if judged else None
    latency = _p95([call.duration_ms for call in judged])
    penalties = [
        *_for_status(status),
        *_for_failures(judged, failures_in_row),
        *_for_refusals(calls),
        *_for_latency(latency),
        *_for_silence(judged, ever_worked=ever_worked),
    ]
    return Report(
        score=max(0, 100 - sum(points for points, _ in penalties)),
        reasons=tuple(reason for _, reason in penalties) or ("Everything works.",),
        calls=len(calls),
        success_ratio=None if ratio is None else round(ratio, 3),
        latency_p95_ms=latency,
    )


Penalties = list[tuple[int, str]]


def _for_status(status: str) -> Penalties:
    if status == Status.NEEDS_CREDENTIALS:
        return [(100, "Its credentials are not accepted or can't be opened: enter them again.")]
    if status == Status.DISABLED:
        return [(100, "It is disabled.")]
    return []


def _for_failures(judged: Sequence[Call], failures_in_row: int) -> Penalties:
    failed = sum(not call.ok for call in judged)
    penalties = []
    if failed:
        share = math.ceil(60 * failed / len(judged))
        calls = f"{failed} of the last {len(judged)} calls" if len(judged) > 1 else "The last call"
        penalties.append((share, f"{calls} failed."))
    if failures_in_row > 1:
        penalties.append((min(40, 8 * failures_in_row), f"The last {failures_in_row} calls failed in a row."))
    return penalties


def _for_refusals(calls: Sequence[Call]) -> Penalties:
    refused = sum(call.was_refused for call in calls)
    if refused < 5 or refused * 2 < len(calls):
        return []
    return [(20, f"{refused} of the last {len(calls)} messages were refused for good.")]


def _for_latency(latency: int | None) -> Penalties:
    if latency is None or latency < SLOW_MS:
        return []
    points = 20 if latency >= VERY_SLOW_MS else 10
    return [(points, f"It is slow: one call in twenty takes {latency / 1000:.1f} s or more.")]


def _for_silence(judged: Sequence[Call], *, ever_worked: bool) -> Penalties:
    if judged or ever_worked:
        return []
    return [(50, "It was never used successfully: test it.")]


def _p95(durations: Sequence[int]) -> int | None:
    if not durations:
        return None
    return sorted(durations)[math.ceil(len(durations) * 0.95) - 1]


def reports(integrations: Iterable[Integration]) -> dict[int, Report]:
    """The report on each of ``integrations`` by its id, in one query however many there are."""
    wanted = list(integrations)
    calls = _recent_calls([each.pk for each in wanted])
    return {
        each.pk: judge(
            calls.get(each.pk, []),
            status=each.shown_status,
            failures_in_row=each.failures_in_row,
            ever_worked=each.last_success_at is not None,
        )
        for each in wanted
    }


def _recent_calls(ids: Sequence[int]) -> Mapping[int, list[Call]]:
    newest_first = Window(
        RowNumber(),
        partition_by=F("integration_id"),
        order_by=[F("started_at").desc(), F("pk").desc()],
    )
    rows = (
        IntegrationLog.objects.filter(integration__in=ids, started_at__gte=clock.now() - WINDOW)
        .annotate(place=newest_first)
        .filter(place__lte=MOST_CALLS)
        .values_list("integration_id", "ok", "duration_ms", "error_kind")
    )
    calls: dict[int, list[Call]] = defaultdict(list)
    for integration_id, ok, duration_ms, error_kind in rows:
        calls[integration_id].append(Call(ok, duration_ms, error_kind))
    return calls


def totals(integrations: Sequence[Integration], found: Mapping[int, Report]) -> Totals:
    """The sum of the ``found`` reports on ``integrations``."""
    states = [each.shown_status for each in integrations]
    scores = [found[each.pk].score for each in integrations if each.status != Status.DISABLED]
    return Totals(
        total=len(states),
        active=states.count(Status.ACTIVE),
        errors=sum(state in (Status.FAILING, Status.NEEDS_CREDENTIALS) for state in states),
        score=round(sum(scores) / len(scores)) if scores else None,
    )
