"""Answers as the docs show them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_FIRST_TASK = {
    "id": 1,
    "key": "tasks.first",
    "name": "First task",
    "description": "Complete your first task.",
    "icon": "🌱",
}
_TASKS_COMPLETED = {
    "key": "tasks.completed",
    "name": "Tasks completed",
    "points": 10,
    "daily_cap": 40,
}
_TENTH = {"level": 1, "threshold": 10, "points": 20, "earned_at": None}
_BEFORE_THE_TENTH: dict[str, Any] = {
    "id": 2,
    "key": "tasks.done",
    "name": "Getting things done",
    "description": "Complete tasks: 10, 50, 200.",
    "icon": "✅",
    "metric": _TASKS_COMPLETED,
    "period_kind": "all",
    "period_start": "1970-01-01",
    "value": 9,
    "levels": [_TENTH],
    "next_level": _TENTH,
}
_ENTRY = {
    "id": 31,
    "member": 3,
    "currency": "score",
    "amount": 10,
    "kind": "activity",
    "title": "Order the sign",
    "event": 17,
    "award": None,
    "reverses": None,
    "created_at": "2026-05-04T13:00:00Z",
}

MY_PROFILE = OpenApiExample(
    "One task before the next level",
    {
        "member": {"id": 3, "name": "Alex Rivers"},
        "score": 100,
        "coins": 100,
        "awards": [
            {
                "achievement": _FIRST_TASK,
                "level": 1,
                "times": 1,
                "earned_at": "2026-05-04T13:00:00Z",
            }
        ],
        "next": [_BEFORE_THE_TENTH],
    },
    response_only=True,
)
EXPLANATION = OpenApiExample(
    "Points for a task",
    {
        "entry": _ENTRY,
        "sentence": "+10 for “Order the sign” (Tasks completed).",
        "event": {
            "id": 17,
            "source": "tasks",
            "idem_key": "task:7:completed:1",
            "title": "Order the sign",
            "metric": _TASKS_COMPLETED,
            "quantity": 1,
            "occurred_at": "2026-05-04T13:00:00Z",
            "local_date": "2026-05-04",
            "status": "accepted",
            "reverses": None,
        },
        "award": None,
        "reverses": None,
        "reversed_by": None,
    },
    response_only=True,
)
