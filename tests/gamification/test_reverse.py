"""Taking back what no longer holds: counts, points, and the awards that hang on them."""

from datetime import timedelta

import pytest
import time_machine

from estateman.activity.models import Activity
from gamification.models import ActivityEvent, Award, Balance, Counter, LedgerEntry
from gamification.services import NothingToReverse, record, reverse, reverse_act


def score(member):
    return Balance.objects.get(member=member, currency="score").available


def values(member):
    return set(Counter.objects.filter(member=member).values_list("value", flat=True))


def test_a_reversal_mirrors_counts_and_points(agent, visits, visit):
    (event,) = record(agent, visit())
    reversal = reverse(event)
    assert (reversal.quantity, reversal.reverses) == (-1, event)
    assert values(agent) == {0}
    assert score(agent) == 0
    assert list(LedgerEntry.objects.order_by("pk").values_list("amount", flat=True)) == ([10, 10, -10, -10])


def test_it_comes_off_the_periods_that_counted_it(agent, visits, visit):
    (event,) = record(agent, visit())
    with time_machine.travel(event.occurred_at + timedelta(days=90), tick=False):
        reversal = reverse(event)
    assert reversal.local_date == event.local_date
    assert Counter.objects.count() == 6
    assert values(agent) == {0}


def test_reversing_twice_takes_back_once(agent, visits, visit):
    (event,) = record(agent, visit())
    assert reverse(event) == reverse(event)
    assert score(agent) == 0
    assert ActivityEvent.objects.count() == 2


def test_what_was_reversed_and_is_delivered_again_stays_reversed(agent, visits, visit):
    deed = visit()
    (event,) = record(agent, deed)
    reverse(event)
    assert record(agent, deed) == [event]
    assert score(agent) == 0


@pytest.mark.parametrize("what", ["reversal", "capped"])
def test_what_never_counted_cannot_be_reversed(agent, visits, visit, what):
    visits.daily_cap = 1
    visits.save()
    (counted,) = record(agent, visit())
    (capped,) = record(agent, visit())
    with pytest.raises(NothingToReverse):
        reverse(capped if what == "capped" else reverse(counted))


def test_a_reversal_frees_its_place_under_the_cap(agent, visits, visit):
    visits.daily_cap = 1
    visits.save()
    reverse(record(agent, visit())[0])
    assert record(agent, visit())[0].status == "accepted"


def test_a_revocable_award_goes_with_the_count_and_its_points_with_it(agent, visits, visit, make_achievement):
    make_achievement("walker", {2: 50})
    first, second = (record(agent, visit())[0] for _ in range(2))
    assert score(agent) == 70
    reverse(first)
    assert Award.objects.get().state == "revoked"
    assert score(agent) == 10
    reverse(second)
    assert score(agent) == 0


def test_earned_again_it_pays_again_and_counts_its_earnings(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    for _ in range(3):
        reverse(record(agent, visit())[0])
    record(agent, visit())
    award = Award.objects.get()
    assert (award.state, award.seq) == ("held", 4)
    assert score(agent) == 60
    assert Activity.objects.filter(kind="achievement.earned").count() == 4


def test_a_sticky_award_and_its_points_stay_and_are_not_paid_twice(agent, visits, visit, make_achievement):
    make_achievement("first", {1: 50}, revoke_policy="sticky")
    reverse(record(agent, visit())[0])
    assert score(agent) == 50
    record(agent, visit())
    assert Award.objects.get().seq == 1
    assert score(agent) == 60


def test_an_award_that_is_still_deserved_stays(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    (first,) = record(agent, visit())
    record(agent, visit())
    reverse(first)
    assert Award.objects.get().state == "held"
    assert score(agent) == 60


def test_of_several_levels_only_those_no_longer_reached_go(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 1, 3: 3, 5: 5})
    record(agent, visit(quantity=2))
    (event,) = record(agent, visit(quantity=4))
    reverse(event)
    states = Award.objects.order_by("level").values_list("state", flat=True)
    assert list(states) == ["held", "revoked", "revoked"]
    assert score(agent) == 20 + 1


def test_an_act_is_taken_back_from_everyone_it_counted_for(agent, coordinator, visits, visit):
    deed = visit()
    for member in (agent, coordinator):
        record(member, deed)
    assert len(reverse_act(source=deed.source, key=deed.key)) == 2
    assert (score(agent), score(coordinator)) == (0, 0)


def test_an_act_that_counted_for_nobody_is_taken_back_in_peace(db):
    assert reverse_act(source="test", key="never heard of") == []
