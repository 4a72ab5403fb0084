# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Resources and bookings over the API."""

from datetime import datetime

import pytest

from events.models import Access
from events.services import book_resource, change_resource, create_calendar, share_calendar

pytestmark = pytest.mark.usefixtures("clock")
WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=3"
WINDOW = {"from": "2026-03-02T14:00:00Z", "to": "2026-03-02T15:00:00Z"}


def book(client, event, resource, body=None, query=""):
    return client.post(f"/api/v1/events/{event.pk}/resources/{resource.pk}/book{query}", body or {})


def test_a_series_is_booked_and_a_collision_is_answered_with_what_is_free(api, plan, room, agent):
    first = book(api(agent), plan("2026-03-09T09:30", title="Valuation"), room)
    assert first.status_code == 201
    assert first.json()["bookings"][0].items() >= {
        "resource": room.pk, "recurrence_id": "2026-03-09T09:30:00", "starts_at": "2026-03-09T13:30:00Z",
        "ends_at": "2026-03-09T14:30:00Z", "status": "accepted",
    }.items()  # fmt: skip
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    refused = book(api(agent), series, room)
    assert refused.status_code == 409
    assert refused.json()["type"] == "client_error"
    assert refused.json()["errors"][0]["code"] == "booking_conflict"
    assert [each["recurrence_id"] for each in refused.json()["conflicts"]] == ["2026-03-09T09:00:00"]
    assert [each["recurrence_id"] for each in refused.json()["free"]] == ["2026-03-02T09:00:00", "2026-03-16T09:00:00"]
    skipped = book(api(agent), series, room, query="?skip_conflicts=true")
    assert [each["recurrence_id"] for each in skipped.json()["bookings"]] == [
        each["recurrence_id"] for each in refused.json()["free"]
    ]


def test_one_occurrence_is_booked_by_its_local_start(api, plan, room, agent):
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    booked = book(api(agent), series, room, {"recurrence_id": "2026-03-09T09:00:00"})
    assert len(booked.json()["bookings"]) == 1
    assert book(api(agent), series, room, {"recurrence_id": "2026-03-10T09:00:00"}).status_code == 400
    assert book(api(agent), series, room, {"recurrence_id": "2026-03-09T09:00:00Z"}).status_code == 400
    assert book(api(agent), series, room, query="?skip_conflicts=perhaps").status_code == 400


def test_who_may_not_change_the_event_may_not_book_for_it(api, plan, calendar, room, agent, stranger):
    event = plan("2026-03-02T09:00")
    assert book(api(stranger), event, room).status_code == 404
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    assert book(api(stranger), event, room).status_code == 403
    assert api(agent).post(f"/api/v1/events/{event.pk}/resources/999999/book").status_code == 404


def test_what_is_free_is_found_by_kind_capacity_and_features(api, plan, room, van, agent):
    def found(**query):
        answer = api(agent).get("/api/v1/events/resources/available", {**WINDOW, **query})
        return [each["name"] for each in answer.json()["results"]]

    assert found() == ["Van", "Viewing room"]
    assert found(kind="room") == ["Viewing room"]
    assert found(capacity=8) == ["Viewing room"]
    assert found(capacity=9) == []
    assert found(features="parking, projector") == ["Viewing room"]
    assert found(features="pool") == []
    book(api(agent), plan("2026-03-02T09:30"), room)
    assert found() == ["Van"]
    assert found(to="2026-03-02T14:30:00Z") == ["Van", "Viewing room"]


@pytest.mark.parametrize("query", [{"kind": "boat"}, {"capacity": "many"}, {"from": ""}, {"to": "2026-03-01"}])
def test_wrong_searches_are_named(api, agent, query):
    assert api(agent).get("/api/v1/events/resources/available", {**WINDOW, **query}).status_code == 400


def test_leaders_arrange_resources_and_all_staff_see_them(api, manager, agent):
    body = {"name": "Drone", "kind": "equipment", "features": ["4k"]}
    assert api(agent).post("/api/v1/resources", body).status_code == 403
    made = api(manager).post("/api/v1/resources", body)
    assert made.status_code == 201
    assert made.json().items() >= {**body, "capacity": None, "is_active": True}.items()
    assert api(manager).post("/api/v1/resources", body).json()["errors"][0]["code"] == "name_taken"
    url = f"/api/v1/resources/{made.json()['id']}"
    assert api(agent).get(url).json()["name"] == "Drone"
    assert api(agent).patch(url, {"is_active": False}).status_code == 403
    assert api(manager).patch(url, {"is_active": False, "version": 1}).json()["is_active"] is False
    assert api(manager).patch(url, {"name": "Old drone", "version": 1}).status_code == 409
    assert api(manager).patch(url, {"features": "4k"}).status_code == 400
    assert [each["name"] for each in api(agent).get("/api/v1/resources", {"kind": "equipment"}).json()["results"]] == [
        "Drone"
    ]
    assert api(agent).get("/api/v1/resources", {"q": "boat"}).json()["results"] == []


