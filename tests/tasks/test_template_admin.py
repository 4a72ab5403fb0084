"""Templates in the admin."""

import pytest

from tasks import services
from tasks.activities import TemplateChanged
from tasks.blueprints import Blueprint, Day, Rule, Step, Wait
from tasks.models import ProjectTemplate
from tasks.services.templates import blueprint_of

ADMIN = "/admin/tasks"


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def template(manager):
    return services.create_template(
        Blueprint(
            key="small",
            name="Small",
            key_dates=(Day("closing", "Closing"),),
            tasks=(Step("a", "A", labels=("one", "two")), Step("b", "B"), Step("c", "C")),
            dependencies=(Wait("a", "b"),),
        ),
        by=manager,
    )


def nothing_in(*prefixes):
    return {f"{prefix}-{name}_FORMS": 0 for prefix in prefixes for name in ("TOTAL", "INITIAL")}


def task_form(task, **changes):
    form = {
        "key": task.key,
        "name": task.name,
        "duration_days": 1,
        "offset_days": 0,
        "priority": "normal",
        "labels": "",
        "position": 0,
    }
    return form | nothing_in("incoming", "date_rule", "checklist") | changes


def said(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", ["projecttemplate", "templatetask", "templatekeydate"])
def test_lists_cost_the_same_however_long_they_are(admin, manager, template, model, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(25) as counted:
            assert admin.get(f"{ADMIN}/{model}/?q=a").status_code == 200
        return len(counted)

    few = queries()
    services.duplicate_template(template, by=manager)
    assert queries() <= few


def test_every_page_of_the_editor_opens(admin, template, listing_launch):
    for each in (template, listing_launch):
        task, day = each.tasks.first(), each.key_dates.first()
        for url in (
            f"projecttemplate/{each.pk}/change/",
            f"templatetask/{task.pk}/change/",
            f"templatekeydate/{day.pk}/change/",
            "projecttemplate/add/",
            "templatetask/add/",
        ):
            assert admin.get(f"{ADMIN}/{url}").status_code == 200


def test_only_tasks_of_the_same_template_are_offered(admin, template, listing_launch):
    page = admin.get(f"{ADMIN}/templatetask/{template.tasks.get(key='a').pk}/change/").content.decode()
    assert ">Closing</option>" in page
    assert "Sign the listing agreement" not in page


def test_a_template_is_made_with_its_tasks_and_key_dates(admin, told):
    form = {
        "key": "new",
        "name": "New",
        "kind": "lease",
        "is_active": "on",
        "tasks-TOTAL_FORMS": 1,
        "tasks-INITIAL_FORMS": 0,
        "tasks-0-key": "keys",
        "tasks-0-name": "Keys",
        "tasks-0-duration_days": 1,
        "tasks-0-offset_days": 0,
        "tasks-0-priority": "high",
        "tasks-0-position": 0,
        "key_dates-TOTAL_FORMS": 1,
        "key_dates-INITIAL_FORMS": 0,
        "key_dates-0-kind": "own",
        "key_dates-0-name": "Handover",
        "key_dates-0-position": 0,
    }
    assert admin.post(f"{ADMIN}/projecttemplate/add/", form).status_code == 302
    plan = blueprint_of(ProjectTemplate.objects.get(key="new"))
    assert ([step.name for step in plan.tasks], [day.name for day in plan.key_dates]) == (["Keys"], ["Handover"])
    assert [(fact.template, fact.change) for fact in told(TemplateChanged)] == [("New", "created")]


def test_a_task_gets_a_rule_a_checklist_labels_and_what_it_waits_for(admin, template):
    c = template.tasks.get(key="c")
    form = task_form(
        c,
        labels="house, client,",
        **{
            "incoming-TOTAL_FORMS": 1,
            "incoming-0-predecessor": template.tasks.get(key="b").pk,
            "incoming-0-type": "SS",
            "incoming-0-lag_days": 2,
            "date_rule-TOTAL_FORMS": 1,
            "date_rule-0-days": 3,
            "date_rule-0-direction": "before",
            "date_rule-0-after_key_date": template.key_dates.get().pk,
            "date_rule-0-sets": "due",
            "checklist-TOTAL_FORMS": 1,
            "checklist-0-position": 0,
            "checklist-0-text": "Swept",
            "checklist-0-is_required": "on",
        },
    )
    answer = admin.post(f"{ADMIN}/templatetask/{c.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]
    plan = blueprint_of(template)
    assert Wait("b", "c", "SS", 2) in plan.dependencies
    step = plan.tasks[2] if plan.tasks[2].key == "c" else next(each for each in plan.tasks if each.key == "c")
    assert step.rule == Rule(days=3, direction="before", after_key_date="Closing")
    assert (step.labels, [item.text for item in step.checklist]) == (("house", "client"), ["Swept"])
    template.refresh_from_db()
    assert template.version == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {
                "incoming-TOTAL_FORMS": 1,
                "incoming-0-predecessor": "b",
                "incoming-0-type": "FS",
                "incoming-0-lag_days": 0,
            },
            "wait for each other",
        ),
        ({"parent": "a"}, "part of itself"),
        (
            {
                "date_rule-TOTAL_FORMS": 1,
                "date_rule-0-days": 1,
                "date_rule-0-direction": "after",
                "date_rule-0-after_task": "a",
                "date_rule-0-sets": "due",
            },
            "counted from itself",
        ),
    ],
)
def test_what_would_not_hold_together_is_told_and_nothing_is_saved(admin, template, changes, words):
    ids = {task.key: task.pk for task in template.tasks.all()}
    before = blueprint_of(template)
    form = task_form(
        template.tasks.get(key="a"), name="Changed", **{name: ids.get(value, value) for name, value in changes.items()}
    )
    answer = admin.post(f"{ADMIN}/templatetask/{ids['a']}/change/", form, follow=True)
    assert words in " ".join(said(answer))
    assert blueprint_of(template) == before


def test_a_label_that_is_too_long_is_refused(admin, template):
    a = template.tasks.get(key="a")
    answer = admin.post(f"{ADMIN}/templatetask/{a.pk}/change/", task_form(a, labels="x" * 41))
    assert answer.context["adminform"].form.errors.keys() == {"labels"}


def test_templates_are_duplicated_and_removed_through_the_services(admin, template, deal, manager):
    def act(action):
        chosen = {"action": action, "_selected_action": [template.pk]}
        return said(admin.post(f"{ADMIN}/projecttemplate/", chosen, follow=True))

    assert act("duplicate") == ["Done: 1."]
    assert ProjectTemplate.objects.filter(name="Small (copy)").exists()
    services.apply_template(template, project=deal, by=manager)
    assert act("remove") == ["Done: 1."]
    template.refresh_from_db()
    assert not template.is_active


def test_a_task_of_a_template_is_deleted_and_the_template_is_changed(admin, template):
    a = template.tasks.get(key="a")
    assert admin.post(f"{ADMIN}/templatetask/{a.pk}/delete/", {"post": "yes"}).status_code == 302
    plan = blueprint_of(template)
    assert ([step.key for step in plan.tasks], plan.dependencies) == (["b", "c"], ())
    template.refresh_from_db()
    assert template.version == 2


def test_tasks_that_are_deleted_together_change_their_template(admin, template, told):
    gone = [template.tasks.get(key=key).pk for key in ("a", "b")]
    chosen = {"action": "delete_selected", "_selected_action": gone, "post": "yes"}
    admin.post(f"{ADMIN}/templatetask/", chosen)
    assert [step.key for step in blueprint_of(template).tasks] == ["c"]
    assert told(TemplateChanged)[-1].change == "changed"
