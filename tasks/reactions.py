"""What projects and tasks do about what happens in them: rules that do the routine."""

from collections.abc import Sequence

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from tasks import services
from tasks.automation import TRIGGERING


@on(*TRIGGERING, batch=True)
def run_automation_rules(happened: Sequence[tuple[Fact, Activity]]) -> None:
    """Every active rule of the project that waits for it meets it, once."""
    services.run_rules(happened)
