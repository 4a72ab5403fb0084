"""The labels of a project."""

import pytest
from django.core.exceptions import ValidationError

from tasks import services
from tasks.activities import LabelChanged, TaskChanged
from tasks.models import Label
from tasks.services.refusals import LabelGone


@pytest.fixture
def labels(deal):
    return f"/api/v1/projects/{deal.pk}/labels"


@pytest.fixture
def paperwork(deal, manager):
    return services.create_label(deal, name="Paperwork", color="#0f766e", by=manager)


def test_who_works_on_the_deal_adds_labels(api, labels, agent, viewer, stranger, told):
    answer = api(agent).post(labels, {"name": "Paperwork", "color": "#0f766e"})
    assert answer.status_code == 201
    assert (answer.data["name"], answer.data["color"]) == ("Paperwork", "#0f766e")
    assert [each["name"] for each in api(viewer).get(labels).data["results"]] == ["Paperwork"]
    assert [api(who).post(labels, {"name": "Mine"}).status_code for who in (viewer, stranger)] == [403, 404]
    assert [(fact.label, fact.change) for fact in told(LabelChanged)] == [("Paperwork", "added")]


def test_those_who_manage_the_deal_change_and_remove_them(api, labels, manager, agent, paperwork, told):
    url = f"{labels}/{paperwork.pk}"
    assert [api(agent).patch(url, {"name": "Papers"}).status_code, api(agent).delete(url).status_code] == [403, 403]
    assert api(manager).patch(url, {"name": "Papers"}).data["name"] == "Papers"
    assert api(manager).patch(url, {"name": "Papers"}).status_code == 200
    assert api(manager).delete(url).status_code == 204
    assert [fact.change for fact in told(LabelChanged)] == ["added", "changed", "removed"]


def test_two_labels_do_not_share_a_name(api, labels, manager, paperwork, deal):
    answer = api(manager).post(labels, {"name": "paperwork"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "name_taken")
    other = services.create_label(deal, name="Outside", by=manager)
    assert api(manager).patch(f"{labels}/{other.pk}", {"name": "PAPERWORK"}).status_code == 409
    assert api(manager).patch(f"{labels}/{paperwork.pk}", {"name": "PAPERWORK"}).status_code == 200


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 41), ("color", "red"), ("color", "#12345g")])
def test_what_is_wrong_is_named(api, labels, manager, field, value):
    answer = api(manager).post(labels, {"name": "Paperwork", field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_a_label_of_another_project_is_not_found_here(api, labels, manager, agent):
    other = services.open_project(name="3 Mill Lane", kind="lease", by=agent)
    label = services.create_label(other, name="Keys", by=agent)
    assert api(manager).patch(f"{labels}/{label.pk}", {"name": "Mine"}).status_code == 404


def test_tasks_carry_labels_and_are_found_by_them(api, agent, deal, paperwork, make_task, told):
    task = make_task("Disclosures")
    make_task("Photos")
    answer = api(agent).patch(f"/api/v1/tasks/{task.pk}", {"labels": [paperwork.pk]}, format="json")
    assert (answer.data["labels"], answer.data["version"]) == ([paperwork.pk], 2)
    found = api(agent).get(f"/api/v1/tasks?label={paperwork.pk}").data["results"]
    assert [each["name"] for each in found] == ["Disclosures"]
    assert api(agent).patch(f"/api/v1/tasks/{task.pk}", {"labels": []}, format="json").data["labels"] == []
    assert [fact.fields for fact in told(TaskChanged)] == [("labels",), ("labels",)]
    again = api(agent).patch(f"/api/v1/tasks/{task.pk}", {"labels": []}, format="json")
    assert (again.data["version"], len(told(TaskChanged))) == (3, 2)


def test_a_task_takes_no_label_of_another_project(api, agent, manager, deal, make_task):
    other = services.open_project(name="3 Mill Lane", kind="lease", by=agent)
    label = services.create_label(other, name="Keys", by=agent)
    body = {"labels": [label.pk]}
    for answer in (
        api(agent).patch(f"/api/v1/tasks/{make_task().pk}", body, format="json"),
        api(agent).post("/api/v1/tasks", body | {"project": deal.pk, "name": "New"}, format="json"),
        api(agent).patch(f"/api/v1/tasks/{make_task().pk}", {"labels": [2**70]}, format="json"),
    ):
        assert answer.status_code == 400
        assert answer.data["errors"][0]["attr"].startswith("labels")


def test_with_its_label_a_task_loses_nothing_else(manager, paperwork, make_task):
    task = make_task(labels=[paperwork])
    services.delete_label(paperwork, by=manager)
    task.refresh_from_db()
    assert list(task.labels.all()) == []


def test_an_archived_deal_keeps_its_labels(api, labels, manager, deal, paperwork):
    services.archive_project(deal, by=manager)
    assert api(manager).post(labels, {"name": "Late"}).data["errors"][0]["code"] == "project_archived"
    assert Label.objects.count() == 1


def test_one_that_was_deleted_meanwhile_is_neither_changed_nor_deleted_nor_given(manager, paperwork, make_task, told):
    seen, task = Label.objects.select_related("project").get(pk=paperwork.pk), make_task()
    services.delete_label(paperwork, by=manager)
    with pytest.raises(LabelGone):
        services.change_label(seen, changes={"name": "Papers"}, by=manager)
    with pytest.raises(LabelGone):
        services.delete_label(seen, by=manager)
    with pytest.raises(ValidationError):
        services.edit_task(task, changes={}, labels=[seen], by=manager)
    assert [fact.change for fact in told(LabelChanged)] == ["added", "removed"]


def test_what_somebody_else_called_it_meanwhile_is_overwritten(manager, paperwork):
    seen = Label.objects.select_related("project").get(pk=paperwork.pk)
    services.change_label(paperwork, changes={"name": "Papers"}, by=manager)
    services.change_label(seen, changes={"name": "Paperwork"}, by=manager)
    assert Label.objects.get().name == "Paperwork"
