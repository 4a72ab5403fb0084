"""A plan that we export opens in MPXJ, which nobody here wrote, and what MPXJ writes comes in again."""

import json
import subprocess
import sys
from datetime import date

import pytest

from tasks import services
from tasks.models import BusinessCalendar

MONDAY = date(2026, 5, 4)
PLAN = {
    "tasks": [
        {"key": "prepare", "name": "Prepare the house"},
        {"key": "photos", "name": "Photos & floor plan", "duration_days": 2, "parent": "prepare"},
        {"key": "copy", "name": "Text", "duration_days": 3, "parent": "prepare", "priority": "high"},
        {"key": "live", "name": "Go live", "duration_days": 0, "deadline_on": "2026-05-29"},
        {"key": "open", "name": "Open house", "duration_days": 1},
    ],
    "dependencies": [
        {"predecessor": "photos", "successor": "copy", "type": "FF", "lag_days": 1},
        {"predecessor": "copy", "successor": "live", "type": "FS", "lag_days": 12},
        {"predecessor": "live", "successor": "open", "type": "SS", "lag_days": -1},
    ],
}


@pytest.fixture
def deal(manager):
    """A deal whose calendar is closed on Memorial Day."""
    calendar = BusinessCalendar.objects.create(key="federal", name="Federal", country="US")
    project = services.open_project(name="12 Quay Street", kind="listing", starts_on=MONDAY, by=manager)
    return services.edit_project(project, by=manager, changes={"calendar": calendar})


def read_by_mpxj(source, copy):
    command = [sys.executable, "-m", "tests.support.mpxj", str(source), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=110)
    return {task["key"]: task for task in json.loads(done.stdout.splitlines()[-1])}


def days_of(project):
    return {each.key: (each.starts_on, each.due_on) for each in project.tasks.all()}


def test_an_export_opens_in_another_makers_reader_and_comes_back(api, manager, deal, tmp_path):
    client = api(manager)
    assert client.post(f"/api/v1/projects/{deal.pk}/import", PLAN, format="json").status_code == 201
    source, copy = tmp_path / "plan.xml", tmp_path / "copy.xml"
    source.write_bytes(client.get(f"/api/v1/projects/{deal.pk}/export?format=mspdi").content)
    read = read_by_mpxj(source, copy)
    plain = {key: days for key, days in days_of(deal).items() if key != "prepare"}
    assert {key: read[key]["start"][:10] for key in plain} == {key: str(days[0]) for key, days in plain.items()}
    assert {key: read[key]["finish"][:10] for key in plain} == {key: str(days[1]) for key, days in plain.items()}
    assert read["copy"]["waits"] == [["Photos & floor plan", "FF", "1.0d"]]
    assert (read["live"]["milestone"], read["prepare"]["summary"], read["photos"]["parent"]) == (
        True,
        True,
        "Prepare the house",
    )
    again = services.open_project(name="Again", kind="listing", starts_on=MONDAY, by=manager)
    services.edit_project(again, by=manager, changes={"calendar": deal.calendar})
    url = f"/api/v1/projects/{again.pk}/import"
    answer = client.generic("POST", url, copy.read_bytes(), content_type="application/xml")
    assert answer.status_code == 201, answer.data
    assert days_of(again) == days_of(deal)
