"""Announcing and reacting: nothing lost, nothing twice."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from estateman.activity import reactions
from estateman.activity.facts import Fact
from estateman.activity.models import Activity, Receipt
from estateman.activity.services import announce
from estateman.common.claims import claim
from estateman.people.models import Team


@dataclass(frozen=True, kw_only=True)
class BellRang(Fact, kind="test.bell_rang"):
    times: int

    def rooms(self) -> tuple[str, ...]:
        return ("office", "office", f"user:{self.by_id}")

    def sentence(self) -> str:
        return f"rang the bell {self.times} times"


@pytest.fixture
def reaction(monkeypatch):
    """Register a reaction for one test: ``reaction(function, batch=…)``."""
    monkeypatch.setattr(reactions, "_reactions", {})
    return lambda function, **how: reactions.on(BellRang, **how)(function)


def test_an_announcement_is_kept_with_its_rooms_each_once(agent):
    activity = announce(BellRang(by_id=agent.pk, times=3))
    assert activity.fact == BellRang(by_id=agent.pk, times=3)
    assert set(activity.rooms.values_list("room", flat=True)) == {"office", f"user:{agent.pk}"}


def test_rolled_back_work_announces_nothing(agent):
    with transaction.atomic():
        announce(BellRang(by_id=agent.pk, times=1))
        transaction.set_rollback(True)
    assert not Activity.objects.exists()


def test_a_commit_wakes_the_workers_once_however_much_was_announced(
    agent, django_capture_on_commit_callbacks, monkeypatch
):
    woken = []
    monkeypatch.setattr("estateman.activity.services._wake", lambda: woken.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        announce(BellRang(by_id=agent.pk, times=1))
        announce(BellRang(by_id=agent.pk, times=2))
    assert woken == [1]


def test_every_reaction_runs_once_per_activity(agent, reaction, settle):
    seen = []
    reaction(lambda fact, activity: seen.append(fact.times))
    announce(BellRang(by_id=agent.pk, times=1))
    settle()
    settle()
    assert seen == [1]
    assert Activity.objects.get().next_attempt_at is None


def test_a_failing_reaction_stops_neither_its_siblings_nor_leaves_half_its_work(agent, reaction, settle):
    def fails(fact, activity):
        Team.objects.create(name="Half done")
        raise ValueError("no bell")

    def works(fact, activity):
        Team.objects.create(name="Done")

    reaction(fails)
    reaction(works)
    announce(BellRang(by_id=agent.pk, times=1))
    settle()
    assert [team.name for team in Team.objects.all()] == ["Done"]
    failed = Receipt.objects.get(state=Receipt.State.WAITING)
    assert failed.last_error == "ValueError: no bell"


def test_a_reaction_that_fails_twice_then_works_has_its_effect_once(agent, reaction, settle):
    tries: list[int] = []

    def third_time_lucky(fact, activity):
        Team.objects.create(name=f"Try {len(tries)}")
        tries.append(1)
        if len(tries) < 3:
            raise ValueError

    reaction(third_time_lucky)
    with time_machine.travel("2026-05-04T09:00:00Z", tick=False) as clock:
        announce(BellRang(by_id=agent.pk, times=1))
        for _ in range(4):
            settle()
            clock.shift(timedelta(minutes=1))
    assert len(tries) == 3
    assert Team.objects.count() == 1
    assert Receipt.objects.get().state == Receipt.State.DONE


def test_a_reaction_that_never_works_is_given_up_and_may_be_retried_by_hand(agent, reaction, settle):
    broken = [True]

    def needs_repair(fact, activity):
        if broken:
            raise ValueError("broken")
        Team.objects.create(name="Repaired")

    reaction(needs_repair)
    with time_machine.travel("2026-05-04T09:00:00Z", tick=False) as clock:
        announce(BellRang(by_id=agent.pk, times=1))
        for _ in range(reactions.MOST_ATTEMPTS + 2):
            settle()
            clock.shift(timedelta(hours=1))
        dead = Receipt.objects.get()
        assert (dead.state, dead.attempts) == (Receipt.State.DEAD, reactions.MOST_ATTEMPTS)
        assert Activity.objects.get().next_attempt_at is None
        broken.clear()
        reactions.retry(dead)
        settle()
    assert Team.objects.get().name == "Repaired"


def test_a_batch_reaction_takes_many_in_one_transaction_and_falls_back_to_one_by_one(agent, reaction, settle):
    sizes = []

    def count(items):
        sizes.append(len(items))
        if any(fact.times == 2 for fact, _ in items):
            raise ValueError

    reaction(count, batch=True)
    for times in (1, 2, 3):
        announce(BellRang(by_id=agent.pk, times=times))
    settle()
    assert sizes == [3, 1, 1, 1]
    assert Receipt.objects.filter(state=Receipt.State.DONE).count() == 2


def test_a_reaction_may_announce_in_turn(agent, reaction, settle):
    def echo(fact, activity):
        if fact.times < 3:
            announce(BellRang(by_id=None, times=fact.times + 1))

    reaction(echo)
    announce(BellRang(by_id=agent.pk, times=1))
    settle()
    assert [activity.payload["times"] for activity in Activity.objects.order_by("pk")] == [1, 2, 3]


def test_what_a_dead_worker_held_is_taken_up_when_its_lease_ends(agent, reaction, settle):
    seen = []
    reaction(lambda fact, activity: seen.append(fact.times))
    announce(BellRang(by_id=agent.pk, times=1))
    with time_machine.travel(Activity.objects.get().at, tick=False) as clock:
        claim(Activity.objects.all(), limit=1, lease=reactions.LEASE)
        settle()
        assert seen == []
        clock.shift(reactions.LEASE + timedelta(seconds=1))
        settle()
    assert seen == [1]


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_give_one_effect_each(agent, reaction, in_threads, monkeypatch):
    def found_team(fact, activity):
        Team.objects.create(name=f"Bell {fact.times}")

    def found_teams(items):
        Team.objects.bulk_create(Team(name=f"Batch {fact.times}") for fact, _ in items)

    reaction(found_team)
    reaction(found_teams, batch=True)
    for times in range(40):
        announce(BellRang(by_id=agent.pk, times=times))
    # Leases of no length: all eight see the same work, and the receipts alone decide.
    # Leases of no length: every worker sees all the work, and the receipts alone decide.
    monkeypatch.setattr(reactions, "LEASE", timedelta(seconds=-1))
    failures = [r for r in in_threads(8, lambda _: reactions.react()) if isinstance(r, Exception)]
    assert failures == []
    assert Team.objects.count() == 80
    assert Receipt.objects.filter(state=Receipt.State.DONE).count() == 80
