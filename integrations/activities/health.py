"""What happens to an integration's health."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class HealthChanged(Fact, kind="integration.health_changed"):
    """The score fell below 70 or 40, or came back up."""

    integration_id: int
    name: str
    score: int
    level: str
    level_before: str
    fell: bool
    reason: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        change = "fell" if self.fell else "rose"
        return f"health of integration {self.name} {change} to {self.score} of 100: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class IntegrationDisabled(Fact, kind="integration.disabled"):
    """It failed for so long that it was taken out of use."""

    integration_id: int
    name: str
    failures: int
    because: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"integration {self.name} was disabled: {self.because}"
