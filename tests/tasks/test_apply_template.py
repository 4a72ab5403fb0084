"""Planning a deal with a template."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import TaskAssigned, TemplateApplied
from tasks.models import DependencyType, ProjectTemplate, TaskDependency, TemplateDependency, TemplateTask
from tasks.scheduling import Link, Span, earliest_start, is_workday
from tasks.services.refusals import DependencyCycle
from tasks.starter_templates import PLANS, install_templates


@pytest.fixture
def plan(db):
    """Measure (3 days) -> Draw (2 days, SS+1 and so on) -> Build; small enough to compute by hand."""
    template = ProjectTemplate.objects.create(key="plan", name="Plan", kind="internal")
    keys = {"measure": (3, 0, "listing_agent"), "draw": (2, 0, "coordinator"), "build": (0, 7, "")}
    tasks = {
        key: TemplateTask.objects.create(
            template=template, key=key, name=key.title(), duration_days=days, offset_days=offset, role=role
        )
        for key, (days, offset, role) in keys.items()
    }
    TemplateDependency.objects.create(predecessor=tasks["measure"], successor=tasks["draw"], type="FF", lag_days=2)
    TemplateDependency.objects.create(predecessor=tasks["draw"], successor=tasks["build"])
    return template


def days(deal):
    return {task.key: (task.starts_on, task.due_on) for task in deal.tasks.all()}


def test_tasks_get_the_days_that_the_dependencies_leave_them(deal, plan, manager):
    services.apply_template(plan, project=deal, by=manager, starts_on=date(2026, 5, 7))  # a Thursday
    assert days(deal) == {
        "measure": (date(2026, 5, 7), date(2026, 5, 11)),
        "draw": (date(2026, 5, 12), date(2026, 5, 13)),
        "build": (date(2026, 5, 18), date(2026, 5, 18)),
    }


def test_tasks_go_to_those_who_play_the_parts_as_said_or_as_they_are_in_the_deal(
    deal, plan, manager, agent, stranger, told
):
    services.apply_template(plan, project=deal, by=manager, roles={"coordinator": stranger})
    given = {task.key: task.assignee_ids for task in deal.tasks.all()}
    assert given == {"measure": [agent.pk], "draw": [stranger.pk], "build": []}
    assert deal.memberships.get(user=stranger).deal_role == "coordinator"
    facts = told(TaskAssigned)
    assert [(fact.task, fact.assignee_id, fact.project) for fact in facts] == [
        ("Measure", agent.pk, deal.name),
        ("Draw", stranger.pk, deal.name),
    ]
    assert facts[0].due_on == deal.tasks.get(key="measure").due_on.isoformat()


def test_a_viewer_who_is_given_a_part_works_on_the_deal(deal, plan, manager, viewer):
    services.apply_template(plan, project=deal, by=manager, roles={"listing_agent": viewer})
    assert deal.memberships.get(user=viewer).role == "member"


def test_applying_twice_is_once(api, deal, plan, manager, told):
    url = f"/api/v1/project-templates/{plan.pk}/apply"
    first, second = (api(manager).post(url, {"project": deal.pk}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.data == second.data
    assert len(first.data["tasks"]) == deal.tasks.count() == 3
    assert [fact.tasks for fact in told(TemplateApplied)] == [3]


@pytest.mark.django_db(transaction=True)
def test_applying_it_eight_times_at_once_is_once(deal, plan, manager, in_threads):
    results = in_threads(8, lambda _: services.apply_template(plan, project=deal, by=manager)[1])
    assert sorted(results) == [False] * 7 + [True]
    assert deal.tasks.count() == 3


def test_keys_that_are_taken_get_a_number(deal, plan, manager, make_task):
    make_task(key="draw")
    services.apply_template(plan, project=deal, by=manager)
    assert set(deal.tasks.values_list("key", flat=True)) == {"measure", "draw", "draw-2", "build"}


def test_the_board_shows_them_in_the_order_of_their_days(deal, plan, manager):
    services.apply_template(plan, project=deal, by=manager)
    assert list(deal.tasks.order_by("rank").values_list("key", flat=True)) == ["measure", "draw", "build"]


def test_a_template_that_goes_in_a_circle_is_refused_whole(deal, plan, manager):
    tasks = {task.key: task for task in plan.tasks.all()}
    TemplateDependency.objects.create(predecessor=tasks["build"], successor=tasks["measure"], type="SS")
    with pytest.raises(DependencyCycle) as refusal:
        services.apply_template(plan, project=deal, by=manager)
    assert set(refusal.value.extra["cycle"]) == {"measure", "draw", "build"}
    assert not deal.tasks.exists()
    assert not deal.applied_templates.exists()


def test_those_who_do_not_manage_the_deal_do_not_plan_it(api, deal, plan, agent, viewer, stranger):
    url = f"/api/v1/project-templates/{plan.pk}/apply"
    assert [api(who).post(url, {"project": deal.pk}).status_code for who in (agent, viewer, stranger)] == [
        403,
        403,
        400,
    ]


def test_templates_are_shown_whole(api, agent, listing_launch, django_assert_max_num_queries):
    names = [each["key"] for each in api(agent).get("/api/v1/project-templates").data["results"]]
    assert sorted(names) == ["contract-to-close-buyer", "lease", "listing-launch"]
    with django_assert_max_num_queries(5):
        whole = api(agent).get(f"/api/v1/project-templates/{listing_launch.pk}").data
    assert len(whole["tasks"]) == listing_launch.tasks.count()
    assert {"predecessor": "declutter", "successor": "staging", "type": "FF", "lag_days": 1} in whole["dependencies"]
    assert api(agent).get("/api/v1/project-templates?kind=castle").status_code == 400


def test_installing_the_starter_templates_again_leaves_edits_alone(db):
    install_templates()
    TemplateTask.objects.filter(template__key="lease", key="photos").update(name="Film of the unit")
    install_templates()
    assert ProjectTemplate.objects.count() == len(PLANS)
    assert TemplateTask.objects.filter(name="Film of the unit").count() == 1


def test_the_starter_templates_use_all_four_types(db):
    install_templates()
    assert set(TemplateDependency.objects.values_list("type", flat=True)) == set(DependencyType.values)


@pytest.mark.parametrize("key", [plan.key for plan in PLANS])
def test_a_starter_template_gives_days_that_keep_its_dependencies(deal, manager, key):
    services.apply_template(install_templates()[key], project=deal, by=manager)
    tasks = list(deal.tasks.all())
    assert all(is_workday(task.starts_on) and is_workday(task.due_on) for task in tasks)
    workdays = sorted({task.starts_on for task in tasks} | {task.due_on for task in tasks})
    assert workdays[0] == deal.starts_on
    for link in TaskDependency.objects.filter(successor__in=tasks).select_related("predecessor", "successor"):
        before, after = span(link.predecessor, deal), span(link.successor, deal)
        plain = Link(1, 2, link.type, link.lag_days)
        assert after.start >= earliest_start(plain, before, link.successor.duration_days), link


def span(task, deal):
    first = sum(
        is_workday(date.fromordinal(day)) for day in range(deal.starts_on.toordinal(), task.starts_on.toordinal())
    )
    return Span(first, first + task.duration_days)
