"""What happens to a message that somebody holds: it leaves through whoever accepts it, and its outcome is kept.

A message is held by its lease. Each call is preceded by a committed note of who is asked, so whoever
takes over from a process that died knows who may have the message already.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.claims import backoff
from integrations.activities import MessageFailed
from integrations.door import call
from integrations.models import Integration, Message, Status, Suppression
from integrations.services.messages_content import letter_of, text_of
from integrations.services.suppressions import suppress, suppression_of
from integrations.spi import (
    Answer,
    EmailMessage,
    EmailSender,
    NoProvider,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    SendResult,
    SmsMessage,
    SmsSender,
    Suppressed,
    Unreachable,
)
from integrations.spi.operations import FIND_SMS, SEND_EMAIL, SEND_SMS

LEASE = timedelta(minutes=5)
"""Longer than one provider's tries may take; it is begun anew with each provider."""
LONGEST_TRY = timedelta(seconds=90)
"""What a line allows one try, its connection included: nothing is begun that could outlast the lease."""
MOST_ATTEMPTS = 10
FIRST_RETRY = timedelta(seconds=30)
LONGEST_WAIT = timedelta(days=1)
"""Whatever a vendor asks for, somebody looks at least so often."""
MOST_LOOKS = 8
FIRST_LOOK = timedelta(seconds=30)
CERTAIN_AFTER = timedelta(minutes=5)
"""A text that its provider does not list after so long was certainly not accepted."""
CLOCKS_APART = timedelta(minutes=1)

State = Message.State
Wanted = TypeVar("Wanted")


@dataclass(frozen=True, kw_only=True)
class Sought(Answer):
    """What became of a text: what its provider listed, or None."""

    sent: SendResult | None


def send_held(message: Message, *, keeps_trying: bool) -> SendResult:
    """Send a message whose lease the caller holds, and keep what came of it.

    With ``keeps_trying`` what may still succeed stays due; without, trying again is the caller's
    business. Raises ProviderError.
    """
    try:
        return _through_whoever_accepts(message)
    except ProviderError as error:
        _keep_failure(message, error, keeps_trying=keeps_trying)
        raise


def _through_whoever_accepts(message: Message) -> SendResult:
    message.reason = ""
    _refuse_suppressed(message)
    failure: ProviderError = NoProvider(f"No {message.get_channel_display()} integration is ready to be used.")
    for integration in _candidates(message):
        held_until = _note_who_is_asked(message, integration)
        try:
            result = _ask(message, integration, held_until)
        except ProviderError as error:
            _heed_stop(message, error)
            message.reason = f"{message.reason}\n{integration.name}: {error}".strip()
            if error.permanent or isinstance(error, OutcomeUnknown):
                raise
            failure = error
        else:
            _keep_sent(message, result)
            return result
    raise failure


def _refuse_suppressed(message: Message) -> None:
    if suppression := suppression_of(message.channel, message.to):
        raise Suppressed(f"{message.to} is not written to: {suppression.get_reason_display()}.")


def _heed_stop(message: Message, error: ProviderError) -> None:
    """A stop that only this provider knew of holds for all: no other may write to that number either."""
    if isinstance(error, Suppressed):
        suppress(message.channel, message.to, reason=Suppression.Reason.STOPPED, detail=str(error))


def _candidates(message: Message) -> Iterable[Integration]:
    """Who may be asked, in order: all of the kind, unless one was chosen or may have it already."""
    chosen = message.integration if message.may_have_been_accepted else message.wanted
    if chosen is not None:
        return [chosen] if _can_be_asked(chosen, message.channel) else []
    if message.may_have_been_accepted:
        return []
    return Integration.objects.in_order_of_use(message.channel)


def _can_be_asked(integration: Integration, channel: str) -> bool:
    is_in_use = integration.deleted_at is None and integration.status != Status.DISABLED
    return is_in_use and integration.kind == channel


def _note_who_is_asked(message: Message, integration: Integration) -> datetime:
    """In the row only: ``message`` goes on saying how it stood when it was taken up. Returns the lease's end."""
    now = clock.now()
    held = Message.objects.filter(pk=message.pk, lease_token=message.lease_token)
    if not held.update(state=State.SENDING, integration=integration, tried_at=now, lease_until=now + LEASE):
        raise OutcomeUnknown("Another worker has taken this message over.")
    return now + LEASE


def _ask(message: Message, integration: Integration, held_until: datetime) -> SendResult:
    if message.channel == Message.Channel.SMS:
        text = text_of(message, integration)
        act, operation = _in_time(lambda sms: _sent_text(sms, text), held_until), SEND_SMS
    else:
        letter = letter_of(message)
        act, operation = _in_time(lambda mail: _sent_letter(mail, letter), held_until), SEND_EMAIL
    return call(integration, operation, act, correlation_id=message.correlation_id)


def _in_time(send: Callable[[Any], Wanted], held_until: datetime) -> Callable[[Any], Wanted]:
    """``send``, once for each try, as long as a try would end within the lease: after it another worker sends."""

    def act(provider: Any) -> Wanted:
        if clock.now() > held_until - LONGEST_TRY:
            raise Unreachable("It took too long until it could be asked for. Nothing was asked.")
        return send(provider)

    return act


def _sent_text(provider: SmsSender, text: SmsMessage) -> SendResult:
    return provider.send(text)


def _sent_letter(provider: EmailSender, letter: EmailMessage) -> SendResult:
    return provider.send(letter)


