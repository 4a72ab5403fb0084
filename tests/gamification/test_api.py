"""The addresses of gamification: who sees what, at what cost."""

import pytest

from gamification.models import Achievement, LedgerEntry
from gamification.services import record, reverse

BASE = "/api/v1/gamification"


@pytest.fixture
def worked(agent, visits, visit, make_achievement):
    """The agent has one visit behind them, and the award for it."""
    make_achievement("walker", {1: 50, 9: 90}, description="Go out.")
    return record(agent, visit())[0]


@pytest.mark.parametrize("path", ["me", "members/1", "achievements", "achievements/1", "ledger", "ledger/1/explain"])
def test_nobody_sees_anything_without_signing_in(api, db, path):
    assert api(None).get(f"{BASE}/{path}").status_code == 401


def test_my_score_coins_awards_and_what_is_next(api, agent, worked):
    mine = api(agent).get(f"{BASE}/me").data
    assert mine["member"] == {"id": agent.pk, "name": agent.name}
    assert (mine["score"], mine["coins"]) == (60, 60)
    (award,) = mine["awards"]
    assert (award["achievement"]["key"], award["level"], award["times"]) == ("test.walker", 1, 1)
    walker = next(each for each in mine["next"] if each["key"] == "test.walker")
    assert walker["value"] == 1
    assert walker["next_level"] == {"level": 2, "threshold": 9, "points": 90, "earned_at": None}


def test_everyone_sees_a_colleagues_score_and_awards_but_not_their_coins(api, agent, stranger, worked):
    seen = api(stranger).get(f"{BASE}/members/{agent.pk}").data
    assert set(seen) == {"member", "score", "awards"}
    assert seen["score"] == 60
    assert seen["awards"][0]["achievement"]["name"] == "Walker"


def test_nobody_is_found_who_never_was_or_has_left(api, agent, stranger):
    agent.is_active = False
    agent.save()
    for pk in (agent.pk, 10**6, 10**30):
        assert api(stranger).get(f"{BASE}/members/{pk}").status_code == 404


def test_achievements_come_by_key_with_my_own_progress(api, agent, stranger, worked):
    results = api(agent).get(f"{BASE}/achievements").data["results"]
    assert [each["key"] for each in results] == sorted(each["key"] for each in results)
    assert {each["key"]: each["value"] for each in results}["test.walker"] == 1
    others = api(stranger).get(f"{BASE}/achievements").data["results"]
    assert {each["value"] for each in others} == {0}


def test_achievements_are_walked_page_by_page(api, agent):
    seen, url = [], f"{BASE}/achievements?limit=3"
    while url:
        page = api(agent).get(url).data
        seen += [each["key"] for each in page["results"]]
        url = page["next"]
    assert seen == list(Achievement.objects.order_by("key").values_list("key", flat=True))


def test_one_achievement_with_my_progress(api, agent, worked):
    walker = Achievement.objects.get(key="test.walker")
    seen = api(agent).get(f"{BASE}/achievements/{walker.pk}").data
    assert (seen["name"], seen["description"], seen["icon"]) == ("Walker", "Go out.", "🚶")
    assert seen["metric"]["name"] == "Visits"
    assert seen["levels"][0]["earned_at"] is not None
    assert seen["levels"][1]["earned_at"] is None


def test_an_achievement_out_of_use_is_not_found(api, agent, make_achievement):
    old = make_achievement("old", {1: 1}, is_active=False)
    assert api(agent).get(f"{BASE}/achievements/{old.pk}").status_code == 404


def test_my_ledger_is_mine_the_latest_first(api, agent, coordinator, worked, visit):
    record(coordinator, visit())
    results = api(agent).get(f"{BASE}/ledger?currency=score").data["results"]
    assert [(each["kind"], each["amount"]) for each in results] == [
        ("achievement", 50),
        ("activity", 10),
    ]
    assert {each["member"] for each in results} == {agent.pk}
    assert results[1]["title"] == "Visit to 12 Elm Street"
    assert results[1]["event"] == worked.pk


def test_leaders_read_anybodys_ledger_and_others_only_their_own(api, agent, manager, stranger, worked):
    path = f"{BASE}/ledger?member={agent.pk}"
    assert len(api(manager).get(path).data["results"]) == 4
    assert len(api(agent).get(path).data["results"]) == 4
    assert api(stranger).get(path).status_code == 403
    assert api(manager).get(f"{BASE}/ledger").data["results"] == []


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("member=Alex", "member"),
        ("member=1000000", "member"),
        ("currency=gold", "currency"),
        ("since=yesterday", "since"),
    ],
)
def test_a_wrong_filter_is_named(api, manager, query, attr):
    answer = api(manager).get(f"{BASE}/ledger?{query}")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.data["errors"]] == [attr]


def test_an_entry_is_explained_down_to_its_metric(api, agent, worked):
    entry = LedgerEntry.objects.filter(event=worked, award=None, currency="score").get()
    why = api(agent).get(f"{BASE}/ledger/{entry.pk}/explain").data
    assert why["sentence"] == "+10 for “Visit to 12 Elm Street” (Visits)."
    assert why["entry"]["id"] == entry.pk
    assert why["event"]["metric"]["key"] == "test.visits"
    assert (why["award"], why["reverses"], why["reversed_by"]) == (None, None, None)


def test_a_taken_back_award_is_explained_with_what_it_mirrors(api, agent, worked):
    reverse(worked)
    entry = LedgerEntry.objects.get(award__isnull=False, kind="reversal", currency="score")
    why = api(agent).get(f"{BASE}/ledger/{entry.pk}/explain").data
    assert (why["award"]["state"], why["award"]["achievement"]["name"]) == ("revoked", "Walker")
    assert why["reverses"]["amount"] == 50
    paid = api(agent).get(f"{BASE}/ledger/{why['reverses']['id']}/explain").data
    assert paid["reversed_by"]["id"] == entry.pk


def test_an_explanation_is_for_its_member_and_those_who_lead(api, agent, manager, stranger, worked):
    path = f"{BASE}/ledger/{LedgerEntry.objects.earliest('pk').pk}/explain"
    assert api(manager).get(path).status_code == 200
    assert api(stranger).get(path).status_code == 404


@pytest.mark.parametrize("path", ["me", "members/{agent}", "achievements", "ledger"])
def test_no_address_costs_more_the_longer_the_history(api, agent, worked, visit, path, django_assert_max_num_queries):
    for _ in range(10):
        record(agent, visit())
    client = api(agent)
    with django_assert_max_num_queries(8):
        answer = client.get(f"{BASE}/{path.format(agent=agent.pk)}")
    assert answer.status_code == 200


def test_every_answer_is_as_the_schema_says_it_can_be_read_only(api, manager, worked):
    for path in ("me", "achievements", "ledger"):
        assert api(manager).post(f"{BASE}/{path}", {}).status_code == 405
