"""Good work is noticed."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from gamification.activities import AchievementEarned
from notifications.models import Category
from notifications.reactions.telling import tell


@on(AchievementEarned)
def celebrate(fact: AchievementEarned, activity: Activity) -> None:
    title, body = f"Achievement: {fact.name}", f"{fact.description} +{fact.points} points."
    tell([fact.user_id], activity, Category.ACHIEVEMENTS, title=title, body=body, url="/")
