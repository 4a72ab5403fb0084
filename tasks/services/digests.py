"""The morning's list: what is overdue and what is due soon, once a day for each person."""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Least

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from tasks.activities import DigestDue
from tasks.lead_times import is_time_for_the_list
from tasks.models import OverdueDigest, Task

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=3)
KEPT = timedelta(days=30)
MOST = 100
"""So many tasks are listed at most, the soonest due first."""


def send_overdue_digests() -> int:
    """Announce the lists of those whose morning has come, each in a transaction of its own; returns how many."""
    at, told = clock.now(), 0
    zones = User.objects.filter(is_active=True).order_by("timezone").values_list("timezone", flat=True).distinct()
    for zone in [zone for zone in zones if is_time_for_the_list(at, zone)]:
        for user in _waiting(zone, clock.local_date(at, zone)):
            try:
                told += _send(user, at)
            except Exception:
                logger.exception("The list of user %s could not be made", user.pk)
    return told


def forget_old_digests() -> None:
    """That a list was made a month ago keeps nothing from being sent twice any more."""
    OverdueDigest.objects.filter(at__lt=clock.now() - KEPT).delete()


def _waiting(zone: str, today: date) -> Iterable[User]:
    """Those of the zone who had no list today."""
    had = OverdueDigest.objects.filter(user=OuterRef("pk"), on=today)
    return list(User.objects.filter(is_active=True, timezone=zone).exclude(Exists(had)).order_by("pk"))


def _send(user: User, at: datetime) -> bool:
    """Whether there was anything to send. An empty list counts as made: what turns up at noon waits for tomorrow's."""
    today = clock.local_date(at, user.timezone)
    try:
        with transaction.atomic():
            OverdueDigest.objects.create(user=user, on=today)
            overdue, upcoming = _listed(user, today, at)
            if overdue or upcoming:
                _announce(user, today, overdue, upcoming)
            return bool(overdue or upcoming)
    except IntegrityError:  # another clock was quicker
        return False


def _listed(user: User, today: date, at: datetime) -> tuple[list[int], list[int]]:
    """The ids of the open tasks that are overdue, and of those due soon."""
    mine = Task.objects.visible_to(user).current().open().assigned_to(user)
    near = mine.filter(Q(due_on__lte=today + AHEAD) | Q(deadline_on__lte=today + AHEAD))
    # With one of the two missing, the lesser is null in SQLite.
    soonest = Coalesce(Least("due_on", "deadline_on"), "due_on", "deadline_on")
    rows = near.annotate(day=soonest).order_by("day", "pk").values_list("pk", "day", "deadline_at")[:MOST]
    overdue: list[int] = []
    upcoming: list[int] = []
    for pk, day, deadline_at in rows:
        is_overdue = day < today or (deadline_at is not None and deadline_at <= at)
        (overdue if is_overdue else upcoming).append(pk)
    return overdue, upcoming


def _announce(user: User, today: date, overdue: list[int], upcoming: list[int]) -> None:
    announce(
        DigestDue(
            by_id=None,
            user_id=user.pk,
            on=today.isoformat(),
            overdue_ids=tuple(overdue),
            upcoming_ids=tuple(upcoming),
        )
    )
