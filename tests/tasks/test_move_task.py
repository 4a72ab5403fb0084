"""Moving cards on the board."""

import pytest

from tasks import ranking, services
from tasks.activities import TaskCompleted, TaskMoved, TaskReopened
from tasks.models import BoardColumn, Task


@pytest.fixture
def cards(make_task):
    """Five cards in the backlog: A B C D E."""
    return {name: make_task(name) for name in "ABCDE"}


@pytest.fixture
def move(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/move", body)


def order(column):
    return "".join(column.tasks.order_by("rank", "pk").values_list("name", flat=True))


def test_a_card_goes_right_above_another(move, agent, cards, column):
    backlog = column("Backlog")
    assert move(agent, cards["E"], column=backlog.pk, before_id=cards["B"].pk).status_code == 200
    assert order(backlog) == "AEBCD"
    move(agent, cards["C"], column=backlog.pk, before_id=cards["A"].pk)
    assert order(backlog) == "CAEBD"


def test_a_card_goes_right_below_another(move, agent, cards, column):
    backlog = column("Backlog")
    move(agent, cards["A"], column=backlog.pk, after_id=cards["C"].pk)
    assert order(backlog) == "BCADE"
    move(agent, cards["B"], column=backlog.pk, after_id=cards["E"].pk)
    assert order(backlog) == "CADEB"


def test_a_card_without_neighbours_goes_to_the_end(move, agent, cards, column, told):
    answer = move(agent, cards["A"], column=column("Waiting").pk, version=cards["A"].version)
    assert (answer.data["column_name"], answer.data["version"]) == ("Waiting", 2)
    move(agent, cards["C"], column=column("Waiting").pk)
    assert (order(column("Backlog")), order(column("Waiting"))) == ("BDE", "AC")
    (first, _) = told(TaskMoved)
    assert (first.column, first.from_column_id) == ("Waiting", column("Backlog").pk)
    assert first.sentence() == "moved A to Waiting"


def test_a_move_that_changes_nothing_is_harmless(move, agent, cards, column):
    move(agent, cards["B"], column=column("Backlog").pk, before_id=cards["C"].pk)
    assert order(column("Backlog")) == "ABCDE"


def test_into_the_done_column_is_completing(move, agent, cards, column, told):
    answer = move(agent, cards["A"], column=column("Done").pk)
    assert answer.data["completed_at"]
    assert [fact.task for fact in told(TaskCompleted)] == ["A"]
    move(agent, cards["A"], column=column("Done").pk)
    assert len(told(TaskCompleted)) == 1


def test_out_of_the_done_column_is_reopening(move, agent, cards, column, told):
    services.complete_task(cards["A"], by=agent)
    assert move(agent, cards["A"], column=column("Backlog").pk).data["completed_at"] is None
    assert [fact.completion_no for fact in told(TaskReopened)] == [1]


def test_a_blocked_card_does_not_enter_the_done_column(move, agent, manager, cards, column):
    services.add_dependency(cards["B"], predecessor=cards["A"], by=manager)
    answer = move(agent, cards["B"], column=column("Done").pk)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "blocked_by")
    assert order(column("Backlog")) == "ABCDE"


def test_a_hard_limit_refuses_and_a_soft_one_only_shows(move, agent, cards, column, api, deal):
    BoardColumn.objects.filter(name="Waiting").update(wip_limit=1, wip_is_hard=True)
    waiting = column("Waiting")
    assert move(agent, cards["A"], column=waiting.pk).status_code == 200
    answer = move(agent, cards["B"], column=waiting.pk)
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "wip_limit_exceeded"
    assert (answer.data["column"], answer.data["limit"], answer.data["count"]) == (waiting.pk, 1, 1)
    assert move(agent, cards["A"], column=waiting.pk).status_code == 200  # it stands there already
    BoardColumn.objects.filter(name="Waiting").update(wip_is_hard=False)
    assert move(agent, cards["B"], column=waiting.pk).status_code == 200
    lanes = api(agent).get(f"/api/v1/tasks/kanban?project={deal.pk}").data["columns"]
    assert [lane["is_over_limit"] for lane in lanes if lane["name"] == "Waiting"] == [True]


def test_a_stale_move_is_refused(move, agent, cards, column):
    move(agent, cards["A"], column=column("Waiting").pk)
    answer = move(agent, cards["A"], column=column("To do").pk, version=1)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "version_conflict")
    assert answer.data["current"]["column"] == column("Waiting").pk


