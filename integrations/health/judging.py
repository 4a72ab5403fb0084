"""How well an integration works: a score from 0 to 100, and the reasons for it. Pure.

Every point that is deducted has its reason, a sentence with its numbers; what the score is made of
stands here and nowhere else (docs/integrations-health.md explains it to people).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.health.words import counted, day, moment, span
from integrations.models import Status

SLOW_MS = 2000
VERY_SLOW_MS = 8000
LAGGING = timedelta(minutes=5)
VERY_LATE = timedelta(hours=1)
LOST = timedelta(hours=24)
SECRETS_END_SOON = timedelta(days=7)
REFUSED = {"rejected", "gone"}
"""The provider answered well: it was the message that it did not want."""
NOT_ASKED = {"rate_limited", "breaker_open"}
"""Nobody can tell from these how well the provider is: it was not asked, or asked for patience."""


@dataclass(frozen=True)
class Call:
    """One call as it is judged."""

    ok: bool
    duration_ms: int
    error_kind: str = ""

    @property
    def was_refused(self) -> bool:
        return self.error_kind in REFUSED

    @property
    def tells(self) -> bool:
        """Whether it says anything about the provider."""
        return not self.was_refused and self.error_kind not in NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class BreakerState:
    """The breaker: ``closed``, ``open`` until then, or ``half_open``, which lets one call try."""

    state: str = "closed"
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, kw_only=True)
class WebhookState:
    """What came in: how many events wait and how old the oldest is, how many were given up, when the proofs end.

    Events that wait because somebody replayed them are not among these.
    """

    lag_seconds: int | None = None
    waiting: int = 0
    dead: int = 0
    secrets_end_at: datetime | None = None
    """When the last of its secrets ends; None where one never does, or there are none."""


@dataclass(frozen=True, kw_only=True)
class ConsentState:
    """The people whose calendars it reaches: how many, who must consent again, whose consent was long not used."""

    people: int = 0
    needing: int = 0
    idle: int = 0


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is known of an integration beside its calls."""

    status: str
    is_sealed_shut: bool = False
    disabled_because: str = ""
    failures_in_row: int = 0
    ever_worked: bool = True
    breaker: BreakerState = BreakerState()
    webhooks: WebhookState = WebhookState()
    consents: ConsentState = ConsentState()


