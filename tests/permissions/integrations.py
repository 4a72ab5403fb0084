"""Integrations are the office's leaders' business; for everybody else there are none, save where they connect."""

from tests.permissions.table import everyone, only_manager

_SANDBOX = {
    "provider": "sandbox",
    "kind": "email",
    "name": "Another sandbox",
    "mode": "sandbox",
    "priority": 5,
    "calls_per_minute": 60,
    "config": {},
    "credentials": {},
}
_LETTER = {
    "to": "buyer@example.com",
    "subject": "Keys",
    "text": "Ready.",
    "html": "<p>Ready.</p>",
    "integration": "{integration}",
}
_TEXT = {"to": "+12125550123", "text": "Ready.", "integration": "{phones}"}
_SUPPRESSION = {"channel": "sms", "address": "+12125550124", "reason": "stopped", "detail": "Asked on the phone"}
CHANNEL_TOKEN = "channel-token-of-the-world"
"""What proves a webhook to the world's ``listener``."""
_PUSHED = {
    "X-Goog-Channel-ID": "c",
    "X-Goog-Message-Number": "2",
    "X-Goog-Resource-State": "exists",
    "X-Goog-Resource-ID": "r",
    "X-Goog-Channel-Token": CHANNEL_TOKEN,
}

_SUBSCRIPTION = {
    "name": "n8n",
    "url": "https://hooks.example.com/2",
    "kinds": ["task.*", "project.opened"],
    "is_active": True,
}

_KEY = {"Idempotency-Key": "world"}
_PAYMENT = {
    "amount_minor": 250_000,
    "currency": "USD",
    "project": "{deal}",
    "invoice": "2026-114",
    "description": "Earnest money",
    "method": "pm_card",
    "capture": True,
    "receipt_email": "buyer@example.com",
    "return_url": "https://office.example.com/thanks",
    "integration": None,
    "provider": "sandbox_payment",
}
_PART = {"amount_minor": 100}

