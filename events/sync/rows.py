"""What is known of one event on both sides: as it was told, and as the row keeps it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from estateman.activity.models import Activity
from estateman.common import clock
from events.models import Event, LinkedEvent
from events.sync.contents import base_of, content_of, snapshot, usual
from events.sync.merging import Base
from integrations.spi import EventContent, RemoteEvent

_MARKS = frozenset({"refusal", "may_pass", "missed"})


class Uncarried(Exception):
    """This event could not be carried over, and why."""


class Unsettled(Uncarried):
    """It may be in the next run."""


def usual_of(remote: RemoteEvent) -> RemoteEvent:
    return remote if remote.content is None else replace(remote, content=usual(remote.content))


def content_there(remote: RemoteEvent) -> EventContent:
    if remote.content is None:
        raise Uncarried(remote.problem or "It is gone.")
    return remote.content


def note(linked: LinkedEvent, event: Event, remote: RemoteEvent) -> None:
    """Both are the same now."""
    linked.event, linked.remote_id, linked.etag, linked.version = event, remote.id, remote.etag, event.version
    linked.snapshot = snapshot(Base(content_of(event), content_there(remote)))
    linked.save()


def past_of(linked: LinkedEvent, remote: RemoteEvent) -> Base | None:
    """What both said when they were last the same.

    Where no row says so, what carries our stamp is what we once wrote; of what only has the same uid it is not known.
    """
    known = base_of(linked.snapshot)
    return known or (Base(remote.content, remote.content) if remote.stamp and remote.content else None)


def note_refusal(linked: LinkedEvent, why: str, *, may_pass: bool) -> None:
    """What changed there can't be had here: each run says so until ``note``, and looks for it if that ``may_pass``."""
    _keep(linked, {**linked.snapshot, "refusal": why, "may_pass": may_pass})


def is_missed(linked: LinkedEvent) -> bool:
    return "missed" in linked.snapshot


def missed_since(linked: LinkedEvent) -> datetime:
    """When it was missed there first, which is now if it was not."""
    if not is_missed(linked):
        _keep(linked, {**linked.snapshot, "missed": clock.now().isoformat()})
    return datetime.fromisoformat(linked.snapshot["missed"])


def note_unchanged(linked: LinkedEvent) -> None:
    """It is there as it was: neither refused nor missed any more."""
    kept = unmarked(linked.snapshot)
    if kept != linked.snapshot:
        _keep(linked, kept)


def unmarked(kept: dict[str, Any]) -> dict[str, Any]:
    """What a snapshot says of both sides alone."""
    return {name: value for name, value in kept.items() if name not in _MARKS}


def _keep(linked: LinkedEvent, kept: dict[str, Any]) -> None:
    """In the row, if it stands there yet."""
    linked.snapshot = kept
    LinkedEvent.objects.filter(pk=linked.pk).update(snapshot=kept)


def bury(linked: LinkedEvent) -> None:
    """It is gone on both sides; the row stays, to know it by if it comes back."""
    if linked.event:
        linked.snapshot["uid"] = linked.event.uid
    linked.event, linked.etag = None, ""
    linked.save()


def changed_at(event: Event) -> datetime:
    """When it was last changed here, as the activities tell."""
    told = Activity.objects.in_rooms([f"calendar:{event.calendar_id}"]).filter(
        Q(kind__startswith="event.") | Q(kind__startswith="occurrence."), payload__event_id=event.pk
    )
    return told.order_by("-at").values_list("at", flat=True).first() or event.created_at
