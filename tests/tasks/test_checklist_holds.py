"""What a checklist requires holds its task."""

import pytest

from tasks import services
from tasks.activities import TaskCompleted


@pytest.fixture
def complete(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/complete", body)


@pytest.fixture
def move(api, column):
    return lambda who, task, name: api(who).post(f"/api/v1/tasks/{task.pk}/move", {"column": column(name).pk})


def assert_refused(answer, items):
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "checklist_open")
    assert answer.data["items"] == [{"id": item.pk, "text": item.text} for item in items]


def test_a_task_is_not_completed_while_required_items_are_open(complete, move, agent, make_task, make_item, told):
    task = make_task()
    first, second = make_item(task, "Sign it", is_required=True), make_item(task, "File it", is_required=True)
    make_item(task, "Say thanks")
    assert_refused(complete(agent, task), [first, second])
    assert_refused(move(agent, task, "Done"), [first, second])
    assert move(agent, task, "In progress").status_code == 200
    services.do_checklist_item(first, by=agent)
    assert_refused(complete(agent, task), [second])
    services.dismiss_checklist_item(second, reason="Kept by the title company", by=agent)
    assert complete(agent, task).status_code == 200
    assert len(told(TaskCompleted)) == 1


def test_what_is_done_and_not_accepted_yet_holds_it(complete, agent, manager, make_task, make_item):
    task = make_task()
    item = make_item(task, is_required=True, needs_review=True)
    services.do_checklist_item(item, by=agent)
    assert_refused(complete(agent, task), [item])
    services.review_checklist_item(item, accept=False, note="Unsigned", by=manager)
    assert_refused(complete(agent, task), [item])
    services.do_checklist_item(item, by=agent)
    services.review_checklist_item(item, accept=True, by=manager)
    assert complete(agent, task).status_code == 200


def test_those_who_manage_the_deal_may_force_it_with_a_reason(complete, agent, manager, make_task, make_item, told):
    task = make_task()
    make_item(task, is_required=True)
    assert complete(agent, task, force=True, reason="No time").status_code == 403
    assert complete(manager, task, force=True, reason=" ").status_code == 400
    assert complete(manager, task, force=True, reason="Waived in writing").status_code == 200
    assert told(TaskCompleted)[0].forced_reason == "Waived in writing"


def test_what_is_completed_may_be_moved_within_done_whatever_is_asked_for_later(move, agent, make_task, make_item):
    task = make_task()
    services.complete_task(task, by=agent)
    make_item(task, is_required=True)
    assert move(agent, task, "Done").status_code == 200


def test_of_many_completed_at_once_it_is_said_which_one_is_held(api, agent, make_task, make_item):
    free, held = make_task("Free"), make_task("Held")
    item = make_item(held, is_required=True)
    body = {"tasks": [free.pk, held.pk], "changes": {"complete": True}}
    answer = api(agent).post("/api/v1/tasks/bulk", body)
    assert_refused(answer, [item])
    free.refresh_from_db()
    assert not free.is_completed
