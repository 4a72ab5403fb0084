"""What tests of webhooks going out share: facts to tell of, and a receiver's own way to check a signature."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from estateman.activity.facts import Fact
from integrations.models import SubscriptionDelivery
from tests.support.http import Asked

PATH = "/hook"
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Told(Fact, kind="test.told"):
    """Something that anybody in its rooms may hear of."""

    number: int = 0
    where: tuple[str, ...] = ("office",)

    def rooms(self) -> tuple[str, ...]:
        return self.where

    def sentence(self) -> str:
        return f"told of {self.number}"


@dataclass(frozen=True, kw_only=True)
class Whispered(Fact, kind="test.whispered"):
    """Something without a room."""

    def sentence(self) -> str:
        return "whispered"


def is_signed_by(asked: Asked, secret: str) -> bool:
    """As the specification says it, and not as we do it."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return expected in asked.headers["webhook-signature"].split(" ")


def state_of(row: SubscriptionDelivery) -> str:
    """Its state now; the rest of the row is read anew too."""
    row.refresh_from_db()
    return row.state
