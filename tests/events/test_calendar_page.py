"""The calendar's page: weeks, months, days and lists, of the calendars that somebody chose."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.calendar_window import View, Window
from events.layout import side_by_side
from events.models import Access, Calendar
from events.services import create_calendar, invite, rsvp, share_calendar

MARCH = {"view": "agenda", "date": "2026-03-01"}
spans = st.lists(
    st.tuples(st.integers(0, 1400), st.integers(1, 300)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=12
).map(sorted)


@pytest.fixture(autouse=True)
def _sunday(clock):
    return clock


def shown(browser, **asked):
    page = browser.get("/calendar", asked)
    assert page.status_code == 200
    return page.context


@given(spans)
def test_what_overlaps_never_stands_in_one_column(found):
    places = side_by_side(found)
    for one, (since, until) in enumerate(found):
        assert 0 <= places[one].column < places[one].columns
        for other, (begins, ends) in enumerate(found[:one]):
            if begins < until and since < ends:
                assert places[one].column != places[other].column
                assert places[one].columns == places[other].columns


@given(st.sampled_from(View), st.dates(date(1971, 1, 1), date(2199, 11, 30)))
def test_every_window_holds_its_day_and_steps_lead_on_without_a_gap(view, day):
    window = Window(view, day)
    assert day in window.days
    assert (view is View.MONTH) or Window(view, window.after).first == window.first + timedelta(window.length)
    if view is View.MONTH:
        assert len(window.days) % 7 == 0
        assert (window.days[0].weekday(), window.days[-1].weekday()) == (0, 6)
        assert Window(view, window.after).day.month != day.month


def test_a_week_shows_its_days_with_their_entries(browser, plan):
    event = plan("2026-03-02T09:00", location="12 Quay Street")
    found = shown(browser, date="2026-03-04")
    grid = found["grid"]
    assert [day.date for day in grid.days] == [date(2026, 3, 2) + timedelta(number) for number in range(7)]
    (box,) = grid.days[0].boxes
    assert (box.entry.event, box.entry.title, box.y, box.height) == (event.pk, "Showing", 96, 48)
    page = browser.get("/calendar?date=2026-03-04").content.decode()
    assert f"/events/{event.pk}?on=2026-03-02T09:00:00" in page


def test_hours_reach_as_far_as_the_events_do(browser, plan):
    plan("2026-03-02T05:30")
    plan("2026-03-03T22:00")
    grid = shown(browser, date="2026-03-02")["grid"]
    assert (grid.first_hour, grid.height) == (5, 18 * 48)


def test_two_at_a_time_stand_beside_each_other(browser, plan):
    plan("2026-03-02T09:00")
    plan("2026-03-02T09:30", title="Valuation")
    boxes = shown(browser, date="2026-03-02")["grid"].days[0].boxes
    assert [(box.x, box.width) for box in boxes] == [(0, 50), (50, 50)]


def test_whole_days_keep_their_date_in_every_zone(browser, plan, agent):
    plan("2026-03-03T00:00", all_day=True, duration_minutes=2 * 1440, title="Fair")
    agent.timezone = "Pacific/Auckland"
    agent.save()
    (bar,) = shown(browser, date="2026-03-02")["grid"].bars
    assert (bar.entry.title, bar.at, bar.span) == ("Fair", 2, 2)


def test_times_are_the_readers(browser, plan, agent):
    plan("2026-03-02T09:00")
    agent.timezone = "Europe/London"
    agent.save()
    (box,) = shown(browser, date="2026-03-02")["grid"].days[0].boxes
    assert box.entry.starts == datetime.fromisoformat("2026-03-02T14:00")


def test_a_month_shows_so_many_and_says_how_many_more(browser, plan):
    for hour in range(9, 15):
        plan(f"2026-03-10T{hour:02}:00")
    weeks = shown(browser, view="month", date="2026-03-15")["weeks"]
    day = next(day for week in weeks for day in week.days if day.date == date(2026, 3, 10))
    assert (len(day.entries), day.more) == (3, 3)


def test_a_list_leaves_empty_days_out(browser, plan):
    plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3")
    found = shown(browser, view="agenda", date="2026-03-01")["listed"]
    assert [on for on, _ in found] == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]


def test_a_list_says_of_each_day_when_it_begins_and_ends_on_that_day(browser, plan):
    plan("2026-03-02T15:00", duration_minutes=50 * 60, title="Fair")
    plan("2026-03-05T22:00", duration_minutes=300, title="Party")
    plan("2026-03-08T00:00", duration_minutes=2 * 1440, all_day=True, title="Off")
    lines = [(on.day, line.begins, line.ends) for on, mine in shown(browser, **MARCH)["listed"] for line in mine]
    fair, party = datetime.fromisoformat("2026-03-02T15:00"), datetime.fromisoformat("2026-03-05T22:00")
    assert lines == [
        (2, fair, None),
        (3, None, None),
        (4, None, fair + timedelta(hours=50)),
        (5, party, None),
        (6, None, party + timedelta(hours=5)),
        (8, None, None),
        (9, None, None),
    ]
    page = " ".join(browser.get("/calendar", MARCH).content.decode().split())
    assert "3:00 PM" in page
    assert '<span class="soft small">until</span> 5:00 PM' in page


def test_over_days_it_says_when_it_begins_and_only_where_it_does(browser, plan):
    plan("2026-03-06T15:00", duration_minutes=4 * 1440, title="Fair")
    weeks = shown(browser, view="month", date="2026-03-15")["weeks"]
    bars = [bar.begins for week in weeks for bar in week.bars]
    assert bars == [datetime.fromisoformat("2026-03-06T15:00"), None]


def test_whoever_has_no_calendar_of_their_own_opens_one_here(client, browser, calendar, manager):
    client.force_login(manager)
    assert "Open my own calendar" in client.get("/calendar").content.decode()
    client.post("/calendars/open")
    assert "Open my own calendar" not in client.get("/calendar").content.decode()


def test_nothing_ahead_is_said(browser, calendar):
    assert "Nothing in these thirty days" in browser.get("/calendar?view=agenda").content.decode()


def test_calendars_are_chosen_in_the_address(browser, plan, calendar, team_calendar):
    plan("2026-03-02T09:00")
    plan("2026-03-02T11:00", title="Meeting", into=team_calendar)

    def titles(**asked):
        return [box.entry.title for box in shown(browser, date="2026-03-02", **asked)["grid"].days[0].boxes]

    assert titles() == ["Showing", "Meeting"]
    assert titles(calendar=[0, calendar.pk]) == ["Showing"]
    assert titles(calendar=[0]) == []
    assert titles(calendar=["x", "9" * 30, team_calendar.pk]) == ["Meeting"]


def test_leaders_begin_with_what_is_near_them(client, manager, calendar, plan):
    create_calendar(name="Mine", by=manager)
    plan("2026-03-02T09:00")
    client.force_login(manager)
    found = shown(client, date="2026-03-02")
    assert found["chosen"] == {Calendar.objects.get(owner=manager).pk}
    assert found["grid"].days[0].boxes == []


def test_an_invitation_is_seen_whatever_its_calendar(client, coordinator, plan, agent):
    event = plan("2026-03-02T09:00")
    invite(event, attendees=[coordinator], by=agent)
    client.force_login(coordinator)
    (box,) = shown(client, date="2026-03-02")["grid"].days[0].boxes
    assert (box.entry.title, box.entry.calendar, box.entry.is_tentative) == ("Showing", "Invitation", True)
    rsvp(event, status="declined", by=coordinator)
    (box,) = shown(client, date="2026-03-02")["grid"].days[0].boxes
    assert box.entry.answer == "declined"


def test_who_sees_only_that_somebody_is_busy_gets_no_link(client, coordinator, plan, calendar, agent):
    event = plan("2026-03-02T09:00", title="Secret")
    share_calendar(calendar, user=coordinator, access=Access.FREE_BUSY, by=agent)
    client.force_login(coordinator)
    page = client.get("/calendar?date=2026-03-02").content.decode()
    assert "Busy" in page
    assert "Secret" not in page
    assert f"/events/{event.pk}" not in page


def test_only_the_rooms_that_one_may_hear_are_named(client, coordinator, calendar, team_calendar, agent):
    share_calendar(calendar, user=coordinator, access=Access.FREE_BUSY, by=agent)
    client.force_login(coordinator)
    assert shown(client)["rooms"] == [f"calendar:{team_calendar.pk}"]


@pytest.mark.parametrize("asked", ["2026-02-30", "0001-01-01", "9999-12-31", "x", "\x00", ""])
@pytest.mark.parametrize("view", ["week", "month", "day", "agenda", "year", "\x00"])
def test_what_is_no_day_is_today(browser, calendar, asked, view):
    assert shown(browser, date=asked, view=view)["window"].day == date(2026, 3, 1)


@pytest.mark.parametrize("day", ["1971-01-01", "2199-11-30"])
@pytest.mark.parametrize("view", ["week", "month", "day", "agenda"])
def test_the_first_and_the_last_day_are_shown(browser, calendar, day, view):
    assert shown(browser, date=day, view=view)["window"].day == date.fromisoformat(day)


@pytest.mark.parametrize("view", ["week", "month", "day", "agenda"])
def test_it_costs_a_constant_number_of_queries(browser, plan, view, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(22) as counted:
            browser.get("/calendar", {"view": view, "date": "2026-03-02"})
        return len(counted)

    plan("2026-03-02T09:00", recurrence="FREQ=DAILY")
    before = queries()
    for hour in range(8):
        plan(f"2026-03-02T{10 + hour}:00", recurrence="FREQ=DAILY")
    assert queries() == before


def test_htmx_is_answered_the_part_alone(browser, calendar):
    assert "<html" not in browser.get("/calendar", headers={"HX-Request": "true"}).content.decode()


def test_a_visitor_is_sent_to_the_door(client, db):
    assert client.get("/calendar").status_code == 302
