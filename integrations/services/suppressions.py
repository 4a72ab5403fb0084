"""Verbs on addresses that are not written to."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from integrations.activities import SuppressionChanged
from integrations.models import Message, Suppression
from integrations.permissions import require_manager

NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""ITU-T E.164."""


def is_address(channel: str, address: str) -> bool:
    """Whether something can be sent to it over this channel."""
    if channel == Message.Channel.SMS:
        return NUMBER.fullmatch(address) is not None
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def suppression_of(channel: str, address: str) -> Suppression | None:
    """Why ``address`` is not written to; None when it may be."""
    return Suppression.objects.filter(channel=channel, address=_as_kept(address)).first()


def suppress_address(
    *, channel: str, address: str, reason: str, detail: str = "", by: User
) -> tuple[Suppression, bool]:
    """Write to ``address`` no more; its suppression, and whether there was none before.

    Raises ValidationError when ``address`` is none of this channel.
    """
    require_manager(by)
    if not is_address(channel, address):
        raise ValidationError({"address": "Write an e-mail address, or a number like +12125550123."})
    return suppress(channel, address, reason=reason, detail=detail, by=by)


@transaction.atomic
def lift_suppression(suppression: Suppression, *, by: User) -> None:
    """Its address may be written to again."""
    require_manager(by)
    _lift(suppression, by=by)


@transaction.atomic
def suppress(
    channel: str,
    address: str,
    *,
    reason: str,
    detail: str = "",
    by: User | None = None,
    said_at: datetime | None = None,
) -> tuple[Suppression, bool]:
    """The same at the word of the address's owner or of a provider: the first reason stays, and the latest time.

    ``said_at`` is when it was said, where that was not now.
    """
    at = said_at or clock.now()
    kept, is_new = Suppression.objects.get_or_create(
        channel=channel,
        address=_as_kept(address),
        defaults={"reason": reason, "detail": detail[:1000], "created_at": at},
    )
    if is_new:
        _announce(kept, "added", by=by)
    else:
        Suppression.objects.filter(pk=kept.pk, created_at__lt=at).update(created_at=at)
    return kept, is_new


@transaction.atomic
def allow_again(channel: str, address: str, *, said_at: datetime) -> None:
    """Its owner wants to be written to again, and said so then: what came after that stays."""
    before = Suppression.objects.filter(channel=channel, address=_as_kept(address), created_at__lte=said_at)
    for suppression in before:
        _lift(suppression, by=None)


def _lift(suppression: Suppression, *, by: User | None) -> None:
    _, counts = Suppression.objects.filter(pk=suppression.pk).delete()
    if counts:
        _announce(suppression, "lifted", by=by)


def _announce(suppression: Suppression, change: str, *, by: User | None) -> None:
    announce(
        SuppressionChanged(
            by_id=by.pk if by else None,
            channel=suppression.channel,
            address=suppression.address,
            reason=suppression.reason,
            change=change,
        )
    )


def _as_kept(address: str) -> str:
    return address.strip().lower()
