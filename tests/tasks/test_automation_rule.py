"""Making, changing and deleting rules, and looking at what they did, by the API."""

from typing import Any

import pytest

from tasks import services
from tasks.activities import AutomationRuleChanged
from tasks.models import AutomationRule, Label

SET_HIGH = {"action": "set_priority", "priority": "high"}
RULE = {"name": "Hurry", "trigger": "task_created", "conditions": [], "actions": [SET_HIGH]}


@pytest.fixture
def url(deal):
    return f"/api/v1/projects/{deal.pk}/automation-rules"


def errors(answer):
    return {each["attr"]: each["detail"] for each in answer.json()["errors"]}


def code(answer):
    return answer.json()["errors"][0]["code"]


def test_a_rule_is_made(api, manager, deal, url, told):
    answer = api(manager).post(url, RULE)
    assert answer.status_code == 201
    rule = AutomationRule.objects.get()
    assert answer.data == {
        "id": rule.pk,
        "project": deal.pk,
        "name": "Hurry",
        "is_active": True,
        "trigger": "task_created",
        "conditions": [],
        "actions": [SET_HIGH],
        "created_by": manager.pk,
        "created_at": answer.data["created_at"],
        "version": 1,
    }
    (fact,) = told(AutomationRuleChanged)
    assert fact.sentence() == "made the rule Hurry of 12 Quay Street"
    assert api(manager).get(f"{url}/{rule.pk}").data == answer.data


def test_only_those_who_manage_the_project_make_rules_and_all_who_see_it_see_them(
    api, manager, agent, viewer, stranger, url
):
    rule = api(manager).post(url, RULE).data["id"]
    for somebody in (agent, viewer):
        assert api(somebody).post(url, {**RULE, "name": "Other"}).status_code == 403
        assert api(somebody).patch(f"{url}/{rule}", {"name": "Other"}).status_code == 403
        assert api(somebody).delete(f"{url}/{rule}").status_code == 403
        assert [each["name"] for each in api(somebody).get(url).data["results"]] == ["Hurry"]
    assert api(stranger).get(url).status_code == 404


def test_mistakes_are_named_by_their_place(api, manager, url):
    answer = api(manager).post(url, {**RULE, "actions": [SET_HIGH, {"action": "move", "column": "Waiting"}]})
    assert (answer.status_code, list(errors(answer))) == (400, ["actions.1.column"])
    answer = api(manager).post(url, {**RULE, "conditions": [{"field": "colour", "op": "is", "value": 1}]})
    assert list(errors(answer)) == ["conditions.0.field"]
    assert list(errors(api(manager).post(url, {**RULE, "trigger": "task_eaten"}))) == ["trigger"]
    assert list(errors(api(manager).post(url, {**RULE, "actions": []}))) == ["actions"]


@pytest.mark.parametrize("named", ["column", "label", "user", "key_date"])
def test_what_belongs_to_another_project_is_refused(api, manager, stranger, url, named):
    other = services.open_project(name="5 Mill Lane", kind="lease", by=manager)
    things = {
        "column": other.columns.first(),
        "label": Label.objects.create(project=other, name="Theirs"),
        "user": stranger,
        "key_date": other.key_dates.create(kind="closing", name="Closing"),
    }
    actions: dict[str, dict[str, Any]] = {
        "column": {"action": "move"},
        "label": {"action": "add_label"},
        "user": {"action": "assign"},
        "key_date": {"action": "set_date", "date": "due_on", "working_days": 1},
    }
    for pk in (things[named].pk, 999_999_999, 2**63 - 1):
        answer = api(manager).post(url, {**RULE, "actions": [{**actions[named], named: pk}]})
        assert (answer.status_code, list(errors(answer))) == (400, [f"actions.0.{named}"])
    assert not AutomationRule.objects.exists()


def test_two_rules_have_two_names(api, manager, url):
    api(manager).post(url, RULE)
    answer = api(manager).post(url, {**RULE, "name": "HURRY"})
    assert (answer.status_code, code(answer)) == (409, "name_taken")
    other = api(manager).post(url, {**RULE, "name": "Other"}).data["id"]
    assert code(api(manager).patch(f"{url}/{other}", {"name": "Hurry"})) == "name_taken"
    assert api(manager).patch(f"{url}/{other}", {"name": "other"}).status_code == 200


def test_a_rule_is_changed(api, manager, url, told):
    made = api(manager).post(url, RULE).data
    answer = api(manager).patch(f"{url}/{made['id']}", {"is_active": False, "version": 1})
    assert (answer.data["is_active"], answer.data["version"], answer.data["actions"]) == (False, 2, [SET_HIGH])
    answer = api(manager).patch(f"{url}/{made['id']}", {"name": "Slow", "version": 1})
    assert (answer.status_code, code(answer), answer.json()["current"]["name"]) == (409, "version_conflict", "Hurry")
    assert api(manager).patch(f"{url}/{made['id']}", {"is_active": False}).data["version"] == 2
    assert [fact.change for fact in told(AutomationRuleChanged)] == ["added", "changed"]


