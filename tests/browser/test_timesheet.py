import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, make_deal


@pytest.fixture
def newcomer(server) -> str:
    """Somebody's e-mail who has logged nothing yet."""
    email = f"tess-{uuid4().hex[:6]}@harbourhill.example"
    env = {"DJANGO_SUPERUSER_EMAIL": email, "DJANGO_SUPERUSER_PASSWORD": "demo"}
    server.manage("createsuperuser", "--noinput", env=env)
    return email


@pytest.fixture
def tasks(api, newcomer):
    """Theirs, by name."""
    mine = api(newcomer)
    return make_deal(mine, assignee=mine.id).tasks


def test_the_timer_is_started_runs_and_is_stopped(window, newcomer, tasks):
    page = window(newcomer).go("/timesheet")
    page.get_by_label("What I am working on").select_option(label="Take photos")
    page.get_by_role("button", name="Start the timer").click()
    timer = page.get_by_role("region", name="My timer")
    expect(timer.get_by_role("heading", name="Take photos")).to_be_visible()
    clock = page.get_by_role("timer")
    expect(clock).to_have_text(re.compile(r"^0:00:0[2-9]$"))
    timer.get_by_role("button", name="Stop").click()
    expect(page.locator("#toasts")).to_contain_text("“Take photos” is stopped.")
    expect(page.get_by_role("button", name="Start the timer")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Take photos"))).to_be_visible()


def test_time_is_added_put_right_and_deleted(window, newcomer, tasks):
    page = window(newcomer).go("/timesheet?week=2026-W10")
    page.get_by_role("button", name="Add time", exact=True).click()
    dialog = page.get_by_role("dialog", name="Add time")
    dialog.get_by_label("Task").select_option(label="Order the sign")
    dialog.get_by_label("Day").fill("2026-03-04")
    dialog.get_by_label("From").fill("22:30")
    dialog.get_by_label("Until").fill("00:30")
    dialog.get_by_label("What for").fill("Waiting for the painter")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row", name=re.compile("Order the sign"))
    expect(row).to_contain_text("1:30")
    expect(row).to_contain_text("0:30")
    expect(page.get_by_role("row", name=re.compile("^All"))).to_contain_text("2:00")

    page.get_by_role("button", name=re.compile("Put right: Order the sign, 10:30 PM")).click()
    dialog = page.get_by_role("dialog", name="Order the sign")
    dialog.get_by_label("Until").fill("23:15")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("^All"))).to_contain_text("0:45")

    page.get_by_role("button", name=re.compile("Put right: Order the sign")).click()
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Nothing logged this week")).to_be_visible()


def test_what_cannot_be_is_said_beside_the_form(window, api, newcomer, tasks):
    body = {"started_at": "2026-03-04T14:00:00Z", "ended_at": "2026-03-04T15:00:00Z"}
    api(newcomer).post("/time-logs", task=tasks["Take photos"], **body)
    page = window(newcomer).go("/timesheet?week=2026-W10")
    page.get_by_role("button", name=re.compile("Add time to Take photos on Wednesday")).click()
    dialog = page.get_by_role("dialog", name="Add time")
    expect(dialog.get_by_label("Day")).to_have_value("2026-03-04")
    dialog.get_by_label("From").fill("09:30")
    dialog.get_by_label("Until").fill("09:45")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Take photos (09:00 to 10:00)")
    dialog.get_by_label("From").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("This field is required.")


def test_a_timer_that_starts_elsewhere_is_seen_at_once(window, api, newcomer, tasks):
    page = window(newcomer).go("/timesheet")
    api(newcomer).post(f"/tasks/{tasks['Take photos']}/time/start")
    expect(page.get_by_role("region", name="My timer")).to_contain_text("Take photos")
    api(newcomer).post(f"/tasks/{tasks['Take photos']}/complete")
    expect(page.get_by_role("button", name="Start the timer")).to_be_visible()


def test_a_phone_shows_it_without_scrolling_sideways(window, api, newcomer, tasks):
    body = {"started_at": "2026-03-04T14:00:00Z", "ended_at": "2026-03-04T15:00:00Z"}
    api(newcomer).post("/time-logs", task=tasks["Take photos"], **body)
    page = window(newcomer, viewport=PHONE).go("/timesheet?week=2026-W10")
    expect(page.get_by_text("4 March").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
