"""A push service for demo and development: browsers may subscribe, and none is ever woken."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import Health, PushMessage, SendResult
from integrations.transport import Line

# A real point of the curve, so that a browser takes it; nobody has kept its private half.
_PUBLIC_KEY = "BK3kOwM6KNywf_Zum-OYUaI-n10-A1JROQ5QPxBW35tjSMobGe41V41p4E4i7MR4ijdGmjH-37FuBRTCaJYk_GQ"


@dataclass(frozen=True)
class SandboxPushConfig:
    """It has nothing to set."""


@provider(
    "sandbox_push",
    kind="push",
    label="Sandbox: keeps push messages in the log and wakes no browser",
    config=SandboxPushConfig,
    modes=("sandbox",),
)
class SandboxPush:
    """Accepts everything; the message can be read in the integration's log and nowhere else."""

    def __init__(self, config: SandboxPushConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        """Takes what every provider takes and needs none of it."""

    def check(self) -> Health:
        return Health(ok=True, detail="The sandbox accepts push messages and delivers none of them.")

    def public_key(self) -> str:
        return _PUBLIC_KEY

    def send(self, message: PushMessage) -> SendResult:
        kept = f"Kept, not delivered to {urlsplit(message.endpoint).hostname}.\n\n{message.payload}"
        return SendResult(provider="sandbox_push", provider_message_id=str(uuid4()), detail=kept)
