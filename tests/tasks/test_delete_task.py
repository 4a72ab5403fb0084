"""Deleting a task."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import DependencyAdded, TaskChanged, TaskDeleted, TaskUnblocked
from tasks.models import Task, TaskDependency, TaskTransition, TimeLog
from tasks.services.refusals import TaskGone


@pytest.fixture
def delete(api):
    return lambda who, task, query="": api(who).delete(f"/api/v1/tasks/{task.pk}{query}")


def links():
    """What waits for what, by name, among what is there."""
    rows = TaskDependency.objects.order_by("predecessor__name", "successor__name")
    return [(row.predecessor.name, row.successor.name, row.type, row.lag_days) for row in rows]


def test_a_deleted_task_is_gone_with_what_hung_on_it(delete, manager, make_task, told):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    assert delete(manager, staging).status_code == 204
    assert not TaskDependency.objects.exists()
    assert [fact.task_id for fact in told(TaskDeleted)] == [staging.pk]
    assert [fact.task_id for fact in told(TaskUnblocked)] == [photos.pk]


def test_it_is_nowhere_to_be_seen(api, delete, manager, agent, make_task, deal):
    gallery = make_task("Gallery")
    task = make_task("Photos", parent=gallery, assignees=[agent], due_on=date(2026, 5, 4))
    after = make_task("Video", after=[task])
    delete(manager, task)
    assert api(agent).get(f"/api/v1/tasks/{task.pk}").status_code == 404
    assert api(agent).get("/api/v1/my/tasks").data["results"] == []
    assert len(api(agent).get("/api/v1/tasks").data["results"]) == 2
    assert api(agent).get(f"/api/v1/tasks/{gallery.pk}").data["subtasks"] == []
    assert api(agent).get(f"/api/v1/tasks/{after.pk}").data["blocked_by"] == []
    assert api(agent).get(f"/api/v1/tasks/{after.pk}/dependencies").data["results"] == []
    assert api(agent).get(f"/api/v1/projects/{deal.pk}").data["tasks_open"] == 2
    board = api(agent).get(f"/api/v1/tasks/kanban?project={deal.pk}").data
    assert sum(lane["count"] for lane in board["columns"]) == 2
    assert api(agent).get(f"/api/v1/tasks/stats?project={deal.pk}").data["open"] == 2
    verbs = [("post", "complete"), ("post", "move"), ("post", "watch"), ("post", "duplicate"), ("get", "time")]
    assert {getattr(api(agent), verb)(f"/api/v1/tasks/{task.pk}/{what}").status_code for verb, what in verbs} == {404}


def test_its_key_is_not_given_to_another(api, delete, manager, deal, make_task):
    delete(manager, make_task("Photos", key="photos"))
    answer = api(manager).post("/api/v1/tasks", {"project": deal.pk, "name": "Photos", "key": "photos"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "key_taken")


def test_the_hours_stay_worked_and_its_timer_stops(delete, manager, agent, make_task):
    task = make_task()
    services.start_timer(task, by=agent)
    delete(manager, task)
    log = TimeLog.objects.get()
    assert (log.is_running, log.ended_by) == (False, "task_deleted")


def test_where_it_stood_is_kept(delete, manager, make_task):
    task = make_task()
    delete(manager, task)
    gone = TaskTransition.objects.filter(task=task).latest("pk")
    assert (gone.from_group, gone.to_group) == ("backlog", "")


def test_its_parts_move_up(delete, manager, make_task, told):
    launch = make_task("Launch")
    gallery = make_task("Gallery", parent=launch)
    photos = make_task("Photos", parent=gallery)
    delete(manager, gallery)
    photos.refresh_from_db()
    assert (photos.parent, photos.version) == (launch, 2)
    assert [(fact.task, fact.fields) for fact in told(TaskChanged)] == [("Photos", ("parent",))]
    delete(manager, launch)
    photos.refresh_from_db()
    assert photos.parent is None


@pytest.fixture
def chain(make_task):
    """Staging, then photos, then going live."""
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    return staging, photos, make_task("Go live", after=[photos])


def test_in_the_middle_of_a_chain_it_has_to_be_said_what_becomes_of_it(delete, manager, chain, told):
    staging, photos, live = chain
    answer = delete(manager, photos)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "bridge_needed")
    assert answer.data["predecessors"] == [{"id": staging.pk, "key": staging.key, "name": "Staging"}]
    assert answer.data["successors"] == [{"id": live.pk, "key": live.key, "name": "Go live"}]
    assert told(TaskDeleted) == []


def test_the_chain_is_cut(delete, manager, chain, told):
    assert delete(manager, chain[1], "?bridge=false").status_code == 204
    assert links() == []
    assert [fact.task for fact in told(TaskUnblocked)] == ["Go live"]


def test_the_chain_is_bridged(delete, manager, chain, told):
    assert delete(manager, chain[1], "?bridge=true").status_code == 204
    assert links() == [("Staging", "Go live", "FS", 0)]
    assert [fact.task for fact in told(DependencyAdded)] == ["Photos", "Go live", "Go live"]
    assert told(TaskUnblocked) == []


@pytest.mark.parametrize(
    ("first", "then", "bridge"),
    [
        (("FS", 2), ("FS", 3), ("FS", 5)),
        (("FS", 1), ("SS", -3), ("FS", -2)),
        (("SS", 1), ("FS", 0), ("SS", 1)),
        (("SS", 1), ("FF", 1), ("SF", 2)),
        (("FF", 0), ("FF", 4), ("FF", 4)),
        (("SF", 1), ("SS", 1), ("SS", 2)),
        (("FS", 2000), ("FS", 2000), ("FS", 2000)),
    ],
)
def test_a_bridge_holds_the_outer_ends_and_adds_the_lags(delete, manager, make_task, first, then, bridge):
    staging, photos, live = (make_task(name) for name in ("Staging", "Photos", "Go live"))
    for task, predecessor, (type_, lag) in ((photos, staging, first), (live, photos, then)):
        TaskDependency.objects.create(predecessor=predecessor, successor=task, type=type_, lag_days=lag)
    assert delete(manager, photos, "?bridge=true").status_code == 204
    assert links() == [("Staging", "Go live", *bridge)]


def test_a_bridge_leaves_what_hangs_together_already(delete, manager, make_task):
    staging, cleaning = make_task("Staging"), make_task("Cleaning")
    photos = make_task("Photos", after=[staging, cleaning])
    live = make_task("Go live", after=[photos])
    make_task("Ads", after=[photos])
    services.add_dependency(live, predecessor=staging, type="SS", lag_days=7, by=manager)
    assert delete(manager, photos, "?bridge=true").status_code == 204
    assert links() == [
        ("Cleaning", "Ads", "FS", 0),
        ("Cleaning", "Go live", "FS", 0),
        ("Staging", "Ads", "FS", 0),
        ("Staging", "Go live", "SS", 7),
    ]


def test_what_was_deleted_before_is_no_link_of_the_chain(delete, manager, chain):
    _, photos, live = chain
    assert delete(manager, live).status_code == 204
    assert delete(manager, photos).status_code == 204


def test_what_follows_moves_up_when_the_chain_is_cut(delete, manager, make_task):
    staging = make_task("Staging", starts_on=date(2026, 5, 4), duration_days=3)
    photos = make_task("Photos", after=[staging], duration_days=2)
    live = make_task("Go live", after=[photos])
    live.refresh_from_db()
    assert live.starts_on == date(2026, 5, 11)
    delete(manager, photos, "?bridge=true")
    live.refresh_from_db()
    assert live.starts_on == date(2026, 5, 7)


def test_who_works_on_the_deal_deletes_what_is_theirs(delete, agent, viewer, stranger, make_task, deal):
    theirs = make_task()
    mine = services.create_task(deal, name="Call", by=agent)
    codes = [delete(who, theirs).status_code for who in (agent, viewer, stranger)]
    assert codes == [403, 403, 404]
    assert delete(agent, mine).status_code == 204


def test_what_is_wrong_is_named(delete, manager, make_task):
    answer = delete(manager, make_task(), "?bridge=perhaps")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "bridge")


def test_who_acts_on_what_was_deleted_meanwhile_is_told(make_task, manager):
    task = make_task()
    services.delete_task(Task.objects.get(pk=task.pk), by=manager)
    for act in (services.complete_task, services.delete_task, services.watch_task, services.duplicate_task):
        with pytest.raises(TaskGone):
            act(task, by=manager)


@pytest.mark.django_db(transaction=True)
def test_deleted_eight_times_at_once_it_is_deleted_once(make_task, manager, in_threads, told):
    task = make_task()
    results = in_threads(8, lambda _: services.delete_task(Task.objects.get(pk=task.pk), by=manager))
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 7
    assert {type(error) for error in refused} <= {TaskGone, Task.DoesNotExist}
    assert len(told(TaskDeleted)) == 1


def test_a_deal_may_be_deleted_whole(deal, manager, make_task):
    make_task("Photos", after=[make_task("Staging")])
    services.delete_task(make_task("Sign"), by=manager)
    deal.delete()
    assert not Task.every.exists()
