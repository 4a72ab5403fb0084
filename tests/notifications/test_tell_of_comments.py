"""Who is told what is said about tasks."""

import pytest

from notifications.models import Notification
from tasks import services
from tasks.models import TaskWatcher


@pytest.fixture
def deal(manager, agent, coordinator):
    return services.open_project(
        name="12 Quay Street",
        kind="listing",
        by=manager,
        roles={"listing_agent": agent, "coordinator": coordinator},
    )


@pytest.fixture
def task(deal, manager):
    return services.create_task(deal, name="Photos", by=manager)


@pytest.fixture
def told(settle):
    """What somebody was told, as titles with their bodies."""

    def lines(user):
        settle()
        return list(Notification.objects.for_user(user).order_by("seq").values_list("title", "body"))

    return lines


def test_whoever_is_named_is_told_what_was_said(task, agent, coordinator, told):
    services.comment_on_task(task, body="@cora, is the **key** there?", by=agent)
    assert told(coordinator) == [("Alex Agent mentioned you on Photos", "@cora, is the key there?")]
    assert told(agent) == []
    row = Notification.objects.get()
    assert (row.kind, row.url, row.actor) == ("task.mentioned", f"/projects/{task.project_id}/board", agent)


def test_of_many_edits_they_hear_once(task, agent, coordinator, told):
    comment = services.comment_on_task(task, body="@cora", by=agent)
    for body in ("@cora?", "Nobody", "@cora!"):
        services.edit_comment(comment, by=agent, body=body)
    assert len(told(coordinator)) == 1


def test_who_has_or_watches_the_task_is_told_but_not_who_said_it(task, agent, coordinator, manager, told):
    services.edit_task(task, by=manager, changes={}, assignees=[agent, coordinator])
    TaskWatcher.objects.create(task=task, user=manager)
    told(agent)
    Notification.objects.all().delete()
    services.comment_on_task(task, body="The key is there.", by=agent)
    line = ("Alex Agent commented on Photos", "The key is there.")
    assert [told(who) for who in (agent, coordinator, manager)] == [[], [line], [line]]


def test_whoever_has_it_and_is_named_hears_once(task, agent, coordinator, manager, told):
    TaskWatcher.objects.create(task=task, user=coordinator)
    services.comment_on_task(task, body="@cora", by=agent)
    assert [title for title, _ in told(coordinator)] == ["Alex Agent mentioned you on Photos"]


def test_who_may_not_see_it_any_more_is_not_told(task, deal, agent, coordinator, manager, told):
    TaskWatcher.objects.create(task=task, user=coordinator)
    services.comment_on_task(task, body="The key is there.", by=agent)
    services.remove_member(deal.memberships.get(user=coordinator), by=manager)
    assert told(coordinator) == []


def test_whoever_did_what_was_rejected_is_told_why(task, agent, manager, told):
    item = services.add_checklist_item(task, text="Disclosure", needs_review=True, by=manager)
    services.do_checklist_item(item, by=agent)
    services.review_checklist_item(item, accept=False, note="Page 3 is not signed.", by=manager)
    assert told(agent) == [("“Disclosure” of Photos was rejected", "Page 3 is not signed.\n12 Quay Street.")]
    services.do_checklist_item(item, by=agent)
    services.review_checklist_item(item, accept=True, by=manager)
    assert len(told(agent)) == 1
