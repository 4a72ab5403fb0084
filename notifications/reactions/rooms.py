"""What happens is shown to whoever is there."""

from collections.abc import Sequence

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.live.hints import send_hint


@on(batch=True)
def show_in_rooms(happened: Sequence[tuple[Fact, Activity]]) -> None:
    """Every activity is shown live to whoever is in one of its rooms."""
    ids = [activity.pk for fact, activity in happened if fact.rooms()]
    if ids:
        transaction.on_commit(lambda: send_hint("activities", ids=ids))
