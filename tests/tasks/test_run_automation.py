"""Rules meet what happens: once, all or nothing, never in a circle."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import OperationalError, transaction

from estateman.activity.models import Activity, Receipt
from estateman.common import clock
from tasks import services
from tasks.activities import AutomationNotice, TaskAssigned, TaskCommented, TaskCreated, TaskMoved
from tasks.automation import TRIGGERING
from tasks.models import AutomatedActivity, AutomationRule, AutomationRun, ChecklistItem, Label, Task
from tasks.services.automation import acting, running

REACTION = "tasks.reactions.run_automation_rules"
SET_HIGH = {"action": "set_priority", "priority": "high"}


@pytest.fixture
def outcomes(settle):
    """What became of the rule's chances, in order."""

    def of(rule):
        settle()
        return list(rule.runs.order_by("pk").values_list("outcome", flat=True))

    return of


def to(column):
    return {"action": "move", "column": column.pk}


def is_(field, value):
    return {"field": field, "op": "is", "value": value}


def test_when_it_happens_and_its_conditions_hold_it_acts_in_its_makers_name(
    make_rule, make_task, column, coordinator, outcomes, told
):
    rule = make_rule(
        "task_moved",
        [{"action": "assign", "role": "coordinator"}, SET_HIGH, {"action": "comment", "body": "{task} waits"}],
        if_=[is_("column", column("Waiting").pk)],
    )
    task = make_task("Photos")
    agent = task.project.members.get(name="Alex Agent")
    services.move_task(task, column=column("In progress"), by=agent)
    services.move_task(task, column=column("Waiting"), by=agent)
    assert outcomes(rule) == ["skipped", "done"]
    task.refresh_from_db()
    assert (task.priority, list(task.assignees.all())) == ("high", [coordinator])
    assert task.comments.get().body == "Photos waits"
    assert told(TaskAssigned)[-1].by_id == rule.created_by_id
    done = rule.runs.get(outcome="done")
    assert (done.task, done.depth, done.caused_by) == (task, 0, None)
    assert "gave Photos to Cora Coordinator" in done.detail
    assert "it is" in rule.runs.get(outcome="skipped").detail


def test_of_two_moves_in_a_row_each_is_met_as_it_was(make_rule, make_task, column, agent, outcomes):
    rule = make_rule("task_moved", [SET_HIGH], if_=[is_("column", column("In progress").pk)])
    task = make_task()
    services.move_task(task, column=column("Waiting"), by=agent)
    services.move_task(task, column=column("In progress"), by=agent)
    assert outcomes(rule) == ["skipped", "done"]


def test_a_card_that_changes_places_only_is_not_moved(make_rule, make_task, column, agent, outcomes):
    rule = make_rule("task_moved", [SET_HIGH])
    first, second = make_task("A"), make_task("B")
    services.move_task(second, column=column("Backlog"), before=first, by=agent)
    assert outcomes(rule) == []


def test_completing_and_reopening_are_moves_too(make_rule, make_task, column, agent, outcomes):
    moved = make_rule("task_moved", [SET_HIGH], if_=[is_("group", "done")])
    completed, reopened = make_rule("task_completed", [SET_HIGH]), make_rule("task_reopened", [SET_HIGH])
    task = make_task()
    services.complete_task(task, by=agent)
    services.reopen_task(task, by=agent)
    assert outcomes(moved) == ["done", "skipped"]
    assert (outcomes(completed), outcomes(reopened)) == (["done"], ["done"])


def test_each_rule_meets_each_activity_once(make_rule, make_task, agent, outcomes, settle):
    rule = make_rule("task_created", [{"action": "create_task", "name": "Call about {task}"}])
    make_task("Photos")
    assert outcomes(rule) == ["done", "stopped"]
    Activity.objects.update(next_attempt_at=clock.now())
    Receipt.objects.filter(reaction=REACTION).delete()
    settle()
    assert Task.objects.filter(name="Call about Photos").count() == 1


class Killed(BaseException):
    """The worker is gone, in the middle of its work."""


