"""The demo agency's past: what its people did in the last weeks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from estateman.activity.models import Activity
from estateman.people.models import User
from gamification.catalogue import install_catalogue
from gamification.models import ActivityEvent, Counter
from gamification.reactions import credit_completion
from gamification.rules import Deed, PeriodKind
from gamification.services import record
from tasks.activities import TaskCompleted

SOURCE = "demo"
WEEKS = 6
# How many tasks each has behind them; who is not named has just begun. Most agents stand one task before a level, so
# that the next task they complete brings an achievement.
COMPLETED = {
    "manager": 12,
    "agent1": 9,
    "agent2": 49,
    "agent3": 9,
    "agent4": 24,
    "agent5": 9,
    "coordinator1": 22,
    "coordinator2": 17,
    "assistant1": 14,
    "marketing": 6,
}
TITLES = (
    "Call back the buyer",
    "Order the photographs",
    "Check the disclosures",
    "Send the offer",
    "Book the inspection",
    "Update the listing",
    "Collect the keys",
    "Confirm the appraisal",
)


def load_history(*, staff: dict[str, User], today: date) -> None:
    """Credit the demo's completed tasks, then fill up everyone's past to COMPLETED, quietly."""
    install_catalogue()
    for activity in Activity.objects.filter(kind=TaskCompleted.kind).order_by("pk"):
        credit_completion(
            TaskCompleted.from_payload(activity.payload, by_id=activity.actor_id),
            at=activity.at,
            quiet=True,
        )
    have_past = set(ActivityEvent.objects.filter(source=SOURCE).values_list("member_id", flat=True))
    for key, member in staff.items():
        if member.pk not in have_past:
            _fill_up(member, COMPLETED.get(key, 0) - _counted(member), today)


def _counted(member: User) -> int:
    total = Counter.objects.filter(member=member, metric__key="tasks.completed", period_kind=PeriodKind.ALL.value)
    return total.values_list("value", flat=True).first() or 0


def _fill_up(member: User, missing: int, today: date) -> None:
    days = list(_workdays_before(today))
    for number in range(max(missing, 0)):
        day = days[number * len(days) // missing]
        hour = 13 + (number * 7 + member.pk) % 9
        deed = Deed(
            kind=TaskCompleted.kind,
            source=SOURCE,
            key=f"demo:{number}",
            title=TITLES[(number * 3 + member.pk) % len(TITLES)],
            occurred_at=datetime.combine(day, time(hour, 5 * (number % 12)), tzinfo=UTC),
            details={"on_time": (number + member.pk) % 3 > 0},
        )
        record(member, deed, quiet=True)


def _workdays_before(today: date) -> Iterator[date]:
    for back in range(WEEKS * 7, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() < 5:
            yield day
