"""When the jobs run by themselves, in seconds; docs/jobs.md says what each does.

It is where the schedule starts out: it is kept in the database, seen and changed in the admin.
"""

from typing import Any

# Each look at the database finds what a lost nudge left behind. One that no worker took in time is dropped, so that
# they don't pile up while workers are away.
_OFTEN: dict[str, Any] = {"schedule": 5.0, "options": {"expire_seconds": 30}}
SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep the activities": {"task": "activity.react", **_OFTEN},
    "sweep the deliveries": {"task": "notifications.deliver", **_OFTEN},
    "send due reminders": {"task": "events.send_due_reminders", **_OFTEN},
    "tell the subscribers": {"task": "integrations.deliver_subscriptions", **_OFTEN},
    "forget what subscribers were told": {"task": "integrations.forget_old_deliveries", "schedule": 24 * 3600.0},
    "send messages": {"task": "integrations.send_messages", **_OFTEN},
    "forget old messages": {"task": "integrations.forget_old_messages", "schedule": 24 * 3600.0},
    "roll the horizon of series": {"task": "events.roll_horizon", "schedule": 6 * 3600.0},
    "release bookings that nobody came to": {
        "task": "events.release_unused_bookings",
        "schedule": 60.0,
        "options": {"expire_seconds": 120},
    },
    "let requests lapse that nobody decided": {
        "task": "events.lapse_requests",
        "schedule": 300.0,
        "options": {"expire_seconds": 240},
    },
    "synchronise calendars": {"task": "events.sync_calendars", **_OFTEN},
    "watch calendars outside": {
        "task": "events.watch_calendars",
        "schedule": 3600.0,
        "options": {"expire_seconds": 1800},
    },
    "forget old syncs": {"task": "events.forget_old_syncs", "schedule": 24 * 3600.0},
    "process what webhooks told": {"task": "integrations.process_webhooks", **_OFTEN},
    "forget old webhooks": {"task": "integrations.forget_old_webhooks", "schedule": 24 * 3600.0},
    "look after waiting payments": {
        "task": "integrations.look_after_waiting_payments",
        "schedule": 300.0,
        "options": {"expire_seconds": 240},
    },
    "find out about payments": {
        "task": "integrations.reconcile_payments",
        "schedule": 30.0,
        "options": {"expire_seconds": 60},
    },
    "forget old idempotency keys": {"task": "common.forget_old_keys", "schedule": 6 * 3600.0},
    "forget old usage of the API": {"task": "common.forget_old_usage", "schedule": 24 * 3600.0},
    "watch the integrations' health": {
        "task": "integrations.watch_health",
        "schedule": 60.0,
        "options": {"expire_seconds": 120},
    },
    "forget old calls of integrations": {"task": "integrations.forget_old_calls", "schedule": 24 * 3600.0},
    "flag forgotten timers": {
        "task": "tasks.flag_forgotten_timers",
        "schedule": 300.0,
        "options": {"expire_seconds": 240},
    },
    "forget lost files of tasks": {"task": "tasks.forget_lost_files", "schedule": 24 * 3600.0},
    "warn of deadlines": {
        "task": "tasks.warn_of_deadlines",
        "schedule": 300.0,
        "options": {"expire_seconds": 240},
    },
    "send the morning's lists": {
        "task": "tasks.send_overdue_digests",
        "schedule": 300.0,
        "options": {"expire_seconds": 240},
    },
    "forget old notices of tasks": {"task": "tasks.forget_old_notices", "schedule": 24 * 3600.0},
}
