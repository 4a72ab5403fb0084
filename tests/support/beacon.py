"""A vendor that signs what it tells: HMAC-SHA256 over the raw body, in the header ``X-Beacon-Signature``.

A request says ``{"events": [{"id": "1", "kind": "lamp.lit", …}]}``. An event may say ``live`` and ``once``, in
``means`` what it means to us, and in ``trouble`` what befalls whoever reads it.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework.test import APIClient

from integrations.models import Integration
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import (
    CalendarChanged,
    Handshake,
    Happening,
    Health,
    MessageTracked,
    OutcomeUnknown,
    PaymentMoved,
    ProviderError,
    RawRequest,
    SmsReceived,
    TrackedState,
    Unreachable,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line

SECRET, OTHER_SECRET = "the-lamp-secret-4711", "the-other-lamp-secret-0815"
MASTER_KEY = "the-master-key-of-the-harbour"
URL = "/api/v1/integrations/webhooks/beacon"


@dataclass(frozen=True)
class BeaconConfig:
    """Where it stands."""

    harbour: str = setting("The harbour that it stands in", default="north")


class Beacon:
    """One beacon. It may be told to break, in ``harbour``, before it has read anything."""

    def __init__(self, config: BeaconConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        self.config, self.master_key = config, secrets["master_key"]

    def check(self) -> Health:
        return Health(ok=True, detail="It shines.")

    def handshake(self, request: RawRequest) -> Handshake | None:
        hello = request.query.get("hello")
        return None if hello is None else Handshake(body=hello)

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        if self.config.harbour == "broken":
            raise RuntimeError(f"The lens fell out at {self.master_key.reveal()}")
        if self.config.harbour == "foggy":
            raise Unreachable("Nothing can be seen.")
        given = request.headers.get("x-beacon-signature", "").encode()
        right = [signature(request.body, secret.reveal()).encode() for secret in secrets]
        if not sum(hmac.compare_digest(given, each) for each in right):
            raise WebhookRefused("No signature is right.")
        return [_verified(event) for event in json.loads(request.body)["events"]]

    def read(self, event: Verified) -> Sequence[Happening]:
        told = event.payload
        if trouble := told.get("trouble"):
            raise _TROUBLES[trouble]
        return [_MEANINGS[name](**fields) for name, fields in told.get("means", {}).items()]


_TROUBLES: dict[str, Exception] = {
    "passing": ProviderError("The fog is thick."),
    "lasting": ProviderError("There is no such ship.", permanent=True),
    "unknown": OutcomeUnknown("The line broke."),
    "bug": KeyError("lamp"),
}
_MEANINGS: dict[str, Any] = {
    "calendar": CalendarChanged,
    "payment": PaymentMoved,
    "sms": SmsReceived,
    "tracked": lambda state, **fields: MessageTracked(state=TrackedState(state), **fields),
}
DECORATION: dict[str, Any] = {
    "kind": "email",
    "label": "Beacon",
    "config": BeaconConfig,
    "credentials": [Credential("master_key")],
    "webhook_secret": "It is painted on the lamp",
}


def _verified(told: Mapping[str, Any]) -> Verified:
    return Verified(
        event_id=told["id"],
        kind=told.get("kind", "lamp.lit"),
        payload=told,
        is_live=told.get("live"),
        once=told.get("once", ""),
    )


def signature(body: bytes, secret: str = SECRET) -> str:
    """What proves ``body``."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def encoded(*events: Mapping[str, Any]) -> bytes:
    """The body that tells ``events``."""
    return json.dumps({"events": events}).encode()


def tell(
    *events: Mapping[str, Any],
    secret: str = SECRET,
    to: Integration | None = None,
    body: bytes | None = None,
    **more: Any,
) -> Any:
    """Tell ``events`` to the address of all beacons, or of one; what is answered."""
    body = encoded(*events) if body is None else body
    url = f"{URL}/{to.uuid}" if to else URL
    headers = {"X-Beacon-Signature": signature(body, secret)} if secret else {}
    more = {"content_type": "application/json", "headers": headers, **more}
    return APIClient(raise_request_exception=False).post(url, body, **more)
