"""Finding tasks: lists, filters, my tasks, the board."""

from datetime import date, timedelta

import pytest

from tasks import services
from tasks.board import board
from tasks.models import Task

TODAY = date(2026, 5, 6)


@pytest.fixture
def plan(make_task, agent, coordinator, column):
    """Five tasks: one done, one blocked, one without a day."""
    staging = make_task("Staging", assignees=[agent], due_on=TODAY, description="With the grey sofa")
    photos = make_task("Photos", after=[staging], assignees=[agent, coordinator], due_on=TODAY + timedelta(days=2))
    sign = make_task("Order the sign", assignees=[coordinator], column=column("Waiting"))
    price = make_task("Agree on the price", assignees=[agent], due_on=TODAY - timedelta(days=3), priority="high")
    done = services.complete_task(make_task("Sign", assignees=[agent]), by=agent)
    return staging, photos, sign, price, done


@pytest.fixture
def found(api, plan):
    def names(who, query="", path="tasks"):
        answer = api(who).get(f"/api/v1/{path}?{query}")
        assert answer.status_code == 200, answer.data
        return [each["name"] for each in answer.data["results"]]

    return names


def test_tasks_are_narrowed_down(found, agent, coordinator, deal, column):
    assert len(found(agent)) == 5
    assert len(found(agent, f"project={deal.pk}")) == 5
    assert found(agent, "project=999") == []
    assert found(agent, f"assignee={coordinator.pk}&ordering=name") == ["Order the sign", "Photos"]
    assert found(agent, f"column={column('Waiting').pk}") == ["Order the sign"]
    assert found(agent, "completed=true") == ["Sign"]
    assert len(found(agent, "completed=false")) == 4
    assert found(agent, "blocked=true") == ["Photos"]
    assert "Photos" not in found(agent, "blocked=false")
    assert found(agent, "due_before=2026-05-06") == ["Agree on the price"]
    assert found(agent, "q=SOFA") == ["Staging"]
    assert found(agent, "priority=high") == ["Agree on the price"]


@pytest.mark.parametrize(
    "query", ["project=first", "completed=perhaps", "due_before=soon", "priority=huge", "assignee=me", "blocked=7"]
)
def test_what_is_wrong_in_the_query_is_named(api, agent, query):
    answer = api(agent).get(f"/api/v1/tasks?{query}")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, query.split("=")[0])


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("due_on", ["Agree on the price", "Staging", "Photos", "Order the sign", "Sign"]),
        ("-due_on", ["Sign", "Order the sign", "Photos", "Staging", "Agree on the price"]),
        ("name", ["Agree on the price", "Order the sign", "Photos", "Sign", "Staging"]),
    ],
)
def test_pages_walk_all_tasks_once_in_the_order_asked_for(api, agent, plan, ordering, expected):
    names, url = [], f"/api/v1/tasks?ordering={ordering}&limit=2"
    while url:
        page = api(agent).get(url).data
        names += [each["name"] for each in page["results"]]
        url = page["next"]
    assert names == expected


def test_my_tasks_are_the_open_ones_given_to_me_the_most_urgent_first(found, agent, manager, stranger):
    assert found(agent, path="my/tasks") == ["Agree on the price", "Staging", "Photos"]
    assert found(agent, "completed=true", path="my/tasks") == ["Sign"]
    assert found(manager, path="my/tasks") == []
    assert found(stranger) == found(stranger, path="my/tasks") == []


def test_a_task_says_what_it_waits_for_and_who_has_it(api, agent, plan):
    staging, photos, *_ = plan
    told = api(agent).get(f"/api/v1/tasks/{photos.pk}").data
    assert told["is_blocked"] is True
    assert told["blocked_by"] == [{"id": staging.pk, "key": staging.key, "name": "Staging"}]
    assert [each["name"] for each in told["people"]] == ["Alex Agent", "Cora Coordinator"]


def test_strangers_find_no_task(api, stranger, plan):
    assert api(stranger).get(f"/api/v1/tasks/{plan[0].pk}").status_code == 404
    assert api(None).get("/api/v1/tasks").status_code == 401


@pytest.mark.parametrize("path", ["tasks?limit=200", "my/tasks", "tasks/kanban?project={}"])
def test_a_list_costs_the_same_however_long_it_is(api, agent, make_task, plan, path, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(10) as counted:
            assert api(agent).get(f"/api/v1/{path.format(plan[0].project_id)}").status_code == 200
        return len(counted)

    few = queries()
    for number in range(6):
        make_task(f"More {number}", after=[plan[0]], assignees=[agent])
    assert queries() == few


def test_the_board_shows_cards_in_order_with_people_and_blockers(api, agent, deal, plan):
    told = api(agent).get(f"/api/v1/tasks/kanban?project={deal.pk}").data
    lanes = {lane["name"]: lane for lane in told["columns"]}
    assert list(lanes) == ["Backlog", "To do", "In progress", "Waiting", "Done"]
    assert [card["name"] for card in lanes["Backlog"]["cards"]] == ["Staging", "Photos", "Agree on the price"]
    assert {name: lane["count"] for name, lane in lanes.items() if lane["count"]} == {
        "Backlog": 3,
        "Waiting": 1,
        "Done": 1,
    }
    photos = lanes["Backlog"]["cards"][1]
    assert (photos["assignees"], photos["blocked_by"]) == ([agent.pk, plan[1].assignee_ids[1]], ["Staging"])
    assert lanes["Done"]["cards"][0]["is_completed"] is True


def test_the_board_of_others_is_not_found_and_of_nothing_not_asked_for(api, agent, stranger, deal):
    assert api(stranger).get(f"/api/v1/tasks/kanban?project={deal.pk}").status_code == 404
    for query in ("", "?project=first"):
        answer = api(agent).get(f"/api/v1/tasks/kanban{query}")
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "project")


def test_an_empty_board_has_its_columns(deal):
    assert [lane.count for lane in board(deal).columns] == [0] * 5


def test_querysets_answer_what_the_pages_ask(plan, agent):
    mine = Task.objects.visible_to(agent).assigned_to(agent)
    assert set(mine.open().due_by(TODAY).values_list("name", flat=True)) == {"Staging", "Agree on the price"}
    assert list(mine.completed().values_list("name", flat=True)) == ["Sign"]
    assert list(mine.blocked().values_list("name", flat=True)) == ["Photos"]
