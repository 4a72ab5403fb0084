"""Integrations are the office's leaders' business; for everybody else there are none."""

from tests.permissions.table import only_manager

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
_LETTER = {"to": "buyer@example.com", "subject": "Keys", "text": "Ready.", "html": "<p>Ready.</p>"}

ROUTES = {
    "GET /api/v1/integrations": only_manager(200, shows="id=integration"),
    "POST /api/v1/integrations": only_manager(201, body=_SANDBOX),
    "GET /api/v1/integrations/health": only_manager(200),
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
    "POST /api/v1/integrations/email/send": only_manager(200, body=_LETTER, headers={"Idempotency-Key": "world"}),
}
