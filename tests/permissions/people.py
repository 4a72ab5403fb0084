"""Signing in, colleagues, teams, and what happened lately."""

from tests.permissions.table import Row, everyone, only_manager, only_member

_PASSWORD = {"email": "max@world.example", "password": "correct horse"}

ROUTES = {
    "POST /api/v1/auth/login": everyone(200, nobody=200, body=_PASSWORD),
    "POST /api/v1/auth/logout": everyone(204),
    "POST /api/v1/auth/logout-all": everyone(204),
    "GET /api/v1/auth/tokens": everyone(200, shows="id=token", hidden_from="stranger viewer owner manager"),
    "DELETE /api/v1/auth/tokens/{id}": only_member(204),
    # Colleagues know each other.
    "GET /api/v1/users": everyone(200, shows="id=viewer"),
    "GET /api/v1/users/{id}": everyone(200),
    "GET /api/v1/users/me": everyone(200),
    "PATCH /api/v1/users/me": everyone(200, body={"name": "A. Nother", "phone": "+12125550123", "version": 1}),
    # Teams are arranged by the office's leaders; who is in one also by whoever leads it.
    "GET /api/v1/teams": everyone(200, shows="id=team"),
    "POST /api/v1/teams": only_manager(201, body={"name": "Lettings"}),
    "GET /api/v1/teams/{id}": everyone(200),
    "PATCH /api/v1/teams/{id}": only_manager(200, body={"name": "Lettings", "version": 1}),
    "DELETE /api/v1/teams/{id}": only_manager(204),
    "POST /api/v1/teams/{id}/members": Row(
        stranger=403, viewer=403, member=403, owner=200, manager=200, body={"user": "{newcomer}", "is_lead": False}
    ),
    "DELETE /api/v1/teams/{id}/members": Row(
        stranger=403, viewer=403, member=403, owner=204, manager=204, query="user={member}"
    ),
    # What happened in a room is for whoever may enter it.
    "GET /api/v1/activity": Row(
        stranger=404, viewer=200, member=200, owner=200, manager=200, query="room=project:{deal}"
    ),
}
