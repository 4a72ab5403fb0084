"""Rules and what they did, in the admin."""

import json

import pytest

from tasks import services
from tasks.models import AutomationRule

SET_HIGH = {"action": "set_priority", "priority": "high"}


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def form(deal):
    """What the form of a rule of the deal sends."""

    def of(**said):
        values = {
            "name": "Hurry",
            "is_active": "on",
            "trigger": "task_created",
            "conditions": [],
            "actions": [SET_HIGH],
        }
        values |= {"project": deal.pk} | said
        return {name: json.dumps(value) if isinstance(value, list) else value for name, value in values.items()}

    return of


def messages(answer):
    return [str(message) for message in answer.context["messages"]]


def test_a_rule_is_made_and_changed_through_the_services(admin, manager, form):
    assert admin.post("/admin/tasks/automationrule/add/", form()).status_code == 302
    rule = AutomationRule.objects.get()
    assert (rule.created_by, rule.actions) == (manager, [SET_HIGH])
    url = f"/admin/tasks/automationrule/{rule.pk}/change/"
    assert admin.get(url).status_code == 200
    low = {"action": "set_priority", "priority": "low"}
    assert admin.post(url, form(actions=[low])).status_code == 302
    rule.refresh_from_db()
    assert (rule.actions, rule.version) == ([low], 2)


def test_mistakes_stand_below_the_field_with_their_place(admin, form):
    answer = admin.post("/admin/tasks/automationrule/add/", form(actions=[SET_HIGH, {"action": "move", "column": 999}]))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {
        "actions": ["1.column: This column is not on the project's board."]
    }
    answer = admin.post("/admin/tasks/automationrule/add/", form(actions="{not json"))
    assert list(answer.context["adminform"].form.errors) == ["actions"]
    assert not AutomationRule.objects.exists()


def test_a_name_that_is_taken_is_told(admin, form, make_rule):
    make_rule("task_created", [SET_HIGH], name="Hurry")
    answer = admin.post("/admin/tasks/automationrule/add/", form(name="hurry"), follow=True)
    assert messages(answer) == ["12 Quay Street has a rule called hurry already."]


def test_a_rule_is_tried_out(admin, make_rule, make_task):
    rule = make_rule("task_created", [SET_HIGH], name="Hurry")

    def tried():
        chosen = {"action": "try_out", "_selected_action": [rule.pk]}
        return messages(admin.post("/admin/tasks/automationrule/", chosen, follow=True))

    assert tried() == ["Hurry: Say which of the project's tasks would set it off."]
    task = make_task("Photos")
    assert tried() == ["Hurry: on Photos it would have changed priority of Photos."]
    services.archive_project(task.project, by=task.created_by)
    assert "it would be refused" in tried()[0]
    task.refresh_from_db()
    assert task.priority == "normal"


def test_a_rule_is_deleted(admin, make_rule):
    rule = make_rule("task_created", [SET_HIGH])
    assert admin.post(f"/admin/tasks/automationrule/{rule.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not AutomationRule.objects.exists()


def test_what_rules_did_is_looked_at_only(admin, make_rule, make_task, settle):
    rule = make_rule("task_created", [SET_HIGH])
    make_task("Photos")
    settle()
    run = rule.runs.get()
    page = admin.get(f"/admin/tasks/automationrun/{run.pk}/change/").content.decode()
    assert "changed priority of Photos" in page
    assert 'name="_save"' not in page
    assert admin.get("/admin/tasks/automationrun/add/").status_code == 403


def test_lists_cost_the_same_however_long_they_are(admin, make_rule, make_task, settle, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(60) as counted:
            assert admin.get("/admin/tasks/automationrule/").status_code == 200
            assert admin.get("/admin/tasks/automationrun/").status_code == 200
        return len(counted)

    make_rule("task_created", [SET_HIGH])
    make_task()
    settle()
    few = queries()
    make_rule("task_created", [SET_HIGH])
    make_task()
    settle()
    assert queries() <= few


def test_a_private_deals_are_its_members_only(admin, make_rule, agent):
    project = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    rule = make_rule("task_created", [SET_HIGH], project=project, by=agent, name="Secret")
    assert "Secret" not in admin.get("/admin/tasks/automationrule/").content.decode()
    assert admin.get(f"/admin/tasks/automationrule/{rule.pk}/change/").status_code == 302
