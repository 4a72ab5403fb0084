"""Planning a deal with a template."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tasks import services
from tasks.activities import TaskAssigned, TaskCreated, TemplateApplied
from tasks.blueprints import Blueprint, Day, Item, Rule, Step, Wait
from tasks.models import (
    DateChange,
    DateProfile,
    ProjectTemplate,
    Task,
    TaskDependency,
    TemplateDependency,
    TemplateTask,
)
from tasks.planning import plan_of
from tasks.services.refusals import DependencyCycle, WipLimitExceeded
from tasks.starter_templates import PLANS, install_templates
from tasks.workdays import WEEKDAYS


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


def test_what_has_no_day_yet_comes_last_on_the_board(deal, closing, manager):
    services.apply_template(closing, project=deal, by=manager)
    keys = list(deal.tasks.order_by("rank").values_list("key", flat=True))
    assert keys == ["sweep", "prepare", "keys", "papers", "walk", "close"]


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


def test_the_plan_stands_from_the_first_and_no_change_is_told(deal, plan, manager):
    services.apply_template(plan, project=deal, by=manager)
    assert not DateChange.objects.exists()
    planned = plan_of(deal).tasks
    assert days(deal) == {each.key: (each.early_start, each.early_finish) for each in planned.values()}


def test_each_task_is_announced_and_the_room_hears_of_the_plan_alone(api, deal, plan, manager, told):
    applied, _ = services.apply_template(plan, project=deal, by=manager)
    created = told(TaskCreated)
    assert {fact.task_id for fact in created} == set(deal.tasks.values_list("pk", flat=True))
    assert {fact.template_application_id for fact in created} == {applied.pk}
    kinds = {each["kind"] for each in api(manager).get(f"/api/v1/projects/{deal.pk}/activity").data["results"]}
    assert ("project.template_applied" in kinds, "task.created" in kinds) == (True, False)


def test_what_begins_with_the_deal_moves_along_with_its_start(deal, plan, manager):
    services.apply_template(plan, project=deal, by=manager)
    services.edit_project(deal, by=manager, changes={"starts_on": date(2026, 5, 5)})
    assert days(deal)["measure"] == (date(2026, 5, 5), date(2026, 5, 7))


@pytest.fixture
def closing(manager):
    """A small contract: the closing is not known yet, the walkthrough is the day before, the papers two days later."""
    day_before = Rule(days=1, direction="before", after_key_date="Closing", counting="calendar")
    return services.create_template(
        Blueprint(
            key="closing",
            name="Closing",
            kind="listing",
            key_dates=(
                Day("closing", "Closing"),
                Day("walkthrough", "Walkthrough", day_before),
                Day("own", "Keys returned", Rule(days=2, after_task="papers")),
            ),
            tasks=(
                Step("prepare", "Prepare", 2, priority="high", estimate_minutes=90, labels=("House", "client")),
                Step("sweep", "Sweep", 1, parent="prepare", labels=("house",)),
                Step("keys", "Collect the keys", 1, parent="prepare"),
                Step(
                    "walk",
                    "Walk through",
                    rule=Rule(days=0, after_key_date="Walkthrough"),
                    role="coordinator",
                    checklist=(Item("Swept", is_required=True), Item("Photographs", needs_document=True)),
                ),
                Step("close", "Close", 1, is_deadline=True, rule=Rule(days=0, after_key_date="Closing")),
                Step("papers", "File the papers", 1, offset_days=1, is_deadline=True),
            ),
            dependencies=(Wait("sweep", "keys", "SS", 1), Wait("prepare", "walk")),
        ),
        by=manager,
    )


def task(deal, key):
    return deal.tasks.get(key=key)


def test_all_that_a_template_holds_is_made(deal, closing, manager, coordinator):
    services.apply_template(closing, project=deal, by=manager)
    prepare, walk, papers = (task(deal, key) for key in ("prepare", "walk", "papers"))
    assert (prepare.priority, prepare.estimate_minutes) == ("high", 90)
    assert sorted(label.name for label in prepare.labels.all()) == ["House", "client"]
    assert [each.key for each in prepare.subtasks.order_by("pk")] == ["sweep", "keys"]
    assert [label.name for label in task(deal, "sweep").labels.all()] == ["House"]
    assert (walk.role, walk.assignee_ids) == ("coordinator", [coordinator.pk])
    assert [(item.text, item.is_required, item.needs_document) for item in walk.checklist.all()] == [
        ("Swept", True, False),
        ("Photographs", False, True),
    ]
    assert (papers.starts_on, papers.deadline_on) == (date(2026, 5, 5), date(2026, 5, 5))
    assert {each.name: each.on for each in deal.key_dates.all()} == {
        "Closing": None,
        "Walkthrough": None,
        "Keys returned": date(2026, 5, 7),
    }
    assert {each.transitions.get().to_group for each in deal.tasks.all()} == {"backlog"}


def test_a_whole_is_as_long_as_its_parts(deal, closing, manager):
    services.apply_template(closing, project=deal, by=manager)
    assert (task(deal, "prepare").starts_on, task(deal, "prepare").due_on) == (date(2026, 5, 4), date(2026, 5, 5))


def test_until_the_day_is_known_dependencies_say_when_and_what_waits_for_nothing_has_no_day(deal, closing, manager):
    services.apply_template(closing, project=deal, by=manager)
    walk, close = task(deal, "walk"), task(deal, "close")
    assert (walk.starts_on, walk.due_on) == (date(2026, 5, 6), date(2026, 5, 6))
    assert (close.starts_on, close.due_on, close.deadline_on) == (None, None, None)


def test_once_the_day_is_known_the_rules_say_when_and_the_contract_s_deadline_follows(deal, closing, manager):
    services.apply_template(closing, project=deal, by=manager)
    services.change_key_date(deal.key_dates.get(kind="closing"), by=manager, changes={"on": date(2026, 6, 1)})
    walk, close = task(deal, "walk"), task(deal, "close")
    assert walk.due_on == date(2026, 5, 31)  # a Sunday: the day before, as the rule says
    assert (close.due_on, close.deadline_on) == (date(2026, 6, 1), date(2026, 6, 1))
    services.change_key_date(deal.key_dates.get(kind="closing"), by=manager, changes={"on": date(2026, 6, 3)})
    close.refresh_from_db()
    assert (close.deadline_on, close.deadline_at) == (date(2026, 6, 3), datetime(2026, 6, 4, 3, 59, 59, tzinfo=UTC))


def test_a_new_deadline_ends_at_the_hour_that_the_way_of_counting_says(deal, closing, manager):
    florida = DateProfile.objects.get(key="florida-far-bar")
    services.edit_project(deal, by=manager, changes={"date_profile": florida})
    services.apply_template(closing, project=deal, by=manager)
    services.change_key_date(deal.key_dates.get(kind="closing"), by=manager, changes={"on": date(2026, 6, 1)})
    close = task(deal, "close")
    assert (close.deadline_time, close.deadline_at) == (time(17), datetime(2026, 6, 1, 21, tzinfo=UTC))


def test_key_dates_that_the_deal_has_already_are_taken_over(deal, closing, manager):
    mine = services.add_key_date(deal, by=manager, kind="closing", name="Settlement", on=date(2026, 6, 1))
    services.apply_template(closing, project=deal, by=manager)
    assert deal.key_dates.filter(kind="closing").get() == mine
    assert task(deal, "close").due_on == task(deal, "close").deadline_on == date(2026, 6, 1)
    assert deal.key_dates.get(kind="walkthrough").on == date(2026, 5, 31)
    assert task(deal, "walk").due_on == date(2026, 5, 31)


def test_a_label_that_the_deal_has_is_the_one_meant(deal, closing, manager):
    services.create_label(deal, by=manager, name="HOUSE")
    services.apply_template(closing, project=deal, by=manager)
    assert sorted(deal.labels.values_list("name", flat=True)) == ["HOUSE", "client"]


def test_the_number_of_queries_does_not_grow_with_the_template(deal, closing, manager, django_assert_max_num_queries):
    def queries(template):
        with django_assert_max_num_queries(60) as counted:
            services.apply_template(template, project=deal, by=manager)
        return len(counted)

    small = queries(closing)
    plan = Blueprint(key="large", name="Large", kind="listing")
    steps = tuple(
        Step(
            f"t{n}",
            f"Task {n}",
            role="listing_agent",
            checklist=(Item("Seen"),),
            rule=Rule(days=n, after_key_date="Closing"),
        )
        for n in range(80)
    )
    waits = tuple(Wait(f"t{n}", f"t{n + 1}") for n in range(79))
    large = services.create_template(
        replace(plan, key_dates=(Day("closing", "Closing"),), tasks=steps, dependencies=waits), by=manager
    )
    assert queries(large) <= small + 5


def test_a_full_column_takes_no_plan(api, deal, plan, manager, column):
    services.change_column(column("Backlog"), by=manager, changes={"wip_limit": 2, "wip_is_hard": True})
    with pytest.raises(WipLimitExceeded):
        services.apply_template(plan, project=deal, by=manager)
    answer = api(manager).post(f"/api/v1/project-templates/{plan.pk}/apply", {"project": deal.pk})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")
    assert not deal.applied_templates.exists()


def test_a_deleted_task_keeps_its_key(deal, plan, manager, make_task):
    services.delete_task(make_task(key="draw"), by=manager)
    services.apply_template(plan, project=deal, by=manager)
    assert set(Task.every.filter(project=deal).values_list("key", flat=True)) == {"draw", "measure", "draw-2", "build"}


@pytest.mark.parametrize(
    "body", [{"project": 10**30}, {"project": "x"}, {"starts_on": "3000-01-01"}, {"roles": {"king": 1}}]
)
def test_what_is_wrong_is_named(api, deal, plan, manager, body):
    answer = api(manager).post(f"/api/v1/project-templates/{plan.pk}/apply", {"project": deal.pk, **body})
    assert (answer.status_code, answer.data["errors"][0]["attr"].split(".")[0]) == (400, next(iter(body)))


def test_installing_the_starter_templates_again_leaves_edits_alone(db):
    install_templates()
    TemplateTask.objects.filter(template__key="lease", key="photos").update(name="Film of the unit")
    ProjectTemplate.objects.get(key="after-close").delete()
    install_templates()
    assert ProjectTemplate.objects.count() == len(PLANS)
    assert TemplateTask.objects.filter(name="Film of the unit").count() == 1


def test_a_fresh_office_has_the_starter_templates(db):
    assert set(ProjectTemplate.objects.values_list("key", flat=True)) == {plan.key for plan in PLANS}


@pytest.mark.parametrize("key", [plan.key for plan in PLANS])
def test_a_starter_template_gives_days_that_keep_its_dependencies(deal, manager, key):
    services.apply_template(install_templates()[key], project=deal, by=manager)
    planned = plan_of(deal)
    assert planned.warnings == ()
    dated = [task for task in deal.tasks.all() if task.starts_on]
    assert len(dated) >= deal.tasks.count() / 3
    assert min(task.starts_on for task in dated) == deal.starts_on
    ruled = set(deal.tasks.filter(date_rule__isnull=False).values_list("pk", flat=True))
    for link in TaskDependency.objects.of_project(deal.pk).exclude(successor__in=ruled):
        before, after = planned.tasks[link.predecessor_id], planned.tasks[link.successor_id]
        assert _end(after, link.type[1]) >= _end(before, link.type[0]) + link.lag_days, link


def _end(task, end):
    """The instant of one end of a planned task, in working days."""
    start = WEEKDAYS.number(task.early_start)
    if end == "S":
        return start
    return start if task.is_milestone else WEEKDAYS.number(task.early_finish + timedelta(days=1))


def test_a_whole_deal_from_acceptance_to_closing_is_dated_from_two_days(deal, manager):
    templates = install_templates()
    purchase = services.open_project(name="9 Elm", kind="purchase", starts_on=date(2026, 5, 4), by=manager)
    services.apply_template(templates["contract-to-close-buyer"], project=purchase, by=manager)
    services.change_key_date(purchase.key_dates.get(kind="closing"), by=manager, changes={"on": date(2026, 6, 8)})
    known = {each.kind: each.on for each in purchase.key_dates.all()}
    assert known == {
        "contract_acceptance": date(2026, 5, 4),
        "earnest_money_due": date(2026, 5, 7),
        "inspection": date(2026, 5, 14),
        "appraisal": date(2026, 5, 21),
        "loan_approval": date(2026, 5, 25),
        "closing_disclosure": date(2026, 6, 4),  # Thursday: Friday, Saturday and Monday are specific business days
        "walkthrough": date(2026, 6, 7),
        "closing": date(2026, 6, 8),
    }
    assert not purchase.tasks.filter(due_on=None).exists()
    assert purchase.tasks.get(key="closing").deadline_on == date(2026, 6, 8)
