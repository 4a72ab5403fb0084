"""An inbox is its owner's alone."""

from tests.permissions.table import everyone, only_member

ROUTES = {
    "GET /api/v1/notifications": everyone(200, shows="id=notification", hidden_from="stranger viewer owner manager"),
    "GET /api/v1/notifications/{id}": only_member(200),
    "GET /api/v1/notifications/{id}/deliveries": only_member(200),
    "POST /api/v1/notifications/{id}/read": only_member(200),
    "POST /api/v1/notifications/{id}/unread": only_member(200),
    "PUT /api/v1/notifications/read-all": everyone(200, body={"upto_seq": 1}),
    "GET /api/v1/notifications/unread-count": everyone(200),
    "GET /api/v1/notifications/preferences": everyone(200),
    "POST /api/v1/notifications/preferences": everyone(200, body={"preferences": {"tasks": {"email": False}}}),
    "POST /api/v1/notifications/ws-ticket": everyone(201),
}
