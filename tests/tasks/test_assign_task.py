"""Giving a task to people."""

import pytest

from tasks import services
from tasks.activities import MemberChanged, TaskAssigned, TaskUnassigned
from tasks.services.refusals import NotAMember


def test_a_task_is_given_once(make_task, agent, manager, told):
    task = make_task(due_on=None)
    services.assign_task(task, user=agent, by=manager)
    services.assign_task(task, user=agent, by=manager)
    assert task.assignee_ids == [agent.pk]
    (fact,) = told(TaskAssigned)
    assert (fact.task, fact.project, fact.due_on, fact.rooms()) == (
        "Photos",
        "12 Quay Street",
        None,
        (f"project:{task.project_id}",),
    )
    assert fact.sentence() == "gave Photos to Alex Agent"


def test_a_task_is_taken_away_once(make_task, agent, manager, told):
    task = make_task(assignees=[agent])
    services.unassign_task(task, user=agent, by=manager)
    services.unassign_task(task, user=agent, by=manager)
    assert task.assignee_ids == []
    assert len(told(TaskUnassigned)) == 1


def test_whom_a_manager_gives_a_task_joins_the_deal(make_task, deal, stranger, manager, told):
    services.assign_task(make_task(), user=stranger, by=manager)
    assert deal.memberships.get(user=stranger).role == "member"
    assert told(MemberChanged)[-1].user_id == stranger.pk


def test_an_agent_gives_tasks_to_those_who_work_on_the_deal_only(make_task, agent, coordinator, stranger, viewer):
    task = make_task()
    services.assign_task(task, user=coordinator, by=agent)
    for outsider in (stranger, viewer):
        with pytest.raises(NotAMember) as refusal:
            services.assign_task(task, user=outsider, by=agent)
        assert refusal.value.extra == {"users": [outsider.pk]}


def test_a_viewer_is_given_nothing_even_by_the_manager(api, make_task, viewer, manager):
    answer = api(manager).patch(f"/api/v1/tasks/{make_task().pk}", {"assignees": [viewer.pk]})
    assert (answer.status_code, answer.data["errors"][0]["code"], answer.data["users"]) == (
        409,
        "not_a_member",
        [viewer.pk],
    )


def test_of_more_people_than_a_task_may_have_none_is_looked_up(api, make_task, manager, django_assert_max_num_queries):
    client, url = api(manager), f"/api/v1/tasks/{make_task().pk}"
    with django_assert_max_num_queries(10):
        answer = client.patch(url, {"assignees": [manager.pk] * 51}, format="json")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (400, "max_length")
