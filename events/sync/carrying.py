"""One event carried over, in either direction, and the row that says what both sides were then."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from estateman.common import clock
from estateman.common.errors import RuleBroken
from events.models import CalendarLink, DataSync, Event, LinkedEvent
from events.permissions import can_write_calendar
from events.services import cancel_event
from events.sync.contents import base_of, content_of
from events.sync.disagreeing import disagree, note_taken_time
from events.sync.merging import Base, Conflict
from events.sync.pairing import (
    counterpart,
    is_a_copy_of_ours,
    kept_with_others,
    key_of,
    may_hear_it_yet,
    paired_elsewhere,
    stands_in,
    was_deleted,
)
from events.sync.rows import (
    Uncarried,
    bury,
    content_there,
    is_missed,
    missed_since,
    note,
    note_unchanged,
    past_of,
    unmarked,
    usual_of,
)
from events.sync.settling import Settling
from events.sync.watching import outside_of
from events.sync.writing import create_here, go_into, reload
from integrations.services import OutsideCalendar
from integrations.spi import EventContent, PreconditionFailed, ProviderError, RemoteEvent

HISTORY = timedelta(days=90)
"""What was over longer ago is not introduced there."""
MAY_TURN_UP = timedelta(minutes=10)
"""For so long a link waits for the others before it cancels what is gone."""
DELETED = "deleted"


class Carrying:
    """``record`` counts what was done."""

    def __init__(self, link: CalendarLink, record: DataSync, outside: OutsideCalendar) -> None:
        self.link, self.record, self.outside, self.by = link, record, outside, link.user
        self.settling = Settling(link, record, outside)
        self.waits = False

    # --- What was told over there ---

    def hear(self, linked: LinkedEvent | None, remote: RemoteEvent) -> None:
        """An event there is new, changed or gone."""
        if linked and remote.etag and remote.etag == linked.etag:
            note_unchanged(linked)
            self.record.echoes += 1
        elif remote.problem:
            raise Uncarried(remote.problem)
        elif linked is None:
            self._meet(remote)
        elif remote.is_deleted or not stands_in(self.link, linked.event):
            self._part(linked, remote, past_of(linked, remote))
        else:
            before = self.record.changed_here, self.record.changed_there
            self._settle(linked, remote, past_of(linked, remote))
            # It said the same as here: our own write, of which the answer was lost, or a change that says nothing here.
            self.record.echoes += before == (self.record.changed_here, self.record.changed_there)

    def look_for(self, linked: LinkedEvent) -> None:
        """It was not in a list of all: is it really gone?"""
        self.hear(linked, self._fetched(linked.remote_id))

    def _fetched(self, remote_id: str) -> RemoteEvent:
        return usual_of(self.outside.fetch(remote_id))

    def _meet(self, remote: RemoteEvent) -> None:
        if remote.content is None:
            return
        event = counterpart(self.link, remote)
        if event is None:
            self._meet_a_stranger(remote)
            return
        linked = LinkedEvent(link=self.link, remote_id=remote.id, event=event)
        if not event.is_cancelled:
            # Known from now on, whatever becomes of it: made there once more it would stand twice.
            linked.save()
            self._settle(linked, remote, past_of(linked, remote))
        elif self.link.pushes and remote.stamp and not (self.link.pulls and was_deleted(self.link, event)):
            self._delete_there(linked, remote)
        elif self.link.pulls:
            # Deleted on both sides once, it was brought back there, under another id.
            self._take_in(linked, remote, uid=event.uid)

    def _meet_a_stranger(self, remote: RemoteEvent) -> None:
        former = paired_elsewhere(self.link, remote)
        if former and self._fetched(former.remote_id).is_deleted:
            # It was moved to another address there, or we made it again and died before we had noted that.
            former.remote_id, former.etag = remote.id, ""
            self.hear(former, remote)
        elif left := self._left_elsewhere(remote):
            self._follow(left, remote)
        elif is_a_copy_of_ours(self.link, remote):
            self.record.echoes += 1
        elif self.link.pulls:
            self._take_in(LinkedEvent(link=self.link, remote_id=remote.id), remote, uid=remote.uid)

    def _left_elsewhere(self, remote: RemoteEvent) -> LinkedEvent | None:
        """The row that paired the same event in another calendar, if it is gone there: then it was moved here."""
        for row in kept_with_others(self.link, remote) if self.link.pulls else ():
            if row.event and can_write_calendar(self.by, row.link.calendar) and self._is_gone(row):
                return row
        return None

    def _is_gone(self, row: LinkedEvent) -> bool:
        try:
            return outside_of(row.link).fetch(row.remote_id).is_deleted
        except ProviderError:  # whoever can't be asked says nothing of this calendar
            return is_missed(row)

    def _follow(self, left: LinkedEvent, remote: RemoteEvent) -> None:
        """Its event goes into the calendar here that it is in there, with all that hangs on it."""
        linked = LinkedEvent(link=self.link, remote_id=remote.id, snapshot=unmarked(left.snapshot))
        try:
            with transaction.atomic():
                linked.event = go_into(self.link.calendar, reload(left.event_id or 0), by=self.by)
                linked.save()
        except RuleBroken:  # like an appointment whose host may not write here: here it is another event
            self._take_in(linked, remote, uid=remote.uid)
            return
        self.record.changed_here += 1
        self._settle(linked, remote, past_of(linked, remote))

    @transaction.atomic
    def _take_in(self, linked: LinkedEvent, remote: RemoteEvent, *, uid: str) -> None:
        content = content_there(remote)
        event = create_here(self.link.calendar, content, uid=uid, by=self.by)
        note_taken_time(self.record, event, by=self.by)
        note(linked, event, remote)
        self.record.created_here += 1

    def _part(self, linked: LinkedEvent, remote: RemoteEvent, base: Base | None) -> None:
        """It is gone on one side at least."""
        if remote.is_deleted:
            self._lose(linked)
        else:
            self._outlive(linked, remote, base)

    def _outlive(self, linked: LinkedEvent, remote: RemoteEvent, base: Base | None) -> None:
        """It is deleted here, and stands there: if it changed there meanwhile, that counts, else it goes there too."""
        was_told = linked.event is None
        changed = base is None or base.remote != remote.content
        if self.link.pulls and (changed or was_told or not self.link.pushes):
            disagree(self.record, linked.event, Conflict(DELETED, DELETED, content_there(remote).title, "remote"))
            self._take_in(linked, remote, uid=remote.stamp or remote.uid)
        elif self.link.pushes:
            self._delete_there(linked, remote)

    def _lose(self, linked: LinkedEvent) -> None:
        """It is gone there: here too, unless it changed here meanwhile."""
        if not LinkedEvent.objects.filter(pk=linked.pk, remote_id=linked.remote_id).exists():
            return  # not known till now, or known by another address since
        event = linked.event and reload(linked.event_id or 0)
        if event is None or not stands_in(self.link, event):
            bury(linked)
            return
        local, base = content_of(event), base_of(linked.snapshot)
        if base is None:
            linked.delete()  # they never were the same: there, it is as if it had not been met
            return
        changed = base.local != local
        if self.link.pushes and (changed or not self.link.pulls):
            key = f"{self.link.pk}:{event.uid}:{linked.remote_id}:{linked.etag}"
            remote = self._created(local, uid=event.uid, key=key)
            disagree(self.record, event, Conflict(DELETED, event.title, DELETED, "local"))
            note(linked, event, remote)
            self.record.created_there += 1
        elif self.link.pulls and self._may_turn_up(linked):
            self.waits = True
        elif self.link.pulls:
            self._cancel_here(linked, event)

    def _may_turn_up(self, linked: LinkedEvent) -> bool:
        """It may have been moved into another calendar that is kept the same: that one is to be heard before."""
        since = missed_since(linked)
        others = may_hear_it_yet(self.link, since)
        if clock.now() - since > MAY_TURN_UP or not others.exists():
            return False
        others.filter(attempts=0, next_attempt_at__gt=clock.now()).update(next_attempt_at=clock.now())
        return True

    @transaction.atomic
    def _cancel_here(self, linked: LinkedEvent, event: Event) -> None:
        cancel_event(event, by=self.by)
        bury(linked)
        self.record.deleted_here += 1

    def _settle(self, linked: LinkedEvent, remote: RemoteEvent, base: Base | None) -> None:
        """Both sides stand, save where one is gone by then."""
        if gone := self.settling.settle(linked, remote, base):
            self._part(linked, *gone)

    # --- What changed here ---

    def unknown_there(self) -> Iterator[Event]:
        """What stands here and not there, save what has long been over."""
        known = LinkedEvent.objects.filter(link=self.link, event=OuterRef("pk"))
        recent = Q(until_utc=None) | Q(until_utc__gt=clock.now() - HISTORY)
        mine = Event.objects.filter(recent, ~Exists(known), calendar=self.link.calendar).not_cancelled()
        yield from list(mine.with_series().order_by("pk"))

    def introduce(self, event: Event) -> None:
        local = content_of(event)
        remote = self._created(local, uid=event.uid, key=key_of(self.link, event))
        note(LinkedEvent(link=self.link, remote_id=remote.id), event, remote)
        self.record.created_there += 1

    def send(self, linked: LinkedEvent) -> None:
        """What changed, was cancelled or went elsewhere here since both were the same."""
        base = base_of(linked.snapshot)
        if linked.event is None:
            return
        if base is None:
            self.look_for(linked)
            return
        remote = RemoteEvent(id=linked.remote_id, content=base.remote, etag=linked.etag)
        if not stands_in(self.link, linked.event):
            self._delete_there(linked, remote)
        else:
            self._settle(linked, remote, base)

    def _created(self, content: EventContent, *, uid: str, key: str) -> RemoteEvent:
        remote = usual_of(self.outside.create(content, uid=uid, key=key))
        if remote.content is None:
            raise Uncarried(remote.problem or "It is gone again as soon as it was written.")
        return remote

    def _delete_there(self, linked: LinkedEvent, remote: RemoteEvent) -> None:
        try:
            self.outside.delete(remote.id, etag=remote.etag if self.link.pulls else "")
        except PreconditionFailed:
            now = self._fetched(remote.id)
            if not now.is_deleted:
                self._outlive_anew(linked, now)
                return
        self.record.deleted_there += 1
        bury(linked)

    def _outlive_anew(self, linked: LinkedEvent, now: RemoteEvent) -> None:
        """It moved on just now. Where it still says the same, only its etag was old."""
        base = base_of(linked.snapshot)
        if base is None or base.remote != now.content:
            self._outlive(linked, now, base)
            return
        self.outside.delete(now.id, etag=now.etag)
        self.record.deleted_there += 1
        bury(linked)
