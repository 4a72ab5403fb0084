"""One event carried over, in either direction, and the row that says what both sides were then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from estateman.common import clock
from estateman.common.errors import VersionConflict
from events.models import CalendarLink, DataSync, Event, LinkedEvent, SyncConflict
from events.services import EventCancelledAlready, cancel_event
from events.sync.contents import base_of, content_of, plain, snapshot, usual
from events.sync.merging import DATES, TIMES, Base, Conflict, Merged, Side, carried, merge
from events.sync.pairing import counterpart, is_a_copy_of_ours, key_of, paired_elsewhere, stands_in, was_deleted
from events.sync.rows import Uncarried, bury, changed_at, content_there, note, usual_of
from events.sync.writing import change_here, create_here, reload, taken_time
from integrations.services import OutsideCalendar
from integrations.spi import EventContent, PreconditionFailed, ProviderError, RemoteEvent

HISTORY = timedelta(days=90)
"""What was over longer ago is not introduced there."""
TRIES = 3
DELETED = "deleted"
TAKEN_TIME = "taken_time"


class Carrying:
    """``record`` counts what was done."""

    def __init__(self, link: CalendarLink, record: DataSync, outside: OutsideCalendar) -> None:
        self.link, self.record, self.outside, self.by = link, record, outside, link.user
        self.pulls = link.direction != CalendarLink.Direction.PUSH
        self.pushes = link.direction != CalendarLink.Direction.PULL

    # --- What was told over there ---

    def hear(self, linked: LinkedEvent | None, remote: RemoteEvent) -> None:
        """An event there is new, changed or gone."""
        if linked and remote.etag and remote.etag == linked.etag:
            self.record.echoes += 1
        elif remote.problem:
            raise Uncarried(remote.problem)
        elif linked is None:
            self._meet(remote)
        elif remote.is_deleted or not stands_in(self.link, linked.event):
            self._part(linked, remote, base_of(linked.snapshot))
        else:
            before = self.record.changed_here, self.record.changed_there
            self._settle(linked, remote, base_of(linked.snapshot))
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
            # What carries our stamp is what we once wrote; of what only has the same uid, the past is not known.
            base = Base(remote.content, remote.content) if remote.stamp else None
            self._settle(linked, remote, base)
        elif self.pushes and remote.stamp and not (self.pulls and was_deleted(self.link, event)):
            self._delete_there(linked, remote)
        elif self.pulls:
            # Deleted on both sides once, it was brought back there, under another id.
            self._take_in(linked, remote, uid=event.uid)

    def _meet_a_stranger(self, remote: RemoteEvent) -> None:
        former = paired_elsewhere(self.link, remote)
        if former and self._fetched(former.remote_id).is_deleted:
            # It was moved to another address there, or we made it again and died before we had noted that.
            former.remote_id, former.etag = remote.id, ""
            self.hear(former, remote)
        elif is_a_copy_of_ours(self.link, remote):
            self.record.echoes += 1
        elif self.pulls:
            self._take_in(LinkedEvent(link=self.link, remote_id=remote.id), remote, uid=remote.uid)

    @transaction.atomic
    def _take_in(self, linked: LinkedEvent, remote: RemoteEvent, *, uid: str) -> None:
        content = content_there(remote)
        event = create_here(self.link.calendar, content, uid=uid, by=self.by)
        self._tell_taken_time(event)
        note(linked, event, remote)
        self.record.created_here += 1

    def _tell_taken_time(self, event: Event) -> None:
        """What happened there is a fact: it stands here too, even where people's plans would be refused."""
        if falls_on := taken_time(event, by=self.by):
            self._disagree(event, Conflict(TAKEN_TIME, falls_on, event.starts_at, "remote"))

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
        if self.pulls and (changed or was_told or not self.pushes):
            self._disagree(linked.event, Conflict(DELETED, DELETED, content_there(remote).title, "remote"))
            self._take_in(linked, remote, uid=remote.stamp or remote.uid)
        elif self.pushes:
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
        changed = base is not None and base.local != local
        if self.pushes and (changed or not self.pulls):
            key = f"{self.link.pk}:{event.uid}:{linked.remote_id}:{linked.etag}"
            remote = self._created(local, uid=event.uid, key=key)
            self._disagree(event, Conflict(DELETED, event.title, DELETED, "local"))
            note(linked, event, remote)
            self.record.created_there += 1
        elif self.pulls:
            self._cancel_here(linked, event)

    @transaction.atomic
    def _cancel_here(self, linked: LinkedEvent, event: Event) -> None:
        cancel_event(event, by=self.by)
        bury(linked)
        self.record.deleted_here += 1

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
        if linked.event is None or base is None:
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
            self.outside.delete(remote.id, etag=remote.etag if self.pulls else "")
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

    # --- Both ---

    def _settle(self, linked: LinkedEvent, remote: RemoteEvent, base: Base | None) -> None:
        """Both sides stand: merge what they say, write it there, then here together with the row."""
        for _ in range(TRIES):
            event = reload(linked.event_id or 0)
            if remote.is_deleted or not stands_in(self.link, event):
                self._part(linked, remote, base)
                return
            local = content_of(event)
            merged = self._merged(event, base, local, remote)
            try:
                self._keep(linked, event, local, merged, self._written_there(remote, merged))
            except PreconditionFailed:
                remote = self._fetched(remote.id)
            except (VersionConflict, EventCancelledAlready, PermissionDenied):
                # Somebody changed, cancelled or moved it here just now, maybe to where this user may not write.
                base = self._written_base(base, local, remote, merged)
                remote = self._fetched(remote.id)
            except ProviderError as refused:
                if refused.permanent and self.pulls:
                    self._keep_theirs(linked, event, local, merged, remote)
                raise
            else:
                return
        raise Uncarried("It changes faster than it can be carried over.")

    def _written_base(self, base: Base | None, local: EventContent, remote: RemoteEvent, merged: Merged) -> Base | None:
        """What we wrote there stands there, and is no change of theirs."""
        if base is None or not self.pushes:
            return base
        return Base(local, carried(base.remote, content_there(remote), merged.remote))

    def _written_there(self, remote: RemoteEvent, merged: Merged) -> RemoteEvent:
        told = content_there(remote)
        if not self.pushes or merged.remote == told:
            return remote
        written = usual_of(self.outside.update(remote.id, merged.remote, before=told, etag=remote.etag))
        self.record.changed_there += 1
        content_there(written)
        return written

    def _merged(self, event: Event, base: Base | None, local: EventContent, remote: RemoteEvent) -> Merged:
        told = content_there(remote)
        if not self.pulls:
            # There it is as here, whatever was changed there, save the words of what is private there; a zone that it
            # does not name is left to it.
            same = base is not None and base.remote == told and base.local == local
            return Merged(local, told if same else replace(local, is_private=told.is_private))
        if base and told.is_private and remote.stamp:
            # Planned here, it keeps its words here; those that were known of there are hidden now too, and no change.
            base = replace(base, remote=usual(replace(base.remote, is_private=True)))
        return merge(base, local, told, winner=self._winner(event, remote))

    def _winner(self, event: Event, remote: RemoteEvent) -> Side:
        if not self.pushes or self.link.winner == CalendarLink.Winner.REMOTE:
            return "remote"
        if self.link.winner == CalendarLink.Winner.LOCAL or remote.updated_at is None:
            return "local"
        return "local" if changed_at(event) >= remote.updated_at else "remote"

    @transaction.atomic
    def _keep(
        self, linked: LinkedEvent, event: Event, local: EventContent, merged: Merged, remote: RemoteEvent
    ) -> None:
        note(linked, self._changed_here(event, local, merged), remote)

    @transaction.atomic
    def _keep_theirs(
        self, linked: LinkedEvent, event: Event, local: EventContent, merged: Merged, remote: RemoteEvent
    ) -> None:
        """They take nothing from us: what changed there is told here all the same, what changed here stays unsent."""
        if base := base_of(linked.snapshot):
            now = content_of(self._changed_here(event, local, merged))
            linked.etag = remote.etag
            linked.snapshot = snapshot(Base(carried(base.local, local, now), content_there(remote)))
            linked.save()

    def _changed_here(self, event: Event, local: EventContent, merged: Merged) -> Event:
        if self.pulls and merged.local != local:
            event = change_here(event, local, merged.local, by=self.by)
            self.record.changed_here += 1
            if any(getattr(merged.local, name) != getattr(local, name) for name in (*TIMES, *DATES, "is_busy")):
                self._tell_taken_time(event)
        for conflict in merged.conflicts:
            self._disagree(event, conflict)
        return event

    def _disagree(self, event: Event | None, conflict: Conflict) -> None:
        SyncConflict.objects.create(
            run=self.record,
            event=event,
            recurrence_id=conflict.recurrence_id,
            field=conflict.field,
            local=plain(conflict.local),
            remote=plain(conflict.remote),
            winner=conflict.winner,
        )
