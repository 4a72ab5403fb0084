"""Verbs on e-mails and texts: send one now, or have it sent; each key is one message, and is sent once."""

import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.claims import claim
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.models import Integration, Message
from integrations.permissions import require_manager
from integrations.services.sending import LEASE, MOST_ATTEMPTS, give_up, look_up_held, send_held, wait_asked_for
from integrations.services.suppressions import is_address
from integrations.spi import Health, OutcomeUnknown, ProviderError, RateLimited, SendResult

logger = logging.getLogger(__name__)

State, Channel = Message.State, Message.Channel
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")


class MessageKeyReused(RuleBroken):
    """The key names another message."""

    code = "message_key_reused"


class NotFailed(RuleBroken):
    """Only what did not leave can be sent again."""

    code = "not_failed"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said to whom. ``key`` names it: of an e-mail it is, or becomes, the Message-ID."""

    channel: str
    to: str
    text: str
    key: str
    subject: str = ""
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    calendar: str = ""

    @property
    def kept_key(self) -> str:
        if self.channel == Channel.SMS or _MESSAGE_ID.fullmatch(self.key):
            return self.key
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        return f"<{hashlib.sha256(self.key.encode()).hexdigest()[:32]}@{domain}>"

    @property
    def content(self) -> dict[str, Any]:
        """The columns of a Message that say what it is."""
        said = {name: getattr(self, name) for name in ("to", "subject", "text", "html", "headers")}
        said |= {"calendar": self.calendar} if self.calendar else {}
        return {**said, "fingerprint": hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()}


def send_email(  # noqa: PLR0913  by keyword, and all of them are the message
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    message_id: str,
    headers: dict[str, str] | None = None,
    correlation_id: str = "",
    integration: Integration | None = None,
) -> SendResult:
    """Send one message through the first e-mail integration that accepts it, or through ``integration``.

    The next one is tried only where the one before has certainly not accepted the message. What was
    accepted under this ``message_id`` is not sent again; what may have been is repeated by the same
    integration only. Raises NoProvider when there is nothing to send by, Suppressed when the
    receiver wants none, MessageKeyReused for another message under the same id, otherwise the last
    ProviderError; its ``permanent`` says that no later try can succeed. Not to be called inside a
    transaction.
    """
    draft = Draft(
        channel=Channel.EMAIL, to=to, subject=subject, text=text, html=html, key=message_id, headers=headers or {}
    )
    return _send_now(_write_durably(draft, correlation_id=correlation_id, wanted=integration))


def send_sms(
    *, to: str, text: str, key: str, correlation_id: str = "", integration: Integration | None = None
) -> SendResult:
    """Send one text, as send_email does.

    After OutcomeUnknown nobody sends it again before its provider was asked for it, which a job does.
    """
    draft = Draft(channel=Channel.SMS, to=to, text=text, key=key)
    return _send_now(_write_durably(draft, correlation_id=correlation_id, wanted=integration))


def queue_message(  # noqa: PLR0913  by keyword, and all of them are the message
    *,
    channel: str,
    to: str,
    subject: str = "",
    text: str,
    html: str = "",
    headers: dict[str, str] | None = None,
    calendar: str = "",
    key: str,
    correlation_id: str = "",
    by: User | None = None,
) -> Message:
    """Have a message sent, soon, by a job; fine inside a transaction.

    The same message under the same ``key`` is queued once; raises MessageKeyReused for another.
    ``calendar`` is an iCalendar object with a METHOD, for the receiver's calendar program. ``by`` is told when it
    fails.
    """
    draft = Draft(
        channel=channel,
        to=to,
        subject=subject,
        text=text,
        html=html,
        headers=headers or {},
        calendar=calendar,
        key=key,
    )
    message = _write(draft, correlation_id=correlation_id, by=by, due=True)
    if message.state == State.FAILED and not message.may_have_been_accepted:
        _queue(message)
    return message


def post_message(
    draft: Draft, *, correlation_id: str = "", integration: Integration | None = None, by: User
) -> Message:
    """Send it now, or leave it to the job where only the rate limit stands in the way. Raises as send_email does."""
    require_manager(by)
    message = _write_durably(draft, correlation_id=correlation_id, wanted=integration, by=by)
    try:
        _send_now(message)
    except RateLimited as error:
        _queue(message, after=wait_asked_for(error))
        if message.state != State.QUEUED:  # an earlier try may have been accepted
            raise
    message.refresh_from_db()
    return message


def send_test_message(integration: Integration, *, to: str = "", by: User) -> Health:
    """Send a message through ``integration`` and no other, to ``by`` or to ``to``; how that went.

    Raises ValidationError where there is no address to send it to.
    """
    require_manager(by)
    address = to or (by.phone if integration.kind == Channel.SMS else by.email)
    if not is_address(integration.kind, address):
        raise ValidationError({"to": "Say where to send it: an e-mail address, or a number like +12125550123."})
    draft = Draft(
        channel=integration.kind,
        to=address,
        subject="A test" if integration.kind == Channel.EMAIL else "",
        text=f"{by.name} tests the integration {integration.name}. If you can read this, it works.",
        key=f"test:{uuid4()}",
    )
    try:
        post_message(draft, integration=integration, by=by)
    except ProviderError as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True, detail=f"The test message to {address} was accepted.")


@transaction.atomic
def send_again(message: Message, *, by: User) -> None:
    """Give a message that did not leave, or that nobody tries any more, a fresh start. Raises NotFailed.

    Where it may have been accepted after all, that is now for ``by`` to know.
    """
    require_manager(by)
    left_open = Q(state=State.UNKNOWN, next_attempt_at=None)
    ended = Message.objects.filter(left_open | Q(state__in=(State.FAILED, State.SUPPRESSED)), pk=message.pk)
    fresh = {"attempts": 0, "looks": 0, "integration": None, "reason": ""}
    if not ended.update(state=State.QUEUED, next_attempt_at=clock.now(), **fresh):
        raise NotFailed(f"This message is {message.get_state_display()}; only one that failed or was left open is.")


def send_due_message(*, channel: str) -> bool:
    """Take up the channel's message that is longest due: send it, or find out what became of it. False without any."""
    waiting = Message.objects.filter(channel=channel).select_related("integration", "wanted")
    for message in claim(waiting, limit=1, lease=LEASE):
        try:
            _take_up(message)
        except ProviderError:
            pass  # it is kept on the row
        except Exception:  # the row comes back when its lease ends; the others must not wait for it
            logger.exception("Message %s could not be taken up", message.pk)
        return True
    return False