def test_what_it_does_is_judged_as_a_whole_when_a_part_is_changed(api, manager, url):
    made = api(manager).post(url, RULE).data
    answer = api(manager).patch(f"{url}/{made['id']}", {"trigger": "key_date_changed"})
    assert (answer.status_code, list(errors(answer))) == (400, ["actions.0.action"])
    actions = [{"action": "notify", "members": True, "message": "Look"}]
    answer = api(manager).patch(f"{url}/{made['id']}", {"trigger": "key_date_changed", "actions": actions})
    assert (answer.data["trigger"], answer.data["actions"]) == ("key_date_changed", actions)


def test_whoever_changes_what_it_does_answers_for_it(api, manager, coordinator, deal, url):
    rule = api(manager).post(url, RULE).data["id"]
    services.change_member(deal.memberships.get(user=coordinator), role="manager", by=manager)

    def maker(**changes):
        return api(coordinator).patch(f"{url}/{rule}", changes).data["created_by"]

    assert maker(name="Hurry up") == manager.pk
    assert maker(is_active=False) == manager.pk
    assert maker(is_active=True) == coordinator.pk
    assert api(manager).patch(f"{url}/{rule}", {"actions": [{"action": "complete"}]}).data["created_by"] == manager.pk


def test_a_rule_is_deleted_with_its_log(api, manager, url, make_task, settle, told):
    rule = api(manager).post(url, RULE).data["id"]
    make_task()
    settle()
    assert api(manager).delete(f"{url}/{rule}").status_code == 204
    assert api(manager).get(f"{url}/{rule}").status_code == 404
    assert told(AutomationRuleChanged)[-1].change == "removed"


def test_what_was_deleted_meanwhile_is_gone(make_rule, manager):
    rule = make_rule("task_created", [SET_HIGH])
    same = AutomationRule.objects.get()
    services.delete_automation_rule(same, by=manager)
    for act in (
        lambda: services.change_automation_rule(rule, by=manager, changes={"name": "x"}),
        lambda: services.delete_automation_rule(rule, by=manager),
    ):
        with pytest.raises(services.refusals.RuleGone):
            act()


def test_an_archived_project_has_its_rules_left_as_they_are(api, manager, deal, url):
    rule = api(manager).post(url, RULE).data["id"]
    services.archive_project(deal, by=manager)
    answers = [
        api(manager).post(url, {**RULE, "name": "Other"}),
        api(manager).patch(f"{url}/{rule}", {"name": "Other"}),
        api(manager).delete(f"{url}/{rule}"),
    ]
    assert {(answer.status_code, code(answer)) for answer in answers} == {(409, "project_archived")}
    assert api(manager).get(url).status_code == 200


def test_the_log_says_what_became_of_each_chance(api, manager, agent, url, make_task, settle):
    urgent = [{"field": "priority", "op": "is", "value": "urgent"}]
    rule = api(manager).post(url, {**RULE, "conditions": urgent}).data["id"]
    make_task("Photos"), make_task("Keys", priority="urgent")
    settle()
    last, first = api(agent).get(f"{url}/{rule}/runs").data["results"]
    assert (first["outcome"], first["detail"]) == ("skipped", "priority is urgent: it is normal")
    assert (last["outcome"], last["kind"], last["depth"]) == ("done", "task.created", 0)
    assert last["detail"] == "changed priority of Keys"


def test_lists_cost_the_same_however_long_they_are(api, manager, url, log_of, django_assert_max_num_queries):
    def queries(address):
        with django_assert_max_num_queries(20) as counted:
            assert api(manager).get(address).status_code == 200
        return len(counted)

    first, second = log_of(1), log_of(3)
    assert queries(first) == queries(second)
    few = queries(url)
    log_of(0)
    assert queries(url) == few


@pytest.fixture
def log_of(make_rule, make_task, settle, url):
    """Where the log of a rule with so many runs is read."""

    def address(runs):
        rule = make_rule("task_created", [SET_HIGH])
        for _ in range(runs):
            make_task()
        settle()
        return f"{url}/{rule.pk}/runs"

    return address


def test_anyone_may_ask_what_rules_can_say(api, stranger):
    words = api(stranger).get("/api/v1/automation/vocabulary").data
    assert {name: len(each) > 0 for name, each in words.items()} == dict.fromkeys(
        ("triggers", "conditions", "operators", "actions", "placeholders"), True
    )
    assign = next(each for each in words["actions"] if each["name"] == "assign")
    assert assign["one_of"] == ["user", "role"]
    assert assign["takes"]["role"]["choices"][0] == "listing_agent"
