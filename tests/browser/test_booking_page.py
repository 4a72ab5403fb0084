"""A visitor books an appointment on a phone, moves it and cancels it, without a login."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, PHONE


def book(page: Page, name: str) -> None:
    page.goto("/book/valuation")
    page.get_by_role("group", name="Time").get_by_role("button").first.click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill("sarah@example.com")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", name="Booked")).to_be_visible()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_visitor_books_moves_and_cancels(window):
    page = window(None, viewport=PHONE, timezone_id="Europe/London").page
    book(page, "Sarah Seller")
    assert fits(page)
    expect(page.get_by_text("We have written to sarah@example.com")).to_be_visible()
    page.get_by_role("link", name="Change the time or cancel").click()
    expect(page.get_by_text("Europe/London").first).to_be_visible()
    assert fits(page)
    page.get_by_role("group", name="Time").get_by_role("button").nth(1).click()
    page.get_by_role("button", name="Move it there").click()
    expect(page.get_by_role("heading", name="Moved")).to_be_visible()
    moved = page.locator("#done [data-when]").inner_text()
    expect(page.locator(".book-head [data-when]")).to_have_text(moved)
    expect(page.get_by_role("heading", name="Another time")).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    page.reload()
    expect(page.get_by_text("This appointment is cancelled.")).to_be_visible()


def test_who_comes_too_late_is_told_and_shown_what_is_left(window):
    slow, quick = (window(None).page for _ in range(2))
    slow.goto("/book/valuation")
    slots = slow.get_by_role("group", name="Time").get_by_role("button")
    slots.first.click()
    slow.get_by_label("Your name").fill("Slow")
    slow.get_by_label("E-mail").fill("slow@example.com")
    # Two hosts have a place then.
    slow.route(
        re.compile("/api/v1/book/valuation$"),
        lambda route: route.fulfill(
            status=409,
            json={"errors": [{"code": "slot_taken", "detail": "That time is not free.", "attr": None}], "slots": []},
        ),
    )
    slow.get_by_role("button", name="Book it").click()
    expect(slow.get_by_text("That time is not free.")).to_be_visible()
    expect(slots.first).to_be_visible()
    book(quick, "Quick")


def test_whoever_turns_on_quickly_sees_the_days_that_they_turned_to(window):
    page = window(None).page
    page.goto("/book/valuation")
    days = page.get_by_role("group", name="Day").get_by_role("button")
    expect(days.first).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/slots"), hold)
    for there in ("Later days", "Earlier days", "Later days"):
        page.get_by_role("button", name=there).click()
    expect(days).to_have_count(0)
    for asked, day in zip(held, ("2031-01-06", "2031-01-13", "2031-01-20"), strict=True):
        slot = {"starts_at": f"{day}T15:00:00Z", "local_starts_at": f"{day}T10:00:00"}
        asked.fulfill(json={"slots": [slot]})
    expect(page.get_by_role("group", name="Time").get_by_role("button")).to_have_count(1)
    expect(days).to_have_text([re.compile("Jan 20|20 Jan")])


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_fits_its_screen(window, viewport):
    page = window(None, viewport=viewport).page
    page.goto("/book/valuation")
    expect(page.get_by_role("group", name="Day").get_by_role("button").first).to_be_visible()
    page.get_by_role("button", name="Later days").click()
    expect(page.get_by_role("group", name="Day").get_by_role("button").first).to_be_visible()
    assert fits(page)


def test_what_is_wrong_is_said_of_the_field_as_the_visitor_reads_it(window):
    shown = window(None)
    page = shown.page
    page.goto("/book/valuation")
    slot = page.get_by_role("group", name="Time").get_by_role("button").first
    slot.click()
    page.get_by_label("Your name").fill("Sarah Seller")
    page.get_by_label("E-mail").fill("sarah@nowhere")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("alert")).to_have_text("E-mail: Enter a valid email address.")
    page.get_by_role("button", name="Another time").click()
    expect(slot).to_be_focused()
    shown.errors.clear()
