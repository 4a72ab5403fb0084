"""A post office for demo and development: it accepts every message and delivers none."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import EmailMessage, Health, SendResult
from integrations.transport import Line


@dataclass(frozen=True)
class SandboxConfig:
    """It has nothing to set."""


@provider(
    "sandbox",
    kind="email",
    label="Sandbox: keeps messages in the log and delivers none",
    config=SandboxConfig,
    modes=("sandbox",),
)
class SandboxPostOffice:
    """Accepts everything; the message can be read in the integration's log and nowhere else."""

    def __init__(self, config: SandboxConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        """Takes what every provider takes and needs none of it."""

    def check(self) -> Health:
        return Health(ok=True, detail="The sandbox accepts messages and delivers none of them.")

    def send(self, message: EmailMessage) -> SendResult:
        kept = f"Kept, not delivered.\nTo: {message.to}\nSubject: {message.subject}\n\n{message.text}"
        if message.calendar:
            kept += f"\n\n{message.calendar}"
        return SendResult(provider="sandbox", provider_message_id=message.message_id, detail=kept)