def test_bookings_are_seen_by_all_but_not_for_what(api, plan, room, agent, stranger, django_assert_max_num_queries):
    mine = create_calendar(name="Sam", by=stranger)
    book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY, title="Secret"), room, by=agent)
    book_resource(plan("2026-03-03T09:00", title="Own", into=mine, by=stranger), room, by=stranger)
    client = api(stranger)
    with django_assert_max_num_queries(4):
        listed = client.get(f"/api/v1/resources/{room.pk}/bookings").json()["results"]
    assert [(each["recurrence_id"][:10], each["title"]) for each in listed] == [
        ("2026-03-02", None), ("2026-03-03", "Own"), ("2026-03-09", None), ("2026-03-16", None),
    ]  # fmt: skip
    window = client.get(f"/api/v1/resources/{room.pk}/bookings", {"from": "2026-03-03", "to": "2026-03-10"})
    assert len(window.json()["results"]) == 2
    assert client.get("/api/v1/resources/999999/bookings").status_code == 404


def test_a_booking_is_given_back_by_its_booker(api, plan, room, agent, stranger):
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    url = f"/api/v1/bookings/{booking.pk}/cancel"
    assert api(stranger).post(url).status_code == 403
    assert api(agent).post(url).json()["status"] == "cancelled"
    assert api(agent).post(url).status_code == 200
    assert api(agent).post("/api/v1/bookings/999999/cancel").status_code == 404


def test_a_move_that_collides_is_409_and_moves_nothing(api, plan, room, agent):
    book_resource(plan("2026-03-03T09:00"), room, by=agent)
    event = plan("2026-03-02T09:00")
    book_resource(event, room, by=agent)
    refused = api(agent).patch(f"/api/v1/events/{event.pk}", {"starts_at": "2026-03-03T09:30:00"})
    assert refused.json()["errors"][0]["code"] == "booking_conflict"
    event.refresh_from_db()
    assert event.starts_at == datetime(2026, 3, 2, 9)


def test_a_request_is_found_and_decided_and_its_rival_told_why(api, plan, room, agent, manager):
    change_resource(room, changes={"needs_approval": True}, by=manager)
    first, second = (book(api(agent), plan("2026-03-02T09:00"), room).json()["bookings"][0] for _ in range(2))
    assert (first["status"], second["status"]) == ("pending", "pending")
    waiting = api(manager).get("/api/v1/bookings", {"to_decide": "true"}).json()["results"]
    assert [each["id"] for each in waiting] == [first["id"], second["id"]]
    assert api(agent).get("/api/v1/bookings", {"to_decide": "true"}).json()["results"] == []
    url = f"/api/v1/bookings/{first['id']}/approve"
    assert api(agent).post(url).status_code == 403
    assert api(manager).post(url, {"whole_series": "perhaps"}).status_code == 400
    assert api(manager).post(url).json().items() >= {"status": "accepted", "decided_by": manager.pk}.items()
    late = api(manager).post(f"/api/v1/bookings/{second['id']}/approve")
    assert (late.status_code, late.json()["errors"][0]["code"], late.json()["status"]) == (
        409, "booking_decided", "declined",
    )  # fmt: skip
    assert api(manager).post("/api/v1/bookings/999999/approve").status_code == 404


def test_my_bookings_are_listed_by_start_in_constant_queries(
    api, plan, room, agent, stranger, django_assert_num_queries
):
    book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), room, by=agent)
    client = api(agent)
    with django_assert_num_queries(2):
        mine = client.get("/api/v1/bookings", {"mine": "true", "from": "2026-03-09", "resource": room.pk})
    assert [each["recurrence_id"][:10] for each in mine.json()["results"]] == ["2026-03-09", "2026-03-16"]
    assert mine.json()["results"][0]["title"] == "Showing"
    assert api(stranger).get("/api/v1/bookings", {"mine": "true"}).json()["results"] == []
    for wrong in ({"resource": "x"}, {"status": "perhaps"}, {"mine": "perhaps"}, {"resource": 10**30}):
        assert client.get("/api/v1/bookings", wrong).status_code == 400


