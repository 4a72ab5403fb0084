"""announce(): the last line of every service that changed something."""

from collections.abc import Callable

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity, ActivityRoom

_wake: Callable[[], None] | None = None


def wake_with(wake: Callable[[], None]) -> None:
    """Set what wakes the workers after a commit; the app's jobs do, so that this module knows no queue."""
    global _wake  # noqa: PLW0603  wired once, when the app is ready
    _wake = wake


def announce(fact: Fact) -> Activity:
    """Keep that ``fact`` happened, in the caller's transaction, and wake the reactions once that commits.

    What is rolled back was never announced; what is committed can't be forgotten: a lost wake-up is made good by
    the sweep.
    """
    activity = Activity.objects.create(
        kind=fact.kind, actor_id=fact.by_id, payload=fact.payload(), sentence=fact.sentence()[:500]
    )
    rooms = [ActivityRoom(activity=activity, room=room) for room in dict.fromkeys(fact.rooms())]
    if rooms:
        ActivityRoom.objects.bulk_create(rooms)
    _wake_after_commit()
    return activity


def _wake_after_commit() -> None:
    connection = transaction.get_connection()
    # One wake-up serves all that one transaction announced.
    if _wake is not None and all(hook is not _wake for _, hook, _ in connection.run_on_commit):
        transaction.on_commit(_wake)
