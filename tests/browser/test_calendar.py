"""The calendar, events and resources in a real browser: planning, answering, cancelling, and seeing it at once."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

MONDAY = date.today() + timedelta(days=7 - date.today().weekday())  # noqa: DTZ011  any day ahead will do


@pytest.fixture
def calendar(api):
    """A new one of Alex's, by its id."""
    return api("alex").post("/calendars", name=f"Calendar {uuid4().hex[:6]}", timezone="America/New_York")["id"]


@pytest.fixture
def plan(api, calendar):
    """``plan("Showing", …)``: an hour on Monday morning in it, by its id."""

    def make(title, at="09:00", **fields):
        start = f"{MONDAY}T{at}:00"
        return api("alex").post(
            "/events", calendar=calendar, title=title, starts_at=start, duration_minutes=60, **fields
        )["id"]

    return make


def week_of(calendar, day=MONDAY):
    return f"/calendar?date={day}&calendar=0&calendar={calendar}"


def test_an_event_is_planned_and_stands_in_the_week(window, calendar):
    page = window("alex").go(week_of(calendar))
    page.get_by_role("link", name="New event").click()
    page.get_by_label("Title").fill("Viewing at the quay")
    page.locator("#id_calendar").select_option(str(calendar))
    page.locator("#id_day").fill(MONDAY.isoformat())
    page.locator("#id_at").fill("14:30")
    page.get_by_label("Repeats").select_option(label="Every week")
    page.get_by_role("checkbox", name="Thu").check(force=True)
    page.get_by_label("Ends", exact=True).select_option(label="After so many times")
    page.get_by_label("Times").fill("6")
    page.get_by_label("Where").fill("12 Quay Street")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1, name="Viewing at the quay")).to_be_visible()
    expect(page.get_by_text("Repeats every week on Thursday, 6 times")).to_be_visible()
    page.goto(week_of(calendar))
    expect(page.get_by_role("link", name=re.compile("Viewing at the quay"))).to_have_count(1)


def test_a_click_between_events_begins_a_new_one_at_that_time(window, calendar):
    page = window("alex").go(week_of(calendar))
    page.locator(f"section[data-date='{MONDAY}']").click(position={"x": 30, "y": 5 * 48 + 4})
    expect(page.locator("#id_day")).to_have_value(MONDAY.isoformat())
    expect(page.locator("#id_at")).to_have_value("12:00")


def test_what_a_colleague_plans_is_seen_without_reloading(window, calendar, plan):
    page = window("alex").go(week_of(calendar))
    plan("Planned meanwhile")
    expect(page.get_by_role("link", name=re.compile("Planned meanwhile"))).to_be_visible()


def test_calendars_are_switched_off_and_on_in_the_address(window, calendar, plan):
    plan("Only here")
    page = window("alex").go(week_of(calendar))
    entry = page.get_by_role("link", name=re.compile("Only here"))
    expect(entry).to_be_visible()
    box = page.locator(f"#cal-show-{calendar}")
    box.focus()
    page.keyboard.press("Space")
    expect(entry).to_be_hidden()
    expect(page).not_to_have_url(re.compile(f"calendar={calendar}"))
    page.locator(f"#cal-show-{calendar}").check()
    expect(entry).to_be_visible()


def test_the_keyboard_reaches_an_event(window, calendar, plan):
    plan("By keyboard")
    page = window("alex").go(week_of(calendar))
    page.get_by_role("link", name=re.compile("By keyboard")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="By keyboard")).to_be_visible()


def test_an_invitation_is_answered_for_one_date(window, api, plan):
    event = plan("Meeting", recurrence="FREQ=WEEKLY;COUNT=3", attendees=[{"user": api("fiona").id}])
    page = window("fiona").go(f"/events/{event}")
    page.get_by_label("This date only").check()
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("button", name="No", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("region", name="Next dates").get_by_role("link").nth(1).click()
    expect(page.get_by_role("button", name="No", exact=True)).not_to_have_attribute("aria-pressed", "true")


def test_one_date_is_cancelled_and_the_others_stay(window, calendar, plan):
    event = plan("Weekly", recurrence="FREQ=WEEKLY;COUNT=3")
    page = window("alex").go(f"/events/{event}?on={MONDAY}T09:00:00")
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("This date only")).to_be_checked()
    dialog.get_by_role("button", name="Cancel it").click()
    expect(page).to_have_url(re.compile(r"/calendar\?date="))
    page.goto(week_of(calendar))
    expect(page.get_by_role("link", name=re.compile("^Weekly"))).to_have_count(0)
    page.goto(week_of(calendar, MONDAY + timedelta(7)))
    expect(page.get_by_role("link", name=re.compile("^Weekly"))).to_have_count(1)


