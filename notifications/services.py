"""Verbs of the inbox: tell people something, and what they do with it."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.live.hints import send_hint
from estateman.people.models import User
from notifications.models import Category, Channel, Delivery, Notification, Preference, SocketTicket, UserStream

TICKET_LIFE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What to tell, in words; ``dedupe_key`` names its cause, of which each person hears once."""

    kind: str
    category: Category
    title: str
    dedupe_key: str
    body: str = ""
    url: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    actor_id: int | None = None
    channels: tuple[str, ...] = (Channel.EMAIL,)


@transaction.atomic
def notify(people: Iterable[int], message: Message, *, activity: Activity | None = None) -> list[Notification]:
    """Put ``message`` into the inboxes of the user ids ``people`` and queue it for their other channels.

    Those who left, and those who heard of the same cause already, are passed over. Returns what is new.
    """
    users = {user.pk: user for user in User.objects.filter(pk__in=set(people), is_active=True)}
    seqs = _take_seqs(sorted(users), dedupe_key=message.dedupe_key)
    notifications = Notification.objects.bulk_create(
        Notification(
            user=users[user_id],
            seq=seq,
            kind=message.kind,
            category=message.category,
            title=message.title[:200],
            body=message.body,
            url=message.url,
            data=dict(message.data),
            actor_id=message.actor_id,
            activity=activity,
            dedupe_key=message.dedupe_key,
        )
        for user_id, seq in seqs.items()
    )
    _queue_deliveries(notifications, message.channels)
    for user_id in seqs:
        _show_after_commit(user_id)
    return notifications


def _take_seqs(user_ids: list[int], *, dedupe_key: str) -> dict[int, int]:
    """The next seq of everyone who has not heard of this cause, under their streams' locks, taken in id order."""
    UserStream.objects.bulk_create([UserStream(user_id=pk) for pk in user_ids], ignore_conflicts=True)
    locked = UserStream.objects.select_for_update().filter(user__in=user_ids).order_by("user_id")
    last = dict(locked.values_list("user_id", "last_seq"))
    told = Notification.objects.filter(user__in=user_ids, dedupe_key=dedupe_key).values_list("user_id", flat=True)
    fresh = [pk for pk in user_ids if pk not in set(told)]
    UserStream.objects.filter(user__in=fresh).update(last_seq=F("last_seq") + 1)
    return {pk: last[pk] + 1 for pk in fresh}


def _queue_deliveries(notifications: list[Notification], channels: tuple[str, ...]) -> None:
    users = [notification.user_id for notification in notifications]
    off = Preference.objects.filter(user__in=users, is_on=False).values_list("user_id", "category", "channel")
    unwanted = set(off)
    Delivery.objects.bulk_create(
        Delivery(notification=notification, channel=channel, address=notification.user.email)
        for notification in notifications
        for channel in channels
        if channel in Channel and (notification.user_id, notification.category, channel) not in unwanted
    )


def _show_after_commit(user_id: int) -> None:
    transaction.on_commit(lambda: send_hint("stream", user_id=user_id))


def unread_count(user_id: int) -> int:
    """How many unread notifications stand in the inbox now."""
    return Notification.objects.filter(user=user_id).unread().count()


def mark_read(user: User, *, ids: Iterable[int]) -> int:
    """Mark those of the user's own notifications as read; returns how many were not before."""
    return _mark(user, Q(pk__in=list(ids), read_at=None), read=True)


def mark_unread(user: User, *, ids: Iterable[int]) -> int:
    """The other way round."""
    return _mark(user, Q(pk__in=list(ids), read_at__isnull=False), read=False)


def mark_all_read(user: User, *, upto_seq: int | None = None) -> int:
    """Mark everything as read, or what was there when the reader saw ``upto_seq``; newer ones stay unread."""
    seen = Q() if upto_seq is None else Q(seq__lte=upto_seq)
    return _mark(user, seen & Q(read_at=None), read=True)


@transaction.atomic
def _mark(user: User, which: Q, *, read: bool) -> int:
    rows = Notification.objects.for_user(user).filter(which).select_for_update()
    ids = list(rows.values_list("pk", flat=True))
    Notification.objects.filter(pk__in=ids).update(read_at=clock.now() if read else None)
    if ids:
        transaction.on_commit(lambda: send_hint("marked", user_id=user.pk, ids=ids, read=read))
    return len(ids)


def acknowledge(user_id: int, *, seq: int) -> None:
    """A device of the user's confirmed everything up to ``seq``; never goes backwards or past what there is."""
    stream = UserStream.objects.filter(user=user_id, acked_seq__lt=seq, last_seq__gte=seq)
    stream.update(acked_seq=seq)


@transaction.atomic
def set_preferences(user: User, *, choices: Mapping[tuple[str, str], bool]) -> None:
    """Switch (category, channel) pairs on or off; what is not named stays."""
    for (category, channel), is_on in sorted(choices.items()):
        Preference.objects.update_or_create(user=user, category=category, channel=channel, defaults={"is_on": is_on})


def preferences(user: User) -> dict[str, dict[str, bool]]:
    """Every category with every channel, on unless switched off."""
    kept = {(row.category, row.channel): row.is_on for row in Preference.objects.filter(user=user)}
    return {category: {channel: kept.get((category, channel), True) for channel in Channel} for category in Category}


def issue_ticket(user: User, *, credential: str) -> str:
    """A pass for one socket, good for TICKET_LIFE. ``credential`` is what the caller is signed in with."""
    ticket = secrets.token_urlsafe(32)
    SocketTicket.objects.filter(expires_at__lt=clock.now() - timedelta(hours=1)).delete()
    SocketTicket.objects.create(
        digest=_digest(ticket), user=user, credential=credential, expires_at=clock.now() + TICKET_LIFE
    )
    return ticket


def redeem_ticket(ticket: str) -> SocketTicket | None:
    """Use a pass up; None when it is unknown, used or too old. Of two who try at once, one gets it."""
    at = clock.now()
    good = SocketTicket.objects.filter(digest=_digest(ticket), used_at=None, expires_at__gt=at)
    if not good.update(used_at=at):
        return None
    return SocketTicket.objects.select_related("user").get(digest=_digest(ticket))


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
