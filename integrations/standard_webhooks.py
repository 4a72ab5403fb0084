"""Signing and verifying as Standard Webhooks has it (https://www.standardwebhooks.com). Pure.

Signed is ``id.timestamp.body`` by HMAC-SHA256 under the bytes behind ``whsec_``. A header may hold
several signatures, so that a secret can be replaced without a gap; any one of them proves the rest.
"""

import base64
import hmac
import secrets as randomness
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from integrations.sealing import Secret
from integrations.spi import WebhookRefused

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX, VERSION = "whsec_", "v1"
TOLERANCE_SECONDS = 300
_KEY_BYTES = 32
_LONGEST_TIMESTAMP = 12  # digits; some 30,000 years


def new_secret() -> str:
    """A secret that nobody has had before."""
    return PREFIX + base64.b64encode(randomness.token_bytes(_KEY_BYTES)).decode()


def sign(secrets: Sequence[Secret], message_id: str, at: datetime, body: bytes) -> str:
    """The value of ``webhook-signature``: one signature for each of ``secrets``.

    Raises ValueError without a secret, for one that is none, and for a ``message_id`` that would
    leave open where it ends.
    """
    if not secrets:
        raise ValueError("There is nothing to sign with.")
    if "." in message_id or not message_id:
        raise ValueError("A message's id is a text without a full stop.")
    content = _content(message_id, str(int(at.timestamp())), body)
    return " ".join(f"{VERSION},{_signature(secret, content)}" for secret in secrets)


def verify(
    secrets: Sequence[Secret],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: int = TOLERANCE_SECONDS,
) -> None:
    """Raises WebhookRefused unless one of ``secrets`` signed ``body``, at most ``tolerance`` seconds from ``now``.

    ``headers`` by lower-case name. Each signature is held against each secret, in constant time.
    """
    message_id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and timestamp and given):
        raise WebhookRefused("A header of Standard Webhooks is missing.")
    if not (message_id + given).isascii():
        raise WebhookRefused("A header of Standard Webhooks can't be read.")
    _refuse_another_time(timestamp, now, tolerance)
    content = _content(message_id, timestamp, body)
    right = [signature.encode() for secret in secrets for signature in _signatures(secret, content)]
    signatures = [text.encode() for text in _of_our_version(given)]
    if not any(hmac.compare_digest(one, other) for one in right for other in signatures):
        raise WebhookRefused("No signature is right.")


def _signatures(secret: Secret, content: bytes) -> list[str]:
    """None by what is no secret: it must not keep the others from being tried."""
    with suppress(ValueError):
        return [_signature(secret, content)]
    return []


def _refuse_another_time(timestamp: str, now: datetime, tolerance: int) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise WebhookRefused("The timestamp is none.")
    if abs(now.timestamp() - int(timestamp)) > tolerance:
        raise WebhookRefused("The timestamp is too far from now.")


def _of_our_version(given: str) -> list[str]:
    return [text for version, _, text in (each.partition(",") for each in given.split(" ")) if version == VERSION]


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((message_id.encode(), timestamp.encode(), body))


def _signature(secret: Secret, content: bytes) -> str:
    return base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode()


def _key(secret: Secret) -> bytes:
    """The bytes behind ``whsec_``, which may be left out. Raises ValueError, which does not quote it."""
    try:
        key = base64.b64decode(secret.reveal().removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    # Everybody could sign with an empty one.
    if not key:
        raise ValueError("This is no secret of Standard Webhooks: whsec_ and base64.")
    return key
