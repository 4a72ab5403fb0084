"""Work that must leave is a row that a worker claims; a job's message only says "look"."""

import random
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, Q

from estateman.common import clock

LONGEST_WAIT = timedelta(minutes=30)


class Claimable(models.Model):
    """A row of work: due at ``next_attempt_at``, held by one worker until ``lease_until``."""

    next_attempt_at = models.DateTimeField(null=True, default=clock.now, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Claimable)


def due(at: datetime) -> Q:
    """Rows whose time has come and that no living worker holds. ``next_attempt_at`` is null once work is over."""
    return Q(next_attempt_at__lte=at) & (Q(lease_until=None) | Q(lease_until__lt=at))


def claim(rows: models.QuerySet[Row], *, limit: int, lease: timedelta) -> list[Row]:
    """Take up to ``limit`` due ``rows`` for this worker and return them, longest due first.

    Each row comes back with ``attempts`` counted up and a ``lease_token`` of this claim; whoever writes the outcome
    filters by that token, so a worker that outlived its lease writes nothing. A killed worker's rows come back when
    their lease ends. One text serves both databases: PostgreSQL skips rows that others hold; on SQLite, which knows
    no row locks, the transaction is IMMEDIATE and holds the only write lock.
    """
    at, token = clock.now(), uuid4()
    with transaction.atomic():
        free = rows.filter(due(at)).order_by("next_attempt_at", "pk").select_for_update(skip_locked=True, of=("self",))
        taken = list(free[:limit])
        if taken:
            rows.model._default_manager.filter(pk__in=[row.pk for row in taken]).update(
                lease_until=at + lease, lease_token=token, attempts=F("attempts") + 1
            )
    for row in taken:
        row.lease_until, row.lease_token, row.attempts = at + lease, token, row.attempts + 1
    return taken


def backoff(attempts: int, *, first: timedelta = timedelta(seconds=1)) -> timedelta:
    """How long to wait after the ``attempts``-th failure: doubling from ``first`` to LONGEST_WAIT, a random half of it.

    The random part keeps a thousand rows that failed together from coming back together.
    """
    ceiling = min(first * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    wait: timedelta = ceiling * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret
    return wait
