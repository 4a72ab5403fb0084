"""Who is told of what is in the calendars."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from events.activities import ReminderDue
from notifications import wording
from notifications.models import Category
from notifications.reactions.telling import tell


@on(ReminderDue)
def remind(fact: ReminderDue, activity: Activity) -> None:
    """In the inbox always, and over the channels that the reminder names."""
    tell(
        [fact.user_id],
        activity,
        Category.REMINDERS,
        title=f"{fact.title} {wording.lead_time(fact.minutes_before)}",
        body=f"{wording.moment(fact.starts_at, fact.timezone)}.",
        url="/",
        dedupe_key=fact.dedupe_key,
        channels=fact.channels,
    )
