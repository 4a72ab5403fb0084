"""Watching a task without having it."""

import pytest

from estateman.people.models import OfficeRole, User
from tasks import services
from tasks.activities import TaskChanged
from tasks.models import TaskWatcher


@pytest.fixture
def task(make_task):
    return make_task()


@pytest.fixture
def watch(api):
    return lambda who, task: api(who).post(f"/api/v1/tasks/{task.pk}/watch")


@pytest.fixture
def set_watchers(api):
    return lambda who, task, *people: api(who).patch(
        f"/api/v1/tasks/{task.pk}", {"watchers": [person.pk for person in people]}, format="json"
    )


def test_whoever_sees_it_watches_it_and_no_longer(api, watch, viewer, manager, task, told):
    assert watch(viewer, task).data["watchers"] == [viewer.pk]
    assert watch(viewer, task).data["version"] == 2
    assert watch(manager, task).data["watchers"] == [viewer.pk, manager.pk]
    for _ in range(2):
        assert api(viewer).delete(f"/api/v1/tasks/{task.pk}/watch").status_code == 204
    assert [watching.user for watching in task.watchings.all()] == [manager]
    assert [fact.fields for fact in told(TaskChanged)] == [("watchers",)] * 3


def test_strangers_find_nothing_to_watch(watch, stranger, task):
    assert watch(stranger, task).status_code == 404


def test_those_who_manage_the_deal_let_others_watch(set_watchers, manager, agent, viewer, coordinator, make_task):
    task = make_task()
    assert set_watchers(manager, task, viewer, coordinator).data["watchers"] == [viewer.pk, coordinator.pk]
    assert set_watchers(manager, task, coordinator).data["watchers"] == [coordinator.pk]
    assert set_watchers(agent, task).status_code == 403
    assert set_watchers(agent, task, coordinator, agent).data["watchers"] == [coordinator.pk, agent.pk]


def test_who_does_not_see_the_deal_does_not_watch_it(set_watchers, manager, stranger, make_task):
    answer = set_watchers(manager, make_task(), stranger)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "not_a_member")
    assert answer.data["users"] == [stranger.pk]


def test_who_left_the_office_is_not_found(set_watchers, manager, viewer, make_task):
    viewer.is_active = False
    viewer.save()
    assert set_watchers(manager, make_task(), viewer).status_code == 400


def test_a_new_task_is_watched_from_the_start(api, manager, agent, deal):
    body = {"project": deal.pk, "name": "Photos", "watchers": [agent.pk]}
    assert api(manager).post("/api/v1/tasks", body, format="json").data["watchers"] == [agent.pk]


def test_who_leaves_the_deal_watches_nothing_there(manager, viewer, deal, make_task):
    task = make_task()
    services.watch_task(task, by=viewer)
    services.watch_task(task, by=manager)
    services.remove_member(deal.memberships.get(user=viewer), by=manager)
    assert [watching.user for watching in TaskWatcher.objects.all()] == [manager]


def test_neither_does_who_cannot_see_it_now_that_it_is_private(manager, viewer, deal, make_task):
    boss = User.objects.create_user("bess@harbour.example", name="Bess Boss", role=OfficeRole.ADMIN)
    task = make_task()
    for who in (boss, viewer):
        services.watch_task(task, by=who)
    services.edit_project(deal, changes={"is_private": True}, by=manager)
    assert [watching.user for watching in TaskWatcher.objects.all()] == [viewer]


def test_tasks_are_found_by_who_watches_them(api, viewer, make_task):
    services.watch_task(make_task("Photos"), by=viewer)
    make_task("Sign")
    found = api(viewer).get(f"/api/v1/tasks?watcher={viewer.pk}").data["results"]
    assert [each["name"] for each in found] == ["Photos"]


@pytest.mark.django_db(transaction=True)
def test_watching_eight_times_at_once_is_once(make_task, agent, in_threads):
    task = make_task()
    results = in_threads(8, lambda _: services.watch_task(type(task).objects.get(pk=task.pk), by=agent))
    assert not [result for result in results if isinstance(result, Exception)]
    assert task.watchings.count() == 1
