"""Taking a column off a board."""

import pytest

from tasks import services
from tasks.activities import ColumnDeleted, TaskCompleted, TaskMoved, TaskUnblocked
from tasks.models import BoardColumn, Task, TaskTransition
from tasks.services.refusals import ColumnGone


@pytest.fixture
def delete(api, deal):
    def act(who, column, query=""):
        return api(who).delete(f"/api/v1/projects/{deal.pk}/columns/{column.pk}{query}")

    return act


def test_an_empty_column_goes_and_the_others_close_up(delete, manager, deal, column, told):
    assert delete(manager, column("To do")).status_code == 204
    assert list(deal.columns.values_list("name", "position")) == [
        ("Backlog", 0),
        ("In progress", 1),
        ("Waiting", 2),
        ("Done", 3),
    ]
    assert [(fact.column, fact.moved_to_id, fact.tasks) for fact in told(ColumnDeleted)] == [("To do", None, 0)]


def test_its_cards_go_to_the_end_of_another_in_their_order(delete, manager, make_task, column, told):
    waiting, progress = column("Waiting"), column("In progress")
    make_task("There", column=progress)
    second, first = make_task("Second", column=waiting), make_task("First", column=waiting)
    services.move_task(first, column=waiting, before=second, by=manager)
    moved = len(told(TaskMoved))
    assert delete(manager, waiting, f"?move_to={progress.pk}").status_code == 204
    assert list(progress.tasks.order_by("rank").values_list("name", flat=True)) == ["There", "First", "Second"]
    first.refresh_from_db()
    assert first.version == 3
    (fact,) = told(ColumnDeleted)
    assert (fact.moved_to, fact.tasks) == ("In progress", 2)
    assert fact.sentence() == "removed the column Waiting of 12 Quay Street, its cards are in In progress"
    assert len(told(TaskMoved)) == moved


def test_a_column_with_cards_needs_a_place_for_them(delete, manager, make_task, column):
    make_task(column=column("Waiting"))
    answer = delete(manager, column("Waiting"))
    assert (answer.status_code, answer.data["errors"][0]["code"], answer.data["tasks"]) == (409, "column_not_empty", 1)


@pytest.mark.parametrize("name", ["Done"])
def test_the_last_of_its_kind_stays(delete, manager, column, name):
    answer = delete(manager, column(name))
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "column_needed")


def test_the_last_one_for_open_tasks_stays_and_one_for_cancelled_ones_need_not(delete, manager, column, deal):
    BoardColumn.objects.create(project=deal, name="Dropped", group="cancelled", position=9)
    for name in ("Dropped", "To do", "In progress", "Waiting"):
        assert delete(manager, column(name)).status_code == 204
    assert delete(manager, column("Backlog")).data["errors"][0]["code"] == "column_needed"


def test_no_card_is_completed_by_it(delete, manager, make_task, column, deal, told):
    make_task(column=column("Waiting"))
    answer = delete(manager, column("Waiting"), f"?move_to={column('Done').pk}")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "move_to")
    itself = delete(manager, column("Waiting"), f"?move_to={column('Waiting').pk}")
    assert (itself.status_code, itself.data["errors"][0]["attr"]) == (400, "move_to")
    assert told(TaskCompleted) == []


def test_completed_cards_stay_completed(delete, manager, agent, make_task, column, deal):
    archive = BoardColumn.objects.create(project=deal, name="Filed", group="done", position=9)
    task = services.complete_task(make_task(), by=agent)
    assert delete(manager, column("Done"), f"?move_to={archive.pk}").status_code == 204
    task.refresh_from_db()
    assert (task.column, task.is_completed, task.completion_no) == (archive, True, 1)


@pytest.mark.parametrize("move_to", ["x", "0", str(2**63), str(2**70), "999999"])
def test_a_place_that_is_none_is_named(delete, manager, make_task, column, move_to):
    answer = delete(manager, column("Waiting"), f"?move_to={move_to}")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "move_to")


def test_a_column_of_another_board_is_no_place(delete, manager, column):
    other = services.open_project(name="3 Mill Lane", kind="lease", by=manager)
    answer = delete(manager, column("Waiting"), f"?move_to={other.columns.get(name='Waiting').pk}")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "move_to")


def test_a_full_column_takes_no_more(delete, manager, make_task, column):
    progress = column("In progress")
    progress.wip_limit, progress.wip_is_hard = 2, True
    progress.save()
    for name in ("In progress", "Waiting", "Waiting"):
        make_task(column=column(name))
    answer = delete(manager, column("Waiting"), f"?move_to={progress.pk}")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")


def test_what_was_deleted_goes_along(delete, manager, make_task, column):
    task = make_task(column=column("Waiting"))
    services.delete_task(task, by=manager)
    assert delete(manager, column("Waiting"), f"?move_to={column('In progress').pk}").status_code == 204
    assert Task.every.get(pk=task.pk).column == column("In progress")


def test_cards_that_are_now_under_way_free_what_waited_for_their_start(delete, manager, make_task, column, told):
    closing, utilities = make_task("Closing", column=column("To do")), make_task("Keep the utilities on")
    services.add_dependency(utilities, predecessor=closing, type="SF", by=manager)
    assert delete(manager, column("To do"), f"?move_to={column('Waiting').pk}").status_code == 204
    assert [fact.task for fact in told(TaskUnblocked)] == ["Keep the utilities on"]
    started = TaskTransition.objects.filter(task=closing).latest("pk")
    assert (started.from_group, started.to_group) == ("backlog", "active")


def test_only_those_who_manage_the_deal_do_it(delete, agent, viewer, stranger, column):
    assert [delete(who, column("Waiting")).status_code for who in (agent, viewer, stranger)] == [403, 403, 404]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_finds_it_gone_and_no_card_is_lost(make_task, manager, column, in_threads):
    waiting, goal = column("Waiting"), column("In progress")
    task = make_task(column=waiting)
    acts = [
        lambda: services.delete_column(BoardColumn.objects.get(pk=waiting.pk), move_to=goal, by=manager),
        lambda: services.delete_column(BoardColumn.objects.get(pk=waiting.pk), move_to=goal, by=manager),
        lambda: services.create_task(task.project, name="New", column=waiting, by=manager),
    ]
    results = in_threads(3, lambda number: acts[number]())
    refused = [result for result in results[:2] if isinstance(result, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], (ColumnGone, BoardColumn.DoesNotExist))
    assert {each.column_id for each in Task.objects.all()} == {goal.pk}
