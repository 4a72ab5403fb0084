"""The morning's list: once a day for each person, at 08:00 where they are."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tasks import services
from tasks.activities import DigestDue
from tasks.lead_times import is_time_for_the_list, morning_of
from tasks.models import OverdueDigest

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
FRIDAY = date(2026, 5, 8)


@pytest.fixture
def look(told):
    """Look at that time in that zone; returns whose lists were announced so far."""

    def at(hour, *, minute=0, day=FRIDAY, zone=NEW_YORK):
        instant = datetime.combine(day, time(hour, minute), ZoneInfo(zone))
        with time_machine.travel(instant, tick=False):
            services.send_overdue_digests()
        return [(fact.user_id, fact.on) for fact in told(DigestDue)]

    return at


@pytest.fixture
def late(make_task, agent):
    return make_task("Photos", assignees=[agent], due_on=FRIDAY - timedelta(days=2))


def test_it_comes_at_eight_and_once_a_day(late, look, agent):
    assert look(7, minute=59) == []
    assert look(8) == [(agent.pk, "2026-05-08")]
    assert look(8, minute=5) == look(19) == [(agent.pk, "2026-05-08")]
    assert look(8, day=FRIDAY + timedelta(days=1)) == [(agent.pk, "2026-05-08"), (agent.pk, "2026-05-09")]


def test_a_clock_that_stood_still_in_the_morning_makes_up_for_it(late, look, agent):
    assert look(7) == []
    assert look(11) == [(agent.pk, "2026-05-08")]


def test_but_not_at_night(late, look):
    assert look(20) == look(23) == []


def test_each_has_it_by_the_clock_where_they_are(late, look, agent, coordinator):
    coordinator.timezone = KOLKATA
    coordinator.save()
    services.assign_task(late, user=coordinator, by=coordinator)
    assert look(8, zone=KOLKATA) == [(coordinator.pk, "2026-05-08")]
    assert look(8) == [(coordinator.pk, "2026-05-08"), (agent.pk, "2026-05-08")]


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_the_days_that_the_clocks_change_have_one_morning_too(make_task, look, agent, day):
    make_task("Photos", assignees=[agent], due_on=day)
    assert look(7, minute=59, day=day) == []
    assert look(8, day=day) == look(9, day=day) == [(agent.pk, day.isoformat())]


def test_it_has_what_is_overdue_and_what_is_due_in_three_days_of_all_deals(make_task, look, told, agent, manager):
    other = services.open_project(name="5 Mill Lane", kind="lease", by=manager, roles={"listing_agent": agent})
    due = {
        days: make_task(f"{days}", assignees=[agent], due_on=FRIDAY + timedelta(days=days))
        for days in (-9, -1, 0, 3, 4)
    }
    theirs = make_task("Theirs", project=other, assignees=[agent], due_on=FRIDAY - timedelta(days=3))
    deadline = make_task("Deadline", assignees=[agent], deadline_on=FRIDAY, deadline_time=time(7))
    soon = make_task(
        "Soon", assignees=[agent], due_on=FRIDAY + timedelta(days=9), deadline_on=FRIDAY + timedelta(days=1)
    )
    done = make_task("Done", assignees=[agent], due_on=FRIDAY)
    services.complete_task(done, by=agent)
    look(8)
    (fact,) = told(DigestDue)
    assert fact.overdue_ids == (due[-9].pk, theirs.pk, due[-1].pk, deadline.pk)
    assert fact.upcoming_ids == (due[0].pk, soon.pk, due[3].pk)
    assert fact.rooms() == (f"user:{agent.pk}",)


def test_an_empty_one_is_not_sent_and_what_turns_up_at_noon_waits_for_tomorrow(make_task, look, agent):
    assert look(8) == []
    make_task("Photos", assignees=[agent], due_on=FRIDAY)
    assert look(12) == []
    assert look(8, day=FRIDAY + timedelta(days=1)) == [(agent.pk, "2026-05-09")]


def test_who_left_has_none_and_what_is_archived_is_not_listed(late, look, agent, coordinator, deal, manager):
    services.assign_task(late, user=coordinator, by=manager)
    agent.is_active = False
    agent.save()
    assert look(8) == [(coordinator.pk, "2026-05-08")]
    services.archive_project(deal, by=manager)
    assert look(8, day=FRIDAY + timedelta(days=1)) == [(coordinator.pk, "2026-05-08")]


def test_one_list_that_fails_stops_nobody_elses(late, look, agent, coordinator, monkeypatch):
    services.assign_task(late, user=coordinator, by=coordinator)
    listed = services.digests._listed

    def failing(user, today, at):
        if user.pk == agent.pk:
            raise ZeroDivisionError
        return listed(user, today, at)

    with monkeypatch.context() as patch:
        patch.setattr("tasks.services.digests._listed", failing)
        assert look(8) == [(coordinator.pk, "2026-05-08")]
    assert (agent.pk, "2026-05-08") in look(9)


@pytest.mark.django_db(transaction=True)
def test_two_clocks_make_one_list(late, in_threads, told):
    with time_machine.travel(datetime.combine(FRIDAY, time(9), ZoneInfo(NEW_YORK)), tick=False):
        assert sorted(in_threads(4, lambda _: services.send_overdue_digests())) == [0, 0, 0, 1]
    assert len(told(DigestDue)) == 1


def test_that_a_list_was_made_is_forgotten_after_a_month(late, look):
    look(8)
    assert OverdueDigest.objects.exists()
    with time_machine.travel(datetime(2026, 6, 20, tzinfo=ZoneInfo(NEW_YORK))):
        services.forget_old_digests()
    assert not OverdueDigest.objects.exists()


@given(
    seconds=st.integers(min_value=1_577_836_800, max_value=2_051_222_400),
    zone=st.sampled_from(
        [NEW_YORK, KOLKATA, "Australia/Sydney", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns", "UTC"]
    ),
)
def test_every_day_has_one_morning_wherever_it_is(seconds, zone):
    at = datetime.fromtimestamp(seconds, UTC)
    day = morning_of(at, zone)
    local = at.astimezone(ZoneInfo(zone))
    since = local.replace(tzinfo=None) - datetime.combine(day, time(8))
    assert timedelta(0) <= since < timedelta(days=1)
    assert not is_time_for_the_list(at, zone) or day == local.date()
