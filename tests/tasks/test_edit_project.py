"""Changing, archiving and restoring a deal, and finding it again."""

import pytest

from tasks import services
from tasks.activities import ProjectArchived, ProjectChanged
from tasks.services.refusals import ProjectArchived as ArchivedRule


def test_a_manager_changes_where_a_deal_stands(api, deal, manager, told):
    answer = api(manager).patch(f"/api/v1/projects/{deal.pk}", {"status": "under_contract", "version": deal.version})
    assert answer.status_code == 200
    assert (answer.data["status"], answer.data["version"]) == ("under_contract", deal.version + 1)
    assert [fact.fields for fact in told(ProjectChanged)] == [("status",)]


def test_a_change_that_changes_nothing_is_not_announced(api, deal, manager, told):
    assert api(manager).patch(f"/api/v1/projects/{deal.pk}", {"name": deal.name}).data["version"] == deal.version
    assert told(ProjectChanged) == []


def test_a_stale_change_is_refused_with_what_stands_there_now(api, deal, manager):
    services.edit_project(deal, by=manager, changes={"name": "14 Quay Street"})
    answer = api(manager).patch(f"/api/v1/projects/{deal.pk}", {"name": "16 Quay Street", "version": 1})
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "version_conflict"
    assert answer.data["current"] == {"name": "14 Quay Street", "version": 2}


def test_archiving_hides_a_deal_and_stops_the_work_on_it(api, deal, manager, make_task, told):
    task = make_task()
    assert api(manager).delete(f"/api/v1/projects/{deal.pk}").status_code == 204
    assert api(manager).delete(f"/api/v1/projects/{deal.pk}").status_code == 204
    assert len(told(ProjectArchived)) == 1
    assert api(manager).get("/api/v1/projects").data["results"] == []
    assert [each["id"] for each in api(manager).get("/api/v1/projects?archived=true").data["results"]] == [deal.pk]
    assert api(manager).get("/api/v1/tasks").data["results"] == []
    refused = api(manager).post(f"/api/v1/tasks/{task.pk}/complete")
    assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "project_archived")


def test_a_restored_deal_is_worked_on_again(api, deal, manager, make_task):
    task = make_task()
    services.archive_project(deal, by=manager)
    with pytest.raises(ArchivedRule):
        services.complete_task(task, by=manager)
    answer = api(manager).post(f"/api/v1/projects/{deal.pk}/restore")
    assert answer.data["archived_at"] is None
    assert services.complete_task(task, by=manager).is_completed


def test_deals_are_found_by_kind_status_member_and_words(api, deal, manager, agent):
    services.open_project(name="5 Mill Lane", kind="lease", address="Portland", by=manager, status="on_hold")

    def found(query):
        answer = api(manager).get(f"/api/v1/projects?{query}")
        assert answer.status_code == 200, answer.data
        return [each["name"] for each in answer.data["results"]]

    assert found("kind=lease") == ["5 Mill Lane"]
    assert found("status=on_hold") == ["5 Mill Lane"]
    assert found(f"member={agent.pk}") == [deal.name]
    assert found("q=portl") == ["5 Mill Lane"]
    assert found("ordering=name") == ["12 Quay Street", "5 Mill Lane"]
    assert api(manager).get("/api/v1/projects?kind=castle").status_code == 400


def test_a_list_of_deals_costs_the_same_however_long_it_is(api, deal, manager, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(3) as counted:
            api(manager).get("/api/v1/projects")
        return len(counted)

    few = queries()
    for number in range(5):
        services.open_project(name=f"{number} Pier Road", kind="lease", by=manager)
    assert queries() == few
