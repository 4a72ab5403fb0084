"""Calendars, events and occurrences over the API."""

import pytest

from events.models import Access, Event
from events.services import cancel_event, create_calendar, invite, share_calendar

pytestmark = pytest.mark.usefixtures("clock")
WEEKLY = {
    "title": "Open house",
    "starts_at": "2026-03-02T09:00:00",
    "timezone": "America/New_York",
    "duration_minutes": 60,
    "recurrence": "FREQ=WEEKLY;BYDAY=MO;COUNT=10",
}


def errors(response):
    return {error["attr"]: error["detail"] for error in response.json()["errors"]}


def test_a_weekly_showing_keeps_its_hour_over_the_change_of_clocks(api, calendar, agent):
    made = api(agent).post("/api/v1/events/recurring", {"calendar": calendar.pk, **WEEKLY})
    assert made.status_code == 201
    event = made.json()
    assert event.items() >= {**WEEKLY, "calendar": calendar.pk, "exdates": [], "rdates": [], "version": 1}.items()
    found = api(agent).get("/api/v1/occurrences", {"from": "2026-03-01", "to": "2026-03-20", "event": event["id"]})
    assert [(each["starts_at"], each["local_starts_at"]) for each in found.json()["results"]] == [
        ("2026-03-02T14:00:00Z", "2026-03-02T09:00:00"),
        ("2026-03-09T13:00:00Z", "2026-03-09T09:00:00"),
        ("2026-03-16T13:00:00Z", "2026-03-16T09:00:00"),
    ]
    first = found.json()["results"][0]
    assert first["event"] == event["id"]
    assert first["recurrence_id"] == "2026-03-02T09:00:00"
    assert (first["title"], first["all_day"], first["status"]) == ("Open house", False, "confirmed")


def test_a_single_event_needs_little_and_takes_the_rest_from_its_calendar(api, calendar, agent):
    body = {"calendar": calendar.pk, "title": "Call", "starts_at": "2026-03-02T09:00"}
    made = api(agent).post("/api/v1/events", body).json()
    assert (made["timezone"], made["duration_minutes"], made["recurrence"]) == ("America/New_York", 60, "")


def test_an_all_day_event_lasts_a_day_unless_told_otherwise(api, calendar, agent):
    body = {"calendar": calendar.pk, "title": "Fair", "starts_at": "2026-03-02T00:00:00", "all_day": True}
    assert api(agent).post("/api/v1/events", body).json()["duration_minutes"] == 1440


def test_attendees_and_reminders_come_with_the_event(api, calendar, agent, coordinator):
    body = {
        "calendar": calendar.pk,
        **WEEKLY,
        "attendees": [{"user": coordinator.pk}, "guest@example.com"],
        "reminders": [{"minutes_before": 30}],
    }
    event = api(agent).post("/api/v1/events/recurring", body).json()
    people = api(coordinator).get(f"/api/v1/events/{event['id']}/attendees").json()["results"]
    assert [(each["user"], each["email"], each["status"]) for each in people] == [
        (coordinator.pk, "", "needs_action"),
        (None, "guest@example.com", "needs_action"),
    ]
    (reminder,) = api(agent).get(f"/api/v1/events/{event['id']}/reminders").json()["results"]
    assert reminder["channels"] == ["in_app", "email"]
    assert {each["state"] for each in reminder["deliveries"]} == {"pending"}