def test_nothing_of_another_board_helps_to_move(move, agent, stranger, cards, column, make_task):
    mine = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    theirs = services.open_project(name="7 Mill Lane", kind="lease", by=stranger)
    for project, owner in ((mine, agent), (theirs, stranger)):
        card = services.create_task(project, name="X", by=owner)
        strange = move(agent, cards["A"], column=card.column_id)
        assert (strange.status_code, strange.data["errors"][0]["attr"]) == (400, "column")
        for side in ("before_id", "after_id"):
            beside = move(agent, cards["A"], column=column("Backlog").pk, **{side: card.pk})
            assert (beside.status_code, beside.data["errors"][0]["attr"]) == (400, side)
    assert move(stranger, cards["A"], column=theirs.columns.get(name="Done").pk).status_code == 404
    assert order(column("Backlog")) == "ABCDE"


def test_a_strangers_task_is_not_moved_whatever_the_body_says(api, stranger, cards, column):
    theirs = services.open_project(name="7 Mill Lane", kind="lease", by=stranger)
    card = services.create_task(theirs, name="X", by=stranger)
    asked = {"task": card.pk, "task_id": card.pk, "id": card.pk, "project": theirs.pk, "before_id": card.pk}
    for where in (card.column_id, column("Done").pk, 2**70, "x", None):
        answer = api(stranger).post(f"/api/v1/tasks/{cards['A'].pk}/move", {**asked, "column": where})
        assert answer.status_code == 404
    body = {"task": cards["A"].pk, "id": cards["A"].pk, "column": theirs.columns.get(name="Done").pk}
    assert api(stranger).post(f"/api/v1/tasks/{card.pk}/move", body).data["id"] == card.pk
    assert order(column("Backlog")) == "ABCDE"


def test_the_card_to_stand_beside_stands_in_the_column(move, agent, cards, column):
    answer = move(agent, cards["A"], column=column("Waiting").pk, before_id=cards["B"].pk)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "before_id")
    itself = move(agent, cards["A"], column=column("Backlog").pk, after_id=cards["A"].pk)
    assert (itself.status_code, itself.data["errors"][0]["attr"]) == (400, "after_id")
    both = move(agent, cards["A"], column=column("Backlog").pk, after_id=cards["B"].pk, before_id=cards["C"].pk)
    assert (both.status_code, both.data["errors"][0]["attr"]) == (400, "after_id")


@pytest.mark.parametrize(
    ("field", "value"), [("column", None), ("column", "Done"), ("before_id", "first"), ("version", "new")]
)
def test_what_is_wrong_is_named(move, agent, cards, column, field, value):
    answer = move(agent, cards["A"], **{"column": column("Done").pk, field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_viewers_move_nothing(move, viewer, cards, column):
    assert move(viewer, cards["A"], column=column("Done").pk).status_code == 403


def test_a_spot_that_has_no_room_left_is_made_room_in(cards, column, agent):
    backlog = column("Backlog")
    for _ in range(60):
        last = backlog.tasks.order_by("-rank", "-pk").first()
        services.move_task(last, column=backlog, after=backlog.tasks.order_by("rank", "pk").first(), by=agent)
    ranks = list(backlog.tasks.order_by("rank").values_list("rank", flat=True))
    assert len(set(ranks)) == 5
    assert order(backlog) == "ABCDE"  # 60 turns of four cards


def test_cards_that_came_to_share_a_rank_are_told_apart(cards, column, agent):
    Task.objects.update(rank=7)
    backlog = column("Backlog")
    services.move_task(cards["E"], column=backlog, before=cards["C"], by=agent)
    assert order(backlog) == "ABECD"


def test_a_move_writes_the_same_however_many_cards_there_are(cards, column, agent, deal, django_assert_max_num_queries):
    def queries():
        backlog = column("Backlog")
        task = Task.objects.select_related("project").get(name="D")
        with django_assert_max_num_queries(20) as counted:
            services.move_task(task, column=backlog, before=cards["B"], by=agent)
        return len(counted)

    few = queries()
    services.move_task(cards["D"], column=column("Backlog"), by=agent)
    Task.objects.bulk_create(
        Task(project=deal, column=column("Backlog"), name="X", key=f"x{n}", rank=(10 + n) * ranking.GAP)
        for n in range(200)
    )
    assert queries() == few
