"""All tables as one."""

from tests.permissions import events, gamification, integrations, notifications, people, tasks
from tests.permissions.table import Row

TABLES = (people, tasks, events, notifications, gamification, integrations)
ROUTES: dict[str, Row] = {route: row for table in TABLES for route, row in table.ROUTES.items()}
