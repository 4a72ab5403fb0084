"""What every provider keeps to, as rules that are run against each of them: see RULES.

The rules know a provider by its registration and a sample of settings, and speak to it as the door
does. Those of a vendor's HTTP API are run against a server that misbehaves.
"""

import base64
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from estateman.common import clock
from integrations.models import Kind, Mode
from integrations.registry import Provider
from integrations.schema import settings_of
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    AuthFailed,
    EmailMessage,
    EventContent,
    OutcomeUnknown,
    PaymentRequest,
    ProviderError,
    PushMessage,
    RateLimited,
    SmsMessage,
    Unreachable,
)
from integrations.transport import Line
from tests.support.http import Asked, HttpServer, Reply
from tools.throwaway import free_port

TOKENS = {"access_token": "access-token-0123456789", "refresh_token": "refresh-token-0123456789"}
_PAYMENT = PaymentRequest(
    key="estateman-1", amount_minor=12_50, currency="USD", method="pm_card_visa", return_url="https://office.example/"
)
_MOVE = {"amount_minor": 12_50, "currency": "USD", "key": "estateman-2"}
_MAIL = EmailMessage(
    to="buyer@example.com",
    from_email="office@example.com",
    subject="Keys",
    text="They are ready.",
    message_id="<keys-1@office.example>",
)
_TEXT = SmsMessage(to="+12125550123", text="The keys are ready.", key="estateman-3")
_EVENT = EventContent(
    title="Showing",
    starts_at=datetime(2031, 3, 3, 9),  # noqa: DTZ001  local time by design
    minutes=60,
    timezone="America/New_York",
)
# The public half of a key that a browser made, and what it shares with the sender.
_BROWSER: dict[str, Any] = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def _an_hour_ago() -> Any:
    return clock.now() - timedelta(hours=1)


# By kind: the verbs, each as it would be asked for. Every provider has ``check`` besides.
VERBS: dict[str, dict[str, Callable[[Any, str], Any]]] = {
    Kind.EMAIL: {"send": lambda provider, url: provider.send(_MAIL)},
    Kind.SMS: {
        "send": lambda provider, url: provider.send(_TEXT),
        "find": lambda provider, url: provider.find(_TEXT, _an_hour_ago()),
    },
    Kind.PAYMENT: {
        "create": lambda provider, url: provider.create(_PAYMENT),
        "capture": lambda provider, url: provider.capture("ref-1", **_MOVE),
        "cancel": lambda provider, url: provider.cancel("ref-1", key="estateman-4"),
        "refund": lambda provider, url: provider.refund("ref-1", **_MOVE),
        "fetch": lambda provider, url: provider.fetch("ref-1"),
        "find": lambda provider, url: provider.find(_PAYMENT, _an_hour_ago()),
    },
    Kind.PUSH: {
        "send": lambda provider, url: provider.send(PushMessage(endpoint=f"{url}/browser-1", payload="{}", **_BROWSER)),
        "public_key": lambda provider, url: provider.public_key(),
    },
    Kind.CALENDAR: {
        "list_calendars": lambda provider, url: provider.list_calendars(),
        "list_changes": lambda provider, url: provider.list_changes(f"{url}/cal/", cursor="", page="", zone="UTC"),
        "fetch_event": lambda provider, url: provider.fetch_event(f"{url}/cal/", f"{url}/cal/1", zone="UTC"),
        "create_event": lambda provider, url: provider.create_event(
            f"{url}/cal/", _EVENT, uid="1@estateman", key="estateman-5", zone="UTC"
        ),
        "update_event": lambda provider, url: provider.update_event(
            f"{url}/cal/", f"{url}/cal/1", _EVENT, before=replace(_EVENT, title="Visit"), etag='"1"', zone="UTC"
        ),
        "delete_event": lambda provider, url: provider.delete_event(f"{url}/cal/", f"{url}/cal/1", etag='"1"'),
    },
}
WEBHOOKS = ("handshake", "verify", "read")


@dataclass(frozen=True)
class Subject:
    """A provider and what it may be set up with; ``secrets`` are those of ``credentials`` and a consent's."""

    provider: Provider
    config: Mapping[str, Any]
    credentials: Mapping[str, str]

    @property
    def secrets(self) -> dict[str, str]:
        return {**self.credentials, **(TOKENS if self.provider.oauth else {})}

    def built(self, **config: Any) -> Any:
        """As for one call."""
        secrets = {name: Secret(value) for name, value in self.secrets.items()}
        return self.provider.build({**self.config, **config}, secrets, Line())

    @property
    def verbs(self) -> dict[str, Callable[[Any, str], Any]]:
        return {"check": lambda provider, url: provider.check(), **VERBS[self.provider.kind]}


