"""Scores and awards are the office's to see; a ledger is its member's, and the office's leaders'."""

from tests.permissions.table import Row, everyone

ROUTES = {
    "GET /api/v1/gamification/me": everyone(200),
    "GET /api/v1/gamification/members/{id}": everyone(200),
    "GET /api/v1/gamification/achievements": everyone(200, shows="id=achievement"),
    "GET /api/v1/gamification/achievements/{id}": everyone(200),
    "GET /api/v1/gamification/ledger": Row(
        stranger=403, viewer=403, member=200, owner=403, manager=200, query="member={member}", shows="id=entry"
    ),
    "GET /api/v1/gamification/ledger/{id}/explain": Row(stranger=404, viewer=404, member=200, owner=404, manager=200),
}
