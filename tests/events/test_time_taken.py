# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What a calendar does about an event that falls on time that its people have taken."""

from datetime import UTC, datetime

import pytest

from events.models import Access, ConflictPolicy, Event
from events.services import (
    TimeTaken,
    cancel_occurrence,
    create_calendar,
    edit_event,
    edit_occurrence,
    rsvp,
    share_calendar,
)
from events.services.conflicts import check_conflicts

pytestmark = pytest.mark.usefixtures("clock")


def wants(calendar, policy):
    type(calendar).objects.filter(pk=calendar.pk).update(conflicts=policy)
    calendar.refresh_from_db()


@pytest.fixture
def refusing(calendar):
    wants(calendar, ConflictPolicy.REFUSE)
    return calendar


def test_it_warns_with_what_it_fell_on(plan, agent):
    first = plan("2026-03-02T10:00", title="First")
    second = plan("2026-03-02T10:30")
    assert first.conflicts == []
    assert second.conflicts == [
        {
            "recurrence_id": "2026-03-02T10:30:00",
            "user": agent.pk,
            "name": "Alex Agent",
            "event": first.pk,
            "title": "First",
            "starts_at": "2026-03-02T15:00:00Z",
            "ends_at": "2026-03-02T16:00:00Z",
        }
    ]


def test_it_refuses_and_nothing_is_planned(plan, refusing):
    plan("2026-03-02T10:00")
    with pytest.raises(TimeTaken) as refused:
        plan("2026-03-02T10:30")
    assert len(refused.value.extra["conflicts"]) == 1
    assert Event.objects.count() == 1
    plan("2026-03-02T11:00")


def test_it_ignores(plan, calendar):
    wants(calendar, ConflictPolicy.IGNORE)
    plan("2026-03-02T10:00")
    assert plan("2026-03-02T10:00").conflicts == []


def test_moving_is_judged_and_renaming_is_not(plan, refusing, agent):
    plan("2026-03-02T10:00")
    event = plan("2026-03-02T12:00")
    with pytest.raises(TimeTaken):
        edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 10, 30)}, by=agent)
    event.refresh_from_db()
    assert event.starts_at == datetime(2026, 3, 2, 12)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 12, 30)}, by=agent)
    wants(refusing, ConflictPolicy.IGNORE)
    plan("2026-03-02T12:30")
    wants(refusing, ConflictPolicy.REFUSE)
    assert edit_event(event, changes={"title": "Renamed"}, by=agent).title == "Renamed"


def test_a_series_is_judged_date_by_date_but_only_what_is_ahead_and_near(plan, calendar, clock):
    plan("2026-03-09T10:15", title="Second week")
    plan("2026-09-07T10:15", title="Half a year away")
    clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    plan("2026-02-23T10:15", title="Over")
    series = plan("2026-02-23T10:00", recurrence="FREQ=WEEKLY;BYDAY=MO")
    assert [(each["recurrence_id"], each["title"]) for each in series.conflicts] == [
        ("2026-03-09T10:00:00", "Second week")
    ]


def test_its_people_are_the_owner_and_who_was_invited_unless_they_declined(plan, calendar, agent, coordinator):
    theirs = create_calendar(name="Cora", by=coordinator)
    plan("2026-03-02T10:00", into=theirs, by=coordinator, title="Hers")
    event = plan("2026-03-02T10:00", attendees=[coordinator])
    assert [(each["user"], each["title"], each["event"]) for each in event.conflicts] == [
        (coordinator.pk, "Busy", None)
    ]
    rsvp(event, status="declined", by=coordinator)
    assert check_conflicts(event, by=agent) == []
    share_calendar(theirs, user=agent, access=Access.READ, by=coordinator)
    again = plan("2026-03-02T10:00", attendees=[coordinator])
    assert {(each["user"], each["title"]) for each in again.conflicts} == {
        (agent.pk, "Showing"),
        (coordinator.pk, "Hers"),
    }


def test_in_a_teams_calendar_only_who_was_invited_counts(plan, team_calendar, agent, coordinator):
    plan("2026-03-02T10:00")
    assert plan("2026-03-02T10:00", into=team_calendar).conflicts == []
    assert len(plan("2026-03-02T10:00", into=team_calendar, attendees=[agent]).conflicts) == 1


def test_the_answer_bears_the_warning_and_the_refusal(api, agent, plan, calendar):
    plan("2026-03-02T10:00")
    body = {"calendar": calendar.pk, "title": "Second", "starts_at": "2026-03-02T10:00:00"}
    warned = api(agent).post("/api/v1/events", body)
    assert warned.status_code == 201
    assert [each["title"] for each in warned.json()["conflicts"]] == ["Showing"]
    address = f"/api/v1/events/{warned.json()['id']}"
    assert "conflicts" not in api(agent).get(address).json()
    moved = api(agent).patch(address, {"starts_at": "2026-03-02T13:00:00"})
    assert moved.json()["conflicts"] == []
    wants(calendar, ConflictPolicy.REFUSE)
    refused = api(agent).patch(address, {"starts_at": "2026-03-02T10:00:00"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "time_taken"
    assert [each["title"] for each in refused.json()["conflicts"]] == ["Showing"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_plan_at_once_one_is_refused(plan, refusing, in_threads):
    done = in_threads(2, lambda number: plan(f"2026-03-02T10:{number}0"))
    assert sorted(type(each).__name__ for each in done) == ["Event", "TimeTaken"]


def test_dates_that_stay_at_their_time_are_not_judged_again(plan, calendar, agent):
    series = plan("2026-03-02T10:00", recurrence="FREQ=WEEKLY;COUNT=4")
    plan("2026-03-23T10:00", title="Valuation")
    wants(calendar, ConflictPolicy.REFUSE)
    cancel_occurrence(series, datetime(2026, 3, 2, 10), by=agent)
    edited = edit_occurrence(
        series, datetime(2026, 3, 9, 10), changes={"starts_at": datetime(2026, 3, 9, 12)}, by=agent
    )
    assert edited.conflicts == []
    with pytest.raises(TimeTaken):
        edit_occurrence(
            series, datetime(2026, 3, 9, 10), changes={"starts_at": datetime(2026, 3, 23, 10, 30)}, by=agent
        )


def test_a_date_that_somebody_stays_away_from_is_not_judged_for_them(plan, calendar, agent, coordinator):
    theirs = create_calendar(name="Cora", timezone="America/New_York", by=coordinator)
    plan("2026-03-09T11:00", into=theirs, by=coordinator, title="Own")
    series = plan("2026-03-02T10:00", recurrence="FREQ=WEEKLY;COUNT=3", attendees=[coordinator])
    rsvp(series, status="declined", by=coordinator, recurrence_id=datetime(2026, 3, 9, 10))
    wants(calendar, ConflictPolicy.REFUSE)
    edit_event(series, changes={"starts_at": datetime(2026, 3, 2, 11)}, by=agent)
    rsvp(series, status="declined", by=coordinator)
    rsvp(series, status="accepted", by=coordinator, recurrence_id=datetime(2026, 3, 16, 11))
    plan("2026-03-16T12:00", into=theirs, by=coordinator, title="Own")
    with pytest.raises(TimeTaken) as refused:
        edit_event(series, changes={"starts_at": datetime(2026, 3, 2, 12)}, by=agent)
    assert [each["recurrence_id"] for each in refused.value.extra["conflicts"]] == ["2026-03-16T12:00:00"]
