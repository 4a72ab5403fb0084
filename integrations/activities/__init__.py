"""What integrations announce. Only those who manage integrations may enter an integration's room."""

from integrations.activities.consents import ConsentEnded, ConsentGiven, ConsentWithdrawn
from integrations.activities.health import HealthChanged, IntegrationDisabled
from integrations.activities.integrations import IntegrationChanged, IntegrationFailed, IntegrationTested
from integrations.activities.messages import MessageFailed, SmsArrived, SuppressionChanged
from integrations.activities.payments import (
    PaymentAuthorised,
    PaymentCancelled,
    PaymentCaptured,
    PaymentDoubled,
    PaymentFailed,
    PaymentOperationFailed,
    PaymentRefunded,
    PaymentUnknown,
)
from integrations.activities.subscriptions import SubscriptionChanged, SubscriptionDisabled
from integrations.activities.webhooks import CalendarMoved, WebhookDied

__all__ = [
    "CalendarMoved",
    "ConsentEnded",
    "ConsentGiven",
    "ConsentWithdrawn",
    "HealthChanged",
    "IntegrationChanged",
    "IntegrationDisabled",
    "IntegrationFailed",
    "IntegrationTested",
    "MessageFailed",
    "PaymentAuthorised",
    "PaymentCancelled",
    "PaymentCaptured",
    "PaymentDoubled",
    "PaymentFailed",
    "PaymentOperationFailed",
    "PaymentRefunded",
    "PaymentUnknown",
    "SmsArrived",
    "SubscriptionChanged",
    "SubscriptionDisabled",
    "SuppressionChanged",
    "WebhookDied",
]
