"""Who belongs to a deal."""

import pytest

from estateman.activity.models import Activity
from tasks import services
from tasks.activities import MemberChanged, TaskUnassigned
from tasks.models import ProjectRole
from tasks.services.refusals import LastOwner, MemberGone


@pytest.fixture
def members(deal):
    return f"/api/v1/projects/{deal.pk}/members"


def test_members_are_listed_with_their_parts(api, members, agent, deal, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        answer = api(agent).get(members)
    mine = next(each for each in answer.data["results"] if each["user"] == agent.pk)
    assert (mine["name"], mine["role"], mine["deal_role"]) == ("Alex Agent", "member", "listing_agent")


def test_somebody_joins(api, members, manager, stranger, deal, told):
    answer = api(manager).post(members, {"user": stranger.pk, "role": "member", "deal_role": "marketing"})
    assert answer.status_code == 201
    assert told(MemberChanged)[-1].sentence() == "added Sam Stranger to 12 Quay Street as marketing"
    assert api(stranger).get(f"/api/v1/projects/{deal.pk}").status_code == 200


def test_nobody_joins_twice(api, members, manager, agent):
    answer = api(manager).post(members, {"user": agent.pk})
    assert (answer.status_code, answer.data["errors"][0]["code"], answer.data["user"]) == (
        409,
        "already_member",
        agent.pk,
    )


def test_another_role_and_part(api, members, manager, agent):
    answer = api(manager).patch(f"{members}/{agent.pk}", {"role": "manager", "deal_role": ""})
    assert (answer.status_code, answer.data["role"], answer.data["deal_role"]) == (200, "manager", "")


@pytest.mark.parametrize("act", ["patch", "delete"])
def test_an_owner_remains(api, members, manager, deal, act):
    answer = getattr(api(manager), act)(f"{members}/{manager.pk}", {"role": "member"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "last_owner")
    assert deal.memberships.filter(role=ProjectRole.OWNER).count() == 1


def test_who_was_made_the_only_owner_meanwhile_does_not_go(deal, manager, agent):
    seen = deal.memberships.select_related("project").get(user=agent)
    services.change_member(deal.memberships.get(user=agent), role=ProjectRole.OWNER, by=manager)
    services.change_member(deal.memberships.get(user=manager), role=ProjectRole.MEMBER, by=manager)
    with pytest.raises(LastOwner):
        services.remove_member(seen, by=agent)


def test_who_left_meanwhile_is_neither_changed_nor_taken_out_again(deal, manager, agent, told):
    seen = deal.memberships.select_related("project").get(user=agent)
    services.remove_member(deal.memberships.get(user=agent), by=manager)
    with pytest.raises(MemberGone):
        services.change_member(seen, role=ProjectRole.VIEWER, by=manager)
    with pytest.raises(MemberGone):
        services.remove_member(seen, by=manager)
    assert [fact.change for fact in told(MemberChanged) if fact.user_id == agent.pk] == ["added", "removed"]


def test_with_two_owners_one_may_go(api, members, manager, agent):
    api(manager).patch(f"{members}/{agent.pk}", {"role": "owner"})
    assert api(manager).delete(f"{members}/{manager.pk}").status_code == 204


@pytest.mark.parametrize("leaving", [True, False])
def test_who_leaves_or_only_looks_on_keeps_no_open_task(api, members, manager, agent, make_task, leaving):
    done, open_ = make_task("Sign", assignees=[agent]), make_task("Photos", assignees=[agent])
    services.complete_task(done, by=agent)
    if leaving:
        assert api(agent).delete(f"{members}/{agent.pk}").status_code == 204
    else:
        assert api(manager).patch(f"{members}/{agent.pk}", {"role": "viewer"}).status_code == 200
    assert open_.assignments.count() == 0
    assert done.assignments.count() == 1
    assert [each.payload["task"] for each in Activity.objects.filter(kind=TaskUnassigned.kind)] == ["Photos"]


def test_only_those_who_manage_the_deal_arrange_its_people(api, members, agent, viewer, stranger, coordinator):
    for who, code in ((agent, 403), (viewer, 403), (stranger, 404)):
        assert api(who).post(members, {"user": stranger.pk}).status_code == code
        assert api(who).patch(f"{members}/{coordinator.pk}", {"role": "viewer"}).status_code == code
        assert api(who).delete(f"{members}/{coordinator.pk}").status_code == code


@pytest.mark.parametrize(
    ("field", "value"), [("user", "Sam"), ("user", 999), ("role", "king"), ("deal_role", "butler")]
)
def test_what_is_wrong_is_named(api, members, manager, stranger, field, value):
    answer = api(manager).post(members, {"user": stranger.pk, field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(deal, manager, agent, in_threads):
    services.change_member(deal.memberships.get(user=agent), role=ProjectRole.OWNER, by=manager)
    owners = list(deal.memberships.filter(role=ProjectRole.OWNER).select_related("project", "user"))
    in_threads(2, lambda number: services.remove_member(owners[number], by=owners[number].user))
    assert deal.memberships.filter(role=ProjectRole.OWNER).count() == 1
