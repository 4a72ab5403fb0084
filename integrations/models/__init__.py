"""Integrations, what goes out and comes in through them, and how they are doing."""

from integrations.models.gates import Gate
from integrations.models.grants import ConsentRequest, Grant
from integrations.models.health import HealthSample
from integrations.models.integrations import USABLE, Integration, IntegrationQuerySet, Kind, Mode, Status
from integrations.models.logs import IntegrationLog
from integrations.models.messages import Message, Suppression
from integrations.models.payments import Payment, PaymentOperation
from integrations.models.subscriptions import SubscriptionDelivery, WebhookSubscription
from integrations.models.webhooks import WebhookAttempt, WebhookEvent, WebhookSecret

__all__ = [
    "USABLE",
    "ConsentRequest",
    "Gate",
    "Grant",
    "HealthSample",
    "Integration",
    "IntegrationLog",
    "IntegrationQuerySet",
    "Kind",
    "Message",
    "Mode",
    "Payment",
    "PaymentOperation",
    "Status",
    "SubscriptionDelivery",
    "Suppression",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookSecret",
    "WebhookSubscription",
]