class MisbehavingServer(HttpServer):
    """Gives everybody the same ``reply``, save that who asks for a token gets one while ``gives_tokens``."""

    def __init__(self, reply: Reply, *, gives_tokens: bool = True) -> None:
        super().__init__()
        self.reply, self.gives_tokens = reply, gives_tokens

    def reply_to(self, asked: Asked) -> Reply:
        if self.gives_tokens and asked.path.endswith("/token"):
            return Reply(200, {"access_token": TOKENS["access_token"], "token_type": "Bearer", "expires_in": 3600})
        self.asked.append(asked)
        return self.reply


ADDRESSES = {"host", "port", "security", "region", "tenant", "also_at", "url"}


def says_where_its_secrets_go(subject: Subject) -> None:
    """Else they could be sent elsewhere by an edit that does not know them."""
    for setting in settings_of(subject.provider.config):
        is_one = setting.name in ADDRESSES or setting.name.endswith("_url")
        assert setting.is_address == is_one, f"config.{setting.name}: is_address should be {is_one}"


def _where(subject: Subject, url: str) -> dict[str, str] | None:
    """The settings by which the vendor would be found at ``url``; None where it is not spoken to over HTTP."""
    known = {each.name: each.default for each in settings_of(subject.provider.config)}
    addresses = [name for name in known if name == "url" or name.endswith("_url")]
    if not addresses and subject.provider.kind != Kind.PUSH:
        return None
    return {name: f"{url}/token" if name == "token_url" else url for name in addresses}


@dataclass(frozen=True)
class Outcome:
    """What came of one verb, and the last that the server was asked, if it was."""

    verb: str
    came: Any
    asked: Asked | None

    @property
    def wrote(self) -> bool:
        return self.asked is not None and self.asked.method in {"POST", "PUT", "PATCH", "DELETE"}


def outcomes(subject: Subject, reply: Reply, *, gives_tokens: bool = True) -> Iterator[Outcome]:
    """Of each verb that speaks to the vendor, when it always answers ``reply``."""
    if subject.provider.modes == (Mode.SANDBOX,):
        return
    for verb, ask in subject.verbs.items():
        with MisbehavingServer(reply, gives_tokens=gives_tokens) as server:
            where = _where(subject, server.url)
            if where is None:
                return
            came = _tried(lambda ask=ask, where=where, url=server.url: ask(subject.built(**where), url))  # type: ignore[misc]  # bound at once
            if server.asked:
                yield Outcome(verb, came, server.asked[-1])


def _tried(act: Callable[[], Any]) -> Any:
    """What it returned or raised, if that is a ProviderError."""
    try:
        return act()
    except ProviderError as error:
        return error


# --- The rules --------------------------------------------------------------------------------------


def is_of_a_known_kind_and_mode(subject: Subject) -> None:
    assert subject.provider.kind in Kind.values
    assert subject.provider.modes
    assert set(subject.provider.modes) <= set(Mode.values)


def is_described(subject: Subject) -> None:
    assert subject.provider.label
    for setting in settings_of(subject.provider.config):
        assert setting.about, setting.name
        assert setting.type in {str, int, bool}, setting.name
        assert not {"password", "secret"} & set(setting.name.split("_")), setting.name
    for credential in subject.provider.credentials:
        assert credential.about, credential.name


def a_sandbox_is_never_live(subject: Subject) -> None:
    assert (subject.provider.modes == (Mode.SANDBOX,)) == subject.provider.name.startswith("sandbox")


def has_the_methods_of_its_kind(subject: Subject) -> None:
    wanted = [*subject.verbs, *(WEBHOOKS if subject.provider.receives_webhooks else ())]
    for method in wanted:
        assert inspect.isfunction(getattr(subject.provider.factory, method, None)), method


def says_by_what_its_webhooks_are_proven(subject: Subject) -> None:
    assert not subject.provider.webhook_secret or subject.provider.receives_webhooks


def is_built_without_a_word_to_anybody(subject: Subject) -> None:
    with MisbehavingServer(Reply(500)) as server:
        subject.built(**(_where(subject, server.url) or {}))
        assert not server.asked


def shows_no_secret_of_its_own(subject: Subject) -> None:
    shown = repr(subject.built())
    assert not [name for name, value in subject.secrets.items() if value in shown]


