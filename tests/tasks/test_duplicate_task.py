"""Making a task like another one."""

from datetime import date, time

from tasks import services
from tasks.activities import TaskAssigned, TaskCreated
from tasks.models import ChecklistItem, TaskDependency


def test_the_copy_is_like_the_first_but_for_what_was_done(api, agent, coordinator, deal, make_task, told):
    label = services.create_label(deal, name="Paperwork", by=agent)
    gallery = make_task("Gallery")
    task = make_task(
        "Photos",
        description="Bright ones",
        priority="high",
        starts_on=date(2026, 5, 6),
        duration_days=3,
        deadline_on=date(2026, 5, 9),
        deadline_time=time(17),
        estimate_minutes=90,
        parent=gallery,
        assignees=[agent],
        watchers=[coordinator],
        labels=[label],
    )
    ChecklistItem.objects.create(task=task, text="Kitchen", is_required=True, state="done")
    copy = api(agent).post(f"/api/v1/tasks/{task.pk}/duplicate", {"name": "More photos"})
    assert copy.status_code == 201
    first = api(agent).get(f"/api/v1/tasks/{task.pk}").data
    other = {name for name in first if copy.data[name] != first[name]}
    assert other <= {"id", "key", "name", "checklist_done", "created_at", "created_by"}
    assert (copy.data["name"], copy.data["created_by"]) == ("More photos", agent.pk)
    items = ChecklistItem.objects.filter(task=copy.data["id"]).values_list("text", "is_required", "state")
    assert list(items) == [("Kitchen", True, "open")]
    assert told(TaskCreated)[-1].task == "More photos"
    assert told(TaskAssigned)[-1].task_id == copy.data["id"]


def test_the_copy_waits_for_nothing_and_is_open(agent, make_task, column):
    task = make_task("Photos", after=[make_task("Staging")])
    copy = services.duplicate_task(task, by=agent)
    assert (copy.name, copy.column) == ("Photos", task.column)
    assert TaskDependency.objects.count() == 1
    done = services.complete_task(make_task("Sign"), by=agent)
    again = services.duplicate_task(done, by=agent)
    assert (again.column, again.completed_at, again.progress, again.completion_no) == (column("Backlog"), None, 0, 0)


def test_who_has_left_the_deal_does_not_get_the_copy(manager, agent, coordinator, deal, make_task):
    task = services.complete_task(make_task(assignees=[agent, coordinator]), by=manager)
    services.remove_member(deal.memberships.get(user=agent), by=manager)
    assert services.duplicate_task(task, by=manager).assignee_ids == [coordinator.pk]


def test_a_full_column_takes_no_copy(api, agent, make_task, column):
    waiting = column("Waiting")
    waiting.wip_limit, waiting.wip_is_hard = 1, True
    waiting.save()
    answer = api(agent).post(f"/api/v1/tasks/{make_task(column=waiting).pk}/duplicate")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")


def test_viewers_copy_nothing(api, viewer, stranger, make_task):
    task = make_task()
    assert [api(who).post(f"/api/v1/tasks/{task.pk}/duplicate").status_code for who in (viewer, stranger)] == [403, 404]
