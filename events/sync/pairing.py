"""Which event here an event outside is, where no row says so."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef

from events.models import CalendarLink, DataSync, Event, LinkedEvent
from events.models.syncs import CalendarLinkQuerySet
from integrations.spi import RemoteEvent


def counterpart(link: CalendarLink, remote: RemoteEvent) -> Event | None:
    """The event of the link's calendar with its uid or our stamp, unless another row has that."""
    taken = LinkedEvent.objects.filter(link=link, event=OuterRef("pk"))
    mine = Event.objects.filter(~Exists(taken), calendar=link.calendar).select_related("calendar")
    found = {event.uid: event for event in mine.filter(uid__in=_names(remote))}
    return found.get(remote.uid) or found.get(remote.stamp)


def paired_elsewhere(link: CalendarLink, remote: RemoteEvent) -> LinkedEvent | None:
    """The row of the event that it says to be, which pairs that with another one outside."""
    others = link.linked_events.filter(event__uid__in=_names(remote)).exclude(remote_id=remote.id)
    return others.select_related("event").first()


def was_deleted(link: CalendarLink, event: Event) -> bool:
    """Whether a run found ``event`` deleted on one side, and deleted it on the other."""
    return link.linked_events.filter(event=None, snapshot__uid=event.uid).exists()


def stands_in(link: CalendarLink, event: Event | None) -> bool:
    """Whether ``event`` takes place in the link's calendar: one that went into another is gone from this one."""
    return event is not None and not event.is_cancelled and event.calendar_id == link.calendar_id


def key_of(link: CalendarLink, event: Event) -> str:
    """What ``event`` is created under there: always the same, and another once it had come and gone."""
    gone = link.linked_events.filter(event=None, snapshot__uid=event.uid).order_by("pk")
    return ":".join([f"{link.pk}:{event.uid}", *gone.values_list("remote_id", flat=True)])


def is_a_copy_of_ours(link: CalendarLink, remote: RemoteEvent) -> bool:
    """Of an event that stands in another calendar here: taken in, it would stand twice and go round in circles."""
    others = Event.objects.exclude(calendar=link.calendar).not_cancelled()
    return bool(remote.stamp) and others.filter(uid=remote.stamp).exists()


def kept_with_others(link: CalendarLink, remote: RemoteEvent) -> Iterator[LinkedEvent]:
    """The rows of the event that it says to be, where that stands in another calendar, kept the same elsewhere."""
    others = CalendarLink.objects.in_use().exclude(direction=CalendarLink.Direction.PUSH)
    others = others.exclude(calendar=link.calendar).exclude(remote_id=link.remote_id)
    rows = LinkedEvent.objects.filter(link__in=others, event__uid__in=_names(remote))
    for row in rows.select_related("event", "link__calendar", "link__integration", "link__user").order_by("pk"):
        if stands_in(row.link, row.event):
            yield row


def may_hear_it_yet(link: CalendarLink, since: datetime) -> CalendarLinkQuerySet:
    """The user's other links that might tell where an event went that is gone ``since``, and did not run yet."""
    ran = DataSync.objects.filter(link=OuterRef("pk"), started_at__gte=since, status__in=("done", "partly"))
    others = CalendarLink.objects.in_use().exclude(direction=CalendarLink.Direction.PUSH)
    return others.filter(~Exists(ran), user=link.user_id).exclude(calendar=link.calendar_id)


def _names(remote: RemoteEvent) -> set[str]:
    return {remote.uid, remote.stamp} - {""}
