"""What people allow us to do in their name, and when that ends."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Fact, kind="integration.consent_given"):
    """Somebody connected their account."""

    integration_id: int
    name: str
    user_id: int

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}", f"user:{self.user_id}")

    def sentence(self) -> str:
        return f"connected their account to {self.name}"


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Fact, kind="integration.consent_withdrawn"):
    """Somebody's account was disconnected, by themselves or by whoever leads the office."""

    integration_id: int
    name: str
    user_id: int

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}", f"user:{self.user_id}")

    def sentence(self) -> str:
        return f"disconnected {'their' if self.by_id == self.user_id else 'a'} account from {self.name}"


@dataclass(frozen=True, kw_only=True)
class ConsentEnded(Fact, kind="integration.consent_ended"):
    """The vendor takes somebody's consent no longer: they have to give it again."""

    integration_id: int
    name: str
    user_id: int

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}", f"user:{self.user_id}")

    def sentence(self) -> str:
        return f"a connected account of {self.name} has to be connected again"
