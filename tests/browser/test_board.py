import re

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import PHONE

# Wide enough to show all columns, so that a drag needs no scrolling.
WIDE: ViewportSize = {"width": 1600, "height": 900}


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=name))


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def drag(page: Page, what: Locator, to: Locator) -> None:
    """As a hand does it: press, move a little, move there, let go once the card is seen to follow."""
    what.scroll_into_view_if_needed()
    start = what.bounding_box()
    assert start
    page.mouse.move(start["x"] + 20, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 30, steps=4)
    end = to.bounding_box()
    assert end
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 70, steps=15)
    expect(to.locator(".task-ghost")).to_be_visible()
    page.mouse.up()


def test_a_dragged_card_stays_where_it_was_put_after_a_reload(window, deal):
    page = window("maria", viewport=WIDE).go(deal.board)
    drag(page, card(page, "Order the sign"), column(page, "In progress"))
    expect(column(page, "In progress").get_by_role("article")).to_have_text(re.compile("Order the sign"))
    expect(column(page, "In progress").locator(".column-count")).to_have_text("1")
    page.reload()
    expect(column(page, "In progress").get_by_role("article")).to_have_text(re.compile("Order the sign"))


def test_cards_change_places_within_a_column(window, deal):
    page = window("maria").go(deal.board)
    backlog = page.locator(".column").first
    expect(backlog.get_by_role("heading", level=3)).to_have_text(["Order the sign", "Take photos", "Write the text"])
    card(page, "Write the text").get_by_role("button").click()
    page.get_by_role("button", name="Up one place").click()
    expect(page.locator("#toasts")).to_contain_text("Moved up.")
    expect(backlog.get_by_role("heading", level=3)).to_have_text(["Order the sign", "Write the text", "Take photos"])
    page.reload()
    expect(backlog.get_by_role("heading", level=3)).to_have_text(["Order the sign", "Write the text", "Take photos"])


def test_a_refused_drag_snaps_back_and_says_why(window, deal):
    page = window("maria", viewport=WIDE).go(deal.board)
    drag(page, card(page, "Write the text"), column(page, "Done"))
    expect(page.locator("#toasts")).to_contain_text("wait for: Take photos")
    expect(page.locator(".column").first.get_by_role("article")).to_have_count(3)
    expect(column(page, "Done").get_by_role("article")).to_have_count(0)


def test_a_hard_limit_refuses_the_card_too_many(window, deal, api):
    columns = api("maria").get(f"/projects/{deal.id}/columns")["results"]
    in_progress = next(each["id"] for each in columns if each["name"] == "In progress")
    api("maria").patch(f"/projects/{deal.id}/columns/{in_progress}", wip_limit=1, wip_is_hard=True)
    page = window("maria", viewport=WIDE).go(deal.board)
    drag(page, card(page, "Order the sign"), column(page, "In progress"))
    expect(column(page, "In progress").get_by_role("article")).to_have_count(1)
    drag(page, card(page, "Take photos"), column(page, "In progress"))
    expect(page.locator("#toasts")).to_contain_text("In progress takes no more than 1")
    expect(column(page, "In progress").get_by_role("article")).to_have_count(1)


def test_the_menu_moves_a_card_by_keyboard_alone(window, deal):
    page = window("maria").go(deal.board)
    page.get_by_role("button", name="Move “Order the sign” to…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(column(page, "Done").get_by_role("article")).to_have_text(re.compile("Order the sign"))
    expect(page.locator("#toasts")).to_contain_text("Moved to Done.")
    expect(page.get_by_role("button", name="Move “Order the sign” to…")).to_be_focused()


def test_a_finger_moves_a_card_by_its_menu(window, deal):
    page = window("maria", viewport=PHONE).go(deal.board)
    page.get_by_role("button", name="Move “Order the sign” to…").tap()
    page.get_by_role("dialog").get_by_role("button", name="To do").tap()
    expect(column(page, "To do").get_by_role("article")).to_have_text(re.compile("Order the sign"))


def test_everybody_who_looks_at_the_board_sees_a_move_at_once(window, deal, api):
    page = window("alex").go(deal.board)
    page.locator("#board").evaluate("board => board.scrollTo(80, 0)")
    api("maria").post(f"/tasks/{deal.tasks['Order the sign']}/complete")
    expect(column(page, "Done").get_by_role("article")).to_have_text(re.compile("Order the sign"))
    assert page.locator("#board").evaluate("board => board.scrollLeft") == 80


def test_a_card_that_somebody_changed_meanwhile_is_not_moved_blindly(window, deal, api):
    shown = window("maria", viewport=WIDE)
    # The page never hears of the change, as if its connection were down.
    shown.page.route_web_socket(re.compile("/ws/"), lambda socket: None)
    shown.page.goto(deal.board)
    api("alex").patch(f"/tasks/{deal.tasks['Order the sign']}", name="Order the big sign")
    drag(shown.page, card(shown.page, "Order the sign"), column(shown.page, "In progress"))
    expect(shown.page.locator("#toasts")).to_contain_text("Somebody changed this task meanwhile")
    expect(card(shown.page, "Order the big sign")).to_be_visible()
    expect(column(shown.page, "In progress").get_by_role("article")).to_have_count(0)


def test_a_board_is_narrowed_and_its_address_says_so(window, deal):
    page = window("maria").go(deal.board)
    page.get_by_label("Search").fill("photos")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.locator("#board-sum")).to_contain_text("1 of 3 cards")
    expect(page).to_have_url(re.compile(r"board\?q=photos$"))
    page.reload()
    expect(page.get_by_role("article")).to_have_text(re.compile("Take photos"))
    page.get_by_label("Mine").check()
    expect(page.get_by_role("article")).to_have_count(0)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("article")).to_have_count(3)


def test_a_narrowed_board_stays_so_when_somebody_moves_a_card(window, deal, api):
    page = window("maria").go(f"{deal.board}?q=photos")
    api("maria").post(f"/tasks/{deal.tasks['Take photos']}/complete")
    expect(column(page, "Done").get_by_role("article")).to_have_text(re.compile("Take photos"))
    expect(page.get_by_role("article")).to_have_count(1)


def test_a_card_moves_within_its_row(window, deal):
    page = window("maria").go(deal.board)
    page.get_by_label("Rows").select_option("Rows by person")
    row = page.get_by_role("region", name="Alex Rivers")
    row.get_by_role("button", name="Move “Order the sign” to…").click()
    page.get_by_role("dialog").get_by_role("button", name="In progress").click()
    expect(row.get_by_role("group", name="Alex Rivers, In progress")).to_contain_text("Order the sign")
    expect(row.get_by_role("button", name="Move “Order the sign” to…")).to_be_focused()


def test_a_deal_is_starred_and_comes_first(window, deal):
    page = window("maria").go(deal.board)
    star = page.get_by_role("button", name=re.compile("at the top of my list"))
    star.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    page.goto("/projects")
    shown = page.locator(".project").filter(has=page.locator(f"#star-{deal.id}"))
    expect(shown.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    shown.get_by_role("button").click()
    expect(shown.get_by_role("button")).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("/projects$"))


def test_a_deleted_task_is_brought_back(window, deal, api):
    api("maria").client.delete(f"/api/v1/tasks/{deal.tasks['Order the sign']}").raise_for_status()
    page = window("maria").go(deal.board)
    page.get_by_role("link", name="Deleted tasks").click()
    page.get_by_role("button", name="Restore “Order the sign”").click()
    expect(page.locator("#toasts")).to_contain_text("“Order the sign” is back in Backlog.")
    expect(page.get_by_role("heading", name="Nothing was deleted")).to_be_visible()
