# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Somebody's day, and the occurrences that others may see of it."""

from datetime import UTC, date, datetime

import pytest

from events.agenda import agenda
from events.models import Access
from events.occurrences import Narrowing, occurrences_for
from events.services import book_resource, cancel_event, invite, rsvp, share_calendar

pytestmark = pytest.mark.usefixtures("clock")
MONDAY = date(2026, 3, 2)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)


def titles(user, day=MONDAY):
    return [item.title for item in agenda(user, day=day)]


def test_a_day_holds_ones_own_the_teams_and_what_one_is_invited_to(plan, team_calendar, agent, coordinator, stranger):
    plan("2026-03-02T14:00", title="Later")
    plan("2026-03-02T09:00", title="Early", attendees=[stranger])
    plan("2026-03-02T10:00", title="Team", into=team_calendar)
    plan("2026-03-02T00:00", title="All day", all_day=True, duration_minutes=1440)
    plan("2026-03-03T09:00", title="Tomorrow")
    cancel_event(plan("2026-03-02T11:00", title="Cancelled"), by=agent)
    assert titles(agent) == ["All day", "Early", "Team", "Later"]
    assert titles(coordinator) == ["Team"]
    assert titles(stranger) == ["Early"]


def test_what_one_declined_is_off_ones_day(plan, stranger):
    event = plan("2026-03-02T09:00", attendees=[stranger])
    rsvp(event, status="declined", by=stranger)
    assert titles(stranger) == []


def test_a_day_is_a_day_where_one_lives(plan, agent):
    plan("2026-03-02T21:00", title="Evening")
    assert titles(agent) == ["Evening"]
    agent.timezone = "Asia/Tokyo"
    assert (titles(agent), titles(agent, date(2026, 3, 3))) == ([], ["Evening"])


def test_an_item_names_its_resources_for_that_date_only(plan, room, van, agent):
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=2")
    book_resource(series, van, by=agent)
    book_resource(series, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)
    assert [item.resources for item in agenda(agent, day=MONDAY)] == [("Van",)]
    assert [item.resources for item in agenda(agent, day=date(2026, 3, 9))] == [("Van", "Viewing room")]


def test_a_full_day_takes_no_more_queries_than_an_empty_one(plan, room, agent, django_assert_max_num_queries):
    for hour in range(8, 18):
        book_resource(plan(f"2026-03-02T{hour:02}:00", recurrence="FREQ=DAILY;COUNT=3"), room, by=agent)
    with django_assert_max_num_queries(6):
        assert len(agenda(agent, day=MONDAY)) == 10


def test_occurrences_show_busy_to_those_who_may_see_no_more(plan, calendar, agent, stranger):
    plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY", location="12 Quay Street")
    assert occurrences_for(stranger, START, END) == []
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    seen = occurrences_for(stranger, START, END)
    assert {(each.title, each.event, each.location) for each in seen} == {("Busy", None, "")}
    assert len(seen) == 2
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    assert {each.title for each in occurrences_for(stranger, START, END)} == {"Showing"}


def test_an_invitation_shows_the_event_in_full(plan, agent, stranger):
    event = plan("2026-03-02T09:00")
    invite(event, attendees=[stranger], by=agent)
    assert [each.title for each in occurrences_for(stranger, START, END)] == ["Showing"]


def test_occurrences_are_narrowed(plan, calendar, team_calendar, room, agent, coordinator):
    weekly = plan("2026-03-02T09:00", title="Weekly", recurrence="FREQ=WEEKLY")
    plan("2026-03-03T09:00", title="Team", into=team_calendar, attendees=[coordinator])
    book_resource(weekly, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)

    def found(**narrowed):
        return [
            f"{each.title} {each.recurrence_id.day}"
            for each in occurrences_for(agent, START, END, Narrowing(**narrowed))
        ]

    assert found() == ["Weekly 2", "Team 3", "Weekly 9"]
    assert found(calendar=team_calendar.pk) == ["Team 3"]
    assert found(event=weekly.pk) == ["Weekly 2", "Weekly 9"]
    assert found(user=coordinator) == ["Team 3"]
    assert found(resource=room) == ["Weekly 9"]


def test_many_series_take_no_more_queries_than_one(plan, agent, django_assert_max_num_queries):
    for hour in range(20):
        plan(f"2026-03-02T{hour:02}:00", recurrence="FREQ=DAILY", exdates=[datetime(2026, 3, 4, hour)])
    with django_assert_max_num_queries(5):
        assert len(occurrences_for(agent, START, END)) == 20 * 12


def test_a_day_is_without_the_dates_that_somebody_stays_away_from(plan, agent, coordinator, manager):
    second = datetime(2026, 3, 9, 9)
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3", attendees=[coordinator, manager])
    rsvp(series, status="declined", by=coordinator, recurrence_id=second)
    rsvp(series, status="declined", by=manager)
    rsvp(series, status="accepted", by=manager, recurrence_id=second)
    assert [len(agenda(coordinator, day=day)) for day in (MONDAY, second.date())] == [1, 0]
    assert [len(agenda(manager, day=day)) for day in (MONDAY, second.date())] == [0, 1]
    far = datetime(2026, 4, 1, tzinfo=UTC)
    taken = {user: occurrences_for(user, START, far, Narrowing(user=user)) for user in (coordinator, manager)}
    assert [each.recurrence_id for each in taken[coordinator]] == [datetime(2026, 3, day, 9) for day in (2, 16)]
    assert [each.recurrence_id for each in taken[manager]] == [second]
