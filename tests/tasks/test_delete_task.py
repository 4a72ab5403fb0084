"""Deleting a task."""

import pytest

from tasks import services
from tasks.activities import TaskDeleted, TaskUnblocked
from tasks.models import Task, TaskDependency
from tasks.services.refusals import TaskGone


def test_a_deleted_task_is_gone_with_what_hung_on_it(api, manager, make_task, told):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    assert api(manager).delete(f"/api/v1/tasks/{staging.pk}").status_code == 204
    assert not TaskDependency.objects.exists()
    assert [fact.task_id for fact in told(TaskDeleted)] == [staging.pk]
    assert [fact.task_id for fact in told(TaskUnblocked)] == [photos.pk]


def test_who_works_on_the_deal_deletes_what_is_theirs(api, agent, viewer, stranger, make_task, deal):
    theirs = make_task()
    mine = services.create_task(deal, name="Call", by=agent)
    codes = [api(who).delete(f"/api/v1/tasks/{theirs.pk}").status_code for who in (agent, viewer, stranger)]
    assert codes == [403, 403, 404]
    assert api(agent).delete(f"/api/v1/tasks/{mine.pk}").status_code == 204


def test_who_acts_on_what_was_deleted_meanwhile_is_told(make_task, manager):
    task = make_task()
    Task.objects.filter(pk=task.pk).delete()
    with pytest.raises(TaskGone):
        services.complete_task(task, by=manager)


def test_a_deal_may_be_deleted_whole(deal, make_task):
    make_task("Photos", after=[make_task("Staging")])
    deal.delete()
    assert not Task.objects.exists()