def nobody_there_is_unreachable(subject: Subject) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    where = _where(subject, url)
    if where is None or subject.provider.modes == (Mode.SANDBOX,):
        return
    speaking = {outcome.verb for outcome in outcomes(subject, Reply(500), gives_tokens=False)}
    for verb in speaking:
        came = _tried(lambda verb=verb: subject.verbs[verb](subject.built(**where), url))  # type: ignore[misc]  # bound at once
        assert isinstance(came, Unreachable), (verb, came)


def refused_credentials_are_auth_failed(subject: Subject) -> None:
    """Except by who was chosen by the other side, like a browser's push service: that one could say anything."""
    if subject.provider.kind == Kind.PUSH:
        return
    for outcome in outcomes(subject, Reply(401, {"error": "invalid_client"}), gives_tokens=False):
        assert isinstance(outcome.came, AuthFailed), outcome
    for outcome in outcomes(subject, Reply(401)):
        assert isinstance(outcome.came, AuthFailed), outcome


def too_many_calls_are_rate_limited_until_then(subject: Subject) -> None:
    for outcome in outcomes(subject, Reply(429, headers={"Retry-After": "7"})):
        assert isinstance(outcome.came, RateLimited), outcome
        assert outcome.came.retry_after == 7, outcome


def not_now_is_neither_for_ever_nor_unknown(subject: Subject) -> None:
    for outcome in outcomes(subject, Reply(503)):
        assert isinstance(outcome.came, ProviderError), outcome
        assert not outcome.came.permanent, outcome
        assert not isinstance(outcome.came, OutcomeUnknown | AuthFailed), outcome


def a_broken_line_leaves_a_write_unknown_and_a_read_to_be_tried_again(subject: Subject) -> None:
    for reply in (Reply(hangs_up=True), Reply(500)):
        for outcome in outcomes(subject, reply):
            assert isinstance(outcome.came, ProviderError), outcome
            assert not outcome.came.permanent, outcome
            # A check may write what it takes back, and a look-up may be a POST: both may be repeated.
            if outcome.wrote and outcome.verb not in {"check", "find", "fetch"}:
                assert isinstance(outcome.came, OutcomeUnknown), outcome


GARBAGE = [
    *("<html>Welcome to our portal</html>", "", "{", "[]", "null", "7", '"text"', "{}", b"\xff\xfe\x00"),
    *('{"data": 7, "id": [], "items": {"x": 1}, "value": "x"}', '{"data": [7], "items": [null], "value": [[]]}'),
    '{"id": null, "status": {}, "amount": "x", "currency": 7, "messages": {}, "purchase_units": "x", "links": 7}',
]


def garbage_is_a_provider_error_at_worst(subject: Subject) -> None:
    """And after a write, one that leaves open what became of it: a 200 was said."""
    for status in (207 if subject.provider.kind == Kind.CALENDAR else 201, 200, 400):
        for content in GARBAGE:
            for outcome in outcomes(subject, Reply(status, content)):
                if status == 400:
                    assert isinstance(outcome.came, ProviderError), (content[:60], outcome)
                elif outcome.wrote and isinstance(outcome.came, ProviderError):
                    unknown = isinstance(outcome.came, OutcomeUnknown)
                    assert unknown or outcome.verb in {"check", "find", "fetch"}, (content[:60], outcome)
                else:
                    assert isinstance(outcome.came, Answer | ProviderError | str | None), (content[:60], outcome)


def no_error_holds_a_secret(subject: Subject) -> None:
    """Not where a vendor repeats what it was sent; what its own words may hold, the door masks."""
    for outcome in outcomes(subject, Reply(401, "No."), gives_tokens=False):
        told = f"{outcome.came!r} {outcome.came.__dict__} {outcome.came.__cause__!r}"
        for value in subject.secrets.values():
            assert value not in told, outcome.verb
            assert base64.b64encode(value.encode()).decode() not in told, outcome.verb


RULES: list[Callable[[Subject], None]] = [
    is_of_a_known_kind_and_mode,
    is_described,
    says_where_its_secrets_go,
    a_sandbox_is_never_live,
    has_the_methods_of_its_kind,
    says_by_what_its_webhooks_are_proven,
    is_built_without_a_word_to_anybody,
    shows_no_secret_of_its_own,
    nobody_there_is_unreachable,
    refused_credentials_are_auth_failed,
    too_many_calls_are_rate_limited_until_then,
    not_now_is_neither_for_ever_nor_unknown,
    a_broken_line_leaves_a_write_unknown_and_a_read_to_be_tried_again,
    garbage_is_a_provider_error_at_worst,
    no_error_holds_a_secret,
]
