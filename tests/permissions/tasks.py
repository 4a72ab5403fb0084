"""Projects and tasks: viewers look, members work, owners and the office's leaders arrange."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.permissions.table import Row, everyone, only_manager


def seen(**rest: Any) -> Row:
    """Whoever sees the project may read it."""
    return Row(stranger=404, viewer=200, member=200, owner=200, manager=200, **rest)


def worked(status: int, *, stranger: int = 404, **rest: Any) -> Row:
    """Whoever works there."""
    return Row(stranger=stranger, viewer=403, member=status, owner=status, manager=status, **rest)


def managed(status: int, *, stranger: int = 404, **rest: Any) -> Row:
    """Whoever manages the project."""
    return Row(stranger=stranger, viewer=403, member=403, owner=status, manager=status, **rest)


def timed(status: int, **rest: Any) -> Row:
    """Whose time it is, and those who manage the project."""
    return Row(stranger=404, viewer=404, member=status, owner=status, manager=status, **rest)


_RULE = {
    "days": 3,
    "direction": "before",
    "after_task": "sign",
    "sets": "start",
    "profile": "trid-specific",
    "counting": "business",
    "weekend_roll": "back",
    "holiday_roll": "none",
    "skip_holidays": True,
}
_TEMPLATE = {
    "name": "Flats",
    "kind": "listing",
    "applies_on": "preparing",
    "description": "For flats",
    "is_active": True,
    "key_dates": [{"kind": "own", "name": "Party", "rule": _RULE}],
    "tasks": [
        {"key": "keys", "name": "Keys"},
        {
            "key": "photos",
            "name": "Photos",
            "description": "All rooms",
            "duration_days": 2,
            "offset_days": 1,
            "role": "marketing",
            "parent": "keys",
            "priority": "high",
            "estimate_minutes": 90,
            "labels": ["marketing"],
            "is_deadline": True,
            "checklist": [{"text": "Kitchen", "is_required": True, "needs_document": True, "needs_review": True}],
            "rule": {"days": 0, "after_key_date": "Party"},
        },
        {"key": "sign", "name": "Sign"},
    ],
    "dependencies": [{"predecessor": "sign", "successor": "keys", "type": "SS", "lag_days": 1}],
}
_DEAL = {
    "name": "12 Quay Street",
    "kind": "listing",
    "status": "active",
    "address": "Portland",
    "client_names": "Pat and Lee Poe",
    "timezone": "America/Denver",
    "starts_on": "2031-03-03",
    "calendar": None,
    "date_profile": None,
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
    "not_before": "2031-03-03",
    "deadline_on": "2031-03-07",
    "deadline_time": "17:00",
    "deadline_timezone": "America/Denver",
    "estimate_minutes": 90,
    "parent": "{sign}",
    "labels": ["{label}"],
    "watchers": ["{member}"],
    "role": "marketing",
}

_TIME = {"note": "Garden", "is_billable": True, "timezone": "Australia/Sydney"}
_ENDS = {"started_at": "2026-05-04T09:00:00Z", "ended_at": "2026-05-04T10:00:00Z"}


def offer() -> SimpleUploadedFile:
    return SimpleUploadedFile("offer.pdf", b"%PDF-1.7")


_AUTOMATION = {
    "name": "Look out",
    "is_active": False,
    "trigger": "task_moved",
    "conditions": [{"field": "column", "op": "is", "value": "{column}"}],
    "actions": [
        {"action": "notify", "users": ["{member}"], "roles": ["coordinator"], "members": True, "message": "Look"},
        {"action": "set_date", "date": "due_on", "working_days": 3},
    ],
}

_KEY_DATE = {
    "kind": "own",
    "name": "Roof repaired",
    "on": "2031-03-05",
    "at": "17:00",
    "met_on": "2026-05-04",
    "note": "By the seller",
}
_DATE_RULE = {
    "days": 3,
    "override_days": 5,
    "direction": "before",
    "after_key_date": "{closing}",
    "after_task": None,
    "sets": "start",
    "profile": "{date_profile}",
    "counting": "business",
    "weekend_roll": "back",
    "holiday_roll": "none",
    "skip_holidays": True,
    "is_deadline": True,
}
_CALENDAR = {
    "name": "Holiday homes",
    "weekdays": [0, 1, 2],
    "country": "US",
    "subdivision": "CA",
    "keeps_observed": False,
}
_PROFILE = {
    "name": "Lakeside",
    "description": "As its board says",
    "calendar": "{business_calendar}",
    "counting": "calendar",
    "weekend_roll": "forward",
    "holiday_roll": "back",
    "skip_holidays": True,
    "deadline_time": "17:00",
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
    "POST /api/v1/projects/{id}/star": seen(),
    "DELETE /api/v1/projects/{id}/star": Row(stranger=404, viewer=204, member=204, owner=204, manager=204),
    "GET /api/v1/projects/{project_id}/activity": seen(),
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
    "DELETE /api/v1/projects/{project_id}/columns/{column_id}": managed(204, query="move_to={other_column}"),
    "GET /api/v1/projects/{project_id}/labels": seen(shows="id=label"),
    "POST /api/v1/projects/{project_id}/labels": worked(201, body={"name": "Outside", "color": "#0f766e"}),
    "PATCH /api/v1/projects/{project_id}/labels/{label_id}": managed(200, body={"name": "Outside", "color": "#0f766e"}),
    "DELETE /api/v1/projects/{project_id}/labels/{label_id}": managed(204),
    "GET /api/v1/projects/{project_id}/deleted-tasks": seen(shows="id=deleted_task"),
    "GET /api/v1/tasks/kanban": seen(query="project={deal}"),
    # Their plans
    "GET /api/v1/projects/{project_id}/gantt": seen(query="baseline={baseline}"),
    "GET /api/v1/projects/{project_id}/report": seen(query="baseline={baseline}"),
    "GET /api/v1/projects/{project_id}/baselines": seen(shows="id=baseline"),
    "POST /api/v1/projects/{project_id}/baselines": managed(201, body={"name": "As changed"}),
    "GET /api/v1/projects/{project_id}/baselines/{baseline_id}": seen(),
    "DELETE /api/v1/projects/{project_id}/baselines/{baseline_id}": managed(204),
    # Key dates, and what days are counted by: the office's leaders arrange that.
    "GET /api/v1/projects/{project_id}/key-dates": seen(shows="id=key_date"),
    "POST /api/v1/projects/{project_id}/key-dates": worked(201, body=_KEY_DATE),
    "PATCH /api/v1/projects/{project_id}/key-dates": worked(
        200, body={"key_dates": [{"id": "{key_date}", "version": 2, "is_overridden": True} | _KEY_DATE]}
    ),
    "GET /api/v1/projects/{project_id}/key-dates/{key_date_id}": seen(),
    "PATCH /api/v1/projects/{project_id}/key-dates/{key_date_id}": worked(
        200, body=_KEY_DATE | {"version": 2, "is_overridden": True}
    ),
    "DELETE /api/v1/projects/{project_id}/key-dates/{key_date_id}": worked(204),
    "GET /api/v1/projects/{project_id}/key-dates/{key_date_id}/date-rule": seen(),
    "PUT /api/v1/projects/{project_id}/key-dates/{key_date_id}/date-rule": worked(200, body=_DATE_RULE),
    "PATCH /api/v1/projects/{project_id}/key-dates/{key_date_id}/date-rule": worked(
        200, body={"override_days": 2, "is_overridden": True}
    ),
    "DELETE /api/v1/projects/{project_id}/key-dates/{key_date_id}/date-rule": worked(200),
    "GET /api/v1/tasks/{task_id}/date-rule": seen(of="sign"),
    "PUT /api/v1/tasks/{task_id}/date-rule": worked(200, of="sign", body=_DATE_RULE),
    "PATCH /api/v1/tasks/{task_id}/date-rule": worked(200, of="sign", body={"override_days": 2, "is_overridden": True}),
    "DELETE /api/v1/tasks/{task_id}/date-rule": worked(200, of="sign"),
    "POST /api/v1/projects/{project_id}/replan": worked(200),
    "GET /api/v1/business-calendars": everyone(200, shows="id=business_calendar"),
    "POST /api/v1/business-calendars": only_manager(201, body=_CALENDAR | {"key": "holiday-homes"}),
    "GET /api/v1/business-calendars/{id}": everyone(200),
    "PATCH /api/v1/business-calendars/{id}": only_manager(200, body=_CALENDAR | {"version": 1}),
    "DELETE /api/v1/business-calendars/{id}": only_manager(204),
    "GET /api/v1/business-calendars/{business_calendar_id}/closures": everyone(200, shows="id=closure"),
    "POST /api/v1/business-calendars/{business_calendar_id}/closures": only_manager(
        201, body={"on": "2031-12-24", "name": "Christmas Eve"}
    ),
    "DELETE /api/v1/business-calendars/{business_calendar_id}/closures/{closure_id}": only_manager(204),
    "GET /api/v1/date-profiles": everyone(200, shows="id=date_profile"),
    "POST /api/v1/date-profiles": only_manager(201, body=_PROFILE | {"key": "lakeside"}),
    "GET /api/v1/date-profiles/{id}": everyone(200),
    "PATCH /api/v1/date-profiles/{id}": only_manager(200, body=_PROFILE | {"version": 1}),
    "DELETE /api/v1/date-profiles/{id}": only_manager(204),
    # Templates: the office's leaders write them. A project that one may not see does not exist, so naming it is a
    # mistake in the body: 400.
    "GET /api/v1/project-templates": everyone(200, shows="id=template"),
    "GET /api/v1/project-templates/{id}": everyone(200),
    "POST /api/v1/project-templates": only_manager(201, body=_TEMPLATE | {"key": "flats"}),
    "PATCH /api/v1/project-templates/{id}": only_manager(200, body=_TEMPLATE | {"version": 1}),
    "DELETE /api/v1/project-templates/{id}": only_manager(204),
    "POST /api/v1/project-templates/{id}/duplicate": only_manager(201, body={"name": "Flats"}),
    "POST /api/v1/projects/{project_id}/save-as-template": Row(
        stranger=404,
        viewer=403,
        member=403,
        owner=403,
        manager=201,
        body={"name": "Like this one", "description": "It went well"},
    ),
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
    "POST /api/v1/tasks/{task_id}/restore": managed(200, of="deleted_task"),
    "POST /api/v1/tasks/{task_id}/duplicate": worked(201, body={"name": "Another"}),
    # A task that one may not see does not exist, so naming it is a mistake in the body: 400.
    "POST /api/v1/tasks/bulk": worked(
        200,
        stranger=400,
        body={
            "tasks": ["{task}", "{sign}"],
            "changes": {
                "column": "{column}",
                "priority": "high",
                "add_assignees": ["{member}"],
                "remove_assignees": ["{owner}"],
                "add_labels": ["{label}"],
                "remove_labels": [],
                "shift_days": 1,
                "complete": False,
                "delete": False,
                "bridge": None,
            },
        },
    ),
    "POST /api/v1/tasks/{task_id}/watch": seen(),
    "DELETE /api/v1/tasks/{task_id}/watch": Row(stranger=404, viewer=204, member=204, owner=204, manager=204),
    "PUT /api/v1/tasks/{task_id}/recurrence": worked(
        200, body={"every": 2, "unit": "week", "base": "completion", "until": "2032-03-03", "times": 5}
    ),
    "DELETE /api/v1/tasks/{task_id}/recurrence": worked(204),
    "GET /api/v1/tasks/{task_id}/dependencies": seen(shows="id=dependency"),
    "POST /api/v1/tasks/{task_id}/dependencies": worked(
        201, of="sign", body={"predecessor": "{task}", "type": "SS", "lag_days": 1}
    ),
    "PATCH /api/v1/tasks/{task_id}/dependencies/{dependency_id}": worked(200, body={"type": "FF", "lag_days": -1}),
    "DELETE /api/v1/tasks/{task_id}/dependencies/{dependency_id}": worked(204),
    "GET /api/v1/tasks/{task_id}/date-changes": seen(),
    # Plans that come and go as files
    "POST /api/v1/projects/{project_id}/import": managed(201, body={"tasks": [{"key": "gate", "name": "Paint it"}]}),
    "GET /api/v1/projects/{project_id}/export": seen(),
    # Deadlines: everybody their own. The calendar knows nobody but by its address.
    "GET /api/v1/my/deadlines": everyone(200),
    "POST /api/v1/my/deadlines/feed": everyone(201),
    "DELETE /api/v1/my/deadlines/feed": everyone(204),
    "GET /api/v1/my/deadlines.ics": everyone(200, nobody=200, query="token={feed_secret}"),
    # Time: one's own, and for those who manage the project everybody's there.
    "GET /api/v1/tasks/{task_id}/time": seen(shows="id=time_log", hidden_from="viewer"),
    "POST /api/v1/tasks/{task_id}/time/start": worked(201, of="sign", body=_TIME, query="switch=false"),
    "POST /api/v1/tasks/{task_id}/time/stop": Row(stranger=404, viewer=403, member=200, owner=409, manager=409),
    "GET /api/v1/time-logs": everyone(200, query="project={deal}", shows="id=time_log", hidden_from="stranger viewer"),
    "POST /api/v1/time-logs": worked(201, stranger=400, body=_TIME | _ENDS | {"task": "{task}"}),
    "GET /api/v1/time-logs/{id}": timed(200),
    "PATCH /api/v1/time-logs/{id}": timed(200, body=_TIME | _ENDS | {"needs_review": False, "version": 2}),
    "DELETE /api/v1/time-logs/{id}": timed(204),
    "GET /api/v1/time-logs/{log_id}/changes": timed(200),
    "GET /api/v1/time-logs/running": everyone(204),
    "GET /api/v1/time-logs/summary": everyone(200),
    "GET /api/v1/timesheet": everyone(200),
    "GET /api/v1/timesheet.csv": everyone(200),
    # Checklists: what is done is reviewed by those who manage the project.
    "GET /api/v1/tasks/{task_id}/checklist": seen(shows="id=item"),
    "POST /api/v1/tasks/{task_id}/checklist": worked(
        201, body={"text": "Ask", "position": 0, "is_required": True, "needs_document": True, "needs_review": True}
    ),
    "PATCH /api/v1/tasks/{task_id}/checklist/{item_id}": worked(
        200,
        body={
            "text": "Ask twice",
            "position": 0,
            "is_required": True,
            "needs_document": True,
            "needs_review": True,
            "version": 1,
        },
    ),
    "DELETE /api/v1/tasks/{task_id}/checklist/{item_id}": worked(204),
    "POST /api/v1/tasks/{task_id}/checklist/{item_id}/done": worked(200, body={"version": 1}),
    "POST /api/v1/tasks/{task_id}/checklist/{item_id}/reopen": worked(200, of="done_item", body={"version": 2}),
    "POST /api/v1/tasks/{task_id}/checklist/{item_id}/not-applicable": worked(
        200, body={"reason": "New build", "version": 1}
    ),
    "POST /api/v1/tasks/{task_id}/checklist/{item_id}/document": worked(
        200, body={"attachment": "{attachment}", "version": 1}
    ),
    "POST /api/v1/tasks/{task_id}/checklist/{item_id}/review": managed(
        200, of="done_item", body={"accept": False, "note": "Too much", "version": 2}
    ),
    # Files and comments: the member's own. Nobody edits what another said.
    "GET /api/v1/tasks/{task_id}/attachments": seen(shows="id=attachment"),
    "POST /api/v1/tasks/{task_id}/attachments": worked(201, body={"file": offer}, format="multipart"),
    "GET /api/v1/tasks/{task_id}/attachments/{attachment_id}": seen(),
    "DELETE /api/v1/tasks/{task_id}/attachments/{attachment_id}": worked(204),
    "GET /api/v1/tasks/{task_id}/comments": seen(shows="id=comment"),
    "POST /api/v1/tasks/{task_id}/comments": worked(
        201, body={"body": "@max is there", "attachments": ["{attachment}"]}
    ),
    "GET /api/v1/tasks/{task_id}/comments/{comment_id}": seen(),
    "PATCH /api/v1/tasks/{task_id}/comments/{comment_id}": Row(
        stranger=404,
        viewer=403,
        member=200,
        owner=403,
        manager=403,
        body={"body": "@olga is there", "attachments": ["{attachment}"], "version": 1},
    ),
    "DELETE /api/v1/tasks/{task_id}/comments/{comment_id}": worked(204),
    "GET /api/v1/tasks/{task_id}/comments/{comment_id}/revisions": seen(),
    "PUT /api/v1/tasks/{task_id}/comments/{comment_id}/reactions/{emoji}": worked(200),
    "DELETE /api/v1/tasks/{task_id}/comments/{comment_id}/reactions/{emoji}": worked(204),
    # Rules that do the routine: all who see the project see what they do.
    "GET /api/v1/automation/vocabulary": everyone(200),
    "GET /api/v1/projects/{project_id}/automation-rules": seen(shows="id=automation_rule"),
    "POST /api/v1/projects/{project_id}/automation-rules": managed(201, body=_AUTOMATION),
    "GET /api/v1/projects/{project_id}/automation-rules/{rule_id}": seen(),
    "PATCH /api/v1/projects/{project_id}/automation-rules/{rule_id}": managed(200, body=_AUTOMATION | {"version": 1}),
    "DELETE /api/v1/projects/{project_id}/automation-rules/{rule_id}": managed(204),
    "POST /api/v1/projects/{project_id}/automation-rules/{rule_id}/dry-run": managed(200, body={"task": "{task}"}),
    "GET /api/v1/projects/{project_id}/automation-rules/{rule_id}/runs": seen(),
}
