"""Random histories with undo and double delivery end where a replay of what survives ends."""

from collections import Counter as Tally
from datetime import date, timedelta
from random import Random

import pytest

from estateman.people.models import User
from gamification.models import ActivityEvent, Award, Balance, Counter, LedgerEntry, Metric
from gamification.rules import PeriodKind, period_start
from gamification.services import rebuild, record, reverse

BATCHES, HISTORIES, STEPS, DAYS = 10, 20, 7, 15
LADDER = {1: 5, 2: 20, 3: 60}
WEEKLY = {2: 7}
POINTS = 10


@pytest.fixture
def catalogue(visits, make_achievement):
    make_achievement("walker", LADDER)
    make_achievement("regular", WEEKLY, period_kind="week")
    make_achievement("pioneer", LADDER, revoke_policy="sticky")


class Expected:
    """The same rules, worked out anew from the days that survive."""

    def __init__(self):
        self.days: Tally[date] = Tally()
        self.ever = 0

    def add(self, day):
        self.days[day] += 1
        self.ever = max(self.ever, self.days.total())

    def counters(self, kind):
        found: Tally[date] = Tally()
        for day, number in self.days.items():
            found[period_start(kind, day)] += number
        return {start: value for start, value in found.items() if value}

    def awards(self):
        total = self.days.total()
        weekly = {("test.regular", start) for start, value in self.counters(PeriodKind.WEEK).items() if value >= 2}
        return (
            {("test.walker", threshold) for threshold in LADDER if total >= threshold}
            | {("test.pioneer", threshold) for threshold in LADDER if self.ever >= threshold}
            | weekly
        )

    def score(self):
        pays = {"test.walker": LADDER, "test.pioneer": LADDER}
        awards = sum(pays[key][what] if key in pays else WEEKLY[2] for key, what in self.awards())
        return POINTS * self.days.total() + awards


def live(member, deed_of, random):
    """Act at random and deliver everything twice; returns what is to be expected."""
    expected = Expected()
    standing: list[ActivityEvent] = []
    for number in range(STEPS):
        if standing and random.random() < 0.35:
            event = standing.pop(random.randrange(len(standing)))
            assert reverse(event) == reverse(event)
            expected.days[event.local_date] -= 1
        else:
            deed = deed_of(number, timedelta(days=random.randrange(DAYS)))
            (event,) = record(member, deed)
            assert record(member, deed) == [event]
            standing.append(event)
            expected.add(event.local_date)
    return expected


def counters_of(member):
    rows = Counter.objects.filter(member=member).exclude(value=0)
    return {(row.period_kind, row.period_start): row.value for row in rows}


def awards_of(member):
    held = Award.objects.held().filter(member=member).select_related("achievement")
    thresholds = dict(enumerate(LADDER, start=1))
    return {
        (
            award.achievement.key,
            award.period_start if award.achievement.period_kind == "week" else thresholds[award.level],
        )
        for award in held
    }


def balances_of(member):
    return dict(Balance.objects.filter(member=member).values_list("currency", "available"))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_history_ends_where_its_replay_ends(catalogue, visit, batch):
    monday = visit().occurred_at
    for seed in range(batch * HISTORIES, (batch + 1) * HISTORIES):
        member = User.objects.create_user(f"member{seed}@harbour.example", name=f"Member {seed}")

        def deed_of(number, later):
            return visit(key=f"visit:{number}", occurred_at=monday + later)

        expected = live(member, deed_of, Random(seed))
        counted = {
            (kind.value, start): value for kind in PeriodKind for start, value in expected.counters(kind).items()
        }
        assert counters_of(member) == counted, seed
        assert awards_of(member) == expected.awards(), seed
        assert balances_of(member) == dict.fromkeys(["score", "coins"], expected.score()), seed
        rebuild(member)
        assert counters_of(member) == counted, seed
        assert balances_of(member) == dict.fromkeys(["score", "coins"], expected.score()), seed


def test_a_rebuild_repairs_what_was_tampered_with(agent, visits, visit):
    for _ in range(3):
        record(agent, visit())
    Counter.objects.filter(period_kind="week").delete()
    Counter.objects.update(value=99)
    Balance.objects.update(available=-1, lifetime=7)
    rebuild(agent)
    assert set(Counter.objects.values_list("value", flat=True)) == {3}
    assert Counter.objects.count() == 6
    assert set(Balance.objects.values_list("available", "lifetime")) == {(30, 30)}


def test_a_rebuild_of_someone_who_did_nothing_leaves_them_with_nothing(agent):
    rebuild(agent)
    assert balances_of(agent) == {"score": 0, "coins": 0}


def test_no_ledger_entry_is_ever_changed(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    (event,) = record(agent, visit())
    before = list(LedgerEntry.objects.order_by("pk").values())
    reverse(event)
    record(agent, visit())
    Metric.objects.update(points=1)
    rebuild(agent)
    assert list(LedgerEntry.objects.order_by("pk").values())[: len(before)] == before
