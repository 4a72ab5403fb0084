"""Making, changing, copying and removing templates."""

from typing import Any

import pytest

from tasks import services
from tasks.activities import TemplateChanged
from tasks.blueprints import Blueprint, Rule, Step, Wait
from tasks.models import DateProfile, ProjectTemplate, TemplateTask
from tasks.services.refusals import DependencyCycle, TemplateGone
from tasks.services.templates import blueprint_of

URL = "/api/v1/project-templates"
DOCUMENT: dict[str, Any] = {
    "name": "Quick listing",
    "kind": "listing",
    "applies_on": "preparing",
    "description": "For flats",
    "is_active": True,
    "key_dates": [
        {
            "kind": "listing_live",
            "name": "Listing live",
            "rule": {
                "days": 3,
                "direction": "before",
                "after_key_date": "",
                "after_task": "mls",
                "sets": "due",
                "profile": "trid-specific",
                "counting": "business",
                "weekend_roll": "back",
                "holiday_roll": "none",
                "skip_holidays": True,
            },
        },
        {"kind": "own", "name": "Party", "rule": None},
    ],
    "tasks": [
        {
            "key": "photos",
            "name": "Photos",
            "description": "All rooms",
            "duration_days": 2,
            "offset_days": 1,
            "role": "marketing",
            "parent": "mls",
            "priority": "high",
            "estimate_minutes": 90,
            "labels": ["marketing", "house"],
            "is_deadline": True,
            "checklist": [
                {"text": "Kitchen", "is_required": True, "needs_document": True, "needs_review": True},
                {"text": "Bath", "is_required": False, "needs_document": False, "needs_review": False},
            ],
            "rule": None,
        },
        {"key": "mls", "name": "MLS"},
        {"key": "sign", "name": "Sign"},
    ],
    "dependencies": [{"predecessor": "mls", "successor": "sign", "type": "SF", "lag_days": -2}],
}


@pytest.fixture
def quick(api, manager):
    answer = api(manager).post(URL, DOCUMENT)
    assert answer.status_code == 201, answer.data
    return ProjectTemplate.objects.get(pk=answer.data["id"])


def test_a_leader_makes_a_template_and_reads_it_as_it_was_written(api, quick, manager, agent, told):
    read = api(agent).get(f"{URL}/{quick.pk}").data
    assert {name: read[name] for name in ("name", "kind", "applies_on", "description", "is_active", "key_dates")} == {
        name: DOCUMENT[name] for name in ("name", "kind", "applies_on", "description", "is_active", "key_dates")
    }
    assert read["tasks"][0] == DOCUMENT["tasks"][0]
    assert read["dependencies"] == DOCUMENT["dependencies"]
    assert (read["key"], read["version"], len(read["tasks"])) == ("quick-listing", 1, 3)
    assert [(fact.template, fact.change) for fact in told(TemplateChanged)] == [("Quick listing", "created")]


def test_what_is_read_can_be_written_again(api, quick, manager):
    read = api(manager).get(f"{URL}/{quick.pk}").data
    again = api(manager).patch(f"{URL}/{quick.pk}", {name: read[name] for name in (*DOCUMENT, "version")})
    assert (again.status_code, again.data) == (200, {**read, "version": 2})


