"""Parts in a deal change hands, and their open tasks with them."""

import pytest

from tasks import services
from tasks.activities import MemberChanged, TaskAssigned, TaskUnassigned
from tasks.models import Task


@pytest.fixture
def change(api, deal, manager):
    """``change(agent, {"deal_role": ""})``: what the manager says a member is from now on."""
    return lambda user, changes: api(manager).patch(f"/api/v1/projects/{deal.pk}/members/{user.pk}", changes)


@pytest.fixture
def join(api, deal, manager):
    return lambda user, part: api(manager).post(
        f"/api/v1/projects/{deal.pk}/members", {"user": user.pk, "deal_role": part}
    )


@pytest.fixture
def tasks(deal, manager, listing_launch):
    """The listing's plan; one task of the listing agent's is completed."""
    services.apply_template(listing_launch, project=deal, by=manager)
    services.complete_task(deal.tasks.get(key="agreement"), by=manager)
    return deal.tasks


def having(tasks, user):
    return set(tasks.open().assigned_to(user).values_list("key", flat=True))


def of_part(tasks, part):
    return set(tasks.open().filter(role=part).values_list("key", flat=True))


def test_who_takes_a_part_takes_its_open_tasks_from_who_had_it(change, join, tasks, agent, stranger, told):
    deal = tasks.instance
    join(stranger, "")
    before = len(told(TaskAssigned))
    answer = change(stranger, {"deal_role": "listing_agent"})
    assert (answer.status_code, answer.data["deal_role"]) == (200, "listing_agent")
    assert having(tasks, stranger) == of_part(tasks, "listing_agent") != set()
    assert having(tasks, agent) == set()
    assert deal.memberships.get(user=agent).deal_role == ""
    assert Task.objects.get(project=deal, key="agreement").assignee_ids == [agent.pk]
    assert len(told(TaskAssigned)) - before == len(told(TaskUnassigned)) == len(of_part(tasks, "listing_agent"))
    assert [(fact.user_id, fact.deal_role) for fact in told(MemberChanged)[-2:]] == [
        (stranger.pk, "listing_agent"),
        (agent.pk, ""),
    ]


def test_who_joins_with_a_part_takes_it_too(join, tasks, agent, stranger):
    join(stranger, "listing_agent")
    assert having(tasks, stranger) == of_part(tasks, "listing_agent")
    assert having(tasks, agent) == set()


def test_a_part_that_nobody_played_gets_its_tasks_done(join, tasks, stranger):
    join(stranger, "marketing")
    assert having(tasks, stranger) == of_part(tasks, "marketing") != set()


def test_who_is_named_when_a_template_is_applied_takes_the_part(tasks, deal, manager, coordinator, stranger):
    template = services.save_as_template(deal, by=manager, name="Again")
    services.apply_template(template, project=deal, by=manager, roles={"coordinator": stranger})
    assert having(tasks, stranger) == of_part(tasks, "coordinator")
    assert having(tasks, coordinator) == set()


def test_others_who_help_with_a_task_stay_on_it(join, tasks, manager, coordinator, stranger):
    photos = tasks.get(key="pricing")
    services.assign_task(photos, user=coordinator, by=manager)
    join(stranger, "listing_agent")
    assert sorted(photos.assignee_ids) == sorted([coordinator.pk, stranger.pk])


def test_tasks_without_a_part_stay_with_who_has_them(join, tasks, agent, stranger, make_task):
    own = make_task("Call the seller", assignees=[agent])
    join(stranger, "listing_agent")
    assert own.assignee_ids == [agent.pk]


def test_who_gives_up_a_part_gives_up_its_open_tasks(change, tasks, agent, coordinator):
    change(agent, {"deal_role": ""})
    assert having(tasks, agent) == set()
    change(coordinator, {"deal_role": "listing_agent"})
    assert having(tasks, coordinator) == of_part(tasks, "listing_agent")


def test_another_role_alone_hands_nothing_over(change, tasks, manager, agent):
    services.unassign_task(tasks.get(key="pricing"), user=agent, by=manager)
    change(agent, {"role": "manager"})
    assert "pricing" not in having(tasks, agent)


def test_a_viewer_has_the_name_of_a_part_only_until_they_work_there(change, tasks, agent, viewer):
    change(viewer, {"deal_role": "listing_agent"})
    assert (having(tasks, viewer), having(tasks, agent)) == (set(), of_part(tasks, "listing_agent"))
    change(viewer, {"role": "member"})
    assert (having(tasks, viewer), having(tasks, agent)) == (of_part(tasks, "listing_agent"), set())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_part_at_once_one_has_it(manager, agent, coordinator, stranger, in_threads):
    deal = services.open_project(name="1 Pier Road", kind="listing", by=manager, status="under_contract")
    people = [agent, coordinator, stranger]
    rows = [services.add_member(deal, user=user, by=manager) for user in people]
    in_threads(3, lambda number: services.change_member(rows[number], deal_role="listing_agent", by=manager))
    playing = deal.memberships.filter(deal_role="listing_agent")
    assert playing.count() == 1
    given = {user for task in deal.tasks.filter(role="listing_agent") for user in task.assignee_ids}
    assert given == {playing.get().user_id}
