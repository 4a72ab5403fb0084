"""A real Chromium before a real server with the demo agency; every test brings its own deal."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from tests.support.server import EmbeddedServer

PASSWORD = "demo"
DOMAIN = "harbourhill.example"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
# The worker, and on a busy machine the browser, may take a moment.
expect.set_options(timeout=10_000)

Refusal = re.compile(r"the server responded with a status of (403|409|422)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            # The first one waits for the demo agency to be loaded.
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(env={"API_RATE_ANONYMOUS": "1000/min"}) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """One person's browser window; ``errors`` collects what its console complained of."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # That an act was refused is what some tests are about; Chromium logs every 4xx as an error.
        if message.type == "error" and not Refusal.search(message.text):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def go(self, path: str) -> Page:
        """Open a page and wait until it is live: its socket was greeted."""
        with self.page.expect_websocket() as socket:
            self.page.goto(path)
        socket.value.wait_for_event("framereceived")
        return self.page


OpenWindow = Callable[..., Window]


@pytest.fixture
def window(chromium: Browser, server: EmbeddedServer) -> Iterator[OpenWindow]:
    """``window("maria")``: a window in which she is signed in; ``window(None)`` is nobody's.

    A test fails when a console complained.
    """
    opened: list[Window] = []

    def open_window(name: str | None, *, viewport: ViewportSize = DESK, **options: Any) -> Window:
        is_phone = viewport is PHONE
        state = _signed_in(server.url, name) if name else None
        context = chromium.new_context(
            base_url=server.url,
            viewport=viewport,
            storage_state=state,
            is_mobile=is_phone,
            has_touch=is_phone,
            **options,
        )
        shown = Window(context, context.new_page())
        shown.listen()
        opened.append(shown)
        return shown

    yield open_window
    for each in opened:
        each.context.close()
    assert [error for each in opened for error in each.errors] == []


def email_of(name: str) -> str:
    return name if "@" in name else f"{name}@{DOMAIN}"


@cache
def _signed_in(url: str, name: str) -> Any:
    """The cookies of somebody who went through the door, once per person."""
    with httpx.Client(base_url=url) as client:
        client.get("/login").raise_for_status()
        form = {
            "username": email_of(name),
            "password": PASSWORD,
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        answer = client.post("/login", data=form)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        return {"cookies": [_cookie(*each) for each in client.cookies.items()], "origins": []}


def _cookie(name: str, value: str) -> dict[str, Any]:
    where = {"domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"name": name, "value": value, **where, "httpOnly": False, "secure": False, "sameSite": "Lax"}


@dataclass(frozen=True)
class Api:
    """One person's REST client."""

    client: httpx.Client
    id: int

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def put(self, path: str, **body: Any) -> None:
        self.client.put(f"/api/v1{path}", json=body).raise_for_status()

    def patch(self, path: str, **body: Any) -> None:
        answer = self.client.patch(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1{path}", params=query)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="session")
def api(server: EmbeddedServer) -> Iterator[Callable[[str], Api]]:
    """``api("maria").post("/projects", name=…)``."""
    known: dict[str, Api] = {}

    def of(name: str) -> Api:
        if name not in known:
            known[name] = _sign_in(server.url, name)
        return known[name]

    yield of
    for each in known.values():
        each.client.close()


def _sign_in(url: str, name: str) -> Api:
    client = httpx.Client(base_url=url, timeout=20)
    signed_in = client.post("/api/v1/auth/login", json={"email": email_of(name), "password": PASSWORD})
    assert signed_in.is_success, signed_in.text
    client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
    return Api(client, signed_in.json()["user"]["id"])


@dataclass(frozen=True)
class Deal:
    """A deal of Maria's with three tasks of Alex's, of which the last waits for the second."""

    id: int
    tasks: dict[str, int]

    @property
    def board(self) -> str:
        return self.path("board")

    def path(self, page: str) -> str:
        """Of one of its pages, or of the first task's; one that is a path already stays."""
        if page == "task":
            return f"/tasks/{self.tasks['Order the sign']}"
        return page if page.startswith("/") else f"/projects/{self.id}/{page}"


@pytest.fixture
def deal(api: Callable[[str], Api]) -> Deal:
    return make_deal(api("maria"), assignee=api("alex").id)


def make_deal(owner: Api, *, assignee: int) -> Deal:
    """Tasks "Order the sign", "Take photos" and "Write the text", which waits for the photos."""
    project = owner.post("/projects", name=f"{uuid4().hex[:6]} Quay Street", kind="listing", address="12 Quay Street")
    if assignee != owner.id:
        owner.post(f"/projects/{project['id']}/members", user=assignee, role="member")
    names = ("Order the sign", "Take photos", "Write the text")
    tasks = {name: owner.post("/tasks", project=project["id"], name=name, assignees=[assignee])["id"] for name in names}
    owner.post(f"/tasks/{tasks['Write the text']}/dependencies", predecessor=tasks["Take photos"], type="FS")
    return Deal(project["id"], tasks)