def test_a_key_is_made_of_the_name_or_said(api, quick, manager):
    assert api(manager).post(URL, {"name": "Quick listing"}).data["key"] == "quick-listing-2"
    assert api(manager).post(URL, {"name": "!!!"}).data["key"] == "template"
    assert api(manager).post(URL, {"name": "A", "key": "mine"}).data["key"] == "mine"
    refused = api(manager).post(URL, {"name": "B", "key": "mine"})
    assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "key_taken")


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({"name": ""}, "name"),
        ({"kind": "castle"}, "kind"),
        ({"applies_on": "sold"}, "applies_on"),
        ({"key_dates": [{"kind": "own"}]}, "key_dates.0.name"),
        ({"key_dates": [{"kind": "own", "name": "A"}, {"kind": "own", "name": "A"}]}, "key_dates.1.name"),
        ({"tasks": [{"key": "a"}], "dependencies": []}, "tasks.0.name"),
        ({"tasks": [{"key": "a", "name": "A"}, {"key": "a", "name": "B"}], "dependencies": []}, "tasks.1.key"),
        ({"tasks": [{"key": "a", "name": "A", "parent": "a"}], "dependencies": []}, "tasks.0.parent"),
        ({"tasks": [{"key": "a", "name": "A", "parent": "b"}], "dependencies": []}, "tasks.0.parent"),
        ({"tasks": [{"key": "a", "name": "A", "role": "king"}], "dependencies": []}, "tasks.0.role"),
        ({"tasks": [{"key": "a", "name": "A", "duration_days": -1}], "dependencies": []}, "tasks.0.duration_days"),
        (
            {"tasks": [{"key": "a", "name": "A", "estimate_minutes": 10**30}], "dependencies": []},
            "tasks.0.estimate_minutes",
        ),
        ({"tasks": [{"key": "a", "name": "A", "labels": ["x" * 41]}], "dependencies": []}, "tasks.0.labels.0"),
        ({"tasks": [{"key": "a", "name": "A", "checklist": [{}]}], "dependencies": []}, "tasks.0.checklist.0.text"),
        ({"tasks": [{"key": "a", "name": "A", "rule": {"days": 1}}], "dependencies": []}, "tasks.0.rule"),
        (
            {"tasks": [{"key": "a", "name": "A", "rule": {"days": 1, "after_key_date": "Z"}}], "dependencies": []},
            "tasks.0.rule.after_key_date",
        ),
        (
            {
                "tasks": [
                    {"key": "a", "name": "A", "rule": {"days": 1, "after_key_date": "Party", "profile": "mars"}},
                    {"key": "mls", "name": "MLS"},
                ],
                "dependencies": [],
            },
            "tasks.0.rule.profile",
        ),
        ({"tasks": [{"key": "a", "name": "A"}]}, "key_dates.0.rule.after_task"),
        ({"dependencies": [{"predecessor": "mls", "successor": "moon"}]}, "dependencies.0.successor"),
        ({"dependencies": [{"predecessor": "mls", "successor": "mls"}]}, "dependencies.0.predecessor"),
        ({"dependencies": [{"predecessor": "mls", "successor": "sign", "type": "XX"}]}, "dependencies.0.type"),
        ({"tasks": "none"}, "tasks"),
        ({"version": 0}, "version"),
    ],
)
def test_what_does_not_hold_together_is_named_and_nothing_is_changed(api, quick, manager, changes, attr):
    before = blueprint_of(quick)
    answer = api(manager).patch(f"{URL}/{quick.pk}", changes)
    assert answer.status_code == 400, answer.data
    attrs = [error["attr"] for error in answer.data["errors"]]
    assert any(each and each.startswith(attr) for each in attrs), answer.data
    assert blueprint_of(quick) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"dependencies": [{"predecessor": "mls", "successor": "photos"}]},
        {
            "dependencies": [
                {"predecessor": "mls", "successor": "sign"},
                {"predecessor": "sign", "successor": "photos", "type": "SS"},
            ]
        },
    ],
)
def test_a_circle_is_refused_with_its_keys(api, quick, manager, changes):
    answer = api(manager).patch(f"{URL}/{quick.pk}", changes)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "dependency_cycle")
    assert {"mls", "photos"} <= set(answer.data["cycle"]) <= {"mls", "photos", "sign"}
    assert api(manager).post(URL, {**DOCUMENT, **changes}).status_code == 409


def test_the_parts_that_are_given_replace_all_there_were(api, quick, manager, told):
    answer = api(manager).patch(
        f"{URL}/{quick.pk}", {"tasks": [DOCUMENT["tasks"][1], {"key": "sign", "name": "Banner"}], "version": 1}
    )
    assert answer.status_code == 200, answer.data
    assert [(each["key"], each["name"]) for each in answer.data["tasks"]] == [("mls", "MLS"), ("sign", "Banner")]
    assert answer.data["dependencies"] == DOCUMENT["dependencies"]
    assert answer.data["version"] == 2
    assert [fact.change for fact in told(TemplateChanged)] == ["created", "changed"]


def test_a_change_that_changes_nothing_is_not_told(api, quick, manager, told):
    ids = list(TemplateTask.objects.filter(template=quick).values_list("pk", flat=True))
    assert api(manager).patch(f"{URL}/{quick.pk}", DOCUMENT).data["version"] == 1
    assert list(TemplateTask.objects.filter(template=quick).values_list("pk", flat=True)) == ids
    assert len(told(TemplateChanged)) == 1


def test_a_stale_change_is_refused_whole(api, quick, manager):
    services.edit_template(quick, by=manager, changes={"name": "Quicker"})
    answer = api(manager).patch(f"{URL}/{quick.pk}", {"tasks": [], "dependencies": [], "key_dates": [], "version": 1})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "version_conflict")
    assert answer.data["current"]["version"] == 2
    assert quick.tasks.count() == 3


