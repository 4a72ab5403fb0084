"""Who reacts to what, and how a reaction is run: once, in its own transaction, with its receipt."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from estateman.activity.facts import Fact, known_kinds
from estateman.activity.models import Activity, Receipt
from estateman.common import clock
from estateman.common.claims import backoff, claim

logger = logging.getLogger(__name__)

# A lease may be short: were two workers to run one reaction, its receipt lets only one of them take effect.
LEASE = timedelta(seconds=10)
BATCH = 100
MOST_ATTEMPTS = 10

Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True)
class Reaction:
    """One function that reacts to some kinds of activity; ``name`` is what its receipts are kept under."""

    name: str
    kinds: frozenset[str] | None
    function: Callable[..., None]
    batch: bool

    def wants(self, activity: Activity) -> bool:
        return self.kinds is None or activity.kind in self.kinds

    def run(self, activities: Sequence[Activity]) -> None:
        if self.batch:
            self.function([(activity.fact, activity) for activity in activities])
        else:
            self.function(activities[0].fact, activities[0])


_reactions: dict[str, Reaction] = {}


def on(*facts: type[Fact], batch: bool = False) -> Callable[[Function], Function]:
    """Register a reaction: ``@on(TaskCompleted) def tell_assignees(fact: TaskCompleted, activity: Activity)``.

    It runs in a transaction of its own that also writes its receipt: its database effects happen exactly once. It
    writes rows and announces; it sends nothing and calls nobody outside. With ``batch=True`` it takes a list of
    ``(fact, activity)`` instead, in one transaction. Without facts it reacts to everything.
    """

    def register(function: Function) -> Function:
        name = _name_of(function)
        if name in _reactions:
            raise TypeError(f"Two reactions are called {name}; their receipts would be confused")
        kinds = frozenset(fact.kind for fact in facts) if facts else None
        _reactions[name] = Reaction(name, kinds, function, batch)
        return function

    return register


def _name_of(function: Callable[..., None]) -> str:
    """By the app's ``reactions``, whichever file of them it stands in: moving it there must not run it once more."""
    app, reactions, _ = function.__module__.partition(".reactions")
    return f"{app}{reactions}.{function.__qualname__}"


def reactions_by_kind() -> dict[str, list[str]]:
    """Which reactions each kind of activity has, for the docs and the admin."""
    return {kind: [r.name for r in _reactions.values() if r.kinds is None or kind in r.kinds] for kind in known_kinds()}


def react() -> int:
    """Run what is due of the reactions to unsettled activities; returns how many activities were claimed."""
    activities = claim(Activity.objects.all(), limit=BATCH, lease=LEASE)
    if activities:
        receipts = _receipts(activities)
        for reaction in tuple(_reactions.values()):
            _run_all(reaction, [activity for activity in activities if reaction.wants(activity)], receipts)
        _settle(activities)
    return len(activities)


Receipts = dict[tuple[int, str], Receipt]


def _receipts(activities: Sequence[Activity]) -> Receipts:
    kept = Receipt.objects.filter(activity__in=activities)
    return {(receipt.activity_id, receipt.reaction): receipt for receipt in kept}


def _run_all(reaction: Reaction, activities: list[Activity], receipts: Receipts) -> None:
    fresh = [activity for activity in activities if (activity.pk, reaction.name) not in receipts]
    again = [activity for activity in activities if _is_due(receipts.get((activity.pk, reaction.name)))]
    if reaction.batch and len(fresh) > 1 and _run_batch(reaction, fresh):
        fresh = []
    for activity in (*fresh, *again):
        _run_one(reaction, activity, receipts.get((activity.pk, reaction.name)))


def _is_due(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.next_attempt_at is not None and receipt.next_attempt_at <= clock.now()


class _TakenAlready(Exception):
    """Another worker's receipt stands."""


def _run_batch(reaction: Reaction, activities: list[Activity]) -> bool:
    """All in one transaction; False when anything failed, and each is then tried by itself."""
    try:
        with transaction.atomic():
            _insert_receipts(reaction, activities)
            reaction.run(activities)
    except Exception:  # noqa: BLE001  the single runs that follow find and keep the error
        return False
    return True


def _run_one(reaction: Reaction, activity: Activity, earlier: Receipt | None) -> None:
    try:
        with transaction.atomic():
            if earlier is None:
                _insert_receipts(reaction, [activity])
            else:
                _take_up_again(earlier)
            reaction.run([activity])
    except _TakenAlready:
        pass
    except Exception as error:
        logger.exception("Reaction %s failed on activity %s", reaction.name, activity.pk)
        _keep_failure(reaction, activity, error, attempts=earlier.attempts + 1 if earlier else 1)


def _insert_receipts(reaction: Reaction, activities: Sequence[Activity]) -> None:
    done = [Receipt(activity=activity, reaction=reaction.name, state=Receipt.State.DONE) for activity in activities]
    try:
        Receipt.objects.bulk_create(done)
    except IntegrityError as error:
        raise _TakenAlready from error


def _take_up_again(receipt: Receipt) -> None:
    waiting = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.WAITING, attempts=receipt.attempts)
    if not waiting.update(state=Receipt.State.DONE, next_attempt_at=None, last_error="", changed_at=clock.now()):
        raise _TakenAlready


def _keep_failure(reaction: Reaction, activity: Activity, error: Exception, *, attempts: int) -> None:
    """Remember the failure, unless another worker has succeeded (or failed as often) meanwhile."""
    dead = attempts >= MOST_ATTEMPTS
    outcome: dict[str, Any] = {
        "state": Receipt.State.DEAD if dead else Receipt.State.WAITING,
        "attempts": attempts,
        "next_attempt_at": None if dead else clock.now() + backoff(attempts),
        "last_error": f"{type(error).__name__}: {error}"[:2000],
    }
    with transaction.atomic():
        receipt, created = Receipt.objects.get_or_create(activity=activity, reaction=reaction.name, defaults=outcome)
        if not created:
            older = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.WAITING, attempts__lt=attempts)
            older.update(**outcome, changed_at=clock.now())


def _settle(activities: Sequence[Activity]) -> None:
    """Write when each activity must be looked at again: never, once all its reactions are done or dead."""
    waiting: dict[int, list[datetime]] = defaultdict(list)
    unfinished = Receipt.objects.filter(activity__in=activities, state=Receipt.State.WAITING)
    for pk, next_attempt_at in unfinished.values_list("activity_id", "next_attempt_at"):
        waiting[pk].append(next_attempt_at or clock.now())
    settled = [activity.pk for activity in activities if activity.pk not in waiting]
    ours = Activity.objects.filter(lease_token=activities[0].lease_token)
    ours.filter(pk__in=settled).update(next_attempt_at=None, lease_until=None)
    for pk, instants in waiting.items():
        ours.filter(pk=pk).update(next_attempt_at=min(instants), lease_until=None)


def retry(receipt: Receipt) -> None:
    """Give a dead reaction a fresh start, now (the admin's action)."""
    with transaction.atomic():
        dead = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.DEAD)
        if dead.update(state=Receipt.State.WAITING, attempts=0, next_attempt_at=clock.now(), changed_at=clock.now()):
            Activity.objects.filter(pk=receipt.activity_id).update(next_attempt_at=clock.now())
