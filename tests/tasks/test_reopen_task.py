"""Taking a task up again."""

import pytest

from tasks import services
from tasks.activities import TaskReopened
from tasks.models import BoardColumn


@pytest.fixture
def reopen(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/reopen", body)


def test_a_reopened_task_is_worked_on(reopen, agent, make_task, coordinator, told):
    task = make_task(assignees=[coordinator])
    services.complete_task(task, by=agent)
    answer = reopen(agent, task)
    assert answer.status_code == 200
    assert (answer.data["column_name"], answer.data["completed_at"], answer.data["progress"]) == (
        "In progress",
        None,
        0,
    )
    (fact,) = told(TaskReopened)
    assert (fact.task_id, fact.completion_no, fact.assignee_ids) == (task.pk, 1, (coordinator.pk,))


def test_reopening_what_is_open_is_nothing(reopen, agent, make_task, told):
    task = make_task()
    assert reopen(agent, task).data["version"] == task.version
    assert told(TaskReopened) == []


def test_each_completion_has_a_number(make_task, agent):
    task = make_task()
    services.complete_task(task, by=agent)
    services.reopen_task(task, by=agent)
    assert services.complete_task(task, by=agent).completion_no == 2


def test_a_reopened_task_blocks_again(make_task, agent):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    services.complete_task(staging, by=agent)
    assert not photos.is_blocked
    services.reopen_task(staging, by=agent)
    assert [blocker.name for blocker in photos.blockers] == ["Staging"]


def test_a_cancelled_task_may_be_taken_up_too(reopen, agent, deal, make_task):
    dropped = BoardColumn.objects.create(project=deal, name="Dropped", group="cancelled", position=9)
    task = make_task()
    services.move_task(task, column=dropped, by=agent)
    assert reopen(agent, task).data["column_name"] == "In progress"


def test_a_full_column_takes_it_not(reopen, agent, make_task, column):
    BoardColumn.objects.filter(name="In progress").update(wip_limit=1, wip_is_hard=True)
    make_task(column=column("In progress"))
    task = services.complete_task(make_task(), by=agent)
    assert reopen(agent, task).data["errors"][0]["code"] == "wip_limit_exceeded"


def test_viewers_reopen_nothing_and_strangers_find_nothing(reopen, viewer, stranger, manager, make_task):
    task = services.complete_task(make_task(), by=manager)
    assert [reopen(who, task).status_code for who in (viewer, stranger, manager)] == [403, 404, 200]
