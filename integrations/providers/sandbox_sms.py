"""A phone company for demo and development: it accepts every text and delivers none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import Health, SendResult, SmsMessage
from integrations.transport import Line


@dataclass(frozen=True)
class SandboxSmsConfig:
    """It has nothing to set."""


@provider(
    "sandbox_sms",
    kind="sms",
    label="Sandbox: keeps texts in the log and delivers none",
    config=SandboxSmsConfig,
    modes=("sandbox",),
)
class SandboxPhones:
    """Accepts everything; the text can be read in the integration's log and nowhere else."""

    def __init__(self, config: SandboxSmsConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        """Takes what every provider takes and needs none of it."""

    def check(self) -> Health:
        return Health(ok=True, detail="The sandbox accepts texts and delivers none of them.")

    def send(self, message: SmsMessage) -> SendResult:
        kept = f"Kept, not delivered.\nTo: {message.to}\n\n{message.text}"
        return SendResult(provider="sandbox_sms", provider_message_id=message.key, detail=kept)

    def find(self, message: SmsMessage, since: datetime) -> SendResult | None:
        """It never fails to answer, so nothing is ever looked for; and it keeps nothing."""
        return None
