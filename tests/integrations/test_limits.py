"""The arithmetic of turns, of the breaker and of tries, on plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from integrations.limits import (
    FAILURES_UNTIL_OPEN,
    FIRST_PAUSE,
    FIRST_RETRY_SECONDS,
    LONGEST_PAUSE,
    LONGEST_RETRY_SECONDS,
    PROBE_LEASE,
    Breaker,
    Rate,
    retry_wait,
    take_turn,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
RATES = some.builds(Rate, per_minute=some.integers(1, 60_000), burst=some.integers(1, 50))
# How long after the one before each call is asked for.
PAUSES = some.lists(some.timedeltas(timedelta(0), timedelta(minutes=2)), min_size=1, max_size=60)


def starts(rate: Rate, pauses: list[timedelta]) -> list[datetime]:
    """When each call is made, if all wait for their turn."""
    next_free_at, now, made = NOON, NOON, []
    for pause in pauses:
        now += pause
        next_free_at, wait = take_turn(next_free_at, now, rate)
        made.append(now + timedelta(seconds=wait))
    return made


@given(RATES, PAUSES)
def test_no_window_holds_more_calls_than_the_burst_and_its_share_of_a_minute(rate, pauses):
    made = starts(rate, pauses)
    for first in range(len(made)):
        for last in range(first, len(made)):
            window = (made[last] - made[first]).total_seconds()
            assert last - first + 1 <= rate.burst + rate.per_minute * window / 60 + 1e-6


@given(RATES, PAUSES)
def test_whoever_asks_first_goes_first(rate, pauses):
    assert all(earlier <= later for earlier, later in pairwise(starts(rate, pauses)))


@given(RATES, some.integers(1, 60))
def test_of_those_who_ask_at_once_each_waits_no_less_than_the_one_before(rate, count):
    made = starts(rate, [timedelta(0)] * count)
    assert made[: rate.burst] == [NOON] * min(rate.burst, count)
    for earlier, later in pairwise(made[rate.burst - 1 :]):
        assert abs((later - earlier) - rate.gap) <= timedelta(microseconds=1)


@given(RATES, some.timedeltas(timedelta(0), timedelta(days=400)))
def test_after_a_pause_as_long_as_a_full_bucket_takes_nobody_waits(rate, more):
    used_up, _ = take_turn(NOON, NOON, rate)
    for _ in range(rate.burst - 1):
        used_up, wait = take_turn(used_up, NOON, rate)
        assert wait == 0
    assert take_turn(used_up, used_up + more, rate)[1] == 0


def test_a_turn_that_was_not_taken_costs_nothing():
    rate = Rate(per_minute=1, burst=1)
    after, _ = take_turn(NOON, NOON, rate)
    assert take_turn(after, NOON, rate)[1] == take_turn(after, NOON, rate)[1] == 60


@given(RATES, some.timedeltas(timedelta(0), timedelta(days=400)), some.floats(0, 60))
def test_a_clock_that_was_put_back_stops_nobody(rate, back, most_wait):
    """A full bucket is kept from before; who asks now waits no longer than for the usual turn."""
    kept = NOON
    for _ in range(rate.burst):
        kept, _ = take_turn(kept, NOON, rate)
    _, wait = take_turn(kept, NOON - back, rate, most_wait=most_wait)
    assert wait <= most_wait + rate.gap.total_seconds()
    far, wait = take_turn(NOON + timedelta(days=400), NOON, rate, most_wait=most_wait)
    assert (far, wait) == (NOON + rate.gap * rate.burst, 0)


@given(RATES, PAUSES, some.floats(0, 60))
def test_where_the_clock_only_goes_on_turns_are_the_same_with_and_without_a_longest_wait(rate, pauses, most_wait):
    next_free_at = now = NOON
    for pause in pauses:
        now += pause
        taken, wait = take_turn(next_free_at, now, rate, most_wait=most_wait)
        assert (taken, wait) == take_turn(next_free_at, now, rate)
        if wait <= most_wait:  # else it is not taken
            next_free_at = taken


def failed(breaker: Breaker, times: int, now: datetime = NOON) -> Breaker:
    for _ in range(times):
        breaker = breaker.after_failure(now, was_probe=False)
    return breaker


OPEN = failed(Breaker(), FAILURES_UNTIL_OPEN)


def test_it_opens_with_the_fifth_failure_in_a_row():
    assert failed(Breaker(), 4).seconds_shut(NOON) == 0
    assert failed(Breaker(), 5).seconds_shut(NOON) == FIRST_PAUSE.total_seconds() == 30


def test_after_the_pause_one_call_passes_and_the_rest_wait_for_it():
    later = NOON + FIRST_PAUSE
    assert OPEN.seconds_shut(later) == 0
    probing = OPEN.let_through(later)
    assert probing.seconds_shut(later) == PROBE_LEASE.total_seconds()


def test_a_probe_that_never_came_back_makes_room_for_the_next():
    probing = OPEN.let_through(NOON + FIRST_PAUSE)
    assert probing.seconds_shut(NOON + FIRST_PAUSE + PROBE_LEASE) == 0


def test_each_failed_probe_doubles_the_pause_up_to_ten_minutes():
    breaker, now, pauses = OPEN, NOON, []
    for _ in range(20):
        pauses.append(breaker.seconds_shut(now))
        now += timedelta(seconds=pauses[-1])
        breaker = breaker.let_through(now).after_failure(now, was_probe=True)
    assert pauses[:6] == [30, 60, 120, 240, 480, 600]
    assert set(pauses[5:]) == {LONGEST_PAUSE.total_seconds()}


def test_calls_that_began_before_it_opened_do_not_make_it_stay_open_for_longer():
    assert failed(OPEN, 20) == replace(OPEN, failures=25)


def test_nor_do_they_take_the_place_of_the_probe():
    probing = OPEN.let_through(NOON + FIRST_PAUSE)
    assert failed(probing, 3).probe_until == probing.probe_until


def test_calls_that_pass_a_closed_one_are_no_probes():
    assert Breaker(failures=4).let_through(NOON) == Breaker(failures=4)


@given(some.lists(some.tuples(some.booleans(), some.timedeltas(timedelta(0), timedelta(hours=1))), max_size=40))
def test_it_is_never_shut_for_longer_than_the_longest_pause_and_a_probe(steps):
    breaker, now = Breaker(), NOON
    for was_probe, pause in steps:
        now += pause
        breaker = breaker.let_through(now).after_failure(now, was_probe=was_probe)
        assert breaker.seconds_shut(now) <= max(LONGEST_PAUSE, PROBE_LEASE).total_seconds()
        assert (breaker.opened_at is not None) == (breaker.failures >= FAILURES_UNTIL_OPEN)


@given(some.integers(1, 1000))
def test_tries_wait_a_random_part_of_a_bounded_time(tries):
    wait = retry_wait(tries, None)
    assert wait is not None
    assert 0 <= wait <= min(FIRST_RETRY_SECONDS * 2 ** (tries - 1), LONGEST_RETRY_SECONDS)


@given(some.integers(1, 10), some.floats(0, LONGEST_RETRY_SECONDS))
def test_nobody_comes_back_before_the_time_they_were_told(tries, asked_for):
    wait = retry_wait(tries, asked_for)
    assert wait is not None
    assert asked_for <= wait <= asked_for + LONGEST_RETRY_SECONDS


@pytest.mark.parametrize("asked_for", [LONGEST_RETRY_SECONDS + 0.01, 60, float("inf")])
def test_who_is_told_to_come_back_much_later_does_not_wait_at_all(asked_for):
    assert retry_wait(1, asked_for) is None
