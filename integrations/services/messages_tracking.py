"""What providers tell us of messages after they took them, and what people write back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from integrations.activities import SmsArrived
from integrations.models import Integration, Message, Suppression
from integrations.services.sending import announce_failure
from integrations.services.suppressions import allow_again, suppress
from integrations.spi import RANKS, MessageTracked, SmsReceived, TrackedState

STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
STARTS = {"START", "YES", "UNSTOP"}
SHOWN = 160
"""How much of a text the feed shows."""

_SUPPRESSES = {
    TrackedState.BOUNCED: Suppression.Reason.BOUNCED,
    TrackedState.COMPLAINED: Suppression.Reason.COMPLAINED,
    TrackedState.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED,
}
_TELLS = (TrackedState.BOUNCED, TrackedState.FAILED, TrackedState.COMPLAINED)


@transaction.atomic
def track(integration: Integration, happened: MessageTracked) -> bool:
    """Keep that a message moved on; False when it is none of ours, or nothing new.

    Vendors tell in any order: a state that ranks lower than what is known is left out. Who bounces
    for good, complains or unsubscribes is not written to again, whatever else is known.
    """
    message = _find(integration, happened)
    if message is None:
        return False
    _keep_that_it_was_accepted(message, integration, happened)
    if reason := _SUPPRESSES.get(happened.state):
        suppress(message.channel, message.to, reason=reason, detail=happened.reason)
    lower = [state for state in RANKS if RANKS[state] < RANKS[happened.state]]
    same = Message.objects.filter(pk=message.pk, tracked__in=["", *lower])
    news = {"tracked": happened.state, "tracked_at": clock.now()}
    if not same.update(**news, **({"reason": happened.reason} if happened.reason else {})):
        return False
    if happened.state in _TELLS:
        announce_failure(message, outcome=happened.state, reason=happened.reason)
    return True


def _find(integration: Integration, happened: MessageTracked) -> Message | None:
    """By the provider's id of it, or by ours: the report may come before the answer to the call."""
    through = Message.objects.filter(channel=integration.kind, integration=integration)
    ids = Q()
    if happened.provider_message_id:
        ids |= Q(provider_message_id=happened.provider_message_id)
    if happened.key:
        ids |= Q(key=happened.key)
    return through.filter(ids).first() if ids else None


def _keep_that_it_was_accepted(message: Message, integration: Integration, happened: MessageTracked) -> None:
    """Nobody has to find that out any more."""
    doubtful = Message.objects.filter(pk=message.pk, state=Message.State.UNKNOWN, lease_until=None)
    doubtful.update(
        state=Message.State.SENT,
        next_attempt_at=None,
        sent_at=clock.now(),
        provider=integration.provider,
        provider_message_id=happened.provider_message_id,
        reason="",
    )


@transaction.atomic
def hear(integration: Integration, received: SmsReceived, *, said_at: datetime) -> None:
    """Somebody wrote back. One of the known words stops or starts what is sent to their number.

    A START takes back no STOP that was said after it, whenever either is processed.
    """
    said, number = received.text.strip(), received.sender
    if said.upper() in STOPS:
        suppress(Message.Channel.SMS, number, reason=Suppression.Reason.STOPPED, detail=said, said_at=said_at)
    elif said.upper() in STARTS:
        allow_again(Message.Channel.SMS, number, said_at=said_at)
    owner = User.objects.filter(phone=received.sender, is_active=True).first()
    announce(
        SmsArrived(
            by_id=None,
            integration_id=integration.pk,
            sender=received.sender,
            text=received.text[:SHOWN],
            user_id=owner.pk if owner else None,
        )
    )
