"""Projects and tasks: viewers look, members work, owners and the office's leaders arrange."""

from typing import Any

from tests.permissions.table import Row, everyone


def seen(**rest: Any) -> Row:
    """Whoever sees the project may read it."""
    return Row(stranger=404, viewer=200, member=200, owner=200, manager=200, **rest)


def worked(status: int, *, stranger: int = 404, **rest: Any) -> Row:
    """Whoever works there."""
    return Row(stranger=stranger, viewer=403, member=status, owner=status, manager=status, **rest)


def managed(status: int, *, stranger: int = 404, **rest: Any) -> Row:
    """Whoever manages the project."""
    return Row(stranger=stranger, viewer=403, member=403, owner=status, manager=status, **rest)


_DEAL = {
    "name": "12 Quay Street",
    "kind": "listing",
    "status": "active",
    "address": "Portland",
    "starts_on": "2031-03-03",
    "team": "{team}",
    "is_private": False,
}
_TASK = {
    "name": "Hang the sign",
    "key": "hang",
    "description": "By the gate",
    "column": "{column}",
    "assignees": ["{member}"],
    "priority": "high",
    "duration_days": 2,
    "starts_on": "2031-03-03",
    "due_on": "2031-03-04",
    "progress": 10,
    "scheduling_mode": "manual",
}

ROUTES = {
    # Projects
    "GET /api/v1/projects": everyone(200, shows="id=deal", hidden_from="stranger"),
    "POST /api/v1/projects": everyone(
        201, body=_DEAL | {"template": "{template}", "roles": {"listing_agent": "{newcomer}"}}
    ),
    "GET /api/v1/projects/{id}": seen(),
    "PATCH /api/v1/projects/{id}": managed(200, body=_DEAL | {"version": 1}),
    "DELETE /api/v1/projects/{id}": managed(204),
    "POST /api/v1/projects/{id}/restore": managed(200, of="archived"),
    # Their people: anyone may leave by themselves.
    "GET /api/v1/projects/{project_id}/members": seen(shows="user=viewer"),
    "POST /api/v1/projects/{project_id}/members": managed(
        201, body={"user": "{newcomer}", "role": "viewer", "deal_role": "marketing"}
    ),
    "PATCH /api/v1/projects/{project_id}/members/{user_id}": managed(
        200, body={"role": "member", "deal_role": "marketing"}
    ),
    "DELETE /api/v1/projects/{project_id}/members/{user_id}": Row(
        stranger=404, viewer=204, member=403, owner=204, manager=204, of="viewer"
    ),
    # Their boards
    "GET /api/v1/projects/{project_id}/columns": seen(shows="id=column"),
    "POST /api/v1/projects/{project_id}/columns": managed(
        201, body={"name": "Review", "group": "active", "wip_limit": 3, "wip_is_hard": True, "position": 2}
    ),
    "GET /api/v1/projects/{project_id}/columns/{column_id}": seen(),
    "PATCH /api/v1/projects/{project_id}/columns/{column_id}": managed(
        200, body={"name": "Review", "group": "active", "wip_limit": 3, "wip_is_hard": True, "position": 2}
    ),
    "GET /api/v1/tasks/kanban": seen(query="project={deal}"),
    # Templates. A project that one may not see does not exist, so naming it is a mistake in the body: 400.
    "GET /api/v1/project-templates": everyone(200, shows="id=template"),
    "GET /api/v1/project-templates/{id}": everyone(200),
    "POST /api/v1/project-templates/{id}/apply": managed(
        201,
        stranger=400,
        body={"project": "{deal}", "starts_on": "2031-03-03", "roles": {"listing_agent": "{newcomer}"}},
    ),
    # Tasks
    "GET /api/v1/tasks": everyone(200, shows="id=task", hidden_from="stranger"),
    "GET /api/v1/my/tasks": everyone(200, shows="id=task", hidden_from="stranger viewer owner manager"),
    "GET /api/v1/tasks/stats": seen(query="project={deal}"),
    "POST /api/v1/tasks": worked(201, stranger=400, body=_TASK | {"project": "{deal}"}),
    "GET /api/v1/tasks/{id}": seen(),
    "PATCH /api/v1/tasks/{id}": worked(200, body=_TASK | {"version": 1}),
    "DELETE /api/v1/tasks/{id}": managed(204),
    "POST /api/v1/tasks/{id}/move": worked(200, body={"column": "{column}", "before_id": None, "after_id": None}),
    "POST /api/v1/tasks/{id}/complete": worked(
        200, body={"force": False, "reason": "", "completed_on": "2026-05-04", "version": 1}
    ),
    "POST /api/v1/tasks/{id}/reopen": worked(200, of="done_task", body={"version": 2}),
    "GET /api/v1/tasks/{task_id}/dependencies": seen(shows="id=dependency"),
    "POST /api/v1/tasks/{task_id}/dependencies": worked(
        201, of="sign", body={"predecessor": "{task}", "type": "SS", "lag_days": 1}
    ),
    "DELETE /api/v1/tasks/{task_id}/dependencies/{dependency_id}": worked(204),
}
