"""The worker's side of integrations, one file per matter."""

from integrations.jobs import health, messages, payments, subscriptions, webhooks

__all__ = ["health", "messages", "payments", "subscriptions", "webhooks"]
