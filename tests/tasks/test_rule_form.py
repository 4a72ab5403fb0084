"""The pages on which rules of automation are read and written."""

import pytest
from django.http import QueryDict

from tasks import services
from tasks.automation import ACTIONS, FIELDS
from tasks.models import AutomationRule
from tasks.rule_forms import RuleForm, initial_for
from tasks.rule_words import Names, told


@pytest.fixture
def path(deal):
    return lambda end="": f"/projects/{deal.pk}/automation{end}"


@pytest.fixture
def visit(client):
    def client_of(user):
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def rule(make_rule, column, coordinator):
    return make_rule(
        "task_moved",
        [
            {"action": "notify", "message": "{task} waits", "roles": ["coordinator"], "assignees": True},
            {"action": "set_date", "date": "due_on", "working_days": 0},
        ],
        if_=[
            {"field": "column", "op": "is_any_of", "value": [column("Waiting").pk, column("To do").pk]},
            {"field": "assignee", "op": "is", "value": None},
            {"field": "is_blocked", "op": "is", "value": False},
        ],
        name="Waiting for whom?",
    )


def filled(column):
    return {
        "name": "Hand it on",
        "trigger": "task_moved",
        "conditions.0.field": "column",
        "conditions.0.op": "is",
        "conditions.0.value": column("Waiting").pk,
        "actions.0.action": "assign",
        "actions.0.role": "coordinator",
    }


def test_a_rule_is_told_in_words(rule, deal):
    words = told(rule, Names(deal))
    assert words.when == "Task moved"
    assert words.conditions == ("Column is any of Waiting, To do", "Assignee is none", "Is blocked is no")
    assert words.actions == ("Notify: “{task} waits”, coordinator, assignees", "Set date: due on, working days 0")


def test_a_form_that_is_sent_as_it_is_shown_changes_nothing(rule, deal):
    shown = RuleForm(project=deal, initial=initial_for(rule))
    sent = QueryDict(mutable=True)
    for field in shown:
        value = field.value()
        sent.setlist(field.html_name, value if isinstance(value, list) else [] if value is None else [value])
    form = RuleForm(sent, project=deal)
    assert form.is_valid(), form.errors
    written = {name: getattr(rule, name) for name in ("name", "trigger", "conditions", "actions")}
    assert form.written == written


def test_every_word_of_the_vocabulary_has_its_fields(deal):
    initial = {f"conditions.{at}.field": name for at, name in enumerate(FIELDS)}
    initial |= {f"actions.{at}.action": name for at, name in enumerate(ACTIONS)}
    form = RuleForm(project=deal, initial=initial)
    for at in range(len(FIELDS)):
        assert {f"conditions.{at}.op", f"conditions.{at}.value"} <= form.fields.keys()
    for at, action in enumerate(ACTIONS.values()):
        assert {f"actions.{at}.{key}" for key in action.takes} <= form.fields.keys()
    assert len(form.conditions) == len(FIELDS) + 1
    assert len(form.actions) == len(ACTIONS) + 1


def test_a_manager_writes_a_rule(visit, manager, path, column):
    assert visit(manager).post(path("/new"), filled(column)).status_code == 302
    rule = AutomationRule.objects.get()
    assert (rule.name, rule.trigger, rule.created_by) == ("Hand it on", "task_moved", manager)
    assert rule.conditions == [{"field": "column", "op": "is", "value": column("Waiting").pk}]
    assert rule.actions == [{"action": "assign", "role": "coordinator"}]
    assert "Column is Waiting" in visit(manager).get(path()).content.decode()


def test_a_row_without_a_choice_falls_away_and_the_others_close_up(visit, manager, path, column):
    form = filled(column) | {"actions.0.action": "", "actions.1.action": "move", "actions.1.column": column("Done").pk}
    assert visit(manager).post(path("/new"), form).status_code == 302
    assert AutomationRule.objects.get().actions == [{"action": "move", "column": column("Done").pk}]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"trigger": "never"}, "Select a valid choice"),
        ({"conditions.0.value": ""}, "Say which."),
        ({"conditions.0.value": "999999"}, "Select a valid choice"),
        ({"actions.0.action": ""}, "Say at least one thing"),
        ({"actions.0.role": ""}, "Say one of: user, role."),
        ({"trigger": "key_date_changed"}, "choose one of"),
        ({"trigger": "task_due"}, "days_until_due"),
    ],
)
def test_what_does_not_fit_is_told_on_the_form_and_nothing_is_kept(visit, manager, path, column, wrong, words):
    answer = visit(manager).post(path("/new"), filled(column) | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not AutomationRule.objects.exists()


def test_a_name_is_taken_once(visit, manager, path, column):
    for status in (302, 409):
        assert visit(manager).post(path("/new"), filled(column)).status_code == status


def test_choosing_draws_the_form_anew_without_a_word_of_blame(visit, manager, path):
    text = visit(manager).post(path("/form"), {"actions.0.action": "notify"}).content.decode()
    assert "actions.0.message" in text
    assert "actions.1.action" in text
    assert "errorlist" not in text


def test_a_rule_is_changed_switched_and_deleted(visit, manager, path, rule, column):
    browser = visit(manager)
    form = filled(column) | {"version": rule.version}
    assert browser.post(path(f"/{rule.pk}"), form).status_code == 302
    assert browser.post(path(f"/{rule.pk}"), form | {"name": "Too late"}).status_code == 409
    browser.post(path(f"/{rule.pk}/switch"), {"is_active": ""})
    rule.refresh_from_db()
    assert (rule.name, rule.is_active) == ("Hand it on", False)
    assert browser.post(path(f"/{rule.pk}/delete"))["HX-Redirect"] == path()
    assert not AutomationRule.objects.exists()


def test_who_only_works_there_reads_rules_and_writes_none(visit, agent, path, rule, column):
    browser = visit(agent)
    for page in (path(), path(f"/{rule.pk}")):
        text = browser.get(page).content.decode()
        assert "Column is any of Waiting, To do" in text
        assert 'role="switch"' not in text
        assert 'name="trigger"' not in text
    assert browser.get(path("/new")).status_code == 403
    for end in ("/new", f"/{rule.pk}"):
        assert browser.post(path(end), filled(column)).status_code == 403
    for end in ("switch", "delete"):
        assert browser.post(path(f"/{rule.pk}/{end}")).status_code == 403
    assert AutomationRule.objects.get().is_active


def test_strangers_and_rules_of_other_deals_are_not_found(visit, stranger, manager, path, rule):
    assert visit(stranger).get(path()).status_code == 404
    other = services.open_project(name="Elsewhere", kind="lease", by=manager)
    assert visit(manager).get(f"/projects/{other.pk}/automation/{rule.pk}").status_code == 404


def test_what_became_of_a_rule_stands_below_it(visit, manager, path, rule, make_task, agent):
    run = rule.runs.create(activity_no=1, task=make_task("Photos"), outcome="refused", detail="The column is full.")
    for page in (path(), path(f"/{rule.pk}")):
        text = visit(manager).get(page).content.decode()
        assert run.detail in text
        assert "Photos" in text


def test_the_list_takes_as_many_queries_for_many_rules(
    visit, manager, path, make_rule, column, django_assert_max_num_queries
):
    browser = visit(manager)
    for number in range(12):
        make_rule("task_moved", [{"action": "move", "column": column("Done").pk}], name=f"Rule {number}")
    with django_assert_max_num_queries(25):
        browser.get(path())
