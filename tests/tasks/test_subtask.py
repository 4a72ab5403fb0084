"""Tasks that are part of another one."""

import pytest

from tasks import services
from tasks.activities import TaskChanged
from tasks.models import Project
from tasks.services.refusals import DependencyCycle


@pytest.fixture
def put_under(api):
    return lambda who, task, parent: api(who).patch(
        f"/api/v1/tasks/{task.pk}", {"parent": parent and parent.pk}, format="json"
    )


def test_a_task_becomes_part_of_another_and_leaves_it_again(api, agent, put_under, make_task, told):
    photos, gallery = make_task("Photos"), make_task("Gallery")
    assert put_under(agent, photos, gallery).data["parent"] == gallery.pk
    shown = api(agent).get(f"/api/v1/tasks/{gallery.pk}").data["subtasks"]
    assert [(each["id"], each["name"], each["column_group"]) for each in shown] == [(photos.pk, "Photos", "backlog")]
    assert put_under(agent, photos, None).data["parent"] is None
    assert [fact.fields for fact in told(TaskChanged)] == [("parent",), ("parent",)]


def test_a_task_is_made_as_part_of_another(api, agent, deal, make_task):
    gallery = make_task("Gallery")
    answer = api(agent).post("/api/v1/tasks", {"project": deal.pk, "name": "Photos", "parent": gallery.pk})
    assert (answer.status_code, answer.data["parent"]) == (201, gallery.pk)


def test_tasks_are_found_by_what_they_are_part_of(api, agent, make_task):
    gallery = make_task("Gallery")
    make_task("Photos", parent=gallery)
    found = api(agent).get(f"/api/v1/tasks?parent={gallery.pk}").data["results"]
    assert [each["name"] for each in found] == ["Photos"]


def test_no_task_is_part_of_itself(put_under, agent, make_task):
    gallery = make_task("Gallery")
    photos = make_task("Photos", parent=gallery)
    twilight = make_task("Twilight photos", parent=photos)
    itself = put_under(agent, gallery, gallery)
    assert (itself.status_code, itself.data["errors"][0]["attr"]) == (400, "parent")
    answer = put_under(agent, gallery, twilight)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "dependency_cycle")
    assert set(answer.data["cycle"]) == {gallery.pk, photos.pk, twilight.pk}


def test_no_task_is_part_of_what_it_has_to_wait_for(put_under, agent, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    assert put_under(agent, photos, staging).data["errors"][0]["code"] == "dependency_cycle"
    assert put_under(agent, staging, photos).data["errors"][0]["code"] == "dependency_cycle"


def test_the_parent_is_of_the_same_project(put_under, agent, make_task):
    other = services.open_project(name="3 Mill Lane", kind="lease", by=agent)
    elsewhere = services.create_task(other, name="Keys", by=agent)
    answer = put_under(agent, make_task(), elsewhere)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "parent")


def test_a_parent_one_may_not_see_does_not_exist(put_under, agent, manager, make_task):
    hidden = services.open_project(name="Hidden", kind="lease", by=manager)
    answer = put_under(agent, make_task(), services.create_task(hidden, name="Keys", by=manager))
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "parent")
    assert Project.objects.visible_to(agent).count() == 1


def test_what_is_made_up_of_open_tasks_is_not_completed(api, agent, make_task, column):
    gallery = make_task("Gallery")
    photos, video = make_task("Photos", parent=gallery), make_task("Video", parent=gallery)
    services.complete_task(video, by=agent)
    for answer in (
        api(agent).post(f"/api/v1/tasks/{gallery.pk}/complete"),
        api(agent).post(f"/api/v1/tasks/{gallery.pk}/move", {"column": column("Done").pk}),
        api(agent).patch(f"/api/v1/tasks/{gallery.pk}", {"column": column("Done").pk}),
    ):
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "subtasks_open")
        assert answer.data["tasks"] == [{"id": photos.pk, "key": photos.key, "name": "Photos"}]
    services.complete_task(photos, by=agent)
    assert api(agent).post(f"/api/v1/tasks/{gallery.pk}/complete").status_code == 200


def test_those_who_manage_the_deal_complete_it_with_a_reason(api, manager, make_task):
    gallery = make_task("Gallery")
    make_task("Photos", parent=gallery)
    forced = {"force": True, "reason": "The seller has some."}
    assert api(manager).post(f"/api/v1/tasks/{gallery.pk}/complete", forced).status_code == 200


def test_a_deleted_part_holds_nothing_open(agent, manager, make_task):
    gallery = make_task("Gallery")
    services.delete_task(make_task("Photos", parent=gallery), by=manager)
    assert services.complete_task(gallery, by=agent).is_completed


@pytest.mark.django_db(transaction=True)
def test_of_two_that_would_be_parts_of_each_other_at_once_one_is_refused(make_task, agent, in_threads):
    one, other = make_task("One"), make_task("Other")
    pairs = [(one, other), (other, one)]

    def put(number):
        task, parent = pairs[number]
        return services.edit_task(
            type(task).objects.get(pk=task.pk), by=agent, changes={"parent": type(task).objects.get(pk=parent.pk)}
        )

    results = in_threads(2, put)
    assert [type(result) for result in results if isinstance(result, Exception)] == [DependencyCycle]