def test_what_a_killed_worker_had_begun_is_done_once_by_the_next(make_rule, make_task, monkeypatch, outcomes, settle):
    rules = [make_rule("task_created", [{"action": "comment", "body": "One"}]), make_rule("task_created", [SET_HIGH])]
    task = make_task()

    def killed(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setitem(acting._DOES, "set_priority", killed)
        with pytest.raises(Killed):
            settle()
    assert (task.comments.count(), AutomationRun.objects.count()) == (0, 0)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert [outcomes(rule) for rule in rules] == [["done"], ["done"]]
    assert task.comments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_act_once(make_rule, make_task, in_threads):
    rule = make_rule("task_created", [{"action": "create_task", "name": "Call about {task}"}])
    make_task("Photos")
    created = Activity.objects.get(kind="task.created")

    def run(_):
        with transaction.atomic():
            services.run_rules([(created.fact, created)])

    assert in_threads(4, run) == [None] * 4
    assert (rule.runs.count(), Task.objects.filter(name="Call about Photos").count()) == (1, 1)


def test_the_databases_trouble_is_no_fault_of_the_rule_and_all_is_tried_again(
    make_rule, make_task, monkeypatch, outcomes, settle
):
    rule = make_rule("task_created", [{"action": "comment", "body": "One"}, SET_HIGH])
    task = make_task()

    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setitem(acting._DOES, "set_priority", locked)
        settle()
    assert Receipt.objects.get(reaction=REACTION, activity__kind="task.created").state == Receipt.State.WAITING
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert outcomes(rule) == ["done"]
    assert task.comments.count() == 1


def test_two_rules_that_move_a_card_back_and_forth_do_so_once(make_rule, make_task, column, agent, outcomes, told):
    waiting, active = column("Waiting"), column("In progress")
    there = make_rule("task_moved", [to(active)], if_=[is_("column", waiting.pk)])
    back = make_rule("task_moved", [to(waiting)], if_=[is_("column", active.pk)])
    task = make_task()
    services.move_task(task, column=waiting, by=agent)
    assert outcomes(there) == ["done", "skipped", "stopped"]
    assert outcomes(back) == ["skipped", "done", "skipped"]
    task.refresh_from_db()
    assert (task.column, len(told(TaskMoved))) == (waiting, 3)
    chain = AutomationRun.objects.get(rule=back, outcome="done")
    assert (chain.depth, chain.caused_by) == (1, there.runs.get(outcome="done"))
    services.move_task(task, column=active, by=agent)
    assert outcomes(back)[3:] == ["done", "skipped", "stopped"]


def test_a_rule_that_makes_tasks_when_tasks_are_made_ends(make_rule, make_task, outcomes, told):
    rule = make_rule("task_created", [{"action": "create_task", "name": "After {task}"}])
    make_task("Photos")
    assert outcomes(rule) == ["done", "stopped"]
    assert [fact.task for fact in told(TaskCreated)] == ["Photos", "After Photos"]
    assert AutomatedActivity.objects.get(activity__kind="task.created").run.rule == rule


def test_a_chain_of_rules_ends_after_the_fifth(make_rule, make_task, settle, told):
    def named(number):
        return [{"field": "name", "op": "contains", "value": f"No{number}."}]

    rules = [
        make_rule("task_created", [{"action": "create_task", "name": f"No{number + 1}."}], if_=named(number))
        for number in range(8)
    ]
    make_task("No0.")
    settle()
    assert [fact.task for fact in told(TaskCreated)] == [f"No{number}." for number in range(running.LONGEST_CHAIN + 1)]
    stopped = AutomationRun.objects.get(outcome="stopped")
    assert (stopped.rule, stopped.depth) == (rules[running.LONGEST_CHAIN], running.LONGEST_CHAIN)


def test_what_a_rule_of_the_house_forbids_is_refused_and_nothing_of_the_run_stays(
    make_rule, make_task, column, manager, outcomes, told
):
    full = column("Waiting")
    services.change_column(full, by=manager, changes={"wip_limit": 1, "wip_is_hard": True})
    services.move_task(make_task("Keys"), column=full, by=manager)
    rule = make_rule("task_created", [{"action": "comment", "body": "Hello"}, to(full)])
    task = make_task()
    assert outcomes(rule) == ["refused"]
    assert "Waiting takes no more than 1" in rule.runs.get().detail
    assert (task.comments.count(), told(TaskCommented)) == (0, [])
    assert not AutomatedActivity.objects.exists()


def test_a_blocked_task_is_not_completed_by_a_rule_either(make_rule, make_task, outcomes):
    rule = make_rule("label_added", [{"action": "complete"}])
    task = make_task("Go live", after=[make_task("Photos")])
    label = services.create_label(task.project, by=task.created_by, name="Ready")
    services.edit_task(task, by=task.created_by, changes={}, labels=[label])
    assert outcomes(rule) == ["refused"]
    assert "has to wait for: Photos" in rule.runs.get().detail


def test_a_broken_rule_does_not_stop_its_siblings(make_rule, make_task, monkeypatch, outcomes):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(acting._DOES, "comment", broken)
    first = make_rule("task_created", [SET_HIGH])
    failing = make_rule(
        "task_created", [{"action": "set_priority", "priority": "low"}, {"action": "comment", "body": "x"}]
    )
    last = make_rule("task_created", [{"action": "assign", "role": "listing_agent"}])
    task = make_task()
    assert [outcomes(rule) for rule in (first, failing, last)] == [["done"], ["failed"], ["done"]]
    task.refresh_from_db()
    assert (task.priority, task.assignees.count()) == ("high", 1)
    assert failing.runs.get().detail == "ZeroDivisionError: oops"


def test_who_no_longer_manages_the_project_has_no_rules_that_act(make_rule, make_task, deal, agent, manager, outcomes):
    membership = deal.memberships.get(user=agent)
    services.change_member(membership, role="manager", by=manager)
    rule = make_rule("task_created", [SET_HIGH], by=agent)
    make_task("Before")
    assert outcomes(rule) == ["done"]
    services.change_member(membership, role="member", by=manager)
    make_task("After")
    assert outcomes(rule) == ["done", "refused"]
    assert rule.runs.last().detail.startswith("Alex Agent, who made this rule, no longer manages 12 Quay Street.")


def test_neither_has_who_left_the_office(make_rule, make_task, manager, agent, deal, outcomes):
    services.change_member(deal.memberships.get(user=agent), role="owner", by=manager)
    rule = make_rule("task_created", [SET_HIGH], by=agent)
    agent.is_active = False
    agent.save()
    make_task()
    assert outcomes(rule) == ["refused"]


def test_a_rule_that_is_off_or_of_an_archived_project_rests(make_rule, make_task, deal, manager, outcomes):
    off = make_rule("task_created", [SET_HIGH], is_active=False)
    rule = make_rule("task_created", [SET_HIGH])
    make_task()
    services.archive_project(deal, by=manager)
    assert (outcomes(off), outcomes(rule)) == ([], [])


def test_what_was_deleted_meanwhile_is_left_alone(make_rule, make_task, manager, outcomes):
    rule = make_rule("task_created", [SET_HIGH])
    services.delete_task(make_task(), by=manager)
    assert outcomes(rule) == ["skipped"]
    assert rule.runs.get().detail == "The task was deleted meanwhile."


def test_what_a_rule_names_may_be_gone_by_then(make_rule, make_task, deal, column, manager, outcomes):
    waiting = column("Waiting")
    rule = make_rule("task_created", [to(waiting)])
    services.delete_column(waiting, by=manager)
    make_task()
    assert outcomes(rule) == ["refused"]
    assert rule.runs.get().detail == "The column it would move to is not the project's any more."


def test_what_happened_before_there_was_the_rule_is_none_of_its_business(make_rule, make_task, outcomes):
    make_task()
    assert outcomes(make_rule("task_created", [SET_HIGH])) == []


def test_a_rule_of_one_project_leaves_the_others_alone(make_rule, make_task, manager, outcomes):
    rule = make_rule("task_created", [SET_HIGH])
    other = services.open_project(name="5 Mill Lane", kind="lease", by=manager)
    make_task(project=other)
    assert outcomes(rule) == []


def test_where_there_are_no_rules_it_costs_one_query_for_all_that_happened(make_task, django_assert_num_queries):
    for _ in range(3):
        make_task()
    kinds = {fact.kind for fact in TRIGGERING}
    happened = [(each.fact, each) for each in Activity.objects.filter(kind__in=kinds)]
    with django_assert_num_queries(1):
        services.run_rules(happened)
    with django_assert_num_queries(0):
        services.run_rules([])


def test_rules_are_looked_up_once_however_much_happened(make_rule, make_task, django_assert_max_num_queries):
    make_rule("task_created", [SET_HIGH], if_=[is_("priority", "urgent")])

    def queries(tasks):
        Activity.objects.all().delete()
        for _ in range(tasks):
            make_task()
        happened = [(each.fact, each) for each in Activity.objects.filter(kind="task.created")]
        with django_assert_max_num_queries(200) as counted:
            services.run_rules(happened)
        return len(counted)

    few, many = queries(1), queries(3)
    per_run = (many - few) / 2
    assert few - per_run == 2  # the rules, and what of it other rules had announced


# --- What each action does --------------------------------------------------------------------------------------------


def test_rules_meet_each_task_that_a_template_brings(make_rule, deal, manager, listing_launch, outcomes):
    rule = make_rule("task_created", [SET_HIGH])
    services.apply_template(listing_launch, project=deal, by=manager)
    assert set(outcomes(rule)) == {"done"}
    assert set(deal.tasks.values_list("priority", flat=True)) == {"high"}
    assert rule.runs.count() == deal.tasks.count()


@pytest.fixture
def acted(make_rule, make_task, settle):
    """Set a rule of these actions off by a new task; returns that task as it is then."""

    def run(*actions, **details):
        rule = make_rule("task_created", list(actions))
        task = make_task("Photos", **details)
        settle()
        assert rule.runs.get(task=task).outcome == "done", rule.runs.get(task=task).detail
        return Task.objects.get(pk=task.pk)

    return run


def test_assign_and_unassign(acted, agent, coordinator):
    task = acted(
        {"action": "assign", "user": coordinator.pk}, {"action": "unassign", "role": "listing_agent"}, assignees=[agent]
    )
    assert list(task.assignees.all()) == [coordinator]


def test_assign_to_a_part_that_nobody_plays(make_rule, make_task, outcomes):
    rule = make_rule("task_created", [{"action": "assign", "role": "compliance"}])
    make_task()
    assert outcomes(rule) == ["refused"]
    assert rule.runs.get().detail == "Nobody plays the part compliance in 12 Quay Street."


def test_move_and_complete(acted, column):
    assert acted(to(column("Waiting"))).column == column("Waiting")
    AutomationRule.objects.all().delete()
    assert acted({"action": "complete"}).is_completed


def test_labels(acted, deal):
    new, old = (Label.objects.create(project=deal, name=name) for name in ("New", "Old"))
    task = acted({"action": "add_label", "label": new.pk}, {"action": "remove_label", "label": old.pk}, labels=[old])
    assert list(task.labels.all()) == [new]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"working_days": 3}, date(2026, 5, 13)),
        ({"working_days": 0}, date(2026, 5, 8)),
        ({"working_days": -1}, date(2026, 5, 7)),
    ],
)
def test_set_date_counts_working_days_from_today(acted, said, day):
    with time_machine.travel("2026-05-08T15:00:00Z", tick=False):
        assert acted({"action": "set_date", "date": "due_on", **said}).due_on == day


