"""The rate limit and the breaker of an integration, as all processes share them.

Whoever locks both locks the integration's row before that of its gate.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db import transaction

from estateman.common import clock
from integrations.limits import Breaker, Rate, take_turn
from integrations.models import Gate, Integration
from integrations.spi import BreakerOpen, RateLimited


@dataclass(frozen=True)
class Turn:
    """That a call may be made, after ``wait`` seconds.

    ``probe_until`` is set for the one call that tries an open breaker, and is by what its place in
    the gate is recognised. ``after_failures`` says that the last call before it did not go well.
    """

    wait: float = 0.0
    probe_until: datetime | None = None
    after_failures: bool = False


NO_TURN = Turn()
"""Of a call that was not let through: nothing it says is about the provider."""


@transaction.atomic(durable=True)
def pass_gate(integration: Integration, rate: Rate, *, most_wait: float, goes_first: bool) -> Turn:
    """Take a turn, for which the caller waits at most ``most_wait`` seconds.

    ``goes_first`` passes an open breaker, as its probe. Raises BreakerOpen and RateLimited, both
    with the seconds to wait, and RuntimeError inside a transaction.
    """
    gate, now = _locked(integration), clock.now()
    breaker = breaker_of(gate)
    shut = breaker.seconds_shut(now)
    if shut and not goes_first:
        raise BreakerOpen(
            f"{integration.name} failed too often and is left in peace for {shut:.0f} s.", retry_after=shut
        )
    next_free_at, wait = take_turn(gate.next_free_at, now, rate, most_wait=most_wait)
    if wait > most_wait:
        raise RateLimited(f"{integration.name} gets no more than {rate.per_minute} calls a minute.", retry_after=wait)
    probe_until = breaker.let_through(now).probe_until
    Gate.objects.filter(pk=gate.pk).update(next_free_at=next_free_at, probe_until=probe_until)
    return Turn(wait, probe_until, after_failures=breaker.failures > 0)


def forget_failures(integration: Integration) -> None:
    """The provider answered, or was set up anew: the breaker closes."""
    troubled = Gate.objects.filter(pk=integration.pk, failures__gt=0)
    troubled.update(**asdict(Breaker()))


@transaction.atomic
def note_failure(integration: Integration, turn: Turn) -> None:
    """The provider is not well."""
    gate = _locked(integration)
    # A probe that outlived its lease is none any more: another one may be under way.
    was_probe = turn.probe_until is not None and turn.probe_until == gate.probe_until
    after = breaker_of(gate).after_failure(clock.now(), was_probe=was_probe)
    Gate.objects.filter(pk=gate.pk).update(**asdict(after))


def note_other(integration: Integration, turn: Turn) -> None:
    """The call is over and says nothing of the provider's health: a probe, if it was one, gives its place back."""
    if turn.probe_until:
        Gate.objects.filter(pk=integration.pk, probe_until=turn.probe_until).update(probe_until=None)


def breaker_of(gate: Gate) -> Breaker:
    """The breaker as it is kept."""
    return Breaker(**{field.name: getattr(gate, field.name) for field in fields(Breaker)})


def _locked(integration: Integration) -> Gate:
    same = Gate.objects.select_for_update().filter(pk=integration.pk)
    for gate in same:
        return gate
    Gate.objects.bulk_create([Gate(integration=integration)], ignore_conflicts=True)
    return same.get()
