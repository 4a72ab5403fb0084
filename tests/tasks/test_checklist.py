"""What is on a task's checklist."""

import pytest

from estateman.common.errors import VersionConflict
from tasks import services
from tasks.activities import ChecklistChanged
from tasks.models import ChecklistItem, Task
from tasks.services.refusals import ItemGone


@pytest.fixture
def add(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/checklist", body)


@pytest.fixture
def change(api):
    return lambda who, item, **body: api(who).patch(f"/api/v1/tasks/{item.task_id}/checklist/{item.pk}", body)


@pytest.fixture
def remove(api):
    return lambda who, item: api(who).delete(f"/api/v1/tasks/{item.task_id}/checklist/{item.pk}")


@pytest.fixture
def item(make_task, make_item):
    return make_item(make_task())


@pytest.fixture
def texts(api, agent):
    return lambda task: [each["text"] for each in api(agent).get(f"/api/v1/tasks/{task.pk}/checklist").data["results"]]


def test_an_item_is_added_at_the_end(add, agent, make_task, told):
    task = make_task()
    assert add(agent, task, text="Sign it", is_required=True, needs_review=True).status_code == 201
    answer = add(agent, task, text="File it", needs_document=True)
    expected = {
        "task": task.pk,
        "text": "File it",
        "position": 1,
        "is_required": False,
        "needs_document": True,
        "needs_review": False,
        "state": "open",
        "is_settled": False,
        "document": None,
        "done_by": None,
        "review": "",
        "version": 1,
    }
    assert {name: answer.data[name] for name in expected} == expected
    facts = told(ChecklistChanged)
    assert [(fact.item, fact.change, fact.checklist_done, fact.checklist_total) for fact in facts] == [
        ("Sign it", "added", 0, 1),
        ("File it", "added", 0, 2),
    ]
    assert facts[0].sentence() == "put “Sign it” on the checklist of Photos"


def test_an_item_is_put_where_it_is_said_to_be(add, agent, make_task, texts):
    task = make_task()
    for text, position in [("b", None), ("c", None), ("a", 0), ("d", 900), ("b2", 2)]:
        assert add(agent, task, text=text, **({} if position is None else {"position": position})).status_code == 201
    assert texts(task) == ["a", "b", "b2", "c", "d"]
    assert list(task.checklist.values_list("position", flat=True)) == [0, 1, 2, 3, 4]


def test_an_item_is_moved(change, agent, make_task, make_item, texts, told):
    task = make_task()
    one, *_ = (make_item(task, text) for text in ("one", "two", "three"))
    answer = change(agent, one, position=1)
    assert (answer.status_code, answer.data["position"], answer.data["version"]) == (200, 1, 2)
    assert texts(task) == ["two", "one", "three"]
    assert change(agent, one, position=1).data["version"] == 2
    assert [fact.change for fact in told(ChecklistChanged)] == ["added"] * 3 + ["changed"]


def test_after_one_is_gone_places_are_counted_anew(change, manager, make_task, make_item, texts):
    task = make_task()
    items = {text: make_item(task, text) for text in ("one", "two", "three", "four")}
    services.remove_checklist_item(items["two"], by=manager)
    change(manager, items["three"], position=2)
    assert texts(task) == ["one", "four", "three"]


def test_an_item_is_changed(change, agent, make_task, make_item, told):
    item = make_item(make_task())
    answer = change(agent, item, text="Sign both", is_required=True, version=1)
    assert (answer.data["text"], answer.data["is_required"], answer.data["version"]) == ("Sign both", True, 2)
    assert change(agent, item, text="Sign both").data["version"] == 2
    assert [fact.change for fact in told(ChecklistChanged)] == ["added", "changed"]
    stale = change(agent, item, text="Sign all", version=1)
    assert (stale.status_code, stale.data["errors"][0]["code"]) == (409, "version_conflict")
    assert stale.data["current"] == {"version": 2, "text": "Sign both"}


@pytest.mark.parametrize("demand", ["is_required", "needs_document", "needs_review"])
def test_only_those_who_manage_the_deal_ask_for_less(change, agent, manager, make_task, make_item, demand):
    item = make_item(make_task(), **{demand: True})
    assert change(agent, item, **{demand: False}).status_code == 403
    assert change(manager, item, **{demand: False}).data[demand] is False
    assert change(agent, item, **{demand: True}).data[demand] is True


def test_what_is_required_is_taken_off_by_those_who_manage_the_deal(remove, agent, manager, make_task, make_item, told):
    task = make_task()
    required, other = make_item(task, "Required", is_required=True), make_item(task, "Other")
    assert remove(agent, required).status_code == 403
    assert remove(agent, other).status_code == 204
    assert remove(manager, required).status_code == 204
    assert not task.checklist.exists()
    assert [(fact.item, fact.change, fact.checklist_total) for fact in told(ChecklistChanged)][2:] == [
        ("Other", "removed", 1),
        ("Required", "removed", 0),
    ]


def test_what_is_done_waits_for_a_review_that_is_asked_for_later(change, agent, manager, make_task, make_item):
    item = services.do_checklist_item(make_item(make_task()), by=agent)
    answer = change(agent, item, needs_review=True)
    assert (answer.data["review"], answer.data["is_settled"]) == ("pending", False)
    answer = change(manager, item, needs_review=False)
    assert (answer.data["review"], answer.data["is_settled"]) == ("", True)


def test_what_is_done_without_a_document_is_taken_up_again_before_it_needs_one(change, agent, make_task, make_item):
    item = services.do_checklist_item(make_item(make_task()), by=agent)
    answer = change(agent, item, needs_document=True)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "document_needed")