@pytest.mark.parametrize(
    ("wrong", "attr"),
    [
        ({"starts_at": "2026-03-02T09:00:00Z"}, "starts_at"),
        ({"starts_at": "2026-03-02T09:00:00-05:00"}, "starts_at"),
        ({"starts_at": 7}, "starts_at"),
        ({"starts_at": "2026-02-30T09:00:00"}, "starts_at"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": ["UTC"]}, "timezone"),
        ({"duration_minutes": "an hour"}, "duration_minutes"),
        ({"duration_minutes": -5}, "duration_minutes"),
        ({"recurrence": "FREQ=SECONDLY"}, "recurrence"),
        ({"recurrence": "FREQ=DAILY;COUNT=3;UNTIL=20270101"}, "recurrence"),
        ({"recurrence": 7}, "recurrence"),
        ({"recurrence": ""}, "recurrence"),
        ({"exdates": ["soon"]}, "exdates.0"),
        ({"exdates": "2026-03-09T09:00:00"}, "exdates"),
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"calendar": "mine"}, "calendar"),
        ({"capacity": 0}, "capacity"),
        ({"status": "cancelled"}, "status"),
        ({"attendees": [{"user": 10_000_000}]}, "attendees.0"),
        ({"attendees": [True]}, "attendees.0"),
        ({"attendees": ["nobody"]}, "attendees.0"),
        ({"reminders": [{"minutes_before": "soon"}]}, "reminders.0.minutes_before"),
    ],
)
def test_what_is_wrong_is_named(api, calendar, agent, wrong, attr):
    response = api(agent).post("/api/v1/events/recurring", {"calendar": calendar.pk, **WEEKLY, **wrong})
    assert response.status_code == 400
    assert attr in errors(response)
    assert not Event.objects.exists()


def test_a_stranger_finds_nothing_a_reader_may_not_write_a_writer_may(api, plan, calendar, agent, stranger):
    event = plan("2026-03-02T09:00")
    client, url = api(stranger), f"/api/v1/events/{event.pk}"
    new = {"calendar": calendar.pk, "title": "Mine", "starts_at": "2026-03-02T09:00:00"}

    def answers():
        return [
            client.get(url).status_code,
            client.patch(url, {"title": "Mine"}).status_code,
            client.post("/api/v1/events", new).status_code,
            client.get(f"/api/v1/calendars/{calendar.pk}").status_code,
            client.patch(f"/api/v1/calendars/{calendar.pk}", {"name": "Mine"}).status_code,
        ]

    assert answers() == [404, 404, 400, 404, 404]
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    assert answers() == [404, 404, 403, 200, 403]
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    assert answers() == [200, 403, 403, 200, 403]
    share_calendar(calendar, user=stranger, access=Access.WRITE, by=agent)
    assert answers() == [200, 200, 201, 200, 403]
    share_calendar(calendar, user=stranger, access=Access.MANAGE, by=agent)
    assert answers() == [200, 200, 201, 200, 200]


def test_nobody_signed_in_gets_401(api, calendar):
    for path in ("calendars", "events", "occurrences?from=2026-03-01&to=2026-03-02", "resources"):
        assert api(None).get(f"/api/v1/{path}").status_code == 401


def test_an_event_is_changed_with_its_version(api, plan, agent):
    url = f"/api/v1/events/{plan('2026-03-02T09:00').pk}"
    changed = api(agent).patch(url, {"title": "Second", "starts_at": "2026-03-03T10:00:00", "version": 1})
    assert (changed.json()["title"], changed.json()["starts_at"], changed.json()["version"]) == (
        "Second", "2026-03-03T10:00:00", 2,
    )  # fmt: skip
    stale = api(agent).patch(url, {"title": "Third", "version": 1})
    assert stale.status_code == 409
    assert stale.json()["errors"][0]["code"] == "version_conflict"
    assert stale.json()["current"]["version"] == 2


SECOND = "recurrence_id=2026-03-09T09:00:00"


def places(client, event):
    query = {"from": "2026-03-01", "to": "2026-06-01", "event": event}
    return [each["local_starts_at"][5:16] for each in client.get("/api/v1/occurrences", query).json()["results"]]


