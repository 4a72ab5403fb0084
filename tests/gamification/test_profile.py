"""What a member has, what comes next, and why a ledger entry is there."""

from datetime import date, timedelta

import pytest
import time_machine

from gamification.explanation import explain
from gamification.models import Achievement, LedgerEntry
from gamification.profile import profile, standings
from gamification.services import record, reverse


@pytest.fixture(autouse=True)
def monday(visit):
    with time_machine.travel(visit().occurred_at, tick=False) as clock:
        yield clock


def of_visits(member):
    return [s for s in profile(member).next if s.achievement.key.startswith("test.")]


def test_someone_new_has_nothing_and_everything_ahead(agent, make_achievement):
    make_achievement("walker", {2: 50})
    mine = profile(agent)
    assert (mine.score, mine.coins, mine.awards) == (0, 0, [])
    assert "Walker" in [standing.achievement.name for standing in mine.next]


def test_the_next_level_is_the_lowest_not_yet_reached(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 5, 3: 15, 9: 45})
    for _ in range(2):
        record(agent, visit())
    (walker,) = of_visits(agent)
    assert (walker.value, walker.next_level.threshold) == (2, 3)
    assert [bool(level.earned_at) for level in walker.levels] == [True, False, False]


def test_the_nearest_comes_first_and_what_is_complete_is_left_out(agent, visits, visit, make_achievement):
    make_achievement("far", {100: 1})
    make_achievement("near", {4: 1})
    make_achievement("done", {1: 1})
    for _ in range(3):
        record(agent, visit())
    assert [standing.achievement.name for standing in of_visits(agent)] == ["Near", "Far"]


def test_progress_is_of_the_period_that_the_members_today_lies_in(agent, visits, visit, make_achievement, monday):
    make_achievement("busy", {2: 7}, period_kind="week")
    for _ in range(2):
        record(agent, visit())
    assert of_visits(agent) == []
    monday.shift(timedelta(days=7))
    (busy,) = of_visits(agent)
    assert (busy.value, busy.period_start) == (0, date(2026, 5, 11))


def test_a_level_held_in_several_periods_is_one_award_with_its_times(agent, visits, visit, make_achievement):
    make_achievement("busy", {1: 7}, period_kind="week")
    make_achievement("walker", {1: 7})
    start = visit().occurred_at
    for weeks in range(3):
        record(agent, visit(occurred_at=start + timedelta(weeks=weeks)))
    busy, walker = profile(agent).awards
    assert (busy.achievement.name, busy.times, busy.earned_at) == (
        "Busy",
        3,
        start + timedelta(weeks=2),
    )
    assert (walker.achievement.name, walker.times) == ("Walker", 1)


def test_revoked_awards_are_not_shown_and_inactive_achievements_once_earned_are(agent, visits, visit, make_achievement):
    kept = make_achievement("kept", {1: 7}, revoke_policy="sticky")
    make_achievement("lost", {1: 7})
    reverse(record(agent, visit())[0])
    kept.is_active = False
    kept.save()
    assert [held.achievement.name for held in profile(agent).awards] == ["Kept"]


def test_a_profile_costs_the_same_however_long_the_history(
    agent, visits, visit, make_achievement, django_assert_max_num_queries
):
    start = visit().occurred_at
    for number in range(6):
        make_achievement(f"busy{number}", {1: 1, 2: 2}, period_kind="week")
    for weeks in range(4):
        record(agent, visit(occurred_at=start + timedelta(weeks=weeks), quantity=2))
    with django_assert_max_num_queries(7):
        profile(agent)


def test_standings_take_only_what_is_asked_for(agent, make_achievement):
    walker = make_achievement("walker", {1: 5})
    offered = Achievement.objects.offered().filter(pk=walker.pk)
    assert [standing.achievement for standing in standings(agent, offered)] == [walker]


def test_every_entry_can_be_explained(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    reverse(record(agent, visit())[0])
    sentences = [explain(e) for e in LedgerEntry.objects.filter(currency="score").order_by("pk")]
    assert sentences == [
        "+10 for “Visit to 12 Elm Street” (Visits).",
        "+50 for Walker 1, reached with “Visit to 12 Elm Street”.",
        "-10 because “Visit to 12 Elm Street” was undone: it no longer counts.",
        "-50 because “Visit to 12 Elm Street” was undone: Walker 1 is no longer reached.",
    ]