def test_whoever_looks_at_either_calendar_or_at_the_event_sees_it_go_into_the_other(window, api, calendar, plan):
    name = f"Other {uuid4().hex[:6]}"
    other = api("alex").post("/calendars", name=name, timezone="America/New_York")["id"]
    event = plan("In the wrong calendar")
    old, new, shown = (window("maria").go(path) for path in (week_of(calendar), week_of(other), f"/events/{event}"))
    link = re.compile("In the wrong calendar")
    expect(old.get_by_role("link", name=link)).to_be_visible()
    expect(new.get_by_role("link", name=link)).to_have_count(0)
    page = window("alex").go(f"/events/{event}")
    page.get_by_role("link", name="Change").click()
    page.locator("#id_calendar").select_option(label=name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="In the wrong calendar")).to_be_visible()
    expect(page.get_by_text(name)).to_be_visible()
    expect(old.get_by_role("link", name=link)).to_have_count(0)
    expect(new.get_by_role("link", name=link)).to_be_visible()
    expect(shown.get_by_text(name)).to_be_visible()
    expect(shown.locator("#event")).to_have_attribute("data-room", f"calendar:{other}")


def test_taken_dates_are_said_and_left_out(window, api, calendar, plan):
    room = api("maria").post("/resources", name=f"Room {uuid4().hex[:6]}", kind="room")
    other = plan("Valuation", at="11:00")
    api("alex").post(f"/events/{other}/resources/{room['id']}/book")
    page = window("alex").go(f"/events/new?resource={room['id']}&day={MONDAY}&at=11:00")
    page.get_by_label("Title").fill("Series")
    page.locator("#id_calendar").select_option(str(calendar))
    page.get_by_label("Repeats").select_option(label="Every week")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("alert")).to_contain_text("booked already (“Valuation”)")
    page.get_by_role("button", name="Plan it, and book the dates that are free").click()
    expect(page.get_by_role("heading", level=1, name="Series")).to_be_visible()


def test_what_was_chosen_stays_when_something_happens_meanwhile(window, api, plan):
    event = plan("Meeting")
    van = api("maria").post("/resources", name=f"Van {uuid4().hex[:6]}", kind="vehicle")["name"]
    page = window("alex").go(f"/events/{event}")
    thing = page.get_by_label("Room or thing")
    thing.select_option(label=van)
    page.get_by_role("button", name="Book", exact=True).focus()
    page.evaluate("document.addEventListener('live:room', () => setTimeout(() => (window.heard = true), 1500))")
    api("alex").patch(f"/events/{event}", location="12 Quay Street", version=1)
    page.wait_for_function("window.heard")
    expect(thing.locator("option:checked")).to_have_text(van)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Booked for it").get_by_role("link", name=van)).to_be_visible()
    expect(page.get_by_text("12 Quay Street", exact=True)).to_be_visible()


def test_the_focus_stays_where_it_was_when_something_happens_meanwhile(window, calendar, plan):
    plan("By keyboard")
    page = window("alex").go(week_of(calendar))
    page.get_by_role("link", name=re.compile("By keyboard")).focus()
    plan("Planned meanwhile", at="11:00")
    expect(page.get_by_role("link", name=re.compile("Planned meanwhile"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("By keyboard"))).to_be_focused()


def test_what_is_planned_before_the_page_is_live_is_shown_as_well(window, calendar, plan):
    other = window("maria").go(week_of(calendar))
    page, held = window("alex").page, []
    page.route_web_socket(re.compile("/ws/me"), lambda socket: held.append(socket))  # noqa: PLW0108  it must be a function
    page.goto(week_of(calendar))
    plan("Planned meanwhile")
    expect(other.get_by_role("link", name=re.compile("Planned meanwhile"))).to_be_visible()
    held[0].connect_to_server()
    expect(page.get_by_role("link", name=re.compile("Planned meanwhile"))).to_be_visible()


def test_what_lasts_past_midnight_is_planned_by_its_end(window, calendar):
    page = window("alex").go(f"/events/new?day={MONDAY}&at=20:00")
    page.get_by_label("Title").fill("Staging the show house")
    page.locator("#id_calendar").select_option(str(calendar))
    expect(page.get_by_label("Ends on")).to_be_hidden()
    page.get_by_label("Length").select_option(label="Until…")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_label("Ends at")).to_be_focused()
    page.get_by_label("Ends on").fill(f"{MONDAY + timedelta(1)}")
    page.get_by_label("Ends at").fill("14:30")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("region", name="When and where")).to_contain_text("2:30 PM")
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_label("Length").locator("option:checked")).to_have_text("18 h 30 min")