def test_one_date_of_a_series_is_moved_listed_as_exception_and_put_back(api, plan, agent):
    event, client = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3"), api(agent)
    url = f"/api/v1/events/{event.pk}"
    body = {"starts_at": "2026-03-10T15:00:00", "title": "Late showing", "version": 1}
    changed = client.patch(f"{url}?scope=this&{SECOND}", body)
    assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "Showing", 2)
    assert places(client, event.pk) == ["03-02T09:00", "03-10T15:00", "03-16T09:00"]
    assert client.get(f"{url}/exceptions").json()["results"] == [
        {
            "recurrence_id": "2026-03-09T09:00:00",
            "kind": "moved",
            "changes": {"starts_at": "2026-03-10T15:00:00", "title": "Late showing"},
        }
    ]
    assert client.delete(f"{url}?scope=this&recurrence_id=2026-03-16T09:00").status_code == 204
    assert [each["kind"] for each in client.get(f"{url}/exceptions").json()["results"]] == ["moved", "left_out"]
    for date in ("2026-03-09T09:00:00", "2026-03-16T09:00:00"):
        assert client.delete(f"{url}/exceptions/{date}").status_code == 204
    assert places(client, event.pk) == ["03-02T09:00", "03-09T09:00", "03-16T09:00"]
    assert client.delete(f"{url}/exceptions/2026-03-09T09:00:00").status_code == 404


def test_from_a_date_on_a_series_goes_on_as_another(api, plan, agent):
    event, client = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=4"), api(agent)
    url = f"/api/v1/events/{event.pk}"
    child = client.patch(f"{url}?scope=following&{SECOND}", {"starts_at": "2026-03-09T11:00:00"}).json()
    assert (child["follows"], child["recurrence_text"]) == (event.pk, "every week on Monday, 3 times")
    assert places(client, event.pk) == ["03-02T09:00"]
    assert places(client, child["id"]) == ["03-09T11:00", "03-16T11:00", "03-23T11:00"]
    gone = client.delete(f"/api/v1/events/{child['id']}?scope=following&recurrence_id=2026-03-16T11:00:00")
    assert gone.status_code == 204
    assert places(client, child["id"]) == ["03-09T11:00"]


def test_an_event_is_put_into_another_calendar_that_one_may_write_in(
    api, plan, agent, calendar, team_calendar, manager
):
    event, client = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=4"), api(agent)
    url = f"/api/v1/events/{event.pk}"
    theirs = create_calendar(name="Maria", by=manager)
    unseen = client.patch(url, {"calendar": theirs.pk})
    assert (unseen.status_code, list(errors(unseen))) == (400, ["calendar"])
    share_calendar(theirs, user=agent, access=Access.READ, by=manager)
    assert client.patch(url, {"calendar": theirs.pk}).status_code == 403
    one_date = client.patch(f"{url}?scope=this&{SECOND}", {"calendar": team_calendar.pk})
    assert (one_date.status_code, list(errors(one_date))) == (400, ["calendar"])
    put = client.patch(url, {"calendar": team_calendar.pk, "title": "Open house", "version": 1})
    assert put.status_code == 200
    assert [put.json()[name] for name in ("id", "calendar", "title", "version")] == [
        event.pk, team_calendar.pk, "Open house", 2,
    ]  # fmt: skip
    assert client.patch(url, {"calendar": calendar.pk, "version": 1}).json()["errors"][0]["code"] == "version_conflict"
    rest = client.patch(f"{url}?scope=following&{SECOND}", {"calendar": calendar.pk}).json()
    assert (rest["calendar"], rest["follows"]) == (calendar.pk, event.pk)


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("scope=this", "recurrence_id"),
        ("scope=following", "recurrence_id"),
        ("scope=everything", "scope"),
        ("scope=this&recurrence_id=soon", "recurrence_id"),
        ("scope=this&recurrence_id=2026-03-09T09:00:00Z", "recurrence_id"),
        ("scope=this&recurrence_id=9999-12-31T09:00:00", "recurrence_id"),
        ("scope=this&recurrence_id=2026-03-10T09:00:00", "recurrence_id"),
        ("scope=following&recurrence_id=2027-03-10T09:00:00", "recurrence_id"),
        ("scope=this&recurrence_id=%00", "recurrence_id"),
    ],
)
def test_a_wrong_part_of_a_series_is_named(api, plan, agent, query, attr):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=9")
    for send in (api(agent).patch, api(agent).delete):
        response = send(f"/api/v1/events/{event.pk}?{query}", {"title": "x"})
        assert response.status_code == 400
        assert attr in errors(response)
    assert (Event.objects.count(), event.overrides.exists()) == (1, False)


