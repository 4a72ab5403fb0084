from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import make_deal


@pytest.fixture
def newcomer(server) -> str:
    """Somebody's e-mail who never did anything here, and so has everything to earn."""
    email = f"nora-{uuid4().hex[:6]}@harbourhill.example"
    env = {"DJANGO_SUPERUSER_EMAIL": email, "DJANGO_SUPERUSER_PASSWORD": "demo"}
    server.manage("createsuperuser", "--noinput", env=env)
    return email


def test_the_first_completed_task_is_celebrated_live(window, api, newcomer):
    mine = api(newcomer)
    deal = make_deal(mine, assignee=mine.id)
    page = window(newcomer).go("/")
    mine.post(f"/tasks/{deal.tasks['Take photos']}/complete")
    popup = page.get_by_role("region", name="Achievement earned")
    expect(popup.get_by_role("heading", name="First task")).to_be_visible()
    expect(popup).to_contain_text("+10 points")
    expect(page.locator("#unread")).to_be_visible()
    popup.get_by_role("button", name="Close").click()
    expect(popup).to_be_hidden()
    page.reload()
    expect(page.locator("#my-points")).to_contain_text("First task")
    expect(popup).to_be_hidden()


def test_an_achievement_is_celebrated_although_the_page_changed_meanwhile(window, api, newcomer):
    mine = api(newcomer)
    deal = make_deal(mine, assignee=mine.id)
    page = window(newcomer).go("/")
    page.goto("about:blank")
    mine.post(f"/tasks/{deal.tasks['Take photos']}/complete")
    page.goto("/projects")
    expect(page.get_by_role("region", name="Achievement earned")).to_be_visible()


def test_the_points_follow_the_work_which_can_be_undone(window, api, newcomer):
    mine = api(newcomer)
    make_deal(mine, assignee=mine.id)
    page = window(newcomer).go("/")
    score = page.locator(".score-number")
    expect(score).to_have_text("0")
    page.get_by_role("button", name="Complete “Order the sign”").click()
    expect(page.locator("#toasts")).to_contain_text("“Order the sign” is done.")
    expect(page.get_by_role("button", name="Complete “Order the sign”")).to_have_count(0)
    expect(score).not_to_have_text("0")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Complete “Order the sign”")).to_be_visible()


def test_a_blocked_task_says_what_it_waits_for(window, api, newcomer):
    mine = api(newcomer)
    make_deal(mine, assignee=mine.id)
    page = window(newcomer).go("/")
    page.get_by_text("Waiting for others").click()
    page.get_by_role("button", name="Complete “Write the text”").click()
    expect(page.get_by_role("alert")).to_contain_text("wait for: Take photos")
    expect(page.get_by_role("button", name="Complete “Write the text”")).to_be_visible()


def test_a_task_that_becomes_mine_appears_by_itself(window, api, newcomer, deal):
    mine = api(newcomer)
    api("maria").post(f"/projects/{deal.id}/members", user=mine.id, role="member")
    page = window(newcomer).go("/")
    expect(page.get_by_role("heading", name="All done")).to_be_visible()
    api("maria").post("/tasks", project=deal.id, name="Meet the buyer", assignees=[mine.id])
    expect(page.get_by_role("link", name="Meet the buyer", exact=True)).to_be_visible()