def test_set_date_counts_from_a_key_date(acted, deal, make_rule, make_task, outcomes):
    closing = deal.key_dates.create(kind="closing", name="Closing", on=date(2026, 6, 15))
    assert acted({"action": "set_date", "date": "due_on", "working_days": -5, "key_date": closing.pk}).due_on == date(
        2026, 6, 8
    )
    AutomationRule.objects.all().delete()
    closing.on = None
    closing.save()
    rule = make_rule(
        "task_created", [{"action": "set_date", "date": "due_on", "working_days": -5, "key_date": closing.pk}]
    )
    make_task()
    assert outcomes(rule) == ["refused"]


def test_create_task(acted, deal, agent, coordinator):
    with time_machine.travel("2026-05-08T15:00:00Z", tick=False):
        acted(
            {
                "action": "create_task",
                "name": "Thank them for {task}",
                "description": "At {project}",
                "key": "thanks",
                "role": "coordinator",
                "priority": "low",
                "due_in_working_days": 2,
            },
            {"action": "create_task", "name": "Again", "key": "thanks"},
            {"action": "create_task", "name": "Call", "user": agent.pk},
        )
    made = deal.tasks.get(key="thanks")
    assert (made.name, made.description, made.priority) == ("Thank them for Photos", "At 12 Quay Street", "low")
    assert (made.due_on, list(made.assignees.all())) == (date(2026, 5, 12), [coordinator])
    assert list(deal.tasks.get(name="Call").assignees.all()) == [agent]
    assert not deal.tasks.filter(name="Again").exists()