@pytest.mark.parametrize("date", ["soon", "2026-03-09T09:00:00Z", "0001-01-01T00:00:00", "9999-12-31T00:00:00", "%00"])
def test_an_exception_that_there_is_not_is_not_found(api, plan, agent, date):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY")
    assert api(agent).delete(f"/api/v1/events/{event.pk}/exceptions/{date}").status_code == 404


def test_deleting_cancels(api, plan, agent):
    event = plan("2026-03-02T09:00")
    url = f"/api/v1/events/{event.pk}"
    assert api(agent).delete(url).status_code == 204
    assert api(agent).get(url).json()["status"] == "cancelled"
    assert api(agent).delete(url).json()["errors"][0]["code"] == "event_cancelled"
    assert api(agent).patch(url, {"title": "x"}).status_code == 409
    found = api(agent).get("/api/v1/occurrences", {"from": "2026-03-01", "to": "2026-03-05"})
    assert found.json()["results"] == []


def test_events_are_listed_narrowed_and_searched(api, plan, calendar, team_calendar, agent):
    plan("2026-03-02T09:00", title="Harbour view", recurrence="FREQ=WEEKLY")
    plan("2026-06-02T09:00", title="Mill", location="Hill Road", into=team_calendar)
    cancel_event(plan("2026-04-02T09:00", title="Off"), by=agent)

    def titles(**query):
        return [each["title"] for each in api(agent).get("/api/v1/events", query).json()["results"]]

    assert titles() == ["Off", "Mill", "Harbour view"]
    assert titles(ordering="starts_at") == ["Harbour view", "Off", "Mill"]
    assert titles(calendar=team_calendar.pk) == ["Mill"]
    assert titles(q="hill road") == ["Mill"]
    assert titles(status="cancelled") == ["Off"]
    assert titles(**{"from": "2026-05-01", "to": "2026-05-20"}) == ["Harbour view"]
    assert titles(to="2026-03-02T14:00:00Z") == []
    assert api(agent).get("/api/v1/events", {"calendar": "mine"}).status_code == 400


def test_a_list_walks_by_cursor_in_the_order_of_local_starts(api, plan, agent):
    for day in (5, 3, 4):
        plan(f"2026-03-0{day}T09:00", title=str(day))
    first = api(agent).get("/api/v1/events", {"ordering": "starts_at", "limit": 2}).json()
    second = api(agent).get(first["next"]).json()
    assert [each["title"] for each in first["results"] + second["results"]] == ["3", "4", "5"]
    assert second["next"] is None


@pytest.mark.parametrize("path", ["events", "calendars", "occurrences?from=2026-03-01&to=2026-04-01"])
def test_a_list_takes_no_more_queries_for_more_rows(api, plan, agent, path, django_assert_max_num_queries):
    for hour in range(12):
        plan(f"2026-03-02T{hour:02}:00", recurrence="FREQ=WEEKLY", exdates=[], attendees=["guest@example.com"])
    client = api(agent)
    with django_assert_max_num_queries(5):
        assert client.get(f"/api/v1/{path}").status_code == 200


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"to": "2026-03-02"}, "from"),
        ({"from": "2026-03-02"}, "to"),
        ({"from": "soon", "to": "2026-03-02"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-02"}, "to"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"from": "2026-03-01", "to": "2027-04-06"}, "to"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "from"),
        ({"from": "9999-12-30", "to": "9999-12-31"}, "from"),
        ({"from": "2026-03-01", "to": "2026-03-02", "user": "me"}, "user"),
        ({"from": "2026-03-01", "to": "2026-03-02", "resource": 999_999}, "resource"),
        ({"from": "2026-03-01", "to": "2026-03-02", "calendar": "x"}, "calendar"),
    ],
)
def test_a_window_is_checked(api, agent, query, attr):
    response = api(agent).get("/api/v1/occurrences", query)
    assert response.status_code == 400
    assert attr in errors(response)