def test_a_phone_shows_today_first_in_a_week(window):
    page = window("alex", viewport=PHONE).go("/calendar")
    expect(page.locator(".cal-day[data-today]")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def timeline_of(room):
    return f"/resources?date={MONDAY}&kind={room['kind']}"


def test_what_is_booked_and_given_back_is_seen_live_by_all_and_the_reason_by_those_who_may(window, api, plan):
    room = api("maria").post("/resources", name=f"Room {uuid4().hex[:6]}", kind="room")
    colleague, owner = (window(name).go(timeline_of(room)) for name in ("emil", "alex"))
    alone = window("emil").go(f"/resources/{room['id']}")
    event = plan("Not for others")
    booking = api("alex").post(f"/events/{event}/resources/{room['id']}/book")
    taken = [page.get_by_role("group", name=room["name"]) for page in (colleague, owner)]
    expect(taken[0]).to_contain_text("Busy")
    expect(taken[1]).to_contain_text("Not for others")
    expect(alone.get_by_role("region", name="Booked ahead")).to_contain_text("Busy")
    api("alex").post(f"/bookings/{booking['bookings'][0]['id']}/cancel")
    for row in taken:
        expect(row).not_to_contain_text(re.compile("Busy|Not for others"))
    expect(alone.get_by_role("region", name="Booked ahead")).not_to_contain_text("Busy")


def test_a_request_appears_before_those_who_decide_and_leaves_their_ticks_alone(window, api, plan):
    name = uuid4().hex[:6]
    hall = api("maria").post("/resources", name=f"Hall {name}", kind="room", needs_approval=True)
    api("alex").post(f"/events/{plan(f'Talk {name}', recurrence='FREQ=WEEKLY;COUNT=3')}/resources/{hall['id']}/book")
    page = window("maria").go(timeline_of(hall))
    asked = page.get_by_role("region", name="Waiting for your word").get_by_role("listitem")
    asked.filter(has_text=f"Hall {name}").first.get_by_role("checkbox").check()
    api("alex").post(f"/events/{plan('Later', at='14:00')}/resources/{hall['id']}/book")
    expect(asked.filter(has_text=f"Hall {name}")).to_have_count(4)
    expect(asked.filter(has_text=f"Hall {name}").first.get_by_role("checkbox")).to_be_checked()


def test_a_long_address_fits_the_phone(window, plan, calendar):
    call = "https://video.example/" + "j" * 150
    event = plan(call, location=call, description=call)
    page = window("alex", viewport=PHONE).page
    agenda = f"/calendar?view=agenda&date={MONDAY}&calendar=0&calendar={calendar}"
    for path in (f"/events/{event}", f"/events/{event}/edit", agenda):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= screen.width")


def test_where_the_session_has_ended_an_answer_leads_to_the_door_and_back(window, plan):
    event, shown = plan("Meeting"), window("alex")
    page = shown.go(f"/events/{event}")
    shown.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page).to_have_url(f"/login?next=%2Fevents%2F{event}")
    page.get_by_role("button", name="Alex Rivers").click()
    expect(page.get_by_role("heading", level=1, name="Meeting")).to_be_visible()


def test_the_keyboard_goes_on_in_the_list_from_which_somebody_was_taken(window, plan):
    event = plan("Meeting", attendees=[{"email": "guest@example.com"}])
    page = window("alex").go(f"/events/{event}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take guest@example.com off the list").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nobody is invited")).to_be_visible()
    expect(page.get_by_role("heading", name="Who comes")).to_be_focused()


def test_a_long_name_of_a_calendar_fits_the_phone(window, api):
    calendar = api("alex").post("/calendars", name="x" * 120, timezone="America/New_York")["id"]
    event = api("alex").post(
        "/events", calendar=calendar, title="Meeting", starts_at=f"{MONDAY}T09:00:00", duration_minutes=60
    )["id"]
    page = window("alex", viewport=PHONE).page
    page.goto(f"/events/{event}")
    assert page.evaluate("document.documentElement.scrollWidth <= screen.width")
