"""Where both sides could not have their way: kept with the run, for people to look through."""

from estateman.people.models import User
from events.models import DataSync, Event, SyncConflict
from events.sync.contents import plain
from events.sync.merging import Conflict
from events.sync.writing import taken_time

TAKEN_TIME = "taken_time"


def disagree(run: DataSync, event: Event | None, conflict: Conflict) -> None:
    """Keep what each side said, and whose word counted."""
    SyncConflict.objects.create(
        run=run,
        event=event,
        recurrence_id=conflict.recurrence_id,
        field=conflict.field,
        local=plain(conflict.local),
        remote=plain(conflict.remote),
        winner=conflict.winner,
    )


def note_taken_time(run: DataSync, event: Event, *, by: User) -> None:
    """What happened there is a fact: it stands here too, even where people's plans would be refused."""
    if falls_on := taken_time(event, by=by):
        disagree(run, event, Conflict(TAKEN_TIME, falls_on, event.starts_at, "remote"))