def test_a_date_in_a_window_is_a_day_where_the_asker_lives(api, plan, agent):
    plan("2026-03-02T21:00", title="Evening")

    def found(start, end):
        return len(api(agent).get("/api/v1/occurrences", {"from": start, "to": end}).json()["results"])

    assert found("2026-03-02", "2026-03-03") == 1
    assert found("2026-03-03", "2026-03-04") == 0
    assert found("2026-03-03T02:00:00+00:00", "2026-03-03T03:00:00Z") == 1
    assert found("2026-03-02T21:00:00-05:00", "2026-03-02T21:30:00-05:00") == 1


def test_more_occurrences_than_anybody_reads_are_refused(api, plan, agent, monkeypatch):
    monkeypatch.setattr("events.api.views.events.MOST_OCCURRENCES", 3)
    plan("2026-03-02T09:00", recurrence="FREQ=DAILY")
    assert api(agent).get("/api/v1/occurrences", {"from": "2026-03-01", "to": "2026-03-20"}).status_code == 400


# Calendars


def test_calendars_say_what_one_may_do_with_them(api, calendar, team_calendar, agent, coordinator):
    share_calendar(calendar, user=coordinator, access=Access.FREE_BUSY, by=agent)
    listed = api(coordinator).get("/api/v1/calendars").json()["results"]
    assert [(each["name"], each["access"]) for each in listed] == [("Alex", "free_busy"), ("Harbour sales", "write")]


def test_a_calendar_is_opened_changed_and_put_away(api, agent, team, coordinator):
    made = api(agent).post("/api/v1/calendars", {"name": "Mine"})
    assert made.status_code == 201
    assert made.json().items() >= {"name": "Mine", "timezone": "America/New_York", "access": "manage"}.items()
    url = f"/api/v1/calendars/{made.json()['id']}"
    assert api(agent).patch(url, {"color": "#112233", "version": 1}).json()["color"] == "#112233"
    assert api(agent).patch(url, {"color": "#445566", "version": 1}).status_code == 409
    assert api(agent).patch(url, {"color": "blue"}).status_code == 400
    assert api(agent).patch(url, {"reminder_minutes": ["x"]}).status_code == 400
    assert api(agent).delete(url).status_code == 204
    assert api(agent).get(url).status_code == 404
    assert api(coordinator).post("/api/v1/calendars", {"name": "Team", "team": team.pk}).status_code == 403
    assert api(agent).post("/api/v1/calendars", {"name": "Team", "team": team.pk}).json()["team"] == team.pk


def test_a_calendar_with_something_to_come_is_not_put_away(api, plan, calendar, agent):
    event = plan("2026-03-02T09:00")
    refused = api(agent).delete(f"/api/v1/calendars/{calendar.pk}")
    assert refused.status_code == 409
    assert refused.json()["events"] == [event.pk]


def test_shares_are_set_listed_and_taken_back(api, calendar, team, agent, stranger):
    url = f"/api/v1/calendars/{calendar.pk}/shares"
    assert api(agent).put(url, {"user": stranger.pk, "access": "read"}).json()["access"] == "read"
    api(agent).put(url, {"team": team.pk, "access": "free_busy"})
    listed = api(agent).get(url).json()["results"]
    assert [(each["user"], each["team"], each["access"]) for each in listed] == [
        (stranger.pk, None, "read"),
        (None, team.pk, "free_busy"),
    ]
    assert api(stranger).get(url).status_code == 403
    assert api(agent).delete(f"{url}?user={stranger.pk}").status_code == 204
    assert api(agent).delete(f"{url}?user={stranger.pk}").status_code == 404
    assert api(stranger).get(url).status_code == 404


