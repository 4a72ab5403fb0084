"""What a page does when its connection is gone, and when it is back."""

import json
import re

from playwright.sync_api import WebSocketRoute, expect


class Wire:
    """The line between a page and the server, which a test may cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.dialled: list[str] = []
        self._open: list[WebSocketRoute] = []

    def __call__(self, socket: WebSocketRoute) -> None:
        self.dialled.append(socket.url)
        if self.is_cut:
            socket.close(code=1012)
        else:
            socket.connect_to_server()
            self._open.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self._open:
            socket.close(code=1012)
        self._open.clear()

    def mend(self) -> None:
        self.is_cut = False


def test_what_happened_while_the_page_was_cut_off_is_made_good(window, deal, api):
    wire, shown = Wire(), window("carlos")
    maria, carlos = api("maria"), api("carlos")
    maria.post(f"/projects/{deal.id}/members", user=carlos.id, role="member")
    shown.page.route_web_socket(re.compile("/ws/"), wire)
    page = shown.page
    page.goto("/inbox")
    maria.post("/tasks", project=deal.id, name="Before the storm", assignees=[carlos.id])
    expect(page.locator(".note-title").first).to_contain_text("Before the storm")

    wire.cut()
    expect(page.get_by_text("Not connected")).to_be_visible()
    for name in ("First", "Second", "Third"):
        maria.post("/tasks", project=deal.id, name=f"{name} in the storm", assignees=[carlos.id])
    wire.mend()

    titles = page.locator(".note-title")
    expect(titles.first).to_contain_text("Third in the storm", timeout=40_000)
    expect(titles.nth(1)).to_contain_text("Second in the storm")
    expect(titles.nth(2)).to_contain_text("First in the storm")
    expect(titles.nth(3)).to_contain_text("Before the storm")
    expect(page.get_by_text("Not connected")).to_be_hidden()
    assert "since=" in wire.dialled[-1]


def test_a_socket_that_knows_nobody_sends_a_signed_in_page_to_the_door_once_and_not_in_circles(window):
    calls = []

    def refuse(socket: WebSocketRoute) -> None:
        calls.append(socket.url)
        socket.close(code=4401)

    page = window("dina").page
    page.route_web_socket(re.compile("/ws/"), refuse)
    page.goto("/projects")
    expect(page.get_by_text("Not connected")).to_be_visible()
    expect(page).to_have_url("/projects")
    assert len(calls) == 2


def test_a_page_with_more_rooms_than_may_be_asked_for_at_once_enters_them_all(window):
    rooms = [f"project:{number}" for number in range(100_000, 100_130)]
    page, answered = window("carlos").page, []

    def hear(frame: str | bytes) -> None:
        told = json.loads(frame)
        if told["type"] == "reply" and told["ref"] in rooms:
            answered.append(told["error"]["code"])

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.add_init_script(
        "new MutationObserver(() => document.body?.setAttribute('data-rooms', "
        f"{json.dumps(' '.join(rooms))})).observe(document, {{childList: true, subtree: true}})"
    )
    page.goto("/inbox")
    eventually(lambda: len(answered) >= len(rooms), page)
    # None of these deals is there; the server looked at each.
    assert set(answered) == {"not_found"}


def eventually(is_so, page, seconds: int = 30) -> None:
    for _ in range(seconds * 10):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It never came to pass.")
