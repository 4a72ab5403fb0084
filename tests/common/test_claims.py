"""claim(): every row to one worker, and back again when that worker dies. Shown on the deliveries' table."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from estateman.common import clock
from estateman.common.claims import LONGEST_WAIT, backoff, claim
from notifications.models import Category, Delivery
from notifications.services import Message, notify

LEASE = timedelta(seconds=30)


@pytest.fixture
def deliveries(agent):
    def make(count):
        for number in range(count):
            notify([agent.pk], Message(kind="test", category=Category.TASKS, title="x", dedupe_key=f"{number}"))
        return Delivery.objects.order_by("pk")

    return make


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(deliveries):
    rows = deliveries(1)
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as now:
        (first,) = claim(rows, limit=10, lease=LEASE)
        assert claim(rows, limit=10, lease=LEASE) == []
        now.shift(LEASE + timedelta(seconds=1))
        (second,) = claim(rows, limit=10, lease=LEASE)
    assert (first.attempts, second.attempts) == (1, 2)
    assert first.lease_token != second.lease_token


def test_what_is_not_due_or_is_over_is_left_alone(deliveries):
    rows = deliveries(2)
    rows.filter(pk=rows[0].pk).update(next_attempt_at=clock.now() + timedelta(hours=1))
    rows.exclude(pk=rows[0].pk).update(next_attempt_at=None)
    assert claim(rows, limit=10, lease=LEASE) == []


@pytest.mark.django_db(transaction=True)
def test_eight_workers_share_the_rows_without_overlap(deliveries, in_threads):
    rows = deliveries(60)

    def work(_):
        mine = []
        while batch := claim(Delivery.objects.all(), limit=5, lease=LEASE):
            mine += [row.pk for row in batch]
        return mine

    shares = in_threads(8, work)
    assert sorted(pk for share in shares for pk in share) == sorted(rows.values_list("pk", flat=True))


@given(st.integers(min_value=1, max_value=10_000))
def test_backoff_doubles_with_jitter_and_has_a_ceiling(attempts):
    ceiling = min(timedelta(seconds=2 ** min(attempts - 1, 20)), LONGEST_WAIT)
    assert ceiling / 2 <= backoff(attempts) <= ceiling
