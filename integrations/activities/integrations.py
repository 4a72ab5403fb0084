"""What happens to an integration itself."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class IntegrationChanged(Fact, kind="integration.changed"):
    """Somebody added, edited or deleted an integration, or it works again."""

    integration_id: int
    name: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"{self.change} integration {self.name}"


@dataclass(frozen=True, kw_only=True)
class IntegrationTested(Fact, kind="integration.tested"):
    """Somebody asked the provider for a real answer."""

    integration_id: int
    name: str
    ok: bool
    detail: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"tested integration {self.name}: {'it works' if self.ok else self.detail}"


@dataclass(frozen=True, kw_only=True)
class IntegrationFailed(Fact, kind="integration.failed"):
    """An integration stopped working; ``status`` says what it needs."""

    integration_id: int
    name: str
    status: str
    detail: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"integration {self.name} stopped working: {self.detail}"