def test_notify_reaches_those_who_are_meant_and_see_it(acted, deal, agent, coordinator, viewer, told):
    acted(
        {
            "action": "notify",
            "users": [viewer.pk],
            "roles": ["coordinator"],
            "assignees": True,
            "message": "{task} is here",
        },
        assignees=[agent],
    )
    (notice,) = told(AutomationNotice)
    assert (notice.message, notice.task) == ("Photos is here", "Photos")
    assert set(notice.user_ids) == {viewer.pk, coordinator.pk, agent.pk}
    AutomationRule.objects.all().delete()
    acted({"action": "notify", "members": True, "message": "All hands"})
    assert set(told(AutomationNotice)[-1].user_ids) == {deal.created_by_id, agent.pk, coordinator.pk}


# --- What sets rules off ----------------------------------------------------------------------------------------------


def test_being_given_to_somebody(make_rule, make_task, agent, coordinator, outcomes):
    rule = make_rule("task_assigned", [SET_HIGH], if_=[is_("assigned_to", agent.pk)])
    make_task(assignees=[agent, coordinator])
    assert outcomes(rule) == ["done", "skipped"]


def test_being_unblocked(make_rule, make_task, agent, outcomes):
    rule = make_rule("task_unblocked", [SET_HIGH], if_=[is_("is_blocked", False)])
    first = make_task("Staging")
    make_task("Photos", after=[first])
    services.complete_task(first, by=agent)
    assert outcomes(rule) == ["done"]


