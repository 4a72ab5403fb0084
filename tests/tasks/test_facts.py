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
    "moved_to_id": 4,
    "moved_to": "In progress",
    "label_id": 2,
    "label": "Paperwork",
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
    "key_date_id": 6,
    "key_date": "Closing",
    "on": "2026-06-15",
    "was_on": None,
    "met_on": None,
    "target_kind": "task",
    "target_id": 7,
    "target": "Photos",
    "rule": "3 business days before Closing",
    "calendar_id": 3,
    "calendar": "Our office",
    "profile_id": 4,
    "profile": "Texas",
    "item_id": 4,
    "item": "Sign it",
    "checklist_done": 1,
    "checklist_total": 2,
    "document_id": None,
    "needs_review": True,
    "reason": "New build",
    "accepted": False,
    "note": "Page 3 is not signed",
    "done_by_id": 3,
    "attachment_id": 6,
    "name": "offer.pdf",
    "content_type": "application/pdf",
    "size_bytes": 2048,
    "comment_id": 8,
    "excerpt": "The key is there",
    "mention_ids": (3,),
    "attachment_ids": (6,),
    "follower_ids": (3, 4),
    "emoji": "👍",
    "given": True,
    "count": 2,
    "rule_id": 3,
    "user_ids": (3, 4),
    "message": "The sign is up",
    "days": 3,
    "baseline_id": 2,
    "baseline": "As agreed",
    "deadline_at": "2026-05-08T21:00:00+00:00",
    "timezone": "America/New_York",
    "keeper_ids": (8,),
    "hours": 24,
    "overdue_ids": (7,),
    "upcoming_ids": (9,),
    "dependencies": 4,
    "moved": 2,
    "task_ids": (7, 9),
    "key_date_ids": (6,),
    "cause": "key_date",
    "why": "as Closing was moved",
    "log_id": 5,
    "work_date": "2026-05-08",
    "started_at": "2026-05-08T12:00:00+00:00",
    "ended_by": "person",
}


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.kind)
def test_a_fact_survives_being_kept(kind):
    needed = {name: value for name, value in VALUES.items() if name in kind.__dataclass_fields__}
    fact = kind(**needed)
    assert kind.from_payload(fact.payload(), by_id=1) == fact
    assert fact.rooms()
    assert {*fact.rooms()} <= {"project:12" if isinstance(fact, activities.OfProject) else "office", "user:3"}
    assert fact.sentence().startswith(tuple("abcdefghijklmnopqrstuvwxyz"))
    assert not fact.sentence().endswith(".")