def look_up_held(message: Message) -> None:
    """Find out what became of a text that may have been accepted; it is never sent again on a guess."""
    if message.integration is None:
        give_up(message, "The integration that may have accepted it is gone.")
        return
    text, since = text_of(message, message.integration), (message.tried_at or message.created_at) - CLOCKS_APART

    def look(provider: SmsSender) -> Sought:
        return Sought(sent=provider.find(text, since))

    try:
        found = call(message.integration, FIND_SMS, look, correlation_id=message.correlation_id).sent
    except ProviderError as error:
        _look_later(message, str(error))
    else:
        _keep_found(message, found)


def _keep_found(message: Message, found: SendResult | None) -> None:
    if found is None:
        _keep_not_found(message)
    elif _is_anothers(message, found):
        give_up(message, "An equal text went to this number at the time; whether this one did can't be told.")
    else:
        _keep_sent(message, found)


def _is_anothers(message: Message, found: SendResult) -> bool:
    same_id = Message.objects.filter(
        channel=message.channel, provider=found.provider, provider_message_id=found.provider_message_id
    )
    return same_id.exclude(pk=message.pk).exists()


def _keep_not_found(message: Message) -> None:
    certain_at = (message.tried_at or message.created_at) + CERTAIN_AFTER
    if clock.now() < certain_at:
        _look_later(message, message.reason, at=certain_at)
    elif message.attempts > MOST_ATTEMPTS:
        _end(message, State.FAILED, "It was tried too often, and never accepted.", integration=None)
    else:
        _let_go(message, state=State.QUEUED, integration=None, next_attempt_at=clock.now(), attempts=F("attempts") - 1)


def _look_later(message: Message, reason: str, *, at: datetime | None = None) -> None:
    if message.looks >= MOST_LOOKS:
        give_up(message, f"Whether it was accepted could not be found out: {reason}")
        return
    due = at or clock.now() + backoff(message.looks + 1, first=FIRST_LOOK)
    # Claiming it counted a try to send it, which this was not.
    counted = {"looks": F("looks") + 1, "attempts": F("attempts") - 1}
    _let_go(message, state=State.UNKNOWN, next_attempt_at=due, reason=reason, **counted)


def give_up(message: Message, reason: str) -> None:
    """Its integration stays noted: whoever has it sent again knows that it may be there already."""
    _end(message, State.FAILED, reason)


def _keep_sent(message: Message, result: SendResult) -> None:
    _let_go(
        message,
        state=State.SENT,
        next_attempt_at=None,
        sent_at=clock.now(),
        provider=result.provider,
        provider_message_id=result.provider_message_id,
        reason=message.reason,
    )


def _keep_failure(message: Message, error: ProviderError, *, keeps_trying: bool) -> None:
    # An earlier try that may have been accepted is not made undone by what became of this one.
    may_have_it = isinstance(error, OutcomeUnknown) or message.may_have_been_accepted
    if isinstance(error, Suppressed):
        _end(message, State.SUPPRESSED, str(error), tells=keeps_trying, integration=None)
    elif may_have_it and message.channel == Message.Channel.SMS:
        _rest(message, error, may_have_it=True, wait=FIRST_LOOK)
    elif isinstance(error, RateLimited) and keeps_trying:
        _rest(message, error, may_have_it=may_have_it, wait=_wait(message, error), attempts=F("attempts") - 1)
    elif keeps_trying and not error.permanent and message.attempts < MOST_ATTEMPTS:
        _rest(message, error, may_have_it=may_have_it, wait=_wait(message, error))
    elif may_have_it and keeps_trying:
        give_up(message, f"Whether it was accepted is not known: {_why(message, error)}")
    elif may_have_it:
        _rest(message, error, may_have_it=True, wait=None)
    else:
        _end(message, State.FAILED, _why(message, error), tells=keeps_trying, integration=None)


def _wait(message: Message, error: ProviderError) -> timedelta:
    if error.retry_after is None:
        return backoff(message.attempts, first=FIRST_RETRY)
    return wait_asked_for(error)


def wait_asked_for(error: ProviderError) -> timedelta:
    """How long a provider wants to be left alone: from a second to LONGEST_WAIT."""
    return min(timedelta(seconds=max(1.0, error.retry_after or 0.0)), LONGEST_WAIT)


def _rest(message: Message, error: ProviderError, *, may_have_it: bool, wait: timedelta | None, **more: Any) -> None:
    state = {"state": State.UNKNOWN} if may_have_it else {"state": State.QUEUED, "integration": None}
    due = None if wait is None else clock.now() + wait
    _let_go(message, next_attempt_at=due, reason=_why(message, error), **state, **more)


def _why(message: Message, error: ProviderError) -> str:
    """What each of those who were asked said, or why nobody was."""
    return message.reason or str(error)


@transaction.atomic
def _end(message: Message, state: str, reason: str, *, tells: bool = True, **more: Any) -> None:
    if _let_go(message, state=state, next_attempt_at=None, reason=reason, **more) and tells:
        announce_failure(message, outcome=state, reason=reason)


def announce_failure(message: Message, *, outcome: str, reason: str) -> None:
    """That it did not arrive, for whoever had it sent."""
    announce(
        MessageFailed(
            by_id=None,
            message_id=message.pk,
            channel=message.channel,
            to=message.to,
            outcome=outcome,
            reason=reason[:300],
            sender_id=message.by_id,
        )
    )


def _let_go(message: Message, **outcome: Any) -> bool:
    held = Message.objects.filter(pk=message.pk, lease_token=message.lease_token)
    return bool(held.update(**outcome, lease_until=None, lease_token=None))
