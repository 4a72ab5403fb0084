# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Resources and bookings over the API."""

from datetime import datetime

import pytest

from events.models import Access
from events.services import book_resource, create_calendar, share_calendar

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
