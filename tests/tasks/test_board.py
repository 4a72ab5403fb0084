"""What a board shows: cards with all that hangs on them, narrowed, and in swimlanes."""

from datetime import date

import pytest

from tasks import services
from tasks.models import BoardColumn, ChecklistItem, Task

NOW = "2026-05-15T16:00:00Z"


@pytest.fixture
def labels(deal):
    return {name: deal.labels.create(name=name) for name in ("Paperwork", "Marketing")}


@pytest.fixture
def photos_marked(cards, labels):
    """The photos with a checklist of four lines, two of them settled, and two sub-tasks, one of them done."""
    photos = cards["Photos"]
    for number, (state, review) in enumerate([("done", ""), ("done", "pending"), ("not_applicable", ""), ("open", "")]):
        ChecklistItem.objects.create(
            task=photos, text=str(number), state=state, reason="-", needs_review=bool(review), review=review
        )
    Task.objects.filter(name__in=("Brochure", "Keys")).update(parent=photos)
    Task.objects.filter(name="Keys").update(column=photos.project.columns.get(name="Done"))
    return labels["Marketing"]


@pytest.fixture
def cards(make_task, agent, coordinator, labels, time_machine):
    """In the backlog, on Friday, May 15: four cards, of which the last waits for the first."""
    time_machine.move_to(NOW)
    found = {
        "Photos": make_task("Photos", assignees=[agent, coordinator], priority="high", due_on=date(2026, 5, 14)),
        "Brochure": make_task("Brochure", assignees=[agent], due_on=date(2026, 5, 15)),
        "Keys": make_task("Keys", priority="urgent", due_on=date(2026, 5, 21)),
    }
    found["Live"] = make_task("Live", after=[found["Photos"]], description="On the portals")
    found["Photos"].labels.set([labels["Marketing"]])
    found["Brochure"].labels.set(labels.values())
    return found


@pytest.fixture
def more_cards(cards, make_task, agent, labels):
    """``more_cards()``: eight more, with everything that can hang on a card."""

    def make():
        for number in range(8):
            task = make_task(f"A {number}", after=[cards["Photos"]], assignees=[agent], parent=cards["Keys"])
            task.labels.set(labels.values())
            ChecklistItem.objects.create(task=task, text="Sign")

    return make


@pytest.fixture
def ids(cards, agent, coordinator, labels):
    return {"agent": agent.pk, "coordinator": coordinator.pk, "label": labels["Paperwork"].pk}


@pytest.fixture
def board(api, deal):
    return lambda who, query="": api(who).get(f"/api/v1/tasks/kanban?project={deal.pk}&{query}").json()


def names(column):
    return [card["name"] for card in column["cards"]]


def test_a_card_shows_what_hangs_on_its_task(board, agent, photos_marked):
    card = board(agent)["columns"][0]["cards"][0]
    assert card["checklist"] == {"done": 2, "total": 4}
    assert card["subtasks"] == {"done": 1, "total": 2}
    assert card["labels"] == [{"id": photos_marked.pk, "name": "Marketing", "color": "#64748b"}]
    assert (card["due_on"], card["deadline_at"], card["parent"]) == ("2026-05-14", None, None)


def test_deleted_tasks_are_on_no_board(board, agent, manager, cards):
    Task.objects.filter(name="Keys").update(parent=cards["Photos"])
    services.delete_task(Task.objects.get(name="Keys"), by=manager)
    backlog = board(agent)["columns"][0]
    assert (names(backlog), backlog["count"]) == (["Photos", "Brochure", "Live"], 3)
    assert backlog["cards"][0]["subtasks"] == {"done": 0, "total": 0}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "Photos Brochure Keys Live"),
        ("assignee={agent}", "Photos Brochure"),
        ("assignee={coordinator}", "Photos"),
        ("label={label}", "Brochure"),
        ("priority=urgent", "Keys"),
        ("q=PORTALS", "Live"),
        ("q=photo", "Photos"),
        ("due=overdue", "Photos"),
        ("due=today", "Brochure"),
        ("due=week", "Brochure Keys"),
        ("due=none", "Live"),
        ("blocked=true", "Live"),
        ("blocked=false", "Photos Brochure Keys"),
        ("mine=true", "Photos Brochure"),
        ("mine=true&priority=high&blocked=false", "Photos"),
        ("assignee=999999", ""),
    ],
)
def test_a_board_is_narrowed(board, agent, ids, query, expected):
    backlog = board(agent, query.format(**ids))["columns"][0]
    assert " ".join(names(backlog)) == expected
    assert (backlog["count"], backlog["shown"]) == (4, len(expected.split()))


def test_limits_are_about_all_cards_whatever_is_shown(board, agent, cards, column):
    BoardColumn.objects.filter(pk=column("Backlog").pk).update(wip_limit=3)
    backlog = board(agent, "priority=urgent")["columns"][0]
    assert (backlog["count"], backlog["shown"], backlog["is_over_limit"]) == (4, 1, True)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("assignee", {"Alex Agent": "Photos Brochure", "Cora Coordinator": "Photos", "Nobody": "Keys Live"}),
        ("priority", {"Urgent": "Keys", "High": "Photos", "Normal": "Brochure Live"}),
        ("label", {"Marketing": "Photos Brochure", "Paperwork": "Brochure", "No label": "Keys Live"}),
    ],
)
def test_swimlanes_lie_across_the_columns(board, agent, cards, by, expected):
    told = board(agent, f"swimlane={by}")
    lanes = {lane["name"]: " ".join(names(lane["columns"][0])) for lane in told["swimlanes"]}
    assert lanes == expected
    assert list(lanes) == list(expected)
    assert [[each["name"] for each in lane["columns"]] for lane in told["swimlanes"]] == [
        [each["name"] for each in told["columns"]]
    ] * len(expected)
    assert {lane["columns"][0]["count"] for lane in told["swimlanes"]} == {4}


def test_a_lane_is_known_by_a_key(board, agent, coordinator, cards):
    keys = [lane["key"] for lane in board(agent, "swimlane=assignee")["swimlanes"]]
    assert keys == [str(agent.pk), str(coordinator.pk), "none"]


def test_swimlanes_are_there_only_if_asked_for_and_of_what_is_shown(board, agent, cards):
    assert "swimlanes" not in board(agent)
    told = board(agent, "swimlane=priority&mine=true")["swimlanes"]
    assert [(lane["key"], lane["shown"]) for lane in told] == [("high", 1), ("normal", 1)]


@pytest.mark.parametrize(
    "query",
    [
        "swimlane=column",
        "assignee=me",
        "assignee=0",
        f"assignee={2**63}",
        "label=x",
        "priority=huge",
        "due=later",
        "blocked=perhaps",
        "mine=perhaps",
    ],
)
def test_what_is_wrong_is_named(api, agent, deal, query):
    answer = api(agent).get(f"/api/v1/tasks/kanban?project={deal.pk}&{query}")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, query.partition("=")[0])


@pytest.mark.parametrize("query", ["", "mine=true&blocked=false&due=week&q=a&swimlane=label"])
def test_a_board_costs_the_same_however_many_cards_it_has(
    board, agent, cards, more_cards, query, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(11) as counted:
            board(agent, query)
        return len(counted)

    few = queries()
    more_cards()
    assert queries() == few
