"""A weekly showing from the first click to the reminder: one date moved, things booked around a collision, a feed."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest
from playwright.sync_api import Locator, Page, expect

NEW_YORK = ZoneInfo("America/New_York")
TIMES = 4


@pytest.fixture
def start() -> datetime:
    """Half an hour ahead, so that the usual reminder comes due in a minute or so, and not before it is planned."""
    return (datetime.now(NEW_YORK) + timedelta(minutes=31, seconds=20)).replace(second=0, microsecond=0, tzinfo=None)


@pytest.fixture
def office(api, start):
    """A room, a van, and a meeting of Maria's that has the room on the showing's third date."""
    maria, name = api("maria"), uuid4().hex[:6]
    room = maria.post("/resources", name=f"Room {name}", kind="room")
    van = maria.post("/resources", name=f"Van {name}", kind="vehicle")
    hers = maria.post("/calendars", name=f"Maria {name}", timezone="America/New_York")
    third = start + timedelta(weeks=2)
    meeting = maria.post(
        "/events", calendar=hers["id"], title="Not for others", starts_at=third.isoformat(), duration_minutes=30
    )
    maria.post(f"/events/{meeting['id']}/resources/{room['id']}/book")
    return SimpleNamespace(room=room["name"], van=van["name"], calendar=f"Alex {name}", showing=f"Showing {name}")


@pytest.fixture
def calendar(api, office):
    return api("alex").post(
        "/calendars", name=office.calendar, timezone="America/New_York", reminder_minutes=[30], conflicts="ignore"
    )["id"]


def plan(page: Page, calendar: int, title: str, start: datetime) -> None:
    page.get_by_role("link", name="New event").click()
    page.get_by_label("Title").fill(title)
    page.locator("#id_calendar").select_option(str(calendar))
    page.get_by_label("Day", exact=True).fill(f"{start:%Y-%m-%d}")
    page.get_by_label("Starts").fill(f"{start:%H:%M}")
    page.get_by_label("Repeats").select_option(label="Every week")
    page.get_by_label("Ends", exact=True).select_option(label="After so many times")
    page.get_by_label("Times", exact=True).fill(str(TIMES))
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def look_at(page: Page, number: int) -> None:
    page.get_by_role("region", name="Next dates").get_by_role("link").nth(number).click()
    expect(page.get_by_role("region", name="Next dates").get_by_role("link").nth(number)).to_have_attribute(
        "aria-current", "date"
    )


def book_for_all(page: Page, thing: str) -> None:
    page.get_by_label("Room or thing").select_option(label=thing)
    page.get_by_label("For", exact=True).select_option(label="for all dates")
    page.get_by_role("button", name="Book", exact=True).click()


def move_to(page: Page, moved: datetime) -> None:
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_label("This date only")).to_be_checked()
    page.get_by_label("Day", exact=True).fill(f"{moved:%Y-%m-%d}")
    page.get_by_label("Starts").fill(f"{moved:%H:%M}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Differs from its series")).to_be_visible()
    when = page.get_by_role("region", name="When and where")
    expect(when).to_contain_text(f"{moved:%A}, {moved.day} {moved:%B %Y}")


def book_around(page: Page, room: str, taken: datetime) -> None:
    """The one date on which it is taken is named, but not by whom; the others are booked."""
    book_for_all(page, room)
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text(f"taken on 1 of {TIMES} dates")
    expect(refusal.get_by_role("listitem")).to_have_count(1)
    expect(refusal.get_by_role("listitem")).to_contain_text(f"{taken:%a} {taken.day} {taken:%b %Y}")
    expect(refusal).not_to_contain_text("Not for others")
    page.get_by_role("button", name="Book the dates that are free").click()
    expect(booked(page, room)).to_be_visible()


def booked(page: Page, thing: str) -> Locator:
    return page.get_by_role("region", name="Booked for it").get_by_role("link", name=thing)


def subscribe(page: Page, calendar: str) -> str:
    """The address that a calendar program is given."""
    page.goto("/calendar")
    page.get_by_role("link", name=f"Settings of {calendar}").click()
    page.get_by_role("button", name="Make an address").click()
    return page.get_by_label("Its secret address").input_value()


def test_a_weekly_showing_is_planned_moved_booked_subscribed_to_and_reminded_of_once(window, calendar, office, start):
    page = window("alex").go("/calendar")
    plan(page, calendar, office.showing, start)
    look_at(page, 1)
    moved = start + timedelta(weeks=1, days=1, hours=-2)
    move_to(page, moved)
    book_for_all(page, office.van)
    expect(booked(page, office.van)).to_be_visible()
    book_around(page, office.room, start + timedelta(weeks=2))
    for number in range(TIMES):
        look_at(page, number)
        expect(booked(page, office.van)).to_be_visible()
        expect(booked(page, office.room)).to_have_count(0 if number == 2 else 1)
    subscribed_to_as(subscribe(page, office.calendar), office.showing, start, moved)
    page.goto("/inbox")
    reminder = page.locator(".note-title", has_text=office.showing)
    expect(reminder).to_have_count(1, timeout=120_000)
    expect(reminder).to_contain_text("in 30 minutes")
    page.reload()
    expect(reminder).to_have_count(1)


def subscribed_to_as(address: str, title: str, start: datetime, moved: datetime) -> None:
    """What a calendar program reads there: the series, and the moved date by its original start."""
    feed = icalendar.Calendar.from_ical(httpx.get(address).raise_for_status().text)
    series, one = sorted(feed.walk("VEVENT"), key=lambda entry: "RECURRENCE-ID" in entry)
    assert {str(entry["SUMMARY"]) for entry in (series, one)} == {title}
    assert series["UID"] == one["UID"]
    assert series.decoded("RRULE") == {"FREQ": ["WEEKLY"], "COUNT": [TIMES]}
    assert series.decoded("DTSTART") == start.replace(tzinfo=NEW_YORK)
    assert one.decoded("RECURRENCE-ID") == (start + timedelta(weeks=1)).replace(tzinfo=NEW_YORK)
    assert one.decoded("DTSTART") == moved.replace(tzinfo=NEW_YORK)
