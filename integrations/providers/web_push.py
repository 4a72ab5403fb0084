"""Notifications to people's browsers by Web Push (RFC 8030, 8291 and 8292), with pywebpush."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from http_ece import ECEException
from py_vapid import Vapid02, VapidException
from pywebpush import WebPushException, webpush

from integrations.registry import provider
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import Gone, Health, InvalidConfig, ProviderError, PushMessage, SendResult
from integrations.transport import AddressRefused, Line, error_for

LARGEST_PAYLOAD = 3993
"""Bytes. Push services take 4096, of which encryption needs the rest (RFC 8291, 4)."""
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ARMOUR = re.compile(r"-----[A-Z ]+-----|\s")


@dataclass(frozen=True)
class WebPushConfig:
    """Who the push services may turn to."""

    subject: str = setting(
        "Where a push service reaches whoever runs this: mailto:office@example.com, or an https address"
    )


@provider(
    "web_push",
    kind="push",
    label="Web Push (browsers)",
    config=WebPushConfig,
    credentials=[
        Credential("private_key", about="Made by `manage.py new_push_key`; with another one, browsers subscribe anew")
    ],
)
class WebPush:
    """One VAPID key. There is no account anywhere: browsers subscribe with it, and only its holder reaches them."""

    def __init__(self, config: WebPushConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        key = _read_key(secrets["private_key"])
        if key is None:
            raise InvalidConfig("credentials.private_key", "This is no P-256 private key, neither PEM nor base64url.")
        self._key, self._line = Vapid02(key), line
        self._claims: dict[str, str | int] = {"sub": config.subject}
        self._refuse_a_subject_that_nobody_reads()

    def _refuse_a_subject_that_nobody_reads(self) -> None:
        try:
            self._sign_something()
        except VapidException:
            raise InvalidConfig("config.subject", "This must be mailto:… or an https address.") from None

    def _sign_something(self) -> None:
        self._key.sign({**self._claims, "aud": "https://push.example"})

    def check(self) -> Health:
        """Sign with the key. Nobody is asked: a push service answers only about a browser's subscription."""
        self._sign_something()
        return Health(
            ok=True,
            detail="The key can be read and signs. No push service was asked: that takes a browser's subscription.",
        )

    def public_key(self) -> str:
        """As browsers take it for ``applicationServerKey``."""
        point = self._key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).decode().rstrip("=")

    def send(self, message: PushMessage) -> SendResult:
        """Encrypt it for the one browser and hand it to its push service."""
        if len(message.payload.encode()) > LARGEST_PAYLOAD:
            raise ProviderError(f"A push message holds at most {LARGEST_PAYLOAD} bytes.", permanent=True)
        response = self._hand_over(message)
        return SendResult(
            provider="web_push",
            provider_message_id=response.headers.get("Location", "")[:255],
            # Not the whole address: it is what lets one write to that browser.
            detail=f"Handed to {urlsplit(message.endpoint).hostname}",
        )

    def _hand_over(self, message: PushMessage) -> Any:
        try:
            return webpush(
                {"endpoint": message.endpoint, "keys": {"p256dh": message.p256dh, "auth": message.auth}},
                data=message.payload,
                vapid_private_key=self._key,
                vapid_claims=dict(self._claims),
                ttl=message.ttl_seconds,
                headers=_headers(message),
                requests_session=self._line.http,
            )
        except WebPushException as error:
            raise _refusal(error.response) from None
        except AddressRefused as error:
            # A subscription is somebody's word: that it leads astray says nothing about us.
            raise ProviderError(str(error), permanent=True) from None
        except (ValueError, TypeError, IndexError, VapidException, ECEException):
            raise ProviderError("This is no subscription of a browser.", permanent=True) from None


def _read_key(secret: Secret) -> ec.EllipticCurvePrivateKey | None:
    """From PEM, also where a form took its line breaks, or from the 32 bytes alone as base64url."""
    try:
        text = _ARMOUR.sub("", secret.reveal()).replace("+", "-").replace("/", "_")
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(content) == 32:
            return ec.derive_private_key(int.from_bytes(content), ec.SECP256R1())
        key = load_der_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1) else None


def _headers(message: PushMessage) -> dict[str, str | int | float]:
    headers: dict[str, str | int | float] = {"Urgency": message.urgency, "Content-Type": "application/octet-stream"}
    if message.topic:
        headers["Topic"] = message.topic if _TOPIC.fullmatch(message.topic) else _short(message.topic)
    return headers


def _short(topic: str) -> str:
    """The same for the same topic, in the letters and the length that are allowed."""
    return base64.urlsafe_b64encode(hashlib.sha256(topic.encode()).digest()).decode()[:32]


def _refusal(response: Any) -> ProviderError:
    if response is None:
        return ProviderError("This is no subscription of a browser.", permanent=True)
    words = f"the push service said: {response.text[:200]}"
    if response.status_code in {404, 410}:
        return Gone(f"{response.status_code}: the browser is subscribed no longer")
    if response.status_code in {401, 403}:
        # The key has no account that could be locked: it is this subscription that was made with another one.
        return ProviderError(f"{response.status_code}: {words}", permanent=True)
    return error_for(response, words)