def test_what_was_taken_off_meanwhile_is_said(agent, make_task, make_item):
    item = make_item(make_task())
    seen = ChecklistItem.objects.select_related("task__project").get(pk=item.pk)
    services.remove_checklist_item(item, by=agent)
    with pytest.raises(ItemGone):
        services.edit_checklist_item(seen, by=agent, changes={"text": "Late"})
    with pytest.raises(ItemGone):
        services.do_checklist_item(seen, by=agent)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_edit_one_version_at_once_one_is_told(make_task, make_item, agent, in_threads):
    item = make_item(make_task())

    def edit(number):
        mine = ChecklistItem.objects.select_related("task__project").get(pk=item.pk)
        return services.edit_checklist_item(mine, by=agent, changes={"text": f"{number}"}, version=1).text

    results = in_threads(4, edit)
    assert sum(isinstance(result, VersionConflict) for result in results) == 3


@pytest.mark.django_db(transaction=True)
def test_items_moved_at_once_keep_one_order(make_task, make_item, agent, in_threads):
    task = make_task()
    items = [make_item(task, str(number)) for number in range(6)]

    def move(number):
        mine = ChecklistItem.objects.select_related("task__project").get(pk=items[number].pk)
        services.edit_checklist_item(mine, by=agent, changes={"position": 5 - number})

    assert in_threads(6, move) == [None] * 6
    assert list(task.checklist.values_list("position", flat=True)) == list(range(6))


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"text": "a\0"}, "text"),
        ({"text": "a", "position": -1}, "position"),
        ({"text": "a", "is_required": "perhaps"}, "is_required"),
    ],
)
def test_what_is_wrong_is_named(add, agent, make_task, body, attr):
    answer = add(agent, make_task(), **body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, attr)


def test_viewers_read_it_and_strangers_do_not(api, viewer, stranger, make_task):
    url = f"/api/v1/tasks/{make_task().pk}/checklist"
    assert [api(who).get(url).status_code for who in (viewer, stranger)] == [200, 404]


def test_viewers_change_nothing_and_strangers_find_nothing(add, change, remove, people, item):
    for who, status in ((people.viewer, 403), (people.stranger, 404)):
        answers = (add(who, item.task, text="a"), change(who, item, text="a"), remove(who, item))
        assert [answer.status_code for answer in answers] == [status] * 3


def test_an_item_is_found_under_its_own_task_only(api, agent, make_task, make_item):
    item, other = make_item(make_task()), make_task("Other")
    assert api(agent).patch(f"/api/v1/tasks/{other.pk}/checklist/{item.pk}", {"text": "a"}).status_code == 404


def test_an_archived_deals_checklist_rests(add, change, remove, people, item):
    services.archive_project(item.task.project, by=people.manager)
    agent = people.agent
    answers = (add(agent, item.task, text="a"), change(agent, item, text="a"), remove(agent, item))
    assert [answer.data["errors"][0]["code"] for answer in answers] == ["project_archived"] * 3


def test_a_list_costs_the_same_however_long_it_is(
    api, agent, make_task, make_item, make_file, django_assert_max_num_queries
):
    task = make_task()

    def queries():
        with django_assert_max_num_queries(10) as counted:
            assert api(agent).get(f"/api/v1/tasks/{task.pk}/checklist").status_code == 200
        return len(counted)

    make_item(task)
    few = queries()
    for number in range(5):
        item = make_item(task, f"{number}")
        services.file_document(item, attachment=make_file(task), by=agent)
    assert queries() == few


def test_tasks_know_how_far_their_checklists_are_at_no_cost_of_their_own(
    make_task, make_item, manager, agent, django_assert_num_queries
):
    task, bare = make_task(), make_task("Bare")
    items = [make_item(task, "a"), make_item(task, "b", needs_review=True), make_item(task, "c"), make_item(task, "d")]
    services.do_checklist_item(items[0], by=agent)
    services.do_checklist_item(items[1], by=agent)
    services.dismiss_checklist_item(items[2], reason="New build", by=agent)
    with django_assert_num_queries(1):
        assert counts(task, bare) == [(2, 4), (0, 0)]
    services.review_checklist_item(items[1], accept=True, by=manager)
    assert counts(task) == [(3, 4)]


def counts(*tasks):
    """How much is done, of how much, in one query."""
    found = Task.objects.with_checklist_counts().filter(pk__in=[task.pk for task in tasks]).order_by("pk")
    return [(vars(each)["checklist_done"], vars(each)["checklist_total"]) for each in found]


def test_tasks_are_answered_with_how_far_their_checklists_are(api, agent, make_task, make_item):
    task = make_task()
    services.do_checklist_item(make_item(task), by=agent)
    make_item(task, "Second")
    listed = api(agent).get("/api/v1/tasks").data["results"][0]
    whole = api(agent).get(f"/api/v1/tasks/{task.pk}").data
    assert [(each["checklist_done"], each["checklist_total"]) for each in (listed, whole)] == [(1, 2), (1, 2)]