ROUTES = {
    "GET /api/v1/integrations": only_manager(200, shows="id=integration"),
    "POST /api/v1/integrations": only_manager(201, body=_SANDBOX),
    "GET /api/v1/integrations/health": only_manager(200),
    "GET /api/v1/integrations/api-usage": only_manager(200),
    "GET /api/v1/integrations/providers": only_manager(200),
    "GET /api/v1/integrations/{id}": only_manager(200, others=404),
    "PATCH /api/v1/integrations/{id}": only_manager(
        200,
        others=404,
        body={
            "name": "Post",
            "mode": "sandbox",
            "status": "active",
            "priority": 5,
            "calls_per_minute": 60,
            "config": {},
            "credentials": {},
            "version": 1,
        },
    ),
    "DELETE /api/v1/integrations/{id}": only_manager(204, others=404),
    "POST /api/v1/integrations/{id}/test": only_manager(200, others=404),
    "GET /api/v1/integrations/{id}/logs": only_manager(200, others=404),
    # The listener is Google's: everybody has an account of their own there.
    "POST /api/v1/integrations/{id}/connect": everyone(200, of="listener", body={"return_to": "/inbox"}),
    "GET /api/v1/integrations/{id}/grants": only_manager(200, others=404, shows="user=viewer"),
    "DELETE /api/v1/integrations/{id}/grants/{user_id}": only_manager(204, others=404),
    "GET /api/v1/integrations/{id}/calendars": only_manager(200, others=404, of="calendars_account"),
    "GET /api/v1/integrations/{id}/usage": only_manager(200, others=404),
    "GET /api/v1/integrations/{id}/health-history": only_manager(200, others=404),
    "POST /api/v1/integrations/email/send": only_manager(200, body=_LETTER, headers={"Idempotency-Key": "world"}),
    "POST /api/v1/integrations/sms/send": only_manager(200, body=_TEXT, headers={"Idempotency-Key": "world"}),
    "GET /api/v1/integrations/messages": only_manager(200, shows="id=letter"),
    "GET /api/v1/integrations/messages/{id}": only_manager(200, others=404),
    "GET /api/v1/integrations/suppressions": only_manager(200, shows="id=suppression"),
    "POST /api/v1/integrations/suppressions": only_manager(201, body=_SUPPRESSION),
    "DELETE /api/v1/integrations/suppressions/{id}": only_manager(204, others=404),
    "GET /api/v1/integrations/{integration_id}/webhook-secrets": only_manager(
        200, others=404, shows="id=webhook_secret"
    ),
    "POST /api/v1/integrations/{integration_id}/webhook-secrets": only_manager(
        201,
        others=404,
        body={
            "secret": "another-token-for-webhooks",
            "valid_until": "2099-01-01T00:00:00Z",
            "previous_valid_for_hours": 24,
        },
    ),
    "PATCH /api/v1/integrations/{integration_id}/webhook-secrets/{secret_id}": only_manager(
        200, others=404, body={"valid_until": None}
    ),
    "DELETE /api/v1/integrations/{integration_id}/webhook-secrets/{secret_id}": only_manager(204, others=404),
    "POST /api/v1/integrations/webhooks/{type}": everyone(200, nobody=200, body={}, headers=_PUSHED),
    "POST /api/v1/integrations/webhooks/{type}/{uuid}": everyone(200, nobody=200, body={}, headers=_PUSHED),
    "GET /api/v1/integrations/webhooks": only_manager(200, shows="id=webhook_event"),
    "GET /api/v1/integrations/webhooks/{id}": only_manager(200, others=404),
    "POST /api/v1/integrations/webhooks/{id}/replay": only_manager(200, others=404),
    "POST /api/v1/integrations/webhooks/replay": only_manager(
        200,
        body={
            "ids": ["{webhook_event}"],
            "filter": {
                "integration": "{listener}",
                "status": "dead",
                "kind": "calendar.exists",
                "received_from": "2020-01-01T00:00:00Z",
                "received_until": "2099-01-01T00:00:00Z",
            },
        },
    ),
    "GET /api/v1/integrations/webhook-kinds": only_manager(200),
    "GET /api/v1/integrations/webhook-subscriptions": only_manager(200, shows="id=subscription"),
    "POST /api/v1/integrations/webhook-subscriptions": only_manager(201, body=_SUBSCRIPTION),
    "GET /api/v1/integrations/webhook-subscriptions/{id}": only_manager(200, others=404),
    "PATCH /api/v1/integrations/webhook-subscriptions/{id}": only_manager(
        200, others=404, body=_SUBSCRIPTION | {"version": 1}
    ),
    "DELETE /api/v1/integrations/webhook-subscriptions/{id}": only_manager(204, others=404),
    "POST /api/v1/integrations/webhook-subscriptions/{id}/test": only_manager(202, others=404),
    "POST /api/v1/integrations/webhook-subscriptions/{id}/rotate-secret": only_manager(200, others=404),
    "GET /api/v1/integrations/webhook-subscriptions/{id}/deliveries": only_manager(200, others=404, shows="id=told"),
    "POST /api/v1/integrations/webhook-subscriptions/{id}/deliveries/{delivery_id}/retry": only_manager(
        202, others=404
    ),
    "GET /api/v1/integrations/payments": only_manager(200, shows="id=payment"),
    "POST /api/v1/integrations/payments/process": only_manager(201, body=_PAYMENT, headers=_KEY),
    "GET /api/v1/integrations/payments/{id}": only_manager(200, others=404),
    "GET /api/v1/integrations/payments/{id}/receipt": only_manager(200, others=404),
    "POST /api/v1/integrations/payments/{id}/capture": only_manager(
        200, others=404, of="held", body=_PART, headers=_KEY
    ),
    "POST /api/v1/integrations/payments/{id}/cancel": only_manager(200, others=404, of="reserved", headers=_KEY),
    "POST /api/v1/integrations/payments/{id}/refund": only_manager(200, others=404, body=_PART, headers=_KEY),
}