def test_a_label(make_rule, make_task, deal, manager, outcomes):
    urgent, other = (Label.objects.create(project=deal, name=name) for name in ("Urgent", "Other"))
    rule = make_rule("label_added", [SET_HIGH], if_=[is_("added_label", urgent.pk)])
    task = make_task()
    for labels in ([other], [other, urgent], [urgent], []):
        services.edit_task(task, by=manager, changes={}, labels=labels)
    assert outcomes(rule) == ["skipped", "done"]


def test_a_comment(make_rule, make_task, agent, outcomes):
    rule = make_rule("comment_added", [{"action": "comment", "body": "Thanks"}])
    services.comment_on_task(make_task(), body="Hello", by=agent)
    assert outcomes(rule) == ["done", "stopped"]


def test_a_checklist_that_is_settled(make_rule, make_task, agent, outcomes):
    rule = make_rule("checklist_done", [SET_HIGH])
    task = make_task()
    for text in ("Keys", "Alarm"):
        item = ChecklistItem.objects.create(task=task, text=text)
    for item in task.checklist.all():
        services.do_checklist_item(item, by=agent)
    assert outcomes(rule) == ["done"]


def test_where_the_project_stands(make_rule, deal, manager, outcomes):
    rule = make_rule(
        "project_status_changed",
        [{"action": "create_task", "name": "Order the appraisal"}],
        if_=[is_("project_status", "under_contract"), is_("project_kind", "listing")],
    )
    services.edit_project(deal, by=manager, changes={"name": "12 Quay St"})
    services.edit_project(deal, by=manager, changes={"status": "on_hold"})
    services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    assert outcomes(rule) == ["skipped", "done"]
    assert deal.tasks.filter(name="Order the appraisal").count() == 1


def test_what_is_half_a_year_old_is_forgotten(make_rule, make_task, outcomes):
    rule = make_rule("task_created", [SET_HIGH])
    make_task()
    assert outcomes(rule) == ["done"]
    services.forget_old_runs()
    assert rule.runs.count() == 1
    with time_machine.travel(clock.now() + timedelta(days=181)):
        services.forget_old_runs()
    assert rule.runs.count() == 0
