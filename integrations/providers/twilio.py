"""Texts through Twilio, by its own SDK; deliveries and answers come by its webhooks."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import QueryDict
from requests import Response
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from twilio.rest import Client

from integrations.registry import provider
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import (
    TEXT_RECEIVED,
    Handshake,
    Happening,
    Health,
    InvalidConfig,
    MessageTracked,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    RawRequest,
    SendResult,
    SmsMessage,
    SmsReceived,
    Suppressed,
    TrackedState,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line, error_for

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_TIMEOUT_SECONDS = 15
_LOOKS_AT = 200
"""How many of the latest texts to one number are looked through."""

# https://www.twilio.com/docs/api/errors
_SAID_STOP = {21610}
_QUEUE_IS_FULL = {21611, 30001}
_SENDER_IS_WRONG = {21212, 21603, 21606, 21607, 21608, 21659, 21660, 21701, 21703, 21705, 21712}
"""It is the settings that are wrong, not the message: another integration may send it."""

_STATES = {
    "accepted": TrackedState.QUEUED,
    "scheduled": TrackedState.QUEUED,
    "queued": TrackedState.QUEUED,
    "sending": TrackedState.QUEUED,
    "sent": TrackedState.SENT,
    "delivered": TrackedState.DELIVERED,
    "read": TrackedState.OPENED,
    "undelivered": TrackedState.FAILED,
    "failed": TrackedState.FAILED,
    "canceled": TrackedState.FAILED,
}


@dataclass(frozen=True)
class TwilioConfig:
    """Whose account it is, and which number sends."""

    account_sid: str = setting("Twilio Console > Account Info; it begins with AC")
    from_number: str = setting("The number that sends, like +12125550123", default="")
    messaging_service_sid: str = setting("Or the messaging service that chooses it; it begins with MG", default="")
    api_url: str = setting(
        "Another address than Twilio's own, for tests", default="https://api.twilio.com", is_address=True
    )


@provider(
    "twilio",
    kind="sms",
    label="Twilio",
    config=TwilioConfig,
    credentials=[Credential("auth_token", about="Twilio Console > Account Info; it also proves webhooks")],
    webhook_secret="The other auth token, while one replaces the other; the one in use needs no entry here",
)
class Twilio:
    """One Twilio account."""

    def __init__(self, config: TwilioConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        if not _ACCOUNT.fullmatch(config.account_sid):
            raise InvalidConfig("config.account_sid", "It begins with AC and has 34 characters.")
        if not config.from_number and not config.messaging_service_sid:
            raise InvalidConfig("config.from_number", "Set the number that sends, or a messaging service.")
        if config.messaging_service_sid and not _SERVICE.fullmatch(config.messaging_service_sid):
            raise InvalidConfig("config.messaging_service_sid", "It begins with MG and has 34 characters.")
        self.config = config
        self.auth_token = secrets["auth_token"]
        self.line = line

    def check(self) -> Health:
        """Ask how the account is doing."""
        with self._client() as client:
            status = str(client.api.v2010.accounts(self.config.account_sid).fetch().status)
        return Health(ok=status == "active", detail=f"Twilio says that the account is {status}.")

    def send(self, message: SmsMessage) -> SendResult:
        """Returns once Twilio has queued it. It knows no idempotency key: what may have arrived is never repeated."""
        if not _E164.fullmatch(message.to):
            raise ProviderError(f"{message.to} is no number like +12125550123.", permanent=True)
        with self._client() as client:
            sent = client.messages.create(to=message.to, body=message.text, **self._sender(), **_reported_to(message))
        return SendResult(provider="twilio", provider_message_id=str(sent.sid), detail=f"Accepted for {message.to}")

    def _sender(self) -> dict[str, Any]:
        sender = {"from_": self.config.from_number, "messaging_service_sid": self.config.messaging_service_sid}
        return {name: value for name, value in sender.items() if value}

    def find(self, message: SmsMessage, since: datetime) -> SendResult | None:
        """The first text to that number with those words since then.

        Not narrowed by the day of sending: what still waits in Twilio's queue has none yet.
        """
        with self._client() as client:
            latest = client.messages.list(to=message.to, limit=_LOOKS_AT)
        ours = [each for each in latest if each.body == message.text and _made_at(each) >= since]
        if not ours:
            return None
        first = min(ours, key=_made_at)
        return SendResult(provider="twilio", provider_message_id=str(first.sid), detail=f"Found for {message.to}")

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """Twilio's client on the line; its errors come out in the house's words."""
        http = _OverTheLine(self.line, self.config.api_url)
        try:
            yield Client(self.config.account_sid, self.auth_token.reveal(), http_client=http)
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(http.answer, error) from None
        except (TwilioException, AttributeError, LookupError, TypeError, ValueError) as error:
            raise _unreadable(http.answer, error) from None

    def handshake(self, request: RawRequest) -> Handshake | None:
        """Twilio asks for none."""
        return None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """The one event. Twilio signs the public address and the form, but no time: it is told apart by its id."""
        signed = _signed_part(request)
        # Each is tried, whichever fits, so that the time it takes tells nothing.
        proofs = [_proves(secret, request, signed) for secret in (self.auth_token, *secrets)]
        if not any(proofs):
            raise WebhookRefused("No auth token of this integration proves the signature.")
        told = signed.dict() if isinstance(signed, QueryDict) else {}
        return [_verified({**told, "key": _query(request).get("key", "")}, request)]

    def read(self, event: Verified) -> Sequence[Happening]:
        """How a text fares, or what somebody wrote."""
        told = event.payload
        if event.kind == TEXT_RECEIVED:
            return [_received(told)]
        state = _STATES.get(str(told.get("MessageStatus")))
        if state is None or event.kind == "other":
            return []
        code = str(told.get("ErrorCode", ""))
        return [
            MessageTracked(
                state=state,
                provider_message_id=_message_sid(told),
                key=str(told.get("key", "")),
                recipient=str(told.get("To", "")),
                reason=f"Twilio's error {code}" if state is TrackedState.FAILED and code else "",
            )
        ]


class _OverTheLine(TwilioHttpClient):
    """Twilio's HTTP client with the line's session, at another address where one is set. It tries once."""

    def __init__(self, line: Line, api_url: str) -> None:
        super().__init__(
            pool_connections=False, timeout=_TIMEOUT_SECONDS, request_hooks={"response": [self._keep_answer]}
        )
        self.session = line.http
        self.answer: Response | None = None
        self._scheme, self._netloc = urlsplit(api_url)[:2]

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        moved = urlsplit(url)._replace(scheme=self._scheme, netloc=self._netloc)
        return super().request(method, moved.geturl(), *args, **kwargs)

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """The door keeps the log; numbers and texts belong in no other."""

    def log_response(self, status_code: int, response: Any) -> None:
        """The same."""

    def _keep_answer(self, response: Response, **options: Any) -> None:
        self.answer = response


def _reported_to(message: SmsMessage) -> dict[str, str]:
    return {"status_callback": message.callback_url} if message.callback_url else {}


def _made_at(found: Any) -> datetime:
    made: datetime | None = found.date_created
    return made if made is not None else datetime.min.replace(tzinfo=UTC)


def _refusal(answer: Response | None, error: Any) -> ProviderError:
    code = error.code if isinstance(error.code, int) else 0
    words = f"{getattr(error, 'msg', '') or getattr(error, 'title', '')} ({code})"
    if answer is None:
        return OutcomeUnknown(words)
    if code in _SAID_STOP:
        return Suppressed(words)
    if code in _QUEUE_IS_FULL:
        return RateLimited(words, retry_after=60.0)
    if code in _SENDER_IS_WRONG:
        return ProviderError(words)
    return error_for(answer, words)


def _unreadable(answer: Response | None, error: Exception) -> ProviderError:
    """Of a list that is refused Twilio's library says no more than that it is none."""
    if answer is not None and not answer.ok:
        return error_for(answer, "Twilio gave no reason")
    return OutcomeUnknown(f"Twilio's answer can't be read ({type(error).__name__}).")


