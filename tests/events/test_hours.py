"""Working hours and time off, and what colleagues see of somebody's time."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from estateman.activity.models import Activity
from events.models import Access, HoursException, TimeOff, WeeklyHours
from events.services import DifferentDay, add_time_off, invite, remove_time_off, rsvp, set_hours, share_calendar

pytestmark = pytest.mark.usefixtures("clock")
MONDAY = {"from": "2026-03-02", "to": "2026-03-03"}


def ask(client, person, **query):
    return client.get(f"/api/v1/users/{person.pk}/availability", {**MONDAY, **query})


def times(intervals):
    return [(each["starts_at"][11:16], each["ends_at"][11:16]) for each in intervals]


def test_whose_hours_nobody_set_works_the_usual_week(api, agent):
    answer = ask(api(agent), agent, to="2026-03-09").json()
    assert answer["weekly"] == {str(weekday): [[540, 1020]] for weekday in range(5)}
    assert times(answer["working"]) == [("14:00", "22:00")] * 5
    assert answer["free"] == answer["working"]
    assert (answer["busy"], answer["conflicts"], answer["timezone"]) == ([], [], "America/New_York")


def test_one_sets_ones_own_week_and_the_days_that_differ(api, agent, clock):
    body = {
        "weekly": {"0": [[540, 720], [780, 1020]], "1": []},
        "exceptions": [{"date": "2026-03-09", "spans": [], "note": "Fair"}],
    }
    answer = api(agent).put(f"/api/v1/users/{agent.pk}/availability", body)
    assert answer.status_code == 200
    assert answer.json()["weekly"] == {"0": [[540, 720], [780, 1020]]}
    seen = ask(api(agent), agent, to="2026-03-16").json()
    assert times(seen["working"]) == [("14:00", "17:00"), ("18:00", "22:00")]
    assert seen["exceptions"] == [{"date": "2026-03-09", "spans": [], "note": "Fair"}]
    api(agent).put(f"/api/v1/users/{agent.pk}/availability", {"weekly": {}})
    assert not WeeklyHours.objects.exists()
    assert HoursException.objects.count() == 1
    assert Activity.objects.filter(kind="hours.changed").count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"weekly": {"7": []}}, "weekly"),
        ({"weekly": [[540, 1020]]}, "weekly"),
        ({"weekly": {"0": [[1020, 540]]}}, "weekly"),
        ({"weekly": {"0": [[540, 720], [700, 800]]}}, "weekly"),
        ({"weekly": {"0": [[0, 1441]]}}, "weekly"),
        ({"weekly": {"0": "nine to five"}}, "weekly"),
        ({"exceptions": [{"date": "2026-03-09", "spans": []}] * 2}, "exceptions"),
        ({"exceptions": [{"date": "0001-01-01", "spans": []}]}, "exceptions.0.date"),
        ({"exceptions": [{"date": "9999-12-31", "spans": []}]}, "exceptions.0.date"),
        ({"exceptions": [{"date": "2026-03-09", "spans": [], "note": "a\x00b"}]}, "exceptions.0.note"),
        ({"exceptions": [{"date": "2026-03-09"}]}, "exceptions.0.spans"),
    ],
)
def test_hours_that_make_no_sense_are_refused_by_field(api, agent, body, field):
    answer = api(agent).put(f"/api/v1/users/{agent.pk}/availability", body)
    assert answer.status_code == 400
    (error, *_) = answer.json()["errors"]
    assert (error["attr"], bool(error["code"])) == (field, True)
    assert not WeeklyHours.objects.exists()
    assert not HoursException.objects.exists()


def test_whose_hours_they_are_and_leaders_set_them_and_nobody_else(agent, manager, stranger):
    set_hours(agent, weekly={0: [(540, 600)]}, by=manager)
    set_hours(agent, exceptions=[DifferentDay(date(2026, 3, 9))], by=agent)
    with pytest.raises(PermissionDenied):
        set_hours(agent, weekly={}, by=stranger)
    with pytest.raises(PermissionDenied):
        add_time_off(agent, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 2), by=stranger)
    with pytest.raises(PermissionDenied):
        remove_time_off(TimeOff(user=agent), by=stranger)


def test_time_off_is_nobodys_working_time_and_why_is_told_to_few(api, agent, manager, stranger):
    body = {"starts_on": "2026-03-02", "ends_on": "2026-03-03", "reason": "Dentist"}
    made = api(agent).post(f"/api/v1/users/{agent.pk}/time-off", body)
    assert made.status_code == 201
    assert made.json().items() >= body.items()
    for client, reason in ((api(agent), "Dentist"), (api(manager), "Dentist"), (api(stranger), None)):
        seen = ask(client, agent, to="2026-03-05").json()
        assert times(seen["working"]) == [("14:00", "22:00")]
        assert [each["reason"] for each in seen["time_off"]] == [reason]
        (listed,) = client.get(f"/api/v1/users/{agent.pk}/time-off").json()["results"]
        assert listed["reason"] == reason
    address = f"/api/v1/users/{agent.pk}/time-off/{made.json()['id']}"
    assert api(stranger).delete(address).status_code == 403
    assert api(agent).delete(address).status_code == 204
    assert api(agent).delete(address).status_code == 404
    assert not Activity.objects.filter(payload__icontains="Dentist").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"starts_on": "2026-03-03", "ends_on": "2026-03-02"}, "ends_on"),
        ({"starts_on": "2026-03-03"}, "ends_on"),
        ({"starts_on": "soon", "ends_on": "2026-03-02"}, "starts_on"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-02", "reason": "x" * 201}, "reason"),
    ],
)
def test_time_off_that_makes_no_sense_is_refused_by_field(api, agent, body, field):
    answer = api(agent).post(f"/api/v1/users/{agent.pk}/time-off", body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert not TimeOff.objects.exists()


def test_what_takes_somebodys_time_is_named_to_who_may_read_it(api, agent, stranger, calendar, plan):
    event = plan("2026-03-02T10:00", title="Secret offer")
    mine = ask(api(agent), agent).json()
    assert [(each["event"], each["title"]) for each in mine["busy"]] == [(event.pk, "Secret offer")]
    theirs = ask(api(stranger), agent).json()
    assert [(each["event"], each["title"], each["recurrence_id"]) for each in theirs["busy"]] == [(None, "Busy", None)]
    assert theirs["free"] == mine["free"]
    assert times(mine["free"]) == [("14:00", "15:00"), ("16:00", "22:00")]
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    assert ask(api(stranger), agent).json()["busy"] == mine["busy"]


def test_what_falls_together_is_told_as_a_conflict(api, agent, plan):
    plan("2026-03-02T10:00", title="First")
    plan("2026-03-02T10:30", title="Second")
    plan("2026-03-02T11:30", title="Apart")
    (conflict,) = ask(api(agent), agent).json()["conflicts"]
    assert [each["title"] for each in conflict["events"]] == ["First", "Second"]
    assert (conflict["starts_at"][11:16], conflict["ends_at"][11:16]) == ("15:00", "16:30")


def test_who_declined_is_free_also_for_one_date_alone(api, agent, coordinator, plan):
    series = plan("2026-03-02T10:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=3")
    invite(series, attendees=[coordinator], by=agent)
    week = {"to": "2026-03-20"}
    assert len(ask(api(coordinator), coordinator, **week).json()["busy"]) == 3
    rsvp(series, status="declined", recurrence_id=datetime(2026, 3, 9, 10), by=coordinator)  # noqa: DTZ001  local
    left = ask(api(coordinator), coordinator, **week).json()["busy"]
    assert [each["starts_at"][:10] for each in left] == ["2026-03-02", "2026-03-16"]
    rsvp(series, status="declined", by=coordinator)
    assert ask(api(coordinator), coordinator, **week).json()["busy"] == []
    assert len(ask(api(agent), agent, **week).json()["busy"]) == 3


def test_what_makes_nobody_busy_takes_no_time(api, agent, plan):
    event = plan("2026-03-02T10:00")
    type(event).objects.filter(pk=event.pk).update(is_busy=False)
    assert ask(api(agent), agent).json()["busy"] == []


def test_the_window_is_checked_and_who_is_not_here_is_not_found(api, agent, stranger):
    assert ask(api(agent), agent, to="2026-07-01").json()["errors"][0]["attr"] == "to"
    assert ask(api(agent), agent, to="2026-03-02").status_code == 400
    stranger.is_active = False
    stranger.save()
    assert ask(api(agent), stranger).status_code == 404
    assert api(agent).get("/api/v1/users/99999999999999999999/availability", MONDAY).status_code == 404


def test_the_number_of_queries_is_constant(api, agent, coordinator, plan, django_assert_max_num_queries):
    for number in range(12):
        plan(f"2026-03-02T{number + 8:02}:15", recurrence="FREQ=WEEKLY", attendees=[coordinator])
    client = api(coordinator)
    with django_assert_max_num_queries(14):
        assert len(ask(client, agent, to="2026-05-01").json()["busy"]) > 90


def test_nine_stays_nine_over_the_change_of_clocks(api, agent):
    seen = ask(api(agent), agent, **{"from": "2026-03-06", "to": "2026-03-10"}).json()
    assert times(seen["working"]) == [("14:00", "22:00"), ("13:00", "21:00")]
    assert datetime.fromisoformat(seen["working"][1]["starts_at"]) == datetime(2026, 3, 9, 13, tzinfo=UTC)