@dataclass(frozen=True)
class Reason:
    """Why so many points are missing; ``code`` stays the same while the numbers in ``text`` change."""

    code: str
    points: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How one integration is doing."""

    score: int
    deductions: tuple[Reason, ...]
    calls: int
    success_ratio: float | None
    latency_p95_ms: int | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """In words for people, the weightiest first."""
        return tuple(each.text for each in self.deductions) or ("Everything works.",)


def judge(calls: Sequence[Call], signs: Signs, *, now: datetime) -> Judgement:
    """The judgement on these calls and signs."""
    telling = [call for call in calls if call.tells]
    ratio = sum(call.ok for call in telling) / len(telling) if telling else None
    latency = p95([call.duration_ms for call in telling])
    deductions = [
        *_for_status(signs),
        *_for_breaker(signs.breaker, now),
        *_for_failures(telling, signs.failures_in_row),
        *_for_refusals(calls),
        *_for_rate(calls),
        *_for_latency(latency),
        *_for_silence(telling, ever_worked=signs.ever_worked),
        *_for_webhooks(signs.webhooks),
        *_for_secrets(signs.webhooks.secrets_end_at, now),
        *_for_consents(signs.consents),
    ]
    return Judgement(
        score=max(0, 100 - sum(each.points for each in deductions)),
        deductions=tuple(sorted(deductions, key=lambda each: -each.points)),
        calls=len(calls),
        success_ratio=None if ratio is None else round(ratio, 3),
        latency_p95_ms=latency,
    )


def _for_status(signs: Signs) -> list[Reason]:
    if signs.is_sealed_shut:
        told = "Its credentials can't be opened: their key is missing, or they were damaged. Enter them again."
        return [Reason("credentials_shut", 100, told)]
    if signs.status == Status.NEEDS_CREDENTIALS:
        return [Reason("credentials", 100, "Its credentials are not accepted: enter them again.")]
    if signs.status == Status.DISABLED:
        because = signs.disabled_because.rstrip(".")
        return [Reason("disabled", 100, f"It was disabled: {because}." if because else "It is disabled.")]
    return []


def _for_breaker(breaker: BreakerState, now: datetime) -> list[Reason]:
    if breaker.since is None:
        return []
    failed = f"{counted(breaker.failures, 'failure')} in a row opened its breaker at {moment(breaker.since, now)}"
    if breaker.state == "half_open" or breaker.until is None:
        return [Reason("breaker", 20, f"{failed}; the next call tries whether it works again.")]
    return [Reason("breaker", 30, f"{failed}; it is left in peace until {moment(breaker.until, now)}.")]


def _for_failures(telling: Sequence[Call], failures_in_row: int) -> list[Reason]:
    failed = sum(not call.ok for call in telling)
    reasons = []
    if failed:
        share = math.ceil(60 * failed / len(telling))
        calls = f"{failed} of the last {len(telling)} calls" if len(telling) > 1 else "The last call"
        reasons.append(Reason("failures", share, f"{calls} failed."))
    if failures_in_row > 1:
        told = f"The last {failures_in_row} calls failed in a row."
        reasons.append(Reason("failures_in_row", min(40, 8 * failures_in_row), told))
    return reasons


def _for_refusals(calls: Sequence[Call]) -> list[Reason]:
    refused = sum(call.was_refused for call in calls)
    if refused < 5 or refused * 2 < len(calls):
        return []
    return [Reason("refusals", 20, f"{refused} of the last {len(calls)} messages were refused for good.")]


def _for_rate(calls: Sequence[Call]) -> list[Reason]:
    held_back = sum(call.error_kind == "rate_limited" for call in calls)
    if held_back < 3 or held_back * 10 < len(calls):
        return []
    told = f"{held_back} of the last {len(calls)} calls were held back by a rate limit."
    return [Reason("rate_limited", math.ceil(20 * held_back / len(calls)), told)]


def _for_latency(latency: int | None) -> list[Reason]:
    if latency is None or latency < SLOW_MS:
        return []
    points = 20 if latency >= VERY_SLOW_MS else 10
    return [Reason("latency", points, f"It is slow: one call in twenty takes {latency / 1000:.1f} s or more.")]


def _for_silence(telling: Sequence[Call], *, ever_worked: bool) -> list[Reason]:
    if telling or ever_worked:
        return []
    return [Reason("never_used", 50, "It was never used successfully: test it.")]


def _for_webhooks(webhooks: WebhookState) -> list[Reason]:
    reasons = []
    lag = timedelta(seconds=webhooks.lag_seconds or 0)
    if lag >= LAGGING:
        points = 10 + 10 * (lag >= VERY_LATE) + 10 * (lag >= LOST)
        waiting = "1 webhook waits" if webhooks.waiting == 1 else f"{webhooks.waiting} webhooks wait"
        told = f"{waiting} to be processed; the oldest came {span(lag)} ago."
        reasons.append(Reason("webhook_lag", points, told))
    if webhooks.dead:
        were = "was" if webhooks.dead == 1 else "were"
        told = f"{counted(webhooks.dead, 'webhook')} of the last 7 days {were} given up."
        reasons.append(Reason("webhooks_dead", min(20, 5 * webhooks.dead), told))
    return reasons


def _for_secrets(end_at: datetime | None, now: datetime) -> list[Reason]:
    if end_at is None or end_at - now > SECRETS_END_SOON:
        return []
    if end_at <= now:
        told = f"Its last webhook secret ended on {day(end_at)}: nothing that comes in is believed. Add a new one."
        return [Reason("secrets_ended", 40, told)]
    told = f"Its last webhook secret ends in {span(end_at - now)}, on {day(end_at)}: add a new one."
    return [Reason("secrets_ending", 15, told)]


def _for_consents(consents: ConsentState) -> list[Reason]:
    reasons = []
    if consents.needing:
        points = max(5, math.ceil(30 * consents.needing / consents.people))
        told = f"{consents.needing} of {counted(consents.people, 'person', 'people')} must consent again."
        reasons.append(Reason("consents_needed", points, told))
    if consents.idle:
        whose = counted(consents.idle, "person's consent was", "people's consents were")
        reasons.append(Reason("consents_idle", 5, f"{whose} not used for 60 days, and may end at the vendor."))
    return reasons


def p95(durations: Sequence[int]) -> int | None:
    """The nearest-rank 95th percentile: the smallest that is no less than 95 in a hundred; None of nothing."""
    if not durations:
        return None
    return sorted(durations)[math.ceil(len(durations) * 0.95) - 1]
