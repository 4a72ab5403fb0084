"""The frame that every fan-out sends: a room frame of 300 bytes, as in docs/socket.md."""

import json
from typing import Any

BYTES = 300
ROOM = "office"


def _encoded(frame: dict[str, Any]) -> str:
    return json.dumps(frame, separators=(",", ":"))


def _padded(frame: dict[str, Any]) -> dict[str, Any]:
    return {**frame, "data": {**frame["data"], "sentence": "x" * (BYTES - len(_encoded(frame)))}}


FRAME = _padded(
    {
        "type": "room",
        "room": ROOM,
        "kind": "task.completed",
        "at": "2026-05-08T13:00:00Z",
        "data": {"task_id": 4711, "project_id": 12, "actor": {"id": 3, "name": "Alex Rivers"}, "sentence": ""},
    }
)
TEXT = _encoded(FRAME)