def test_editing_touches_only_deals_to_come(quick, deal, manager):
    services.apply_template(quick, project=deal, by=manager)
    services.edit_template(quick, by=manager, changes={"tasks": (Step("mls", "Enter it"),), "dependencies": ()})
    assert sorted(deal.tasks.values_list("name", flat=True)) == ["MLS", "Photos", "Sign"]
    other = services.open_project(name="5 Mill Lane", kind="listing", by=manager, template=quick)
    assert list(other.tasks.values_list("name", flat=True)) == ["Enter it"]


def test_one_that_was_never_applied_is_removed(api, quick, manager, told):
    assert api(manager).delete(f"{URL}/{quick.pk}").status_code == 204
    assert not ProjectTemplate.objects.filter(pk=quick.pk).exists()
    assert told(TemplateChanged)[-1].change == "removed"


def test_one_that_deals_were_planned_with_is_taken_out_of_use(api, quick, deal, manager, agent):
    services.apply_template(quick, project=deal, by=manager)
    assert api(manager).delete(f"{URL}/{quick.pk}").status_code == 204
    assert api(agent).get(f"{URL}/{quick.pk}").status_code == 404
    assert api(manager).get(f"{URL}/{quick.pk}").data["is_active"] is False
    assert quick.pk not in [each["id"] for each in api(manager).get(URL).data["results"]]
    assert [each["id"] for each in api(manager).get(f"{URL}?active=false").data["results"]] == [quick.pk]
    assert api(agent).get(f"{URL}?active=false").data["results"] == []
    assert api(manager).post(f"{URL}/{quick.pk}/apply", {"project": deal.pk}).status_code == 404
    assert deal.tasks.count() == 3
    api(manager).patch(f"{URL}/{quick.pk}", {"is_active": True})
    assert api(agent).get(f"{URL}/{quick.pk}").status_code == 200


def test_what_somebody_removed_meanwhile_is_gone(quick, manager, deal):
    same = ProjectTemplate.objects.get(pk=quick.pk)
    services.delete_template(same, by=manager)
    for act in (
        lambda: services.edit_template(quick, by=manager, changes={"name": "X"}),
        lambda: services.delete_template(quick, by=manager),
        lambda: services.apply_template(quick, project=deal, by=manager),
    ):
        with pytest.raises(TemplateGone):
            act()


def test_a_copy_is_whole_and_never_applied_by_itself(api, quick, manager):
    copy = api(manager).post(f"{URL}/{quick.pk}/duplicate", {})
    assert copy.status_code == 201
    whole = api(manager).get(f"{URL}/{quick.pk}").data
    own = {"id", "key", "name", "applies_on", "version"}
    assert {name: copy.data[name] for name in whole.keys() - own} == {name: whole[name] for name in whole.keys() - own}
    assert (copy.data["name"], copy.data["key"], copy.data["applies_on"]) == (
        "Quick listing (copy)",
        "quick-listing-copy",
        "",
    )
    assert api(manager).post(f"{URL}/{quick.pk}/duplicate", {"name": "Slow listing"}).data["name"] == "Slow listing"


def test_only_the_office_s_leaders_write_templates(api, quick, agent, coordinator, deal):
    for who in (agent, coordinator):
        assert api(who).post(URL, DOCUMENT).status_code == 403
        assert api(who).patch(f"{URL}/{quick.pk}", {"name": "Mine"}).status_code == 403
        assert api(who).delete(f"{URL}/{quick.pk}").status_code == 403
        assert api(who).post(f"{URL}/{quick.pk}/duplicate", {}).status_code == 403
        assert api(who).post(f"/api/v1/projects/{deal.pk}/save-as-template", {"name": "Mine"}).status_code == 403


def test_templates_are_listed_and_shown_at_a_constant_cost(api, agent, manager, quick, django_assert_max_num_queries):
    def queries(url, most):
        with django_assert_max_num_queries(most) as counted:
            assert api(agent).get(url).status_code == 200
        return len(counted)

    few = queries(URL, 3), queries(f"{URL}/{quick.pk}", 6)
    for number in range(5):
        services.create_template(Blueprint(key="", name=f"Plan {number}"), by=manager)
    steps = tuple(Step(f"t{n}", "T", rule=Rule(days=1, after_key_date="Party")) for n in range(40))
    waits = tuple(Wait(f"t{n}", f"t{n + 1}") for n in range(39))
    services.edit_template(
        quick, by=manager, changes={"tasks": (*blueprint_of(quick).tasks, *steps), "dependencies": waits}
    )
    assert (queries(URL, 3), queries(f"{URL}/{quick.pk}", 6)) == few


