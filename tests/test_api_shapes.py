"""Nonsense is answered, never fallen over: no 5xx, and every error in the one shape."""

import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.response import Response

from tests.permissions.routes import ROUTES
from tests.permissions.table import ROLES, Row, operations
from tests.permissions.world import World, standing_world, undone

pytestmark = pytest.mark.django_db

TOO_BIG = float("inf")  # sent as 1e400, which JSON allows and no column holds
WRONG_VALUES: list[Any] = [
    None, True, -1, 1.5, -(2**70), 2**31, 2**63, 2**70, TOO_BIG,
    "", "text", "\u0000", "\ud800", "9" * 5000, "x" * 30_000, "2026-13-45", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59", "٣",
    [], [None], [[]], [{}], [True], [2**70], [TOO_BIG], ["\u0000"], ["\ud800"], ["text"] * 300,
    ["0001-01-01T00:00:00"], ["9999-12-31T23:59:59"],
    {}, {"": None},
    {"\u0000": 1}, {"\ud800": 1}, {"user": 2**70}, {"user": TOO_BIG}, {"email": "\u0000"}, {"tasks": []},
]  # fmt: skip
WRONG_BODIES = [*WRONG_VALUES, {"unknown": 1}]
MALFORMED = [b"{", b"{'a': 1}", b"\xff\xfe", b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000, b"{}{}"]
WRONG_IDS = [0, 999_999_999_999, 2**63, 2**70, "x", "-1", "٣", "%00", "1.0"]
WRONG_WORDS = [
    "", "x", "-1", "0", "٣", "1.5", "1e400", "NaN", str(2**31), str(2**63), str(2**70), "9" * 5000,
    "%00", "%ED%A0%80", "%FF", "2026-13-45", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "true", "project:1", f"project:{2**63}", "project:٣", "[]", "x" * 5000, str(-(2**70)),
]  # fmt: skip

WITH_BODY = sorted(
    route
    for route, operation in operations().items()
    if "application/json" in operation.get("requestBody", {"content": ()})["content"]
)
WITH_ID = sorted(route for route in ROUTES if "{" in route)
WITH_QUERY = sorted(
    route for route, found in operations().items() if any(p["in"] == "query" for p in found.get("parameters", ()))
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), standing_world() as made:
        yield made


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_wrong_body_is_answered(world, route):
    usual = world.fill(ROUTES[route].body)
    bodies = [("", body) for body in WRONG_BODIES] + list(spoiled(usual))
    assert_answered([(f"{name} {shortened(body)}", send(world, route, encoded(body))) for name, body in bodies])


@pytest.mark.parametrize("route", WITH_BODY)
def test_malformed_json_is_400(world, route):
    assert_answered([(shortened(raw), send(world, route, raw)) for raw in MALFORMED], expect=400)


@pytest.mark.parametrize("route", WITH_BODY)
def test_another_content_type_is_415(world, route):
    answers = [(kind, send(world, route, b"{}", content_type=kind)) for kind in ("text/plain", "image/png")]
    assert_answered(answers, expect=415)


@pytest.mark.parametrize("route", WITH_ID)
def test_a_wrong_id_is_answered(world, route):
    row, path = ROUTES[route], route.split()[1]
    usual = world.ids_in(path, row.of)
    body = usual_body(world, row)
    addresses = [path.format(**usual | {name: wrong}) for name in usual for wrong in WRONG_IDS]
    assert_answered([(address, send(world, route, body, address=address)) for address in addresses])


@pytest.mark.parametrize("route", WITH_QUERY)
def test_a_wrong_query_is_answered(world, route):
    names = [each["name"] for each in operations()[route]["parameters"] if each["in"] == "query"]
    body = usual_body(world, ROUTES[route])
    queries = [f"{name}={word}" for name in names for word in WRONG_WORDS]
    assert_answered([(shortened(query), send(world, route, body, query=query)) for query in queries])


def send(
    world: World, route: str, body: bytes, *, address: str = "", query: str = "", content_type: str = "application/json"
) -> Response:
    """Send it as somebody who may; what it did is undone."""
    row, (method, path) = ROUTES[route], route.split()
    address = address or path.format(**world.ids_in(path, row.of))
    usual = row.query.format(**world.things)
    send_as = getattr(world.clients[allowed(row)], method.lower())
    cache.clear()  # the throttle's, or nearly all answers would be 429
    with undone():
        # The later of two parameters of one name counts.
        answer: Response = send_as(f"{address}?{usual}&{query}", body, content_type=content_type, headers=row.headers)
    return answer


def allowed(row: Row) -> str:
    """A role that gets through to the body: the manager, where they do."""
    return next(role for role in reversed(ROLES) if row.statuses[role] < 300)


def usual_body(world: World, row: Row) -> bytes:
    return encoded(world.fill(row.body)) if row.format == "json" else b""


def encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).replace("Infinity", "1e400").encode()


def spoiled(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """``body`` with one field wrong, in every way and at every depth, and which field that is."""
    for name, usual in body.items():
        yield from ((name, {**body, name: wrong}) for wrong in WRONG_VALUES)
        if isinstance(usual, dict):
            yield from ((f"{name}.{field}", {**body, name: deeper}) for field, deeper in spoiled(usual))
        if isinstance(usual, list) and usual and isinstance(usual[0], dict):
            yield from ((f"{name}.{field}", {**body, name: [deeper]}) for field, deeper in spoiled(usual[0]))


def shortened(sent: Any) -> str:
    text = repr(sent)
    return text if len(text) < 600 else f"{text[:300]} … {text[-200:]}"


def assert_answered(answers: list[tuple[str, Response]], *, expect: int | None = None) -> None:
    """All of them below 500 (or just ``expect``), and errors in the one shape; says which are not."""
    bad = [
        f"{sent}: {answer.status_code} {told(answer)}"
        for sent, answer in answers
        if answer.status_code >= 500
        or (expect is not None and answer.status_code != expect)
        or (answer.status_code >= 400 and not has_the_shape(answer))
    ]
    assert not bad, "\n".join(bad)


def told(answer: Response) -> str:
    """What broke, or what was answered."""
    broke = getattr(answer, "exc_info", None)
    return "".join(traceback.format_exception(broke[1], limit=-3)) if broke else repr(answer.content[:200])


def has_the_shape(answer: Response) -> bool:
    if answer.headers["Content-Type"] != "application/json":
        return False
    error = json.loads(answer.content)
    errors = error.get("errors")
    return (
        error.get("type") in {"validation_error", "client_error"}
        and bool(errors)
        and all(set(each) == {"code", "detail", "attr"} for each in errors)
    )
