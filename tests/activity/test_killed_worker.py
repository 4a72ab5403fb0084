"""A worker killed in the middle of a reaction leaves nothing half done and nothing undone."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from estateman.activity.models import Activity, Receipt
from estateman.activity.services import announce
from estateman.people.activities import TeamChanged
from estateman.people.models import Team
from tests.support.waiting import eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

# A worker whose one reaction writes its row and then waits, so that it can be killed before its receipt commits.
WORKER = """
import os, sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from estateman.activity import reactions
from estateman.people.activities import TeamChanged
from estateman.people.models import Team
reactions._reactions.clear()
reactions.LEASE = timedelta(seconds=1)

def found_a_team(fact, activity):
    Team.objects.create(name="Made by the reaction")
    if sys.argv[2] == "hang":
        print("written", flush=True)
        time.sleep(60)

reactions.on(TeamChanged)(found_a_team)
reactions.react()
"""


def worker(how: str) -> subprocess.Popen[str]:
    name = str(connection.settings_dict["NAME"])
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, name, how], env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )


def finish_a_round() -> None:
    with worker("work") as living:
        assert living.wait() == 0


def test_killed_between_its_write_and_its_receipt_it_has_one_effect_after_the_restart():
    activity = announce(TeamChanged(by_id=None, team_id=1, team="Sales", change="founded"))
    with worker("hang") as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "written\n"
        doomed.kill()
    assert not Team.objects.exists()
    assert not Receipt.objects.exists()

    def made_good() -> bool:
        finish_a_round()
        return Team.objects.exists()

    eventually(made_good, within=60)
    finish_a_round()
    assert Team.objects.count() == 1
    assert Receipt.objects.get().state == Receipt.State.DONE
    assert Activity.objects.get(pk=activity.pk).next_attempt_at is None
