"""What is announced can be read again, is seen in the project's room, and says what happened."""

import pytest

from estateman.activity.facts import Fact
from tasks import activities

FACTS = [
    each for each in vars(activities).values() if isinstance(each, type) and issubclass(each, Fact) and each is not Fact
]
VALUES = {
    "by_id": 1,
    "project_id": 12,
    "project": "12 Quay Street",
    "task_id": 7,
    "task": "Photos",
    "fields": ("due_on", "priority"),
    "user_id": 3,
    "user": "Alex Agent",
    "role": "member",
    "deal_role": "",
    "change": "added",
    "column_id": 5,
    "column": "Waiting",
    "from_column_id": 4,
    "template_id": 2,
    "template": "Lease",
    "tasks": 12,
    "assignee_id": 3,
    "assignee": "Alex Agent",
    "due_on": "2026-05-08",
    "completion_no": 1,
    "assignee_ids": (3, 4),
    "on_time": None,
    "completed_on": "2026-05-08",
    "by_task": "Staging",
    "dependency_id": 9,
    "predecessor_id": 6,
    "predecessor": "Staging",
    "type": "FS",
    "lag_days": -1,
}


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.kind)
def test_a_fact_survives_being_kept(kind):
    needed = {name: value for name, value in VALUES.items() if name in kind.__dataclass_fields__}
    fact = kind(**needed)
    assert kind.from_payload(fact.payload(), by_id=1) == fact
    assert fact.rooms() == ("project:12",)
    assert fact.sentence().startswith(tuple("abcdefghijklmnopqrstuvwxyz"))
    assert not fact.sentence().endswith(".")
