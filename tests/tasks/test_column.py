"""The columns of a board."""

import pytest

from tasks import services
from tasks.activities import BoardChanged
from tasks.models import BoardColumn


@pytest.fixture
def columns(deal):
    return f"/api/v1/projects/{deal.pk}/columns"


def names(deal):
    return list(deal.columns.values_list("name", flat=True))


def test_columns_are_listed_from_left_to_right(api, columns, viewer):
    answer = api(viewer).get(columns)
    assert [each["name"] for each in answer.data["results"]] == ["Backlog", "To do", "In progress", "Waiting", "Done"]


def test_a_column_is_added_where_it_should_stand(api, columns, manager, deal, told):
    answer = api(manager).post(columns, {"name": "Review", "group": "active", "position": 3, "wip_limit": 2})
    assert (answer.status_code, answer.data["position"], answer.data["wip_limit"]) == (201, 3, 2)
    assert api(manager).post(columns, {"name": "Dropped", "group": "cancelled"}).status_code == 201
    assert names(deal) == ["Backlog", "To do", "In progress", "Review", "Waiting", "Done", "Dropped"]
    assert [fact.column for fact in told(BoardChanged)] == ["Review", "Dropped"]


def test_a_column_is_renamed_limited_and_moved(api, columns, manager, deal, column):
    url = f"{columns}/{column('Waiting').pk}"
    answer = api(manager).patch(url, {"name": "On others", "wip_limit": 4, "wip_is_hard": True, "position": 0})
    assert answer.status_code == 200
    assert answer.data["wip_is_hard"] is True
    assert names(deal) == ["On others", "Backlog", "To do", "In progress", "Done"]
    assert [each.position for each in deal.columns.all()] == [0, 1, 2, 3, 4]
    assert api(manager).get(url).data["name"] == "On others"


def test_two_columns_do_not_share_a_name(api, columns, manager, column):
    assert api(manager).post(columns, {"name": "done", "group": "done"}).status_code == 409
    answer = api(manager).patch(f"{columns}/{column('Waiting').pk}", {"name": "Done"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "name_taken")


def test_a_column_with_cards_keeps_its_meaning(api, columns, manager, make_task, column):
    make_task(column=column("Waiting"))
    url = f"{columns}/{column('Waiting').pk}"
    answer = api(manager).patch(url, {"group": "done"})
    assert (answer.status_code, answer.data["errors"][0]["code"], answer.data["tasks"]) == (409, "column_not_empty", 1)
    assert api(manager).patch(url, {"group": "backlog"}).status_code == 200


def test_a_board_keeps_a_column_for_completed_tasks(api, columns, manager, column):
    answer = api(manager).patch(f"{columns}/{column('Done').pk}", {"group": "cancelled"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "column_needed")


@pytest.mark.parametrize(("group", "other", "back_in"), [("active", "done", "Backlog"), ("done", "active", "Done")])
def test_what_was_deleted_from_it_is_not_completed_or_reopened(deal, manager, make_task, group, other, back_in):
    later = services.create_column(deal, by=manager, values={"name": "Later", "group": group})
    task = services.move_task(make_task(), column=later, by=manager)
    was_completed = task.is_completed
    services.delete_task(task, by=manager)
    services.change_column(later, by=manager, changes={"group": other})
    services.restore_task(task, by=manager)
    assert (task.column.name, task.is_completed) == (back_in, was_completed)


def test_only_those_who_manage_the_deal_arrange_its_board(api, columns, agent, viewer, stranger, column):
    for who, code in ((agent, 403), (viewer, 403), (stranger, 404)):
        assert api(who).post(columns, {"name": "Mine", "group": "active"}).status_code == code
        assert api(who).patch(f"{columns}/{column('Done').pk}", {"name": "Mine"}).status_code == code


def test_a_column_of_another_board_is_not_found_here(api, columns, manager, deal):
    other = BoardColumn.objects.create(
        project=type(deal).objects.create(name="Other", kind="lease", starts_on=deal.starts_on),
        name="Backlog",
        group="backlog",
        position=0,
    )
    assert api(manager).patch(f"{columns}/{other.pk}", {"name": "Mine"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("group", "later"), ("wip_limit", 0), ("wip_limit", "many"), ("position", -1), ("wip_is_hard", "x")],
)
def test_what_is_wrong_is_named(api, columns, manager, field, value):
    answer = api(manager).post(columns, {"name": "Review", "group": "active", field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)
