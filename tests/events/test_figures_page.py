"""The page with the figures of a period."""

from datetime import UTC, datetime

import pytest

from events.services import book_resource, record_attendance, rsvp

pytestmark = pytest.mark.usefixtures("clock")
PATH = "/calendar/figures"
MARCH = {"first": "2026-03-01", "last": "2026-03-31"}


@pytest.fixture
def showing(plan, agent, coordinator, room, clock):
    """An hour on a Monday, in a room, to which the coordinator came."""
    event = plan("2026-03-02T09:00", attendees=[coordinator])
    rsvp(event, status="accepted", by=coordinator)
    book_resource(event, room, by=agent)
    clock.move_to(datetime(2026, 3, 2, 14, 30, tzinfo=UTC))
    record_attendance(event, recurrence_id=event.starts_at, by=coordinator)
    return event


def test_the_figures_of_the_days_asked_for_are_shown(browser, showing, room):
    page = browser.get(PATH, MARCH)
    assert page.context["figures"].attendance.present == 1
    text = page.content.decode()
    for words in ("100 %", "1 came, 0 did not", "1 said yes", room.name, "in 1 booking"):
        assert words in text


def test_the_last_day_counts_by_the_readers_clock(browser, showing):
    assert browser.get(PATH, {**MARCH, "last": "2026-03-02"}).context["figures"].attendance.present == 1
    assert browser.get(PATH, {**MARCH, "last": "2026-03-01"}).context["figures"].attendance.present == 0


@pytest.mark.parametrize(
    ("today", "present"), [(datetime(2026, 3, 20, 12, tzinfo=UTC), 1), (datetime(2026, 4, 20, 12, tzinfo=UTC), 0)]
)
def test_the_last_thirty_days_are_shown_to_whoever_asks_for_none(client, agent, showing, clock, today, present):
    clock.move_to(today)
    client.force_login(agent)
    assert client.get(PATH).context["figures"].attendance.present == present


def test_of_calendars_that_one_does_not_manage_nothing_is_told(client, coordinator, calendar, showing):
    client.force_login(coordinator)
    assert client.get(PATH, MARCH).context["figures"].attendance.invited == 0
    refused = client.get(PATH, {**MARCH, "calendar": calendar.pk})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["calendar"])


def test_one_calendar_is_looked_at_alone(browser, showing, calendar, team_calendar):
    chosen = {**MARCH, "calendar": calendar.pk}
    assert browser.get(PATH, chosen).context["figures"].attendance.present == 1
    assert browser.get(PATH, {**MARCH, "calendar": team_calendar.pk}).context["figures"].attendance.present == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"first": "soon"}, "first"), ({"last": ""}, "last"), ({"first": "2026-04-01"}, "last"),
        ({"first": "2024-03-01"}, "last"), ({"first": "0001-01-01"}, "last"), ({"last": "9999-12-31"}, "last"),
        ({"calendar": "x"}, "calendar"), ({"calendar": "9" * 30}, "calendar"), ({"first": "\x00"}, "first"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(browser, asked, field):
    refused = browser.get(PATH, {**MARCH, **asked})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])
    assert "figures" not in refused.context


def test_it_takes_as_many_queries_however_much_there_is(
    browser, showing, plan, agent, room, django_assert_max_num_queries
):
    for day in range(3, 7):
        book_resource(plan(f"2026-03-0{day}T09:00"), room, by=agent)
    with django_assert_max_num_queries(22):
        browser.get(PATH, MARCH)
