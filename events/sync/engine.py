"""One run of a link: pull what changed there, merge it with what changed here, push the rest.

It may die anywhere: what a run did for one event it notes with that event, and it moves its cursor on when all is done.
The next one hears the same again, knows its own writes by their etags and stamps, and goes on.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Q, When

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.claims import backoff
from estateman.common.errors import RuleBroken
from events.activities import CalendarSyncFailed
from events.models import CalendarLink, DataSync, LinkedEvent
from events.permissions import can_write_calendar
from events.sync.carrying import Carrying
from events.sync.listening import Heard, listen
from events.sync.rows import Uncarried, Unsettled, note_refusal
from integrations.services import OutsideCalendar
from integrations.spi import AuthFailed, NoConsent, ProviderError, RateLimited, Unreachable

logger = logging.getLogger(__name__)

POLL = timedelta(minutes=5)
SOON = timedelta(minutes=1)
LEASE = timedelta(minutes=10)
LEASE_KEPT_EVERY = timedelta(minutes=1)
FIRST_RETRY = timedelta(minutes=1)
MOST_PATIENCE = 10.0
"""Seconds that a run waits by itself when the provider wants to be asked more slowly."""
_FOR_ALL = (AuthFailed, NoConsent, Unreachable, RateLimited)
"""What fails one event so would fail each of them."""
LOST = "The process that ran it was lost."


TAKEN_OVER = "Another worker has taken it over, or it was ended."
_MAY_PASS = (OperationalError, InterfaceError, IntegrityError)
"""Of a database that was busy, or of somebody who wrote the same at the same time."""


class LeaseLost(Exception):
    """Another worker has taken the link over, or it was ended."""


class Patient(OutsideCalendar):
    """Asks once more where the provider wants to be asked a moment later; ``before_each`` call it does that."""

    def __init__(self, *args: Any, before_each: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_each = before_each

    def _ask(self, *args: Any, **kwargs: Any) -> Any:
        self.before_each()
        try:
            return super()._ask(*args, **kwargs)
        except RateLimited as refused:
            if refused.retry_after is None or refused.retry_after > MOST_PATIENCE:
                raise
            time.sleep(refused.retry_after)
            return super()._ask(*args, **kwargs)


def run(link: CalendarLink) -> DataSync:
    """Make both calendars the same. ``link`` is claimed by the caller; not to be called inside a transaction."""
    DataSync.objects.filter(link=link, status=DataSync.Status.RUNNING).update(
        status=DataSync.Status.FAILED, finished_at=clock.now(), error=LOST
    )
    record = DataSync.objects.create(link=link)
    try:
        _Run(link, record).go()
    except LeaseLost as error:
        record.status, record.error = DataSync.Status.FAILED, str(error)
    except (ProviderError, PermissionDenied) as error:
        record.status, record.error = DataSync.Status.FAILED, str(error) or "You may not write into this calendar."
        _put_off(link, record, error)
    except Exception as error:
        logger.exception("Link %s could not be synchronised", link.pk)
        record.status, record.error = DataSync.Status.FAILED, f"{type(error).__name__}: {error}"[:2000]
        _put_off(link, record, error)
    record.finished_at = clock.now()
    _write(record)
    return record


def _write(record: DataSync) -> None:
    """Nothing, where the link was ended meanwhile, and its runs with it."""
    columns = [column.attname for column in record._meta.concrete_fields if not column.primary_key]
    DataSync.objects.filter(pk=record.pk).update(**{name: getattr(record, name) for name in columns})


class _Run:
    def __init__(self, link: CalendarLink, record: DataSync) -> None:
        self.link, self.record = link, record
        zone = link.calendar.timezone
        self.outside = Patient(link.integration, link.remote_id, by=link.user, zone=zone, before_each=self._keep_lease)
        self.carrying = Carrying(link, record, self.outside)
        self.lease_kept_at = clock.now()
        self.comes_again = False
        self.refused: set[int] = set()

    def go(self) -> None:
        if not (self.link.user.is_active and can_write_calendar(self.link.user, self.link.calendar)):
            raise PermissionDenied(f"{self.link.user} may not write into {self.link.calendar} any more.")
        heard = listen(self.link, self.outside)
        self.record.is_full = heard.is_full
        self._pull(heard)
        if self.link.pushes:
            self._push()
        self._tell_refusals()
        self._finish(heard.cursor)

    def _pull(self, heard: Heard) -> None:
        known = {each.remote_id: each for each in self.link.linked_events.select_related("event")}
        # What stands first: it may be what is gone, at another address.
        for remote in sorted(heard.events, key=lambda remote: remote.is_deleted):
            self._each(self.carrying.hear, known.get(remote.id), remote, pulls=True)
        told = {remote.id for remote in heard.events}
        missing = set(heard.missing & known.keys())
        # An empty listing may be a provider's bad day: it takes nothing away.
        if heard.is_full and heard.events:
            missing = known.keys() - told
        refused = {name for name, each in known.items() if each.snapshot.get("may_pass")}
        for linked in (known[name] for name in sorted(missing | (refused - told))):
            if linked.event_id:
                self._each(self.carrying.look_for, linked, pulls=True)

    def _push(self) -> None:
        mine = self.link.linked_events.exclude(event=None).select_related("event")
        elsewhere = ~Q(event__calendar=self.link.calendar_id)
        stale = mine.filter(Q(event__status="cancelled") | elsewhere | ~Q(version=F("event__version")))
        for linked in stale.exclude(pk__in=self.refused).order_by("pk"):
            self._each(self.carrying.send, linked)
        for event in self.carrying.unknown_there():
            self._each(self.carrying.introduce, event)

    def _tell_refusals(self) -> None:
        """What was refused before and could not be since: both sides are not the same."""
        known = self.link.linked_events.exclude(event=None).exclude(pk__in=self.refused).select_related("event")
        for linked in known.filter(snapshot__has_key="refusal").order_by("pk"):
            self._count_failure(_name([linked]), linked.snapshot["refusal"])

    def _each(self, act: Callable[..., None], *args: Any, pulls: bool = False) -> None:
        """One event; what is wrong with it stops none of the others."""
        self._keep_lease()
        try:
            act(*args)
        except (*_FOR_ALL, PermissionDenied, LeaseLost):
            raise
        except (ProviderError, RuleBroken, ValidationError, Uncarried) as error:
            self._count_failure(_name(args), _why(error))
            self.comes_again |= pulls and isinstance(error, ProviderError) and not error.permanent
            for linked in args:
                if isinstance(linked, LinkedEvent) and not isinstance(error, ProviderError):
                    note_refusal(linked, _why(error), may_pass=isinstance(error, RuleBroken | Unsettled))
                    self.refused.add(linked.pk)
        except Exception as error:
            if not _ours(self.link).exists():
                raise LeaseLost(TAKEN_OVER) from None
            logger.exception("An event of link %s could not be carried over", self.link.pk)
            self._count_failure(_name(args), _why(error))
            self.comes_again |= pulls and isinstance(error, _MAY_PASS)

    def _count_failure(self, name: str, why: str) -> None:
        self.record.failures += 1
        lines = [*self.record.error.splitlines(), f"{name}: {why}"[:300]]
        self.record.error = "\n".join(lines[:20])

    def _keep_lease(self) -> None:
        now = clock.now()
        if now - self.lease_kept_at < LEASE_KEPT_EVERY:
            return
        self.lease_kept_at = now
        if not _ours(self.link).update(lease_until=now + LEASE):
            raise LeaseLost(TAKEN_OVER)

    @transaction.atomic
    def _finish(self, cursor: str) -> None:
        """What could not be heard now and may be later is heard again: the cursor stays."""
        now = clock.now()
        partly = bool(self.record.failures)
        self.record.status = DataSync.Status.PARTLY if partly else DataSync.Status.DONE
        if not (self.comes_again or self.carrying.waits):
            # Turned to another direction meanwhile, it has to hear all again.
            _ours(self.link).filter(direction=self.link.direction).update(cursor=cursor)
        _ours(self.link).update(
            **_next(self.record, now + (SOON if self.carrying.waits else POLL)),
            last_synced_at=now,
            last_error=self.record.error if partly else "",
            attempts=0,
            lease_until=None,
        )


def _why(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error) or type(error).__name__


def _name(args: Iterable[Any]) -> str:
    for each in args:
        if isinstance(each, LinkedEvent) and each.event:
            return each.event.title
        content = getattr(each, "content", None)
        if content is not None or hasattr(each, "title"):
            return str(getattr(content or each, "title", "")) or "An event"
    return "An event"


def _ours(link: CalendarLink) -> Any:
    """The row, while this claim of it holds."""
    return CalendarLink.objects.filter(pk=link.pk, lease_token=link.lease_token)


def _next(record: DataSync, usual: Any) -> dict[str, Any]:
    """Whoever asked for another run while this one was under way gets it."""
    asked_for = When(next_attempt_at__gt=record.started_at, then=F("next_attempt_at"))
    return {"next_attempt_at": Case(asked_for, default=usual)}


@transaction.atomic
def _put_off(link: CalendarLink, record: DataSync, error: Exception) -> None:
    """It failed as a whole: again later, ever later; one whose consent ended waits until that is renewed."""
    wait = backoff(link.attempts, first=FIRST_RETRY)
    if asked := getattr(error, "retry_after", None):
        wait = max(wait, timedelta(seconds=asked))
    earlier = link.runs.exclude(pk=record.pk).exclude(error__in=(LOST, TAKEN_OVER)).first()
    was_well = earlier is None or earlier.status != DataSync.Status.FAILED
    ours = _ours(link).update(next_attempt_at=clock.now() + wait, last_error=record.error, lease_until=None)
    if ours and was_well:
        announce(
            CalendarSyncFailed(
                by_id=None,
                link_id=link.pk,
                calendar_id=link.calendar_id,
                calendar=link.calendar.name,
                user_id=link.user_id,
                detail=record.error[:300],
            )
        )


__all__ = ["LEASE", "run"]
