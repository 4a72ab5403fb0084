"""A Kanboard to stand beside, where KANBOARD_URL and KANBOARD_TOKEN name one: spoken to by its JSON-RPC."""

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from tools.throwaway import CannotStart

PATIENCE = 120
AT_ONCE = 100
Call = tuple[str, dict[str, Any]]


class Kanboard:
    """One connection to its API. Raises CannotStart when it does not answer, or says no."""

    def __init__(self, url: str, token: str) -> None:
        address: SplitResult = urlsplit(url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._connection = kind(address.hostname or "", address.port, timeout=PATIENCE)
        self._path = f"{address.path.rstrip('/')}/jsonrpc.php"
        credentials = base64.b64encode(f"jsonrpc:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    def call(self, method: str, **params: Any) -> Any:
        return self._result(self._answer(_request(0, (method, params))), method)

    def call_all(self, calls: Sequence[Call]) -> list[Any]:
        """Many at once; the results in order."""
        answers = self._answer([_request(number, call) for number, call in enumerate(calls)])
        by_number = {answer["id"]: answer for answer in answers}
        return [self._result(by_number[number], method) for number, (method, _) in enumerate(calls)]

    def close(self) -> None:
        self._connection.close()

    def _answer(self, body: Any) -> Any:
        try:
            self._connection.request("POST", self._path, json.dumps(body), self._headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as why:
            raise CannotStart(f"Kanboard does not answer: {why}") from None
        if response.status != HTTPStatus.OK:
            raise CannotStart(f"Kanboard answered with {response.status}: is KANBOARD_TOKEN its API token?")
        return json.loads(text)

    def _result(self, answer: Any, method: str) -> Any:
        result = answer.get("result")
        if result is None or result is False:
            raise CannotStart(f"Kanboard refused {method}: {answer.get('error', result)}")
        return result


def _request(number: int, call: Call) -> dict[str, Any]:
    method, params = call
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


class Board(NamedTuple):
    """A board on it. ``cards`` are those of its first column, from top to bottom."""

    project: int
    column: int
    swimlane: int
    cards: list[int]


@contextmanager
def kanboard(cards: int) -> Iterator[tuple[Kanboard, Board]]:
    """A Kanboard with a board of so many cards, taken away in the end. Raises CannotStart where there is none."""
    url = os.environ.get("KANBOARD_URL")
    if not url:
        raise CannotStart(
            "Kanboard: name one by KANBOARD_URL and KANBOARD_TOKEN (docs/benchmarks.md says how to start it)"
        )
    peer = Kanboard(url, os.environ.get("KANBOARD_TOKEN", ""))
    project = int(peer.call("createProject", name="Benchmark"))
    try:
        yield peer, _filled(peer, project, cards)
    finally:
        peer.call("removeProject", project_id=project)
        peer.close()


def _filled(peer: Kanboard, project: int, cards: int) -> Board:
    columns = [int(each["id"]) for each in peer.call("getColumns", project_id=project)]
    swimlane = int(peer.call("getActiveSwimlanes", project_id=project)[0]["id"])
    made: list[int] = []
    for first in range(0, cards, AT_ONCE):
        numbers = range(first, min(cards, first + AT_ONCE))
        made += map(int, peer.call_all([_card(number, cards, project, columns) for number in numbers]))
    return Board(project, columns[0], swimlane, made[: -(-cards // len(columns))])


def _card(number: int, cards: int, project: int, columns: Sequence[int]) -> Call:
    title = f"Call about showing number {number}"
    column = columns[number * len(columns) // cards]
    return "createTask", {"title": title, "project_id": project, "column_id": column}