def test_templates_are_found_by_kind_status_and_words(api, agent, quick):
    def found(query):
        return {each["key"] for each in api(agent).get(f"{URL}?{query}").data["results"]}

    assert found("kind=purchase") == {"contract-to-close-buyer"}
    assert found("applies_on=preparing") == {"quick-listing"}
    assert found("q=QUICK") == {"quick-listing"}
    assert api(agent).get(f"{URL}?kind=castle").status_code == 400
    assert api(agent).get(f"{URL}?active=perhaps").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_templates_with_one_key_made_at_once_one_is_made(manager, in_threads):
    plan = Blueprint(key="same", name="Same")
    results = in_threads(4, lambda _: services.create_template(plan, by=manager))
    assert sum(isinstance(each, ProjectTemplate) for each in results) == 1
    assert ProjectTemplate.objects.filter(key="same").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_deal_gets_one_plan_or_the_other_never_half_of_each(manager, in_threads):
    old, new = (tuple(Step(f"{name}{n}", name) for n in range(6)) for name in ("old", "new"))
    template = services.create_template(Blueprint(key="p", name="P", tasks=old), by=manager)
    deals = [services.open_project(name=f"Deal {n}", kind="listing", by=manager) for n in range(3)]

    def act(number):
        mine = ProjectTemplate.objects.get(pk=template.pk)
        if number == 3:
            return services.edit_template(mine, by=manager, changes={"tasks": new})
        return services.apply_template(mine, project=deals[number], by=manager)

    assert not [each for each in in_threads(4, act) if isinstance(each, Exception)]
    for deal in deals:
        assert set(deal.tasks.values_list("name", flat=True)) in ({"old"}, {"new"})
        assert deal.tasks.count() == 6


def test_a_deal_that_went_well_is_kept_as_a_template(api, manager, coordinator, listing_launch, deal, make_task):
    launch = blueprint_of(listing_launch)
    services.apply_template(listing_launch, project=deal, by=manager)
    extra = make_task("Champagne", assignees=[coordinator])
    cancelled = make_task("Fly a banner", after=[extra])
    services.create_column(deal, by=manager, values={"name": "No", "group": "cancelled"})
    services.move_task(cancelled, by=manager, column=deal.columns.get(name="No"))
    answer = api(manager).post(f"/api/v1/projects/{deal.pk}/save-as-template", {"name": "Launch with champagne"})
    assert answer.status_code == 201, answer.data
    saved = blueprint_of(ProjectTemplate.objects.get(pk=answer.data["id"]))
    assert (saved.key, saved.kind, saved.applies_on) == ("launch-with-champagne", "listing", "")
    plans = {step.key: step for step in saved.tasks}
    champagne = plans.pop(extra.key)
    assert (champagne.name, champagne.role) == ("Champagne", "coordinator")
    wholes = {step.parent for step in launch.tasks}
    for step in launch.tasks:
        mine = plans.pop(step.key)
        same = (
            "name",
            "role",
            "parent",
            "priority",
            "estimate_minutes",
            "checklist",
            "rule",
            "is_deadline",
            "offset_days",
        )
        assert {name: getattr(mine, name) for name in same} == {name: getattr(step, name) for name in same}
        assert set(mine.labels) == set(step.labels)
        assert step.key in wholes or mine.duration_days == step.duration_days
    assert not plans
    assert set(saved.dependencies) == set(launch.dependencies)
    assert {(day.kind, day.name, day.rule) for day in saved.key_dates} == {
        (day.kind, day.name, day.rule) for day in launch.key_dates
    }


def test_a_stranger_s_deal_is_nobody_s_template(api, manager, agent):
    quiet = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    url = f"/api/v1/projects/{quiet.pk}/save-as-template"
    assert api(manager).post(url, {"name": "Quiet"}).status_code == 404
    assert api(manager).post(f"/api/v1/projects/{10**20}/save-as-template", {"name": "Quiet"}).status_code == 404


def test_a_template_that_counts_by_a_profile_keeps_it(quick):
    profile = DateProfile.objects.get(key="trid-specific")
    assert quick.key_dates.get(kind="listing_live").date_rule.profile == profile


def test_rows_that_close_a_circle_are_refused_when_they_settle(quick, manager):
    tasks = {task.key: task for task in quick.tasks.all()}
    tasks["sign"].outgoing.create(successor=tasks["photos"])
    with pytest.raises(DependencyCycle):
        services.settle_template(quick, by=manager)
