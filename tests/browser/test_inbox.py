import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def tell(api, deal):
    """``tell()``: give a new task to Bea, one more notification for her; returns what the task is called."""
    maria, bea = api("maria"), api("bea")
    maria.post(f"/projects/{deal.id}/members", user=bea.id, role="member")

    def give() -> str:
        name = f"Fetch key {uuid4().hex[:8]}"
        maria.post("/tasks", project=deal.id, name=name, assignees=[bea.id])
        return name

    return give


def unread(page: Page) -> int:
    badge = page.locator("#unread")
    return int(badge.locator("[data-count]").inner_text()) if badge.is_visible() else 0


def test_the_badge_counts_live_and_after_a_reload(window, tell):
    page = window("bea").go("/projects")
    before = unread(page)
    tell()
    expect(page.locator("#unread [data-count]")).to_have_text(str(before + 1))
    tell()
    expect(page.locator("#unread [data-count]")).to_have_text(str(before + 2))
    expect(page).to_have_title(re.compile(rf"^\({before + 2}\) "))
    page.reload()
    expect(page.locator("#unread [data-count]")).to_have_text(str(before + 2))


def test_what_arrives_stands_on_top_of_the_open_inbox_once(window, tell):
    page = window("bea").go("/inbox")
    first, second = tell(), tell()
    expect(page.locator(".note-title").first).to_contain_text(second)
    expect(page.locator(".note-title").nth(1)).to_contain_text(first)
    page.reload()
    expect(page.locator(".note-title", has_text=first)).to_have_count(1)


def test_reading_one_counts_down_in_every_tab(window, tell):
    name = tell()
    pages = [window("bea").go("/inbox") for _ in range(2)]
    rows = [page.get_by_role("listitem").filter(has_text=name) for page in pages]
    expect(rows[0]).to_contain_class("note-unread")
    before = unread(pages[0])
    rows[0].get_by_role("button", name="Mark").click()
    for page, row in zip(pages, rows, strict=True):
        expect(row).not_to_contain_class("note-unread")
        if before > 1:
            expect(page.locator("#unread [data-count]")).to_have_text(str(before - 1))
        else:
            expect(page.locator("#unread")).to_be_hidden()


def test_following_a_notification_reads_it(window, tell):
    page = window("bea").go("/inbox")
    name = tell()
    page.get_by_role("link", name=name).click()
    expect(page).to_have_url(re.compile("/board$"))
    page.goto("/inbox")
    expect(page.get_by_role("listitem").filter(has_text=name)).not_to_contain_class("note-unread")


def test_mark_all_read_leaves_no_badge(window, tell):
    page = window("bea").go("/inbox")
    expect(page.locator(".note-title").first).to_contain_text(tell())
    page.get_by_role("button", name="Mark all read").click()
    expect(page.locator(".note-unread")).to_have_count(0)
    expect(page.locator("#unread")).to_be_hidden()
    page.reload()
    expect(page.locator("#unread")).to_be_hidden()
