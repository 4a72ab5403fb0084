"""A time that suits two and a room is found, and planned there."""

from uuid import uuid4

from playwright.sync_api import expect


def test_a_time_is_found_and_planned(window, api):
    room = api("maria").post("/resources", name=f"Snug {uuid4().hex[:6]}", kind="room", capacity=4)["name"]
    page = window("alex").go("/calendar")
    page.get_by_role("link", name="New event").click()
    page.get_by_role("link", name="Find a time").click()
    page.get_by_role("group", name="Who has to come").get_by_label("Bea Lindqvist").check()
    page.get_by_label("Room or thing").select_option(label=room)
    page.get_by_role("button", name="Find a time").click()
    best = page.get_by_role("region", name="The best times").get_by_role("listitem").first
    expect(best).to_contain_text(room)
    best.get_by_role("link", name="Plan it").click()
    page.get_by_label("Title").fill("The plan for the spring")
    expect(page.get_by_label("Bea Lindqvist")).to_be_checked()
    expect(page.get_by_label(room)).to_be_checked()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1, name="The plan for the spring")).to_be_visible()
    expect(page.get_by_role("region", name="Booked for it").get_by_role("link", name=room)).to_be_visible()
