"""The rules that the routes of webhook subscriptions may refuse by, as the docs show them."""

from estateman.common.errors import VersionConflict
from integrations.services import subscriptions

STALE = VersionConflict(
    "This was changed by somebody else meanwhile. Look at it again.",
    current={"version": 4, "name": "Zapier"},
)
DISABLED = subscriptions.SubscriptionIsDisabled("This subscription is disabled. Switch it on first.")
UNDER_WAY = subscriptions.DeliveryUnderWay("It is being delivered at this moment. Look at it again.")
GONE = subscriptions.SubscriptionGone("This subscription was deleted meanwhile.")
