"""The connections, as a leader of the office works with them."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE


@pytest.fixture
def connection(api):
    """The name and id of one that nobody else's test touches."""
    name = f"Post office {uuid4().hex[:6]}"
    made = api("maria").post("/integrations", provider="sandbox", name=name, mode="sandbox", config={}, credentials={})
    return name, made["id"]


def card_of(page, name):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


def test_a_leader_tests_a_connection_and_it_is_well(window, connection):
    name, _ = connection
    page = window("maria").go("/integrations/health")
    card = card_of(page, name)
    expect(card).to_contain_text("It was never used successfully: test it.")
    card.get_by_role("button", name=f"Test {name} now").click()
    expect(page.locator("#toasts")).to_contain_text(name)
    expect(card_of(page, name)).to_contain_text("Everything works.")
    expect(card_of(page, name)).to_contain_text("1 call")


def test_what_a_colleague_does_shows_by_itself(window, api, connection):
    name, ident = connection
    page = window("maria").go("/integrations/health")
    expect(card_of(page, name)).to_contain_text("Active")
    api("maria").patch(f"/integrations/{ident}", status="disabled")
    expect(card_of(page, name)).to_contain_text("It is disabled.")
    api("maria").post(f"/integrations/{ident}/test")
    expect(card_of(page, name)).to_contain_text("Everything works.")


def test_it_is_found_from_the_frame_and_leads_to_the_setting_up(window, connection):
    name, _ = connection
    page = window("ada").go("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Connections").click()
    expect(page.get_by_role("heading", level=1, name="Connections")).to_be_visible()
    card_of(page, name).get_by_role("link", name=f"Set up {name}").click()
    expect(page.get_by_label("Name")).to_have_value(name)


def test_whoever_leads_nothing_sees_no_link(window):
    page = window("alex").go("/")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Connections")).to_have_count(0)


def test_who_uses_the_api_is_listed(window, api):
    api("maria").get("/users/me")
    page = window("maria").go("/integrations/health")
    expect(page.get_by_role("heading", name="Who uses the office's API")).to_be_visible()
    # What was asked is written some seconds later, by whatever request comes then.
    expect(kept_fresh(page)).to_contain_text("Maria", timeout=20_000)


def kept_fresh(page):
    """The table, read again every second."""
    page.evaluate("setInterval(() => htmx.trigger('#connections', 'refresh'), 1000)")
    return page.get_by_role("region", name="Who uses the office's API")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_fits_its_screen(window, connection, viewport, scheme):
    page = window("maria", viewport=viewport, color_scheme=scheme).go("/integrations/health")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
