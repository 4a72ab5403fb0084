"""The recurrence widget in the admin: what is clicked there is the rule that is stored."""

import re
from uuid import uuid4

from playwright.sync_api import expect


def test_a_rule_is_clicked_together_and_stored(window, api):
    name = uuid4().hex[:6]
    calendar = api("alex").post("/calendars", name=f"Admin {name}", timezone="America/New_York")["id"]
    event = api("alex").post(
        "/events", calendar=calendar, title=f"Viewing {name}", starts_at="2030-03-04T09:00:00", duration_minutes=60
    )["id"]
    page = window("ada").page
    page.goto(f"/admin/events/event/{event}/change/")
    widget = page.locator("div.recurrence-widget")
    widget.get_by_text("Add rule").click()
    widget.locator("select[name=freq]").select_option(label="Weekly")
    for day in ("Mon", "Thu"):
        widget.locator(".weekly td", has_text=day).click()
    widget.locator("input[name=limit]").check()
    widget.locator(".count input[name=until_count]").check()
    widget.locator("input[name=count]").fill("6")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/events/event/(\?.*)?$"))
    rule = api("alex").get(f"/events/{event}")["recurrence"]
    assert set(rule.split(";")) == {"FREQ=WEEKLY", "BYDAY=MO,TH", "COUNT=6"}
    page.goto(f"/admin/events/event/{event}/change/")
    expect(widget.locator(".panel .header")).to_contain_text("Weekly, each Monday, Thursday")
