"""What projects and tasks do about what happens: rules that do the routine, and timers of who may work no longer."""

from collections.abc import Sequence

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.people.activities import RightsChanged
from estateman.people.models import User
from tasks import services
from tasks.automation import TRIGGERING


@on(*TRIGGERING, batch=True)
def run_automation_rules(happened: Sequence[tuple[Fact, Activity]]) -> None:
    """Every active rule of the project that waits for it meets it, once."""
    services.run_rules(happened)


@on(RightsChanged)
def stop_the_timer_of_who_may_work_no_longer(fact: RightsChanged, activity: Activity) -> None:
    """They were deactivated, or do not see the project any more."""
    for user in User.objects.filter(pk=fact.user_id):
        services.stop_barred_timers(by=activity.actor, user=user)
