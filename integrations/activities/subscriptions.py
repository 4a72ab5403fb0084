"""What happens to the addresses that are told what happens here.

They have no room: in one they could be subscribed to, and a failure to tell would be one more thing
to tell. Those who manage integrations find them in the admin's activity log.
"""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged(Fact, kind="subscription.changed"):
    """Somebody added, edited or deleted a webhook subscription, or gave it a new secret."""

    subscription_id: int
    name: str
    change: str

    def sentence(self) -> str:
        return f"{self.change} webhook subscription {self.name}"


@dataclass(frozen=True, kw_only=True)
class SubscriptionDisabled(Fact, kind="subscription.disabled"):
    """A webhook subscription was taken out of use although nobody asked for it."""

    subscription_id: int
    name: str
    reason: str
    owner_id: int | None

    def sentence(self) -> str:
        return f"webhook subscription {self.name} was disabled: {self.reason}"
