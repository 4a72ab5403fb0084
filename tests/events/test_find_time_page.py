"""Finding a time on the page, and planning it there."""

import pytest

from events.models import Resource
from events.services import set_hours

pytestmark = pytest.mark.usefixtures("clock")
PATH = "/calendar/find-time"


@pytest.fixture
def asked(agent, coordinator):
    """The agent and the coordinator, for an hour on a Monday or soon after."""

    def query(**fields):
        sent = {"required": [agent.pk, coordinator.pk], "length": 60, "day": "2026-03-02", "ahead": 7}
        return {**sent, **fields}

    return query


def times(page):
    return [f"{each['slot'].starts_at:%a %H:%M}" for each in page.context["slots"]]


def test_the_form_begins_with_oneself(browser, agent):
    page = browser.get(PATH)
    assert page.status_code == 200
    assert page.context["form"].initial["required"] == [agent.pk]
    assert "found" not in page.context


@pytest.fixture
def overlapping(agent, coordinator, plan):
    """Both are there from ten to twelve on Mondays, and the agent has something until half past ten."""
    for person, hours in ((agent, (540, 720)), (coordinator, (600, 780))):
        set_hours(person, weekly={0: [hours]}, by=person)
    plan("2026-03-02T10:00", duration_minutes=30)
    return coordinator


def test_the_best_times_are_listed_and_lead_to_a_form_with_all_of_it(browser, asked, overlapping, manager, room):
    page = browser.get(PATH, asked(optional=[manager.pk], thing=room.pk))
    assert times(page) == ["Mon 15:30", "Mon 15:45", "Mon 16:00"]  # 10:30 and on, in New York
    assert "Monday, 2 March, 10:30 AM to 11:30 AM" in page.content.decode()
    first = page.context["slots"][0]["plan"]
    form = browser.get(first).context["form"]
    assert str(form["day"].value()) == "2026-03-02"
    assert form["at"].value() == "10:30"
    assert form["length"].value() == "60"
    assert form["people"].value() == [str(overlapping.pk), str(manager.pk)]
    assert form["rooms"].value() == [str(room.pk)]


def test_any_room_that_is_large_enough_will_do(browser, asked, room):
    page = browser.get(PATH, asked(thing="room", capacity=8))
    assert {thing.name for each in page.context["slots"] for thing in each["slot"].things} == {room.name}
    none = browser.get(PATH, asked(thing="room", capacity=9))
    assert none.context["slots"] == []
    assert "room for 9" in none.content.decode()


def test_why_there_is_none_is_said(browser, asked, coordinator):
    set_hours(coordinator, weekly={0: [(0, 60)]}, by=coordinator)
    page = browser.get(PATH, asked())
    assert page.context["slots"] == []
    assert "No time suits" in page.content.decode()
    assert "Cora Coordinator" in page.content.decode()


def test_the_past_is_not_offered(browser, asked, clock):
    assert browser.get(PATH, asked(day="2026-02-26")).status_code == 200
    assert all(
        each["slot"].starts_at.month == 3 for each in browser.get(PATH, asked(day="2026-02-26")).context["slots"]
    )
    over = browser.get(PATH, asked(day="2026-01-01"))
    assert (over.status_code, list(over.context["form"].errors)) == (422, ["day"])


def test_what_is_kept_for_others_is_not_offered(browser, asked, room):
    Resource.objects.filter(pk=room.pk).update(bookers="leaders")
    refused = browser.get(PATH, asked(thing=room.pk))
    assert list(refused.context["form"].errors) == ["thing"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"required": []}, "required"),
        ({"required": [""]}, "required"), ({"required": ["x"]}, "required"), ({"required": ["9" * 30]}, "required"),
        ({"optional": ["9999"]}, "optional"), ({"length": "0"}, "length"), ({"length": "\x00"}, "length"),
        ({"day": "9999-12-31"}, "day"), ({"day": "0001-01-01"}, "day"), ({"day": ""}, "day"),
        ({"ahead": "365"}, "ahead"),
        ({"thing": "99"}, "thing"), ({"capacity": "-1"}, "capacity"), ({"capacity": "9" * 30}, "capacity"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field(browser, asked, wrong, field):
    refused = browser.get(PATH, asked(**wrong))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])


def test_whoever_is_not_signed_in_has_to_first(client):
    assert client.get(PATH).url.startswith("/login")


def test_it_takes_as_many_queries_however_many_come(browser, asked, manager, stranger, django_assert_max_num_queries):
    staff = [*asked()["required"], manager.pk, stranger.pk]
    with django_assert_max_num_queries(24):
        browser.get(PATH, asked(required=staff, thing="room"))
