"""Having what came in processed once more, and forgetting what is old."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.models import WebhookEvent
from integrations.permissions import require_manager
from integrations.spi import TEXT_RECEIVED

MOST_AT_ONCE = 1000
_FAILED_KEPT = timedelta(days=90)
_TIMELESS_TEXTS_KEPT = timedelta(days=400)
_FORGET_BATCH = 500
State = WebhookEvent.State
_DONE, _IN_VAIN = Q(status__in=(State.PROCESSED, State.IGNORED)), Q(status__in=(State.FAILED, State.DEAD))
_TIMELESS_TEXTS = Q(kind=TEXT_RECEIVED, occurred_at=None)
"""Nothing but their id, which is kept here, tells that such a text was heard before: a START that is told
again after it was forgotten would lift a STOP that came later."""


class StillWaiting(RuleBroken):
    """It waits for its turn, or a worker is at it."""

    code = "webhook_waiting"


class TooManyToReplay(RuleBroken):
    """More match than are replayed at once."""

    code = "too_many_to_replay"


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Which events are meant: each thing that is given narrows them down. Both instants are inclusive."""

    ids: Collection[int] | None = None
    integration_id: int | None = None
    status: str | None = None
    kind: str | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None

    def among(self, events: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        """Those of ``events`` that are meant. Raises ValidationError when nothing narrows them down."""
        wanted = {
            "pk__in": self.ids,
            "integration_id": self.integration_id,
            "status": self.status,
            "kind": self.kind,
            "received_at__gte": self.received_from,
            "received_at__lte": self.received_until,
        }
        given = {lookup: value for lookup, value in wanted.items() if value is not None}
        if not given:
            raise ValidationError("Say which: by ids, or by a filter.")
        return events.filter(**given)


def replay_event(event: WebhookEvent, *, by: User) -> WebhookEvent:
    """Have it processed once more, as the same event. Raises StillWaiting."""
    require_manager(by)
    if not _make_due(WebhookEvent.objects.filter(pk=event.pk), by=by):
        raise StillWaiting("It waits for its turn already, or is being processed right now.")
    event.refresh_from_db()
    return event


@transaction.atomic
def replay_events(events: QuerySet[WebhookEvent], *, by: User) -> int:
    """Have all of ``events`` processed once more; how many there are. Those that still wait are passed over.

    Raises TooManyToReplay.
    """
    require_manager(by)
    matches = events.count()
    if matches > MOST_AT_ONCE:
        raise TooManyToReplay(
            f"{matches} events match; at most {MOST_AT_ONCE} are replayed at once. Narrow it down.",
            matches=matches,
            most=MOST_AT_ONCE,
        )
    return _make_due(events, by=by)


def _make_due(events: QuerySet[WebhookEvent], *, by: User) -> int:
    free = WebhookEvent.objects.replayable().filter(pk__in=list(events.values_list("pk", flat=True)))
    return free.update(status=State.RECEIVED, next_attempt_at=clock.now(), attempts=0, is_replay=True, replay_by=by)


def forget_old_events() -> int:
    """Delete what was kept long enough, with its tries; returns how many events.

    What took effect, or was of no interest, is kept for WEBHOOK_DAYS; what failed for 90 days, or
    longer where the others are. Texts of which the vendor signs no time are kept for 400.
    """
    kept = timedelta(days=settings.WEBHOOK_DAYS)
    return (
        _forget(_DONE & ~_TIMELESS_TEXTS, kept)
        + _forget(_IN_VAIN & ~_TIMELESS_TEXTS, max(kept, _FAILED_KEPT))
        + _forget((_DONE | _IN_VAIN) & _TIMELESS_TEXTS, max(kept, _TIMELESS_TEXTS_KEPT))
    )


def _forget(which: Q, kept: timedelta) -> int:
    old = WebhookEvent.objects.filter(which, received_at__lt=clock.now() - kept).order_by("pk")
    forgotten = 0
    # In portions: one long delete would hold up what comes in meanwhile.
    while pks := list(old.values_list("pk", flat=True)[:_FORGET_BATCH]):
        WebhookEvent.objects.filter(which, pk__in=pks).delete()
        forgotten += len(pks)
    return forgotten
