"""announce(): the last line of every service that changed something."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity, ActivityRoom

_wake: Callable[[], None] | None = None
_overheard: ContextVar[list[Activity] | None] = ContextVar("overheard", default=None)


def wake_with(wake: Callable[[], None]) -> None:
    """Set what wakes the workers after a commit; the app's jobs do, so that this module knows no queue."""
    global _wake  # noqa: PLW0603  wired once, when the app is ready
    _wake = wake


def announce(fact: Fact) -> Activity:
    """Keep that ``fact`` happened, in the caller's transaction, and wake the reactions once that commits.

    What is rolled back was never announced; what is committed can't be forgotten: a lost wake-up is made good by
    the sweep.
    """
    return announce_all([fact])[0]


def announce_all(facts: Iterable[Fact]) -> list[Activity]:
    """The same for many at once, in their order, in two statements."""
    told = list(facts)
    activities = Activity.objects.bulk_create(
        Activity(kind=fact.kind, actor_id=fact.by_id, payload=fact.payload(), sentence=fact.sentence()[:500])
        for fact in told
    )
    ActivityRoom.objects.bulk_create(
        ActivityRoom(activity=activity, room=room)
        for activity, fact in zip(activities, told, strict=True)
        for room in dict.fromkeys(fact.rooms())
    )
    if (overheard := _overheard.get()) is not None:
        overheard.extend(activities)
    if activities:
        _wake_after_commit()
    return activities


@contextmanager
def overhearing() -> Iterator[list[Activity]]:
    """The activities announced inside, in order: how a caller of services learns what came of its calls."""
    announced: list[Activity] = []
    token = _overheard.set(announced)
    try:
        yield announced
    finally:
        _overheard.reset(token)


def _wake_after_commit() -> None:
    connection = transaction.get_connection()
    # One wake-up serves all that one transaction announced.
    if _wake is not None and all(hook is not _wake for _, hook, _ in connection.run_on_commit):
        transaction.on_commit(_wake)
