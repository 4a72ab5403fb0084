import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE


def test_a_rule_is_written_without_a_mouse_switched_off_and_deleted(window, deal):
    page = window("maria").go(deal.path("automation"))
    page.get_by_role("link", name="Write the first one").press("Enter")
    page.get_by_label("Name").fill("Hand it on")
    page.get_by_label("When").select_option("Task moved")
    expect(page.locator("#rule-parts")).to_contain_text("a card comes to another column")
    page.get_by_label("If", exact=True).select_option("Column")
    page.get_by_label("What").select_option("Waiting")
    page.get_by_label("Then", exact=True).select_option("Assign")
    expect(page.get_by_label("And then")).to_be_visible()
    expect(page.get_by_label("What")).to_have_value(re.compile(r"\d+"))
    page.get_by_role("button", name="Save the rule").press("Enter")
    expect(page.locator(".errorlist")).to_contain_text("Say one of: user, role.")
    page.get_by_label("User").select_option("Alex Rivers")
    page.get_by_role("button", name="Save the rule").press("Enter")
    expect(page.locator(".rule-words")).to_contain_text("Column is Waiting")
    switch = page.get_by_role("switch", name="Hand it on")
    expect(switch).to_be_checked()
    switch.press("Space")
    expect(switch).not_to_be_checked()
    page.get_by_role("link", name="Hand it on").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the rule").click()
    expect(page.get_by_role("heading", name="No rules yet")).to_be_visible()


def test_who_may_not_write_rules_reads_them(window, deal, api):
    actions = [{"action": "notify", "members": True, "message": "Look at {task}"}]
    api("maria").post(f"/projects/{deal.id}/automation-rules", name="Look", trigger="task_created", actions=actions)
    page = window("alex", viewport=PHONE).go(deal.path("automation"))
    expect(page.locator(".rule-words")).to_contain_text("“Look at {task}”, members")
    expect(page.get_by_role("switch")).to_have_count(0)
    page.get_by_role("link", name="Look", exact=True).tap()
    expect(page.get_by_role("heading", level=1, name="Look")).to_be_visible()
    expect(page.get_by_role("button", name="Save the rule")).to_have_count(0)