def _signed_part(request: RawRequest) -> QueryDict | str:
    """The form; or the body, where its hash stands in the signed address."""
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise WebhookRefused("It is no text.") from None
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/x-www-form-urlencoded":
        return QueryDict(text)
    if text and "bodySHA256" not in _query(request):
        raise WebhookRefused("Nothing proves its body.")
    return text


def _query(request: RawRequest) -> dict[str, str]:
    """Of the address that is signed."""
    return dict(parse_qsl(urlsplit(request.url).query))


def _verified(told: dict[str, Any], request: RawRequest) -> Verified:
    message_sid, status = _message_sid(told), str(told.get("MessageStatus", ""))
    if not message_sid:  # a call, or whatever else was pointed at this address
        digest = hashlib.sha256(request.url.encode() + request.body).hexdigest()
        return Verified(event_id=digest, kind="other", payload=told)
    if not status:
        return Verified(event_id=message_sid[:255], kind=TEXT_RECEIVED, payload=told)
    return Verified(event_id=f"{message_sid}:{status}"[:255], kind=f"message.{status}"[:120], payload=told)


def _message_sid(told: Mapping[str, Any]) -> str:
    return str(told.get("MessageSid") or told.get("SmsSid") or "")


def _proves(secret: Secret, request: RawRequest, signed: QueryDict | str) -> bool:
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER.lower()))
    given = request.headers.get(SIGNATURE_HEADER.lower(), "")
    try:
        return bool(RequestValidator(secret.reveal()).validate(request.url, signed or {}, given, algorithm))
    except ValueError:  # an address that is none
        return False


def _received(told: Mapping[str, Any]) -> SmsReceived:
    return SmsReceived(
        sender=str(told.get("From", "")),
        recipient=str(told.get("To", "")),
        # Where Twilio keeps the list of who said stop, it says so in a word of its own, in any language.
        text=str(told.get("OptOutType") or told.get("Body", "")),
        provider_message_id=_message_sid(told),
    )
