"""Calendars of the office: all staff read them, its leaders manage them, and the house keeps the public holidays."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from estateman.common.clock import now
from events.availability import working
from events.busy import hours_of
from events.holidays import UnknownCountry, holidays_of
from events.jobs import roll_horizon
from events.models import Calendar, Event
from events.services import (
    DifferentDay,
    SlotTaken,
    archive_calendar,
    cancel_event,
    change_calendar,
    create_calendar,
    create_event,
    edit_event,
    fill_holidays,
    set_hours,
)
from tests.support.visiting import book, open_on_monday, open_page

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def office(manager):
    return create_calendar(name="Office", office=True, by=manager)


@pytest.fixture
def holidays(manager):
    return create_calendar(name="Holidays", office=True, holidays_of="US-NY", timezone="America/New_York", by=manager)


def test_all_staff_read_it_and_leaders_manage_it(office, manager, agent, stranger, admin_user):
    assert office.is_office
    assert [office.access_of(who) for who in (agent, stranger, manager, admin_user)] == [2, 2, 4, 4]


def test_only_leaders_open_one(agent, team, manager):
    with pytest.raises(PermissionDenied):
        create_calendar(name="Office", office=True, by=agent)
    with pytest.raises(ValidationError):
        create_calendar(name="Office", office=True, team=team, by=manager)


def test_the_holidays_of_four_years_are_there_at_once(holidays):
    found = {str(event.starts_at.date()): event.title for event in holidays.events.all()}
    assert (found["2025-12-25"], found["2028-07-04"]) == ("Christmas Day", "Independence Day")
    assert found["2026-02-12"] == "Lincoln's Birthday"
    assert {day[:4] for day in found} == {"2025", "2026", "2027", "2028"}
    event = holidays.events.first()
    assert (event.all_day, event.is_busy, event.duration_minutes, event.timezone) == (
        True,
        False,
        1440,
        "America/New_York",
    )


def test_filling_again_doubles_nothing(holidays):
    before = holidays.events.count()
    assert fill_holidays(holidays) == 0
    assert holidays.events.count() == before


def test_a_name_that_changed_is_put_right(holidays):
    holidays.events.filter(title="Christmas Day").update(title="Xmas")
    fill_holidays(holidays)
    assert holidays.events.filter(title="Christmas Day").count() == 4


def test_the_job_goes_on_year_by_year(holidays, office):
    with time_machine.travel("2027-01-02T12:00:00Z"):
        roll_horizon()
    assert holidays.events.filter(starts_at__gte=datetime(2029, 1, 1)).exists()  # noqa: DTZ001  local
    assert not office.events.exists()


def test_nobody_else_writes_there(holidays, manager, api):
    event = holidays.events.first()
    with pytest.raises(PermissionDenied):
        create_event(holidays, title="Outing", starts_at=event.starts_at, by=manager)
    with pytest.raises(PermissionDenied):
        edit_event(event, changes={"title": "Outing"}, by=manager)
    assert api(manager).delete(f"/api/v1/events/{event.pk}").status_code == 403


def test_it_can_be_put_away_although_there_is_always_another(holidays, manager):
    archive_calendar(holidays, by=manager)
    assert holidays.is_archived


@pytest.mark.parametrize("code", ["XX", "us", "US-XX", "US-", "-", "US\x00", "../US", "HolidayBase", "USA"])
def test_an_unknown_country_is_refused(manager, code):
    with pytest.raises(UnknownCountry):
        holidays_of(code, [2026])
    with pytest.raises(ValidationError) as refused:
        create_calendar(name="Holidays", office=True, holidays_of=code, by=manager)
    assert "holidays_of" in refused.value.message_dict


def test_holidays_are_the_offices(agent, api):
    answer = api(agent).post("/api/v1/calendars", {"name": "Mine", "holidays_of": "US"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "holidays_of")


def test_over_the_api(api, manager, agent):
    new = {"name": "Holidays", "timezone": "Europe/Berlin", "office": True, "holidays_of": "DE-BY"}
    assert api(agent).post("/api/v1/calendars", new).status_code == 403
    made = api(manager).post("/api/v1/calendars", new)
    assert made.status_code == 201
    body = made.json()
    assert (body["owner"], body["team"], body["holidays_of"], body["conflicts"]) == (None, None, "DE-BY", "warn")
    seen = api(agent).get(f"/api/v1/calendars/{body['id']}").json()
    assert seen["access"] == "read"
    week = api(agent).get(f"/api/v1/occurrences?from=2026-12-20&to=2026-12-28&calendar={body['id']}").json()
    assert "Christmas Day" in [each["title"] for each in week["results"]]
    changed = api(manager).patch(f"/api/v1/calendars/{body['id']}", {"conflicts": "ignore", "holidays_of": "US"})
    assert (changed.json()["conflicts"], changed.json()["holidays_of"]) == ("ignore", "DE-BY")
    assert api(manager).patch(f"/api/v1/calendars/{body['id']}", {"conflicts": "maybe"}).status_code == 400


def test_in_the_admin(client, manager):
    client.force_login(manager)
    form = {
        "name": "Holidays", "office": "on", "timezone": "America/New_York", "color": "#2563eb", "conflicts": "warn",
        "reminder_minutes": "[]", "holidays_of": "US", "shares-TOTAL_FORMS": 0, "shares-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = client.post("/admin/events/calendar/add/", form)
    assert answer.status_code == 302, answer.context["errors"]
    assert Event.objects.filter(calendar__holidays_of="US", calendar__owner=None).count() > 40


# The days on which the office is closed


@pytest.fixture
def closed(manager):
    return create_calendar(name="Closed", office=True, closes_office=True, timezone="America/New_York", by=manager)


def whole_days(calendar, day, days=1, **fields):
    start = datetime.fromisoformat(day)
    return create_event(calendar, title="Closed", starts_at=start, duration_minutes=days * 1440, all_day=True, **fields)


def at_work(person, first="2026-03-02", last="2026-03-14"):
    start, end = (datetime.fromisoformat(f"{day}T00:00:00-05:00") for day in (first, last))
    return [f"{since:%d}" for since, _ in working(hours_of([person], start, end)[person.pk], start, end)]


def test_nobody_works_on_its_whole_days(closed, manager, agent, stranger):
    whole_days(closed, "2026-03-05", days=2, by=manager)
    whole_days(closed, "2026-03-09", recurrence="FREQ=WEEKLY;COUNT=2", by=manager)
    create_event(closed, title="Party", starts_at=datetime.fromisoformat("2026-03-03T09:00"), by=manager)
    for person in (agent, stranger):
        assert at_work(person) == ["02", "03", "04", "10", "11", "12", "13"]


def test_a_day_with_two_clocks_is_one_day(closed, manager, agent):
    set_hours(agent, weekly={weekday: [(540, 1020)] for weekday in range(7)}, by=agent)
    whole_days(closed, "2026-03-07", days=2, by=manager)
    assert at_work(agent, "2026-03-06", "2026-03-10") == ["06", "09"]


def test_who_has_hours_of_their_own_then_works(closed, manager, agent):
    whole_days(closed, "2026-03-05", by=manager)
    set_hours(agent, exceptions=[DifferentDay(date(2026, 3, 5), [(600, 720)])], by=agent)
    assert "05" in at_work(agent)


def test_they_are_open_where_it_was_cancelled_or_put_away_or_closes_nothing(closed, manager, agent):
    event = whole_days(closed, "2026-03-05", by=manager)
    whole_days(closed, "2026-03-06", by=manager)
    cancel_event(event, by=manager)
    assert [day for day in ("05", "06") if day in at_work(agent)] == ["05"]
    change_calendar(closed, changes={"closes_office": False}, by=manager)
    assert "06" in at_work(agent)
    change_calendar(closed, changes={"closes_office": True}, by=manager)
    assert "06" not in at_work(agent)
    Calendar.objects.filter(pk=closed.pk).update(archived_at=now())
    assert "06" in at_work(agent)


def test_visitors_book_nothing_then(closed, manager, agent, calendar):
    page = open_page(agent)
    assert open_on_monday(page)
    whole_days(closed, "2026-03-02", by=manager)
    assert open_on_monday(page) == []
    with pytest.raises(SlotTaken):
        book(page)


def test_only_the_offices_calendars_close_it(calendar, team_calendar, agent, api):
    with pytest.raises(ValidationError):
        create_calendar(name="Mine", closes_office=True, by=agent)
    for each in (calendar, team_calendar):
        with pytest.raises(ValidationError):
            change_calendar(each, changes={"closes_office": True}, by=agent)
    assert api(agent).patch(f"/api/v1/calendars/{calendar.pk}", {"closes_office": True}).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        Calendar.objects.filter(pk=calendar.pk).update(closes_office=True)


def test_availability_and_ones_hours_say_when(closed, manager, agent, api, browser):
    whole_days(closed, "2026-03-05", by=manager)
    seen = api(agent).get(f"/api/v1/users/{agent.pk}/availability", {"from": "2026-03-02", "to": "2026-03-07"}).json()
    assert (seen["closed"], len(seen["working"])) == (["2026-03-05"], 4)
    assert "The office is closed on Thu 5 Mar 2026." in browser.get("/hours").content.decode()


def test_it_is_switched_on_its_page(office, manager, agent, client, browser):
    sent = {"name": "Office", "color": "#2563eb", "timezone": "America/New_York", "conflicts": "warn", "version": 1}
    assert browser.post(f"/calendars/{office.pk}/settings", {**sent, "closes_office": "on"}).status_code == 403
    client.force_login(manager)
    assert client.post(f"/calendars/{office.pk}/settings", {**sent, "closes_office": "on"}).status_code == 302
    office.refresh_from_db()
    assert office.closes_office