def _take_up(message: Message) -> None:
    if message.attempts > MOST_ATTEMPTS + 1:
        give_up(message, "It was taken up too often, and nothing came of it.")
    elif message.channel == Channel.SMS and message.may_have_been_accepted:
        look_up_held(message)
    else:
        send_held(message, keeps_trying=True)


def _send_now(message: Message) -> SendResult:
    was_queued = message.next_attempt_at is not None
    if not _take(message):
        return _as_it_stands(message)
    return send_held(message, keeps_trying=was_queued)


def _take(message: Message) -> bool:
    """Take the message's lease; False where somebody holds it, it was sent, or only its provider knows more.

    It is due meanwhile: were this process to die, the job would take it over.
    """
    now = clock.now()
    free = Message.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=message.pk).exclude(state=State.SENT)
    if message.channel == Channel.SMS:
        free = free.exclude(state__in=(State.SENDING, State.UNKNOWN)).exclude(
            state=State.FAILED, integration__isnull=False
        )
    lease = {"lease_until": now + LEASE, "lease_token": uuid4(), "next_attempt_at": now}
    taken = bool(free.update(**lease, attempts=F("attempts") + 1))
    message.refresh_from_db()
    return taken


def _as_it_stands(message: Message) -> SendResult:
    if message.state == State.SENT:
        return SendResult(provider=message.provider, provider_message_id=message.provider_message_id)
    if message.lease_until is not None:
        raise OutcomeUnknown("This message is being sent at this moment.")
    if message.may_have_been_accepted:
        raise OutcomeUnknown(f"Whether this message was accepted is not known: {message.reason}")
    raise ProviderError(message.reason or "Another try has just failed.")


def _write_durably(draft: Draft, *, correlation_id: str, wanted: Integration | None, by: User | None = None) -> Message:
    """Its row, committed before anybody is asked. Raises RuntimeError inside a transaction."""
    with transaction.atomic(durable=True):
        return _write(draft, correlation_id=correlation_id, wanted=wanted, by=by)


def _write(
    draft: Draft, *, correlation_id: str, wanted: Integration | None = None, by: User | None = None, due: bool = False
) -> Message:
    content = draft.content
    about = {"correlation_id": correlation_id[:64], "wanted": wanted, "by": by}
    message, is_new = Message.objects.get_or_create(
        channel=draft.channel,
        key=draft.kept_key,
        defaults={**content, **about, "next_attempt_at": clock.now() if due else None},
    )
    if not is_new and message.fingerprint != content["fingerprint"]:
        _rewrite(message, {**content, **about})
    return message


def _rewrite(message: Message, columns: dict[str, Any]) -> None:
    """What certainly went nowhere may be worded anew: its key's next try says something else now."""
    failed = Message.objects.filter(
        pk=message.pk, fingerprint=message.fingerprint, state=State.FAILED, integration=None, lease_until=None
    )
    if not failed.update(**columns):
        raise MessageKeyReused("Another message was sent under this key. Take a new one.")
    message.refresh_from_db()


def _queue(message: Message, *, after: timedelta = timedelta(0)) -> None:
    due = clock.now() + after
    failed = Message.objects.filter(pk=message.pk, state=State.FAILED, integration=None, lease_until=None)
    failed.update(state=State.QUEUED, next_attempt_at=due, attempts=0)
    message.refresh_from_db()
