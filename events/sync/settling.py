"""One event that stands on both sides: what they say is merged, and both say it afterwards."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction

from estateman.common.errors import VersionConflict
from events.models import CalendarLink, DataSync, Event, LinkedEvent
from events.services import EventCancelledAlready
from events.sync.contents import base_of, content_of, snapshot, usual
from events.sync.disagreeing import disagree, note_taken_time
from events.sync.merging import DATES, TIMES, Base, Merged, Side, carried, merge
from events.sync.pairing import stands_in
from events.sync.rows import Unsettled, changed_at, content_there, note, usual_of
from events.sync.writing import change_here, reload
from integrations.services import OutsideCalendar
from integrations.spi import EventContent, PreconditionFailed, ProviderError, RemoteEvent

TRIES = 3
Gone = tuple[RemoteEvent, Base | None]
"""It is gone on one side at least: what was told of it last, and what both sides said before."""


class Settling:
    """``record`` counts what was done."""

    def __init__(self, link: CalendarLink, record: DataSync, outside: OutsideCalendar) -> None:
        self.link, self.record, self.outside, self.by = link, record, outside, link.user

    def settle(self, linked: LinkedEvent, remote: RemoteEvent, base: Base | None) -> Gone | None:
        """Merge what both say, write it there, then here together with the row; unless one side is gone by then.

        Raises Uncarried, Unsettled, ProviderError.
        """
        for _ in range(TRIES):
            event = reload(linked.event_id or 0)
            if remote.is_deleted or not stands_in(self.link, event):
                return remote, base
            local = content_of(event)
            merged = self._merged(event, base, local, remote)
            try:
                self._keep(linked, event, local, merged, self._written_there(remote, merged))
            except PreconditionFailed:
                remote = usual_of(self.outside.fetch(remote.id))
            except (VersionConflict, EventCancelledAlready, PermissionDenied):
                # Somebody changed, cancelled or moved it here just now, maybe to where this user may not write.
                base = self._written_base(base, local, remote, merged)
                remote = usual_of(self.outside.fetch(remote.id))
            except ProviderError as refused:
                if refused.permanent and self.link.pulls:
                    self._keep_theirs(linked, event, local, merged, remote)
                raise
            else:
                return None
        raise Unsettled("It changes faster than it can be carried over.")

    def _written_base(self, base: Base | None, local: EventContent, remote: RemoteEvent, merged: Merged) -> Base | None:
        """What we wrote there stands there, and is no change of theirs."""
        if base is None or not self.link.pushes:
            return base
        return Base(local, carried(base.remote, content_there(remote), merged.remote))

    def _written_there(self, remote: RemoteEvent, merged: Merged) -> RemoteEvent:
        told = content_there(remote)
        if not self.link.pushes or merged.remote == told:
            return remote
        written = usual_of(self.outside.update(remote.id, merged.remote, before=told, etag=remote.etag))
        self.record.changed_there += 1
        content_there(written)
        return written

    def _merged(self, event: Event, base: Base | None, local: EventContent, remote: RemoteEvent) -> Merged:
        told = content_there(remote)
        if not self.link.pulls:
            # There it is as here, whatever was changed there, save the words of what is private there; a zone that it
            # does not name is left to it.
            same = base is not None and base.remote == told and base.local == local
            return Merged(local, told if same else replace(local, is_private=told.is_private))
        if base and told.is_private and remote.stamp:
            # Planned here, it keeps its words here; those that were known of there are hidden now too, and no change.
            base = replace(base, remote=usual(replace(base.remote, is_private=True)))
        return merge(base, local, told, winner=self._winner(event, remote))

    def _winner(self, event: Event, remote: RemoteEvent) -> Side:
        if not self.link.pushes or self.link.winner == CalendarLink.Winner.REMOTE:
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
        if self.link.pulls and merged.local != local:
            event = change_here(event, local, merged.local, by=self.by)
            self.record.changed_here += 1
            if any(getattr(merged.local, name) != getattr(local, name) for name in (*TIMES, *DATES, "is_busy")):
                note_taken_time(self.record, event, by=self.by)
        for conflict in merged.conflicts:
            disagree(self.record, event, conflict)
        return event
