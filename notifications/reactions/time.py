"""Who is told what becomes of their timers."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from notifications import wording
from notifications.models import Category
from notifications.reactions.telling import tell
from tasks.activities import TimerForgotten, TimerStopped


@on(TimerForgotten)
def ask_about_a_forgotten_timer(fact: TimerForgotten, activity: Activity) -> None:
    """Nothing is cut short: only they know when they stopped working."""
    title = f"Is your timer on {fact.task} still right?"
    body = f"It has been running since {wording.moment(fact.started_at, fact.timezone)}."
    tell([fact.user_id], activity, Category.TASKS, title=title, body=body, url="/timesheet")


@on(TimerStopped)
def tell_whose_timer_was_stopped(fact: TimerStopped, activity: Activity) -> None:
    """By somebody else; who stops their own knows of it."""
    if fact.user_id != fact.by_id:
        title, body = f"Your timer on {fact.task} was stopped", f"{fact.project}{_why(fact)}."
        tell([fact.user_id], activity, Category.TASKS, title=title, body=body, url="/timesheet")


def _why(fact: TimerStopped) -> str:
    return f": {fact.because}" if fact.because else ""
