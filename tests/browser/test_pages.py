"""Every page, on a desk and on a phone, by day and by night: nothing sticks out and the console is silent."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = (
    *("/", "/projects", "/projects/new", "/inbox", "/timesheet", "/deadlines", "/integrations/health"),
    *("/calendar", "/calendar?view=month", "/calendar?view=day", "/calendar?view=agenda", "/calendars/1/settings"),
    *("/calendar/find-time", "/calendar/find-time?required=1&required=3&length=60&day=2030-03-04&ahead=7&thing=room"),
    *("/calendar/figures", "/events/new", "/resources", "/resources/1", "/hours"),
    *("/booking-pages", "/booking-pages/1", "/booking-pages/new"),
)
OF_A_DEAL = (
    "board",
    "board?swimlane=assignee&q=photos",
    "gantt",
    "dates",
    "report",
    "deleted",
    "automation",
    "automation/new",
)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", [*PAGES, *OF_A_DEAL, "task"])
def test_a_page_fits_its_screen(window, deal, path, viewport):
    shown = window("maria", viewport=viewport)
    page = shown.go(deal.path(path))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/login", "/admin/"])
def test_a_page_without_the_frame_fits_too(window, path, viewport):
    shown = window(None if path == "/login" else "ada", viewport=viewport)
    shown.page.goto(path)
    expect(shown.page.get_by_role("heading", level=1)).to_be_visible()
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_manager_opens_a_deal_from_a_template(window):
    page = window("maria").go("/projects")
    page.get_by_role("link", name="Open a deal").click()
    page.get_by_label("Name").fill("7 Chandler's Row")
    page.get_by_label("Template").select_option("Listing launch")
    page.get_by_label("Coordinator").select_option("Fiona Hill")
    page.get_by_label("Listing agent").select_option("Emil Novak")
    page.get_by_role("button", name="Open the deal").click()
    expect(page.get_by_role("heading", name="7 Chandler's Row")).to_be_visible()
    agreement = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Sign the listing agreement"))
    expect(agreement).to_contain_text("Emil Novak")


def test_a_phone_reaches_every_page_by_the_bar_at_the_bottom(window):
    page = window("maria", viewport=PHONE).go("/")
    bar = page.get_by_role("navigation", name="Main")
    for name, heading in (("Projects", "Projects"), ("Calendar", "20"), ("Inbox", "Inbox"), ("My day", "Maria")):
        bar.get_by_role("link", name=name).tap()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(bar.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
