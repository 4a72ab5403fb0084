"""Time spent on tasks: timers that run once per person, and entries that never overlap."""

from tasks.services.time.entries import delete_time, edit_time, log_time
from tasks.services.time.forgotten import flag_forgotten_timers
from tasks.services.time.stopping import stop_barred_timers, stop_log, stop_timers
from tasks.services.time.timers import start_timer, stop_timer

__all__ = [
    "delete_time",
    "edit_time",
    "flag_forgotten_timers",
    "log_time",
    "start_timer",
    "stop_barred_timers",
    "stop_log",
    "stop_timer",
    "stop_timers",
]