def test_a_resource_is_closed_for_a_time_and_opened_again(api, plan, room, agent, manager):
    url, body = f"/api/v1/resources/{room.pk}/blackouts", {"starts_at": "2026-03-09", "ends_at": "2026-03-10T08:00:00Z"}
    made = api(manager).post(url, {**body, "reason": "New floor"})
    assert made.status_code == 201
    # A date is the first moment of the day where the caller is.
    assert made.json().items() >= {"starts_at": "2026-03-09T04:00:00Z", "reason": "New floor"}.items()
    refused = book(api(agent), plan("2026-03-02T09:00", recurrence=WEEKLY), room)
    assert [(each["reason"], each["title"]) for each in refused.json()["conflicts"]] == [("blackout", "New floor")]
    assert len(api(agent).get(url, {"from": "2026-03-10T00:00:00Z"}).json()["results"]) == 1
    assert api(agent).get(url, {"from": "2026-03-11"}).json()["results"] == []
    one = f"{url}/{made.json()['id']}"
    assert api(agent).delete(one).status_code == 403
    assert api(manager).delete(one.replace(f"/{room.pk}/", "/999999/")).status_code == 404
    assert api(manager).delete(one).status_code == 204
    assert api(manager).delete(one).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"starts_at": "2026-03-09", "ends_at": "2026-03-09"},
        {"starts_at": "2026-03-09", "ends_at": "0001-01-01"},
        {"starts_at": "2026-03-09", "ends_at": "9999-12-31T23:59:59Z"},
        {"starts_at": "2026-03-09", "ends_at": "2026-03-10", "reason": "a\0b"},
        {"starts_at": [1], "ends_at": {}},
    ],
)
def test_blackouts_that_are_none_are_refused(api, room, manager, body):
    assert api(manager).post(f"/api/v1/resources/{room.pk}/blackouts", body).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 0},
        {"units": 10**30},
        {"bookable_hours": []},
        {"bookable_hours": {"0": [[9, 8]]}},
        {"bookable_hours": {"0": [[9, 10**30]]}},
        {"bookable_hours": {"\0": []}},
        {"buffer_after_minutes": 1441},
        {"bookers": "team"},
        {"bookers": "nobody"},
        {"team": 10**30},
        {"release_after_minutes": 1},
    ],
)
def test_rules_that_are_none_are_refused_by_field(api, room, manager, changes):
    answer = api(manager).patch(f"/api/v1/resources/{room.pk}", changes)
    assert answer.status_code == 400
    (field,) = changes
    named = "team" if changes == {"bookers": "team"} else field
    assert {error["attr"].partition(".")[0] for error in answer.json()["errors"]} == {named}


def test_outside_the_hours_says_what_they_are(api, plan, room, agent, manager):
    hours = {"0": [[600, 720]]}
    assert api(manager).patch(f"/api/v1/resources/{room.pk}", {"bookable_hours": hours}).json()["units"] == 1
    refused = book(api(agent), plan("2026-03-02T09:00"), room)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "outside_bookable_hours")
    assert refused.json().items() >= {"bookable_hours": hours, "timezone": "America/New_York"}.items()


def test_a_booking_is_kept_longer_swapped_checked_in_to_and_released(api, plan, room, van, agent, clock):
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    (other,) = book_resource(plan("2026-03-02T09:00"), van, by=agent)

    def act(verb, body=None, of=booking):
        return api(agent).post(f"/api/v1/bookings/{of.pk}/{verb}", body or {})

    assert act("extend", {"minutes": 30}).json()["ends_at"] == "2026-03-02T15:30:00Z"
    for wrong in ({}, {"minutes": 0}, {"minutes": 1441}, {"minutes": "many"}):
        assert act("extend", wrong).status_code == 400
    assert act("swap", {"booking": other.pk}).json()["resource"] == van.pk
    assert act("swap", {"resource": van.pk}, of=other).json()["errors"][0]["code"] == "booking_conflict"
    for wrong in ({}, {"resource": 999999}, {"resource": 10**30}, {"resource": van.pk, "booking": other.pk}):
        assert act("swap", wrong).status_code == 400
    assert act("check-in").json()["errors"][0]["code"] == "check_in_closed"
    clock.move_to("2026-03-02T14:10:00Z")
    assert act("check-in").json()["checked_in_at"] == "2026-03-02T14:10:00Z"
    clock.move_to("2026-03-02T14:20:00Z")
    assert act("release").json().items() >= {"status": "accepted", "ends_at": "2026-03-02T14:20:00Z"}.items()
    assert act("release").json()["errors"][0]["code"] == "booking_over"
    assert act("release", of=other).json()["status"] == "released"
