"""Bringing a deleted task back."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import DependencyRemoved, TaskRestored
from tasks.models import Task, TaskDependency, TaskTransition


@pytest.fixture
def restore(api):
    return lambda who, task: api(who).post(f"/api/v1/tasks/{task.pk}/restore")


@pytest.fixture
def deleted(make_task, manager):
    """``deleted("Photos", …)``: a task that was made and deleted."""

    def make(name="Photos", *, bridge=None, **details):
        task = make_task(name, **details)
        services.delete_task(task, by=manager, bridge=bridge)
        return task

    return make


def pairs():
    return set(TaskDependency.objects.values_list("predecessor__name", "successor__name"))


def test_what_was_deleted_is_listed_the_last_one_first(api, viewer, stranger, manager, deal, deleted):
    deleted("Photos")
    deleted("Sign")
    services.create_task(deal, name="Video", by=manager)
    url = f"/api/v1/projects/{deal.pk}/deleted-tasks"
    told = api(viewer).get(url).data["results"]
    assert [(each["name"], each["column_name"], each["deleted_by"]) for each in told] == [
        ("Sign", "Backlog", manager.pk),
        ("Photos", "Backlog", manager.pk),
    ]
    assert api(stranger).get(url).status_code == 404


def test_the_list_costs_the_same_however_long_it_is(api, viewer, deal, deleted, django_assert_max_num_queries):
    for number in range(5):
        deleted(f"Photos {number}")
    with django_assert_max_num_queries(4):
        assert api(viewer).get(f"/api/v1/projects/{deal.pk}/deleted-tasks").status_code == 200


def test_it_comes_back_with_its_key_at_the_end_of_its_column(restore, manager, column, deleted, make_task, told):
    task = deleted("Photos", key="photos", assignees=[manager], column=column("Waiting"))
    make_task("Other", column=column("Waiting"))
    answer = restore(manager, task)
    assert (answer.status_code, answer.data["key"], answer.data["assignees"]) == (200, "photos", [manager.pk])
    assert list(column("Waiting").tasks.order_by("rank").values_list("name", flat=True)) == ["Other", "Photos"]
    assert [(fact.task_id, fact.column) for fact in told(TaskRestored)] == [(task.pk, "Waiting")]
    back = TaskTransition.objects.filter(task=task).latest("pk")
    assert (back.from_group, back.to_group) == ("", "active")


def test_restoring_twice_is_once(restore, manager, deleted, told):
    task = deleted()
    first, second = restore(manager, task), restore(manager, task)
    assert first.data == second.data
    assert len(told(TaskRestored)) == 1


@pytest.mark.django_db(transaction=True)
def test_restored_eight_times_at_once_it_is_restored_once(deleted, manager, in_threads, told):
    task = deleted()
    results = in_threads(8, lambda _: services.restore_task(Task.every.get(pk=task.pk), by=manager))
    assert not [result for result in results if isinstance(result, Exception)]
    assert len(told(TaskRestored)) == 1


def test_its_links_come_back(restore, manager, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    make_task("Go live", after=[photos])
    services.delete_task(photos, by=manager, bridge=True)
    assert pairs() == {("Staging", "Go live")}
    assert restore(manager, photos).data["is_blocked"] is True
    assert pairs() == {("Staging", "Photos"), ("Photos", "Go live"), ("Staging", "Go live")}


def test_a_link_that_would_close_a_circle_now_stays_away(restore, manager, make_task, told):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    live = make_task("Go live", after=[photos])
    services.delete_task(photos, by=manager, bridge=False)
    services.add_dependency(staging, predecessor=live, by=manager)
    assert restore(manager, photos).status_code == 200
    assert pairs() == {("Go live", "Staging"), ("Staging", "Photos")}
    assert [(fact.predecessor, fact.task) for fact in told(DependencyRemoved)] == [("Photos", "Go live")]


def test_links_between_two_deleted_ones_come_back_with_the_second(restore, manager, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    for task in (photos, staging):
        services.delete_task(task, by=manager)
    restore(manager, staging)
    assert pairs() == set()
    restore(manager, photos)
    assert pairs() == {("Staging", "Photos")}


def test_it_belongs_to_what_is_left_of_where_it_belonged(restore, manager, make_task):
    launch = make_task("Launch")
    gallery = make_task("Gallery", parent=launch)
    photos = make_task("Photos", parent=gallery)
    for task in (photos, gallery):
        services.delete_task(task, by=manager)
    assert restore(manager, photos).data["parent"] == launch.pk
    services.delete_task(photos, by=manager)
    services.delete_task(launch, by=manager)
    assert restore(manager, photos).data["parent"] is None


def test_of_a_parent_that_has_to_wait_for_it_now_it_is_a_part_without_that_link(restore, manager, make_task):
    gallery = make_task("Gallery")
    photos = make_task("Photos", parent=gallery)
    live = make_task("Go live", after=[photos])
    services.delete_task(photos, by=manager, bridge=False)
    services.add_dependency(gallery, predecessor=live, by=manager)
    assert restore(manager, photos).data["parent"] == gallery.pk
    assert pairs() == {("Go live", "Gallery")}


def test_a_full_column_does_not_take_it_back(restore, manager, column, deleted, make_task):
    waiting = column("Waiting")
    task = deleted(column=waiting)
    make_task(column=waiting)
    waiting.wip_limit, waiting.wip_is_hard = 1, True
    waiting.save()
    answer = restore(manager, task)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")
    assert Task.every.get(pk=task.pk).deleted_at


def test_when_its_column_is_gone_it_comes_back_to_one_of_its_kind(api, restore, manager, column, deleted, deal):
    task = deleted(column=column("Waiting"))
    url = f"/api/v1/projects/{deal.pk}/columns/{column('Waiting').pk}"
    assert api(manager).delete(url).status_code == 204
    assert restore(manager, task).data["column_name"] == "Backlog"


def test_what_follows_moves_down_again(restore, manager, make_task):
    staging = make_task("Staging", starts_on=date(2026, 5, 4), duration_days=3)
    live = make_task("Go live", after=[staging])
    services.delete_task(staging, by=manager)
    assert restore(manager, staging).status_code == 200
    live.refresh_from_db()
    assert live.starts_on == date(2026, 5, 7)


def test_who_may_delete_may_restore(restore, agent, viewer, stranger, deal, deleted):
    theirs = deleted()
    mine = services.create_task(deal, name="Call", by=agent)
    services.delete_task(mine, by=agent)
    assert [restore(who, theirs).status_code for who in (agent, viewer, stranger)] == [403, 403, 404]
    assert restore(agent, mine).status_code == 200


def test_nothing_comes_back_in_the_archive(restore, manager, deal, deleted):
    task = deleted()
    services.archive_project(deal, by=manager)
    answer = restore(manager, task)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "project_archived")


def test_an_open_one_is_no_longer_theirs_who_left_meanwhile(restore, manager, agent, coordinator, deal, make_task):
    signed, photos = (make_task(name, assignees=[agent, coordinator]) for name in ("Sign", "Photos"))
    services.complete_task(signed, by=manager)
    for task in (signed, photos):
        services.delete_task(task, by=manager)
    services.remove_member(deal.memberships.get(user=agent), by=manager)
    assert restore(manager, photos).data["assignees"] == [coordinator.pk]
    assert restore(manager, signed).data["assignees"] == [agent.pk, coordinator.pk]
