"""Integrations in the admin. No secret is ever shown."""

from django.contrib import admin

from integrations.admin import djstripe
from integrations.admin.grants import GrantAdmin
from integrations.admin.health import HealthSampleAdmin
from integrations.admin.integrations import IntegrationAdmin, IntegrationLogAdmin
from integrations.admin.messages import MessageAdmin, SuppressionAdmin
from integrations.admin.payments import PaymentAdmin
from integrations.admin.subscriptions import SubscriptionDeliveryAdmin, WebhookSubscriptionAdmin
from integrations.admin.webhooks import WebhookEventAdmin, WebhookSecretAdmin

djstripe.guard(admin.site)

__all__ = [
    "GrantAdmin",
    "HealthSampleAdmin",
    "IntegrationAdmin",
    "IntegrationLogAdmin",
    "MessageAdmin",
    "PaymentAdmin",
    "SubscriptionDeliveryAdmin",
    "SuppressionAdmin",
    "WebhookEventAdmin",
    "WebhookSecretAdmin",
    "WebhookSubscriptionAdmin",
]
