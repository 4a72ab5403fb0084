"""How the reactions tell people, and who they commonly are."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from estateman.activity.models import Activity
from estateman.people.models import OfficeRole, User
from estateman.people.permissions import LEADING
from notifications import jobs
from notifications.models import Category
from notifications.services import Message, notify


def tell(people: Iterable[int], activity: Activity, category: Category, **words: Any) -> None:
    """Put a line into the inboxes of the user ids ``people``: ``title``, ``body``, ``url`` and what else Message takes.

    Each person hears of one activity once, or of what ``dedupe_key`` names.
    """
    about = {"data": activity.payload, "actor_id": activity.actor_id, "dedupe_key": f"activity:{activity.pk}"}
    notify(people, Message(kind=activity.kind, category=category, **{**about, **words}), activity=activity)
    transaction.on_commit(jobs.wake)


def board_of(project_id: int) -> str:
    """The page that most of what happens in a project is looked at on."""
    return f"/projects/{project_id}/board"


def leaders() -> Iterable[int]:
    """Those who lead the office."""
    return User.objects.filter(role__in=LEADING).values_list("pk", flat=True)


def admins() -> Iterable[int]:
    """Those who run the system."""
    return User.objects.filter(role=OfficeRole.ADMIN).values_list("pk", flat=True)
