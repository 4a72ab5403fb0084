"""The plan, the key dates and the task as people use them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_board import WIDE


@pytest.fixture
def chain(api, deal):
    """The deal's photos and text, dated: two days, then one."""
    maria = api("maria")
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    tasks = {each["name"]: each["id"] for each in maria.get("/tasks", project=deal.id)["results"]}
    maria.patch(f"/tasks/{tasks['Take photos']}", starts_on=monday.isoformat(), duration_days=2)
    return monday, tasks


def test_a_bar_is_dragged_and_what_follows_moves(window, deal, chain):
    monday, tasks = chain
    page = window("maria", viewport=WIDE).go(f"/projects/{deal.id}/gantt?zoom=days")
    photos = page.locator(f"[data-bar='{tasks['Take photos']}']")
    text = page.locator(f"[data-bar='{tasks['Write the text']}']")
    expect(photos).to_have_attribute("data-start", monday.isoformat())
    expect(text).to_have_attribute("data-start", (monday + timedelta(days=2)).isoformat())
    box = photos.locator(".gantt-fill").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + 28, box["y"] + 8, steps=5)
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("Planned anew.")
    expect(photos).to_have_attribute("data-start", (monday + timedelta(days=1)).isoformat())
    expect(text).to_have_attribute("data-start", (monday + timedelta(days=3)).isoformat())


def test_days_are_set_from_the_dialog_without_a_mouse(window, deal, chain):
    monday, tasks = chain
    page = window("maria", viewport=WIDE).go(f"/projects/{deal.id}/gantt")
    page.get_by_role("button", name="Take photos").press("Enter")
    page.get_by_label("Working days").fill("4")
    page.get_by_role("button", name="Plan anew").click()
    text = page.locator(f"[data-bar='{tasks['Write the text']}']")
    expect(text).to_have_attribute("data-start", (monday + timedelta(days=4)).isoformat())


def test_a_key_date_is_moved_after_a_look_at_what_moves_with_it(window, deal, api, chain):
    _, tasks = chain
    closing = datetime.now(UTC).date() + timedelta(days=40)
    made = api("maria").post(f"/projects/{deal.id}/key-dates", kind="closing", on=closing.isoformat())
    rule = {"days": 0, "direction": "before", "after_key_date": made["id"]}
    api("maria").put(f"/tasks/{tasks['Order the sign']}/date-rule", **rule)
    page = window("maria").go(f"/projects/{deal.id}/dates")
    later = closing + timedelta(days=1)
    page.get_by_label("Another day for Closing").fill(later.isoformat())
    page.get_by_role("button", name="Move…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Order the sign")
    expect(page.get_by_label("Another day for Closing")).not_to_have_value(closing.isoformat())
    dialog.get_by_role("button", name=re.compile("Apply")).click()
    expect(page.locator(".key-date")).to_contain_text(str(later.day))


def test_a_task_is_talked_about_ticked_off_and_completed(window, deal, chain):
    _, tasks = chain
    page = window("maria").go(f"/tasks/{tasks['Take photos']}")
    page.get_by_label("A new line").fill("Charge the camera")
    page.get_by_role("button", name="Add", exact=True).first.click()
    line = page.locator(".checklist li").filter(has_text="Charge the camera")
    line.get_by_role("button", name="Done").click()
    expect(line).to_have_attribute("data-state", "done")
    page.get_by_label("Your comment").fill("Sunshine **tomorrow**")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment strong").filter(has_text="tomorrow")).to_be_visible()
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()


def test_what_is_half_written_survives_what_others_do_and_what_one_does_oneself(window, api, chain):
    _, tasks = chain
    task = tasks["Take photos"]
    page = window("maria").go(f"/tasks/{task}")
    comment = page.get_by_label("Your comment")
    comment.fill("Half a sen")
    page.get_by_role("heading", level=1).click()  # the field has lost the focus
    api("maria").patch(f"/tasks/{task}", progress=40)
    page.wait_for_timeout(1500)
    expect(comment).to_have_value("Half a sen")
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(comment).to_have_value("Half a sen")
    comment.fill("A sentence")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment").filter(has_text="A sentence")).to_be_visible()
    expect(page.locator("#comment-body")).to_have_value("")


def test_time_runs_on_the_task_until_it_is_stopped(window, deal, chain):
    _, tasks = chain
    page = window("maria").go(f"/tasks/{tasks['Take photos']}")
    page.get_by_role("button", name="Start the timer").click()
    expect(page.locator("[data-since]")).to_have_text(re.compile(r"0:00:0\d"))
    page.get_by_role("button", name=re.compile("Stop")).click()
    expect(page.get_by_role("button", name="Start the timer")).to_be_visible()
