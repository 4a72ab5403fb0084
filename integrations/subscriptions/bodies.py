"""The words in which subscribers are told: JSON with ``type``, ``timestamp``, ``data``, as Standard Webhooks advises.

Written once, when the delivery is made: a body that changed between two tries would be another message.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from estateman.activity.models import Activity

TEST = "webhook.test"
Actor = Mapping[str, Any] | None


def body_of(activity: Activity, *, actor: Actor, rooms: Collection[str]) -> str:
    """What is told of ``activity``; ``rooms`` are those that the listener may enter."""
    return _written(
        type=activity.kind,
        timestamp=activity.at,
        id=activity.pk,
        actor=actor,
        sentence=activity.sentence,
        rooms=sorted(rooms),
        data=activity.payload,
    )


def test_body(*, at: datetime, actor: Actor, subscription_id: int) -> str:
    """The same with nothing behind it, to see whether it arrives."""
    return _written(
        type=TEST,
        timestamp=at,
        id=None,
        actor=actor,
        sentence="sent a test",
        rooms=[],
        data={"subscription_id": subscription_id},
    )


def _written(*, timestamp: datetime, **parts: Any) -> str:
    at = timestamp.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": parts.pop("type"), "timestamp": at, **parts})
