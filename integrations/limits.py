"""When a call may be made: a bucket of tokens and a circuit breaker, as arithmetic on plain values."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_UNTIL_OPEN = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
PROBE_LEASE = timedelta(seconds=90)
FIRST_RETRY_SECONDS = 0.25
LONGEST_RETRY_SECONDS = 4.0


@dataclass(frozen=True)
class Rate:
    """``per_minute`` calls on the long run, ``burst`` of them at once."""

    per_minute: int
    burst: int

    @property
    def gap(self) -> timedelta:
        """Between two calls on the long run; rounded up, so that it is never one too many."""
        return timedelta(microseconds=-(-60_000_000 // self.per_minute))


def take_turn(
    next_free_at: datetime, now: datetime, rate: Rate, *, most_wait: float | None = None
) -> tuple[datetime, float]:
    """One token: the new ``next_free_at``, and how many seconds the call has to wait for it.

    The generic cell rate algorithm (ITU-T I.371): a bucket of tokens kept as one instant. Where turns of more than
    ``most_wait`` seconds are never taken, an instant further off than those lead to shows that the clock was put back
    since, or the rate raised: the bucket then holds one token.
    """
    if most_wait is not None and next_free_at > now + rate.gap * rate.burst + timedelta(seconds=most_wait):
        next_free_at = now + rate.gap * (rate.burst - 1)
    full_at = max(next_free_at, now) + rate.gap
    wait = (full_at - rate.gap * rate.burst - now).total_seconds()
    return full_at, max(0.0, wait)


@dataclass(frozen=True)
class Breaker:
    """Closed while ``opened_at`` is None; else nobody passes until ``closed_until``, and then one at a time."""

    failures: int = 0
    opened_at: datetime | None = None
    opened_times: int = 0
    closed_until: datetime | None = None
    probe_until: datetime | None = None

    def seconds_shut(self, now: datetime) -> float:
        """How long until somebody may pass; 0 when that is now."""
        if self.opened_at is None:
            return 0.0
        until = max(filter(None, (self.closed_until, self.probe_until)), default=now)
        return max(0.0, (until - now).total_seconds())

    def let_through(self, now: datetime) -> "Breaker":
        """After one call was let through: while it is open, nobody else is until that call is over."""
        return self if self.opened_at is None else replace(self, probe_until=now + PROBE_LEASE)

    def after_failure(self, now: datetime, *, was_probe: bool) -> "Breaker":
        """Only a probe makes an open one stay open for longer: calls that began before it opened tell nothing new."""
        failures = self.failures + 1
        is_news = was_probe if self.opened_at else failures >= FAILURES_UNTIL_OPEN
        if not is_news:
            return replace(self, failures=failures)
        pause = min(FIRST_PAUSE * 2 ** min(self.opened_times, 10), LONGEST_PAUSE)
        return Breaker(
            failures=failures,
            opened_at=self.opened_at or now,
            opened_times=self.opened_times + 1,
            closed_until=now + pause,
        )


def retry_wait(tries: int, asked_for: float | None) -> float | None:
    """Seconds before the next try, after so many; None when the provider asks for more than a caller can wait.

    Full jitter: a random part of a doubling ceiling, so that those who failed together part ways,
    also those who were all told to come back at one time.
    """
    if asked_for is not None and asked_for > LONGEST_RETRY_SECONDS:
        return None
    ceiling = min(FIRST_RETRY_SECONDS * 2 ** (tries - 1), LONGEST_RETRY_SECONDS)
    return (asked_for or 0.0) + random.uniform(0, ceiling)  # noqa: S311  jitter, not a secret
