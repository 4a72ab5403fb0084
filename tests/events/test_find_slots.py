"""Finding a time over the API: people, resources, and words for why."""

from datetime import date

import pytest

from events.models import Blackout, Resource
from events.services import add_time_off, book_resource, create_resource, set_hours

pytestmark = pytest.mark.usefixtures("clock")
WINDOW = {"from": "2026-03-02T00:00:00-05:00", "to": "2026-03-03T00:00:00-05:00", "duration_minutes": 60}
MOST_QUERIES = 13


def find(client, **asked):
    return client.post("/api/v1/scheduling/find-slots", {**WINDOW, **asked})


def times(answer):
    assert answer.status_code == 200, answer.json()
    return [each["starts_at"][11:16] for each in answer.json()["slots"]]


def test_two_people_and_a_room(api, agent, coordinator, plan, room):
    set_hours(coordinator, weekly={0: [(600, 780)]}, by=coordinator)
    plan("2026-03-02T10:00")
    book_resource(plan("2026-03-02T11:00", title="Somebody's"), room, by=agent)
    answer = find(
        api(agent), required=[agent.pk, coordinator.pk], resources=[{"kind": "room", "capacity": 4}], step_minutes=30
    )
    assert times(answer) == ["17:00"]
    (slot,) = answer.json()["slots"]
    assert slot["ends_at"][11:16] == "18:00"
    assert slot["resources"] == [{"resource": room.pk, "name": "Viewing room", "capacity": 8}]
    assert slot["reasons"] == [
        "Alex Agent and Cora Coordinator can, within working hours.",
        "Viewing room (8 places) is free.",
    ]
    assert answer.json()["total"] == 1
    assert answer.json()["why_none"] == []


def test_optional_people_rank_and_the_smallest_room_is_given(api, agent, coordinator, manager, room, plan):
    create_resource(name="Hall", kind="room", capacity=40, by=manager)
    set_hours(agent, weekly={0: [(540, 720)]}, by=agent)
    plan("2026-03-02T09:00", attendees=[coordinator])
    answer = find(api(agent), optional=[agent.pk, coordinator.pk], resources=[{"kind": "room"}], limit=2)
    assert times(answer) == ["15:00", "15:15"]
    assert answer.json()["slots"][0]["reasons"] == [
        "2 of 2 optional people are free.",
        "Viewing room (8 places) is the smallest room that is free.",
    ]


def test_why_there_is_none(api, agent, coordinator, room):
    add_time_off(coordinator, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 2), by=coordinator)
    needs = [{"resource": room.pk}, {"kind": "room", "capacity": 90, "features": ["piano"]}]
    answer = find(api(agent), required=[agent.pk, coordinator.pk], resources=needs)
    assert times(answer) == []
    assert answer.json()["why_none"] == [
        {
            "user": coordinator.pk,
            "need": None,
            "detail": "Cora Coordinator does not work that long at a stretch in this time.",
        },
        {"user": None, "need": 1, "detail": "There is no room for 90 with piano."},
    ]


def test_hours_units_blackouts_buffers_and_who_may_book_count(api, agent, manager, room, van, plan):
    Resource.objects.filter(pk=room.pk).update(bookable_hours={"0": [[600, 900]]}, buffer_before_minutes=30)
    Blackout.objects.create(resource=room, starts_at="2026-03-02T15:00:00Z", ends_at="2026-03-02T16:00:00Z")
    assert times(find(api(agent), resources=[{"resource": room.pk}], step_minutes=30, limit=50)) == [
        "16:30", "17:00", "17:30", "18:00", "18:30", "19:00",
    ]  # fmt: skip
    Resource.objects.filter(pk=van.pk).update(units=2)
    book_resource(plan("2026-03-02T00:00", duration_minutes=1440), van, by=agent)
    assert find(api(agent), resources=[{"resource": van.pk}]).json()["total"] > 0
    Resource.objects.filter(pk=van.pk).update(bookers="leaders")
    assert find(api(agent), resources=[{"resource": van.pk}]).json()["why_none"][0]["detail"] == "There is no Van."
    assert find(api(manager), resources=[{"resource": van.pk}]).json()["total"] > 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "required"),
        ({"required": [999_999]}, "required"),
        ({"required": "all"}, "required"),
        ({"required": [2**70]}, "required.0"),
        ({"resources": [{}]}, "resources.0.non_field_errors"),
        ({"resources": [{"kind": "boat"}]}, "resources.0.kind"),
        ({"resources": [{"features": ["a\x00"]}]}, "resources.0.features.0"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"to": "2027-03-02"}, "to"),
        ({"step_minutes": 1}, "step_minutes"),
        ({"limit": 1000}, "limit"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(api, agent, asked, field):
    usual = {} if not asked else {"required": [agent.pk]}
    answer = find(api(agent), **{**usual, **asked})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == field


def test_ten_people_and_twenty_rooms_over_two_weeks_take_no_more_queries_than_two_and_one(  # noqa: PLR0913, PLR0917
    api, agent, manager, coordinator, room, plan, django_user_model, django_assert_max_num_queries
):
    client, more = api(manager), {"to": "2026-03-16T00:00:00-05:00", "resources": [{"kind": "room"}]}
    plan("2026-03-02T10:00", recurrence="FREQ=DAILY", attendees=[coordinator])
    people = [agent, coordinator]
    with django_assert_max_num_queries(MOST_QUERIES):
        assert times(find(client, required=[each.pk for each in people], **more))
    for number in range(8):
        person = django_user_model.objects.create_user(f"more{number}@harbour.example", name=f"More {number}")
        set_hours(person, weekly=dict.fromkeys(range(5), ((480, 1000),)), by=person)
        people.append(person)
    for number in range(19):
        extra = create_resource(name=f"Room {number}", kind="room", capacity=number + 1, by=manager)
        book_resource(plan(f"2026-03-{number % 9 + 2:02}T10:00", attendees=people[1:]), extra, by=manager)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert times(find(client, required=[each.pk for each in people], **more))
