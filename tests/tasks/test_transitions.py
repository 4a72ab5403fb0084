"""What is kept of a task's way over the board."""

from datetime import date

import pytest

from tasks import services
from tasks.models import TaskTransition

NOW = "2026-05-05T02:00:00Z"  # still Monday in New York, where the deal is
MONDAY, TUESDAY, SUNDAY = date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 3)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW)


def way(task):
    kept = TaskTransition.objects.filter(task=task).order_by("pk")
    return [(each.from_group, each.to_group, each.on) for each in kept]


def test_a_task_is_kept_from_its_first_column_on(make_task, column, agent):
    task = make_task(column=column("In progress"))
    assert way(task) == [("", "active", MONDAY)]


def test_only_what_changes_the_group_is_kept(make_task, column, agent):
    task = make_task()
    for name in ("To do", "In progress", "Waiting", "Backlog"):
        services.move_task(task, column=column(name), by=agent)
    assert way(task) == [("", "backlog", MONDAY), ("backlog", "active", MONDAY), ("active", "backlog", MONDAY)]


def test_the_day_is_that_of_the_project(make_task, column, agent, deal, manager):
    services.edit_project(deal, by=manager, changes={"timezone": "Australia/Sydney"})
    task = make_task()
    assert way(task) == [("", "backlog", TUESDAY)]


def test_the_day_it_was_really_done_counts(make_task, agent):
    task = make_task()
    services.complete_task(task, by=agent, completed_on=SUNDAY)
    services.reopen_task(task, by=agent)
    assert way(task)[1:] == [("backlog", "done", SUNDAY), ("done", "active", MONDAY)]


def test_a_deleted_task_is_gone_until_it_is_restored(make_task, manager):
    task = make_task()
    services.delete_task(task, by=manager)
    services.restore_task(task, by=manager)
    assert way(task)[1:] == [("backlog", "", MONDAY), ("", "backlog", MONDAY)]


def test_a_template_brings_all_its_tasks_onto_the_board(deal, listing_launch, manager):
    services.apply_template(listing_launch, project=deal, by=manager)
    tasks = deal.tasks.count()
    assert TaskTransition.objects.filter(project=deal, from_group="", to_group="backlog").count() == tasks > 5


def test_a_column_that_gets_another_meaning_takes_its_cards_along(make_task, column, manager):
    task = make_task(column=column("To do"))
    services.change_column(column("To do"), by=manager, changes={"group": "active"})
    assert way(task)[1:] == [("backlog", "active", MONDAY)]
    services.change_column(column("To do"), by=manager, changes={"name": "Next"})
    assert len(way(task)) == 2


def test_a_refused_move_is_not_kept(make_task, column, agent):
    first = make_task("First")
    task = make_task("Second", after=[first])
    with pytest.raises(services.refusals.BlockedBy):
        services.complete_task(task, by=agent)
    assert len(way(task)) == 1
