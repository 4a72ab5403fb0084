"""The rate limit and the breaker of an integration, as all processes share them."""

from dataclasses import asdict, fields

from django.db import transaction

from estateman.common import clock
from integrations.limits import Breaker, Rate, take_turn
from integrations.models import Gate, Integration
from integrations.spi import BreakerOpen, RateLimited


@transaction.atomic
def pass_gate(integration: Integration, rate: Rate, *, most_wait: float, is_probe: bool) -> float:
    """Take a turn; the seconds that the caller has to wait for it, at most ``most_wait``.

    Raises BreakerOpen (never for ``is_probe``) and RateLimited, both with the seconds to wait.
    """
    gate, now = _locked(integration), clock.now()
    breaker = breaker_of(gate)
    shut = breaker.seconds_shut(now)
    if shut and not is_probe:
        raise BreakerOpen(
            f"{integration.name} failed too often and is left in peace for {shut:.0f} s.", retry_after=shut
        )
    next_free_at, wait = take_turn(gate.next_free_at, now, rate)
    if wait > most_wait:
        raise RateLimited(f"{integration.name} gets no more than {rate.per_minute} calls a minute.", retry_after=wait)
    _write(gate, breaker.let_through(now), next_free_at=next_free_at)
    return wait


def forget_failures(integration: Integration) -> None:
    """The provider answered, or was set up anew: the breaker closes."""
    troubled = Gate.objects.filter(pk=integration.pk, failures__gt=0)
    troubled.update(**asdict(Breaker()))


@transaction.atomic
def note_failure(integration: Integration) -> Breaker:
    """The provider is not well; the breaker afterwards."""
    gate = _locked(integration)
    breaker = breaker_of(gate).after_failure(clock.now())
    _write(gate, breaker)
    return breaker


def note_other(integration: Integration) -> None:
    """The call is over and says nothing of the provider's health: a probe, if it was one, gives its place back."""
    Gate.objects.filter(pk=integration.pk, probe_until__isnull=False).update(probe_until=None)


def breaker_of(gate: Gate) -> Breaker:
    """The breaker as it is kept."""
    return Breaker(**{field.name: getattr(gate, field.name) for field in fields(Breaker)})


def _locked(integration: Integration) -> Gate:
    gate = Gate.objects.select_for_update().filter(pk=integration.pk).first()
    if gate is None:
        Gate.objects.bulk_create([Gate(integration=integration)], ignore_conflicts=True)
        gate = Gate.objects.select_for_update().get(pk=integration.pk)
    return gate


def _write(gate: Gate, breaker: Breaker, **more: object) -> None:
    Gate.objects.filter(pk=gate.pk).update(**asdict(breaker), **more)
