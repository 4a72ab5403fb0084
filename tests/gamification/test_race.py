"""Many at once: whatever the threads do, one award, one event, sums that hold."""

import pytest

from estateman.activity.models import Activity
from gamification.models import ActivityEvent, Award, Balance, Counter, LedgerEntry
from gamification.services import record, reverse

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def score(member):
    return Balance.objects.get(member=member, currency="score").available


def test_threads_racing_one_threshold_give_one_award(agent, visits, visit, make_achievement, in_threads):
    make_achievement("walker", {5: 50})
    deeds = [visit() for _ in range(THREADS)]
    results = in_threads(THREADS, lambda number: record(agent, deeds[number]))
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Award.objects.count() == 1
    assert Activity.objects.filter(kind="achievement.earned").count() == 1
    assert score(agent) == THREADS * 10 + 50
    assert set(Counter.objects.values_list("value", flat=True)) == {THREADS}


def test_one_act_delivered_by_all_threads_counts_once(agent, visits, visit, in_threads):
    deed = visit()
    results = in_threads(THREADS, lambda _: record(agent, deed))
    event = ActivityEvent.objects.get()
    assert results == [[event]] * THREADS
    assert score(agent) == 10


def test_one_event_reversed_by_all_threads_is_taken_back_once(agent, visits, visit, in_threads):
    (event,) = record(agent, visit())
    results = in_threads(THREADS, lambda _: reverse(event))
    assert len({reversal.pk for reversal in results}) == 1
    assert score(agent) == 0
    assert LedgerEntry.objects.count() == 4


def test_a_cap_holds_under_a_race(agent, visits, visit, in_threads):
    visits.daily_cap = 3
    visits.save()
    deeds = [visit() for _ in range(THREADS)]
    in_threads(THREADS, lambda number: record(agent, deeds[number]))
    assert ActivityEvent.objects.counted().count() == 3
    assert score(agent) == 30


def test_doing_and_undoing_around_a_threshold_ends_consistent(agent, visits, visit, make_achievement, in_threads):
    make_achievement("walker", {4: 50})
    done = [record(agent, visit())[0] for _ in range(THREADS // 2)]
    deeds = [visit() for _ in range(THREADS // 2)]

    def work(number):
        return reverse(done[number // 2]) if number % 2 else record(agent, deeds[number // 2])

    results = in_threads(THREADS, work)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Award.objects.get().state == "held"
    assert score(agent) == THREADS // 2 * 10 + 50
