"""Keeping a plan as it stands."""

import pytest

from tasks import services
from tasks.activities import BaselineDeleted, BaselineKept
from tasks.models import Baseline
from tasks.services.refusals import NameTaken


@pytest.fixture
def baselines(deal):
    return f"/api/v1/projects/{deal.pk}/baselines"


def test_a_plan_is_kept_with_the_days_it_has(api, baselines, manager, make_task, told, deal):
    make_task("Photos", duration_days=2)
    answer = api(manager).post(baselines, {"name": "As signed"})
    assert (answer.status_code, answer.data["task_count"], answer.data["created_by"]) == (201, 1, manager.pk)
    (day,) = Baseline.objects.get().tasks.all()
    assert (str(day.starts_on), str(day.due_on), day.duration_days) == ("2026-05-04", "2026-05-05", 2)
    (fact,) = told(BaselineKept)
    assert (fact.baseline, fact.tasks, fact.rooms()) == ("As signed", 1, (f"project:{deal.pk}",))
    assert fact.sentence() == "kept the plan of 12 Quay Street as As signed"


def test_two_baselines_do_not_share_a_name(api, baselines, manager):
    api(manager).post(baselines, {"name": "As signed"})
    answer = api(manager).post(baselines, {"name": "AS SIGNED"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "name_taken")


def test_baselines_are_listed_from_the_newest_on(api, baselines, manager, viewer, make_task):
    api(manager).post(baselines, {"name": "First"})
    make_task()
    api(manager).post(baselines, {"name": "Second"})
    listed = api(viewer).get(baselines).data["results"]
    assert [(each["name"], each["task_count"]) for each in listed] == [("Second", 1), ("First", 0)]
    assert api(viewer).get(f"{baselines}/{listed[1]['id']}").data["name"] == "First"


def test_a_baseline_is_forgotten(api, baselines, manager, told):
    kept = api(manager).post(baselines, {"name": "As signed"}).data["id"]
    assert api(manager).delete(f"{baselines}/{kept}").status_code == 204
    assert api(manager).delete(f"{baselines}/{kept}").status_code == 404
    (fact,) = told(BaselineDeleted)
    assert fact.sentence() == "deleted the baseline As signed of 12 Quay Street"


def test_only_those_who_manage_the_deal_keep_and_forget(api, baselines, deal, manager, agent, stranger):
    kept = services.keep_baseline(deal, name="As signed", by=manager)
    for who, status in ((agent, 403), (stranger, 404)):
        assert api(who).post(baselines, {"name": "Mine"}).status_code == status
        assert api(who).delete(f"{baselines}/{kept.pk}").status_code == status
    assert Baseline.objects.count() == 1


def test_an_archived_project_is_looked_at_only(api, baselines, deal, manager):
    kept = services.keep_baseline(deal, name="As signed", by=manager)
    services.archive_project(deal, by=manager)
    for answer in (api(manager).post(baselines, {"name": "Late"}), api(manager).delete(f"{baselines}/{kept.pk}")):
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "project_archived")
    assert api(manager).get(baselines).status_code == 200


@pytest.mark.parametrize("name", ["", None, "x" * 121, [1]])
def test_what_is_wrong_is_named(api, baselines, manager, name):
    answer = api(manager).post(baselines, {"name": name})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "name")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_keep_it_under_one_name_at_once_one_does(deal, manager, in_threads):
    results = in_threads(2, lambda number: services.keep_baseline(deal, name="As signed", by=manager))
    assert sum(isinstance(result, Baseline) for result in results) == 1
    assert sum(isinstance(result, NameTaken) for result in results) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_forget_it_at_once_one_does(deal, manager, in_threads, told):
    kept = services.keep_baseline(deal, name="As signed", by=manager)
    assert in_threads(2, lambda number: services.delete_baseline(Baseline.objects.get(pk=kept.pk), by=manager))
    assert len(told(BaselineDeleted)) == 1


def test_the_admin_looks_at_baselines_and_forgets_them(client, manager, deal, make_task):
    make_task("Photos")
    kept = services.keep_baseline(deal, name="As signed", by=manager)
    client.force_login(manager)
    assert "As signed" in client.get("/admin/tasks/baseline/").content.decode()
    assert "Photos" in client.get(f"/admin/tasks/baseline/{kept.pk}/change/").content.decode()
    client.post("/admin/tasks/baseline/", {"action": "forget", "_selected_action": [kept.pk]})
    assert not Baseline.objects.exists()


def test_the_admin_keeps_the_baselines_of_a_private_deal_to_its_members(client, manager, agent):
    quiet = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    services.keep_baseline(quiet, name="As signed", by=agent)
    client.force_login(manager)
    assert "As signed" not in client.get("/admin/tasks/baseline/").content.decode()