@pytest.mark.parametrize("body", [{}, {"access": "read"}, {"user": 1, "team": 1, "access": "read"}, {"user": "x"}])
def test_a_share_names_one_holder_and_an_access(api, calendar, agent, body):
    assert api(agent).put(f"/api/v1/calendars/{calendar.pk}/shares", body).status_code == 400


# Attendees


def test_people_are_invited_and_answer(api, plan, agent, coordinator, stranger):
    event = plan("2026-03-02T09:00")
    url = f"/api/v1/events/{event.pk}"
    assert api(agent).post(f"{url}/attendees", {"attendees": [{"user": coordinator.pk}]}).status_code == 201
    assert api(coordinator).post(f"{url}/attendees", {"attendees": ["x@example.com"]}).status_code == 403
    assert api(coordinator).post(f"{url}/rsvp", {"status": "accepted"}).json()["status"] == "accepted"
    assert api(coordinator).post(f"{url}/rsvp", {"status": "perhaps"}).status_code == 400
    assert api(agent).post(f"{url}/rsvp", {"status": "accepted"}).status_code == 403
    assert api(stranger).post(f"{url}/rsvp", {"status": "accepted"}).status_code == 404


# Reminders


def test_reminders_are_set_shown_and_sent(api, plan, agent, coordinator, settle, monkeypatch):
    nudged = []
    monkeypatch.setattr("events.jobs.wake", lambda: nudged.append(1))
    event = plan("2026-03-02T09:00")
    invite(event, attendees=[coordinator], by=agent)
    url = f"/api/v1/events/{event.pk}/reminders"
    assert api(agent).post(url).json()["errors"][0]["code"] == "no_reminders"
    body = {"reminders": [{"minutes_before": 30, "channels": ["in_app"]}]}
    assert api(coordinator).put(url, body).status_code == 403
    (reminder,) = api(agent).put(url, body).json()["results"]
    assert (reminder["minutes_before"], reminder["channels"]) == (30, ["in_app"])
    assert [each["user"] for each in reminder["deliveries"]] == sorted([agent.pk, coordinator.pk])
    assert reminder["deliveries"][0].items() >= {
        "recurrence_id": "2026-03-02T09:00:00", "due_at": "2026-03-02T13:30:00Z", "state": "pending", "attempts": 0,
    }.items()  # fmt: skip
    (own,) = api(coordinator).get(url).json()["results"]
    assert [each["user"] for each in own["deliveries"]] == [coordinator.pk]
    sent = api(agent).post(url)
    assert (sent.status_code, len(sent.json()["deliveries"]), nudged) == (200, 2, [1])


@pytest.mark.parametrize(
    "reminders", ["soon", [{"minutes_before": -1}], [{"minutes_before": 5, "channels": ["pigeon"]}], [7], [{}]]
)
def test_wrong_reminders_are_named(api, plan, agent, reminders):
    url = f"/api/v1/events/{plan('2026-03-02T09:00').pk}/reminders"
    assert api(agent).put(url, {"reminders": reminders}).status_code == 400


def test_what_leaves_time_free_is_no_business_of_who_may_see_only_when_somebody_is_busy(
    api, calendar, agent, stranger, plan
):
    busy = plan("2026-03-02T09:00")
    plan("2026-03-02T11:00", is_busy=False)
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    window = {"from": "2026-03-01", "to": "2026-03-09"}
    (seen,) = api(stranger).get("/api/v1/occurrences", window).json()["results"]
    assert (seen["event"], seen["title"], seen["starts_at"]) == (None, "Busy", "2026-03-02T14:00:00Z")
    # Nor may they try number after number to learn which event it is.
    asked = {**window, "event": busy.pk}
    assert api(stranger).get("/api/v1/occurrences", asked).json()["results"] == []
    assert len(api(agent).get("/api/v1/occurrences", asked).json()["results"]) == 1
