"""Channels over which providers tell that a calendar changed; asking every few minutes is the net below them."""

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from django.db.models import Q

from estateman.common import clock
from events.models import CalendarLink
from integrations.services import OutsideCalendar
from integrations.spi import ProviderError

logger = logging.getLogger(__name__)

RENEWED_BEFORE = timedelta(days=1)
TRIED_AGAIN_AFTER = timedelta(hours=1)


def watch_due() -> None:
    """Open the channels that there are not yet, and anew those that end within RENEWED_BEFORE."""
    soon = clock.now() + RENEWED_BEFORE
    wanting = Q(channel_expires_at=None) | Q(channel_expires_at__lt=soon)
    pulling = CalendarLink.objects.in_use().exclude(direction=CalendarLink.Direction.PUSH)
    for link in pulling.filter(wanting).select_related("calendar", "integration", "user").order_by("pk"):
        try:
            watch(link)
        except ProviderError as error:
            logger.warning("Link %s could not be watched: %s", link.pk, error)
            CalendarLink.objects.filter(pk=link.pk).update(channel_expires_at=soon + TRIED_AGAIN_AFTER)


def watch(link: CalendarLink) -> None:
    """Open a new channel, and close the old one once the new one stands. Raises ProviderError."""
    outside = outside_of(link)
    told = outside.watch(str(uuid4()))
    if told is None:
        return
    over = link.channel, link.channel_resource
    link.channel, link.channel_resource, link.channel_expires_at = told.id, told.resource, told.expires_at
    opened = {name: getattr(link, name) for name in ("channel", "channel_resource", "channel_expires_at")}
    if not CalendarLink.objects.filter(pk=link.pk).update(**opened):
        over = told.id, told.resource  # the link was ended meanwhile
    if over[0]:
        with suppress(ProviderError):  # it ends by itself in time
            outside.unwatch(*over)


def stop(link: CalendarLink) -> None:
    """Have the provider tell no more. Raises ProviderError."""
    if link.channel:
        outside_of(link).unwatch(link.channel, link.channel_resource)


def outside_of(link: CalendarLink) -> OutsideCalendar:
    return OutsideCalendar(link.integration, link.remote_id, by=link.user, zone=link.calendar.timezone)
