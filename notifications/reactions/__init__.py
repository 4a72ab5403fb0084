"""Who is told of what: one file per matter, one function per kind of activity."""

from notifications.reactions import (
    achievements,
    comments,
    deadlines,
    events,
    integrations,
    payments,
    rooms,
    tasks,
    time,
)

__all__ = ["achievements", "comments", "deadlines", "events", "integrations", "payments", "rooms", "tasks", "time"]
