"""Tasks that come again."""

from datetime import UTC, date, datetime, time

import pytest

from tasks import services
from tasks.activities import TaskChanged, TaskCreated
from tasks.models import BoardColumn, ChecklistItem, Recurrence, Task

MONDAY = date(2026, 5, 4)


@pytest.fixture
def recur(api):
    def put(who, task, **rule):
        return api(who).put(f"/api/v1/tasks/{task.pk}/recurrence", {"every": 1, "unit": "week", **rule})

    return put


@pytest.fixture
def report(make_task, agent):
    """A weekly report to the seller, due on Monday."""
    task = make_task("Seller report", due_on=MONDAY, assignees=[agent])
    return services.set_recurrence(task, every=1, unit="week", by=agent)


def days(recurrence):
    return list(Task.objects.filter(recurrence=recurrence).order_by("occurrence_no").values_list("due_on", flat=True))


def test_a_task_says_that_it_comes_again(api, recur, agent, make_task, told):
    task = make_task(due_on=MONDAY)
    answer = recur(agent, task, unit="month", every=2, times=6)
    assert answer.status_code == 200
    assert answer.data["recurrence"] == {
        "every": 2,
        "unit": "month",
        "base": "due",
        "anchor_on": "2026-05-04",
        "until": None,
        "times": 6,
    }
    assert (answer.data["occurrence_no"], answer.data["version"]) == (1, 2)
    assert recur(agent, task, unit="month", every=2, times=6).data["version"] == 2
    assert [fact.fields for fact in told(TaskChanged)] == [("recurrence",)]


def test_the_next_one_is_there_once_this_one_is_done(report, agent, column, told):
    services.complete_task(report, by=agent)
    following = Task.objects.get(occurrence_no=2)
    assert (following.name, following.due_on, following.column) == (
        "Seller report",
        date(2026, 5, 11),
        column("Backlog"),
    )
    assert following.assignee_ids == [agent.pk]
    assert following.completed_at is None
    assert [fact.task_id for fact in told(TaskCreated)] == [report.pk, following.pk]


def test_it_carries_on_what_the_first_one_carries(manager, agent, viewer, deal, make_task):
    label = services.create_label(deal, name="Paperwork", by=manager)
    task = make_task(
        "Report",
        description="On showings",
        starts_on=date(2026, 5, 6),
        due_on=date(2026, 5, 8),
        deadline_on=date(2026, 5, 11),
        deadline_time=time(17),
        estimate_minutes=30,
        labels=[label],
        watchers=[viewer],
    )
    ChecklistItem.objects.create(task=task, text="Numbers", state="done")
    services.set_recurrence(task, every=1, unit="week", by=agent)
    services.complete_task(task, by=agent)
    following = Task.objects.get(occurrence_no=2)
    assert (following.starts_on, following.due_on, following.duration_days) == (
        date(2026, 5, 13),
        date(2026, 5, 15),
        3,
    )
    assert following.deadline_at == datetime(2026, 5, 18, 21, tzinfo=UTC)
    assert (following.description, following.estimate_minutes) == ("On showings", 30)
    assert (following.label_ids, following.watcher_ids) == ([label.pk], [viewer.pk])
    assert [item.state for item in following.checklist.all()] == ["open"]


@pytest.mark.parametrize("way", ["complete", "move", "bulk", "bulk_move", "edit"])
def test_it_is_made_whichever_way_this_one_is_completed(report, agent, column, way):
    done = column("Done")
    {
        "complete": lambda: services.complete_task(report, by=agent),
        "move": lambda: services.move_task(report, column=done, by=agent),
        "bulk": lambda: services.change_tasks([report], changes=services.Bulk(complete=True), by=agent),
        "bulk_move": lambda: services.change_tasks([report], changes=services.Bulk(column=done), by=agent),
        "edit": lambda: services.edit_task(report, changes={}, column=done, by=agent),
    }[way]()
    assert days(report.recurrence) == [MONDAY, date(2026, 5, 11)]


def test_who_skips_one_does_not_end_them(report, agent, deal):
    dropped = BoardColumn.objects.create(project=deal, name="Dropped", group="cancelled", position=9)
    services.move_task(report, column=dropped, by=agent)
    assert days(report.recurrence) == [MONDAY, date(2026, 5, 11)]


def test_reopened_and_completed_again_it_has_one_follower(report, agent, manager, column):
    services.complete_task(report, by=agent)
    services.reopen_task(report, by=agent)
    services.complete_task(report, by=agent)
    services.move_task(report, column=column("Done"), by=agent)
    assert len(days(report.recurrence)) == 2
    services.delete_task(Task.objects.get(occurrence_no=2), by=manager)
    services.reopen_task(report, by=agent)
    services.complete_task(report, by=agent)
    assert Task.every.filter(recurrence=report.recurrence).count() == 2


@pytest.mark.django_db(transaction=True)
def test_completed_eight_times_at_once_it_has_one_follower(report, agent, column, in_threads):
    ways = [
        lambda task: services.complete_task(task, by=agent),
        lambda task: services.move_task(task, column=column("Done"), by=agent),
        lambda task: services.change_tasks([task], changes=services.Bulk(complete=True), by=agent),
    ]
    results = in_threads(8, lambda number: ways[number % 3](Task.objects.select_related("project").get(pk=report.pk)))
    assert not [result for result in results if isinstance(result, Exception)]
    assert days(report.recurrence) == [MONDAY, date(2026, 5, 11)]


def test_the_31st_comes_back_after_february(make_task, agent, time_machine):
    time_machine.move_to("2026-04-01T15:00:00Z")
    task = make_task("Rent", due_on=date(2026, 1, 31))
    recurrence = services.set_recurrence(task, every=1, unit="month", by=agent).recurrence
    for number in (1, 2, 3):
        services.complete_task(Task.objects.get(occurrence_no=number), by=agent)
    assert [day.isoformat() for day in days(recurrence)] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_a_day_that_was_put_off_once_does_not_put_off_the_others(report, agent):
    services.edit_task(report, by=agent, changes={"due_on": date(2026, 5, 7)})
    services.complete_task(report, by=agent)
    assert days(report.recurrence)[-1] == date(2026, 5, 11)


def test_counted_from_completion_the_day_it_was_done_decides(make_task, agent, time_machine):
    time_machine.move_to("2026-05-20T15:00:00Z")
    task = make_task("Check the sign")
    services.set_recurrence(task, every=10, unit="day", base="completion", by=agent)
    services.complete_task(task, completed_on=date(2026, 5, 18), by=agent)
    following = Task.objects.get(occurrence_no=2)
    assert (following.starts_on, following.due_on) == (None, date(2026, 5, 28))


@pytest.mark.parametrize("end", [{"times": 2}, {"until": date(2026, 5, 17)}])
def test_it_ends(make_task, agent, end):
    task = make_task(due_on=MONDAY)
    services.set_recurrence(task, every=1, unit="week", by=agent, **end)
    services.complete_task(task, by=agent)
    services.complete_task(Task.objects.get(occurrence_no=2), by=agent)
    assert days(task.recurrence) == [MONDAY, date(2026, 5, 11)]


def test_another_rule_counts_from_the_task_it_is_given_to(recur, report, agent):
    services.complete_task(report, by=agent)
    following = Task.objects.get(occurrence_no=2)
    answer = recur(agent, following, unit="month")
    assert (answer.data["occurrence_no"], answer.data["recurrence"]["anchor_on"]) == (1, "2026-05-11")
    services.complete_task(Task.objects.get(pk=following.pk), by=agent)
    assert Task.objects.latest("pk").due_on == date(2026, 6, 11)
    assert Recurrence.objects.filter(is_active=True).count() == 1


def test_only_the_latest_one_is_given_another_rule(api, recur, report, agent):
    services.complete_task(report, by=agent)
    latest = Task.objects.get(occurrence_no=2)
    url = f"/api/v1/tasks/{report.pk}/recurrence"
    for answer in (recur(agent, report, unit="day"), api(agent).delete(url)):
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "occurrence_passed")
        assert answer.data["latest"]["id"] == latest.pk


def test_it_comes_no_more(api, report, agent, told):
    url = f"/api/v1/tasks/{report.pk}/recurrence"
    assert [api(agent).delete(url).status_code for _ in range(2)] == [204, 204]
    assert api(agent).get(f"/api/v1/tasks/{report.pk}").data["recurrence"] is None
    services.complete_task(report, by=agent)
    assert Task.objects.count() == 1
    assert len(told(TaskChanged)) == 2


def test_what_is_done_already_is_followed_at_once(make_task, agent):
    task = services.complete_task(make_task(due_on=MONDAY), by=agent)
    services.set_recurrence(task, every=1, unit="week", by=agent)
    assert days(task.recurrence) == [MONDAY, date(2026, 5, 11)]


def test_it_takes_the_first_open_column_that_has_room(report, agent, column, make_task):
    backlog = column("Backlog")
    make_task("Another")
    services.move_task(report, column=column("To do"), by=agent)
    backlog.wip_limit, backlog.wip_is_hard = 1, True
    backlog.save()
    services.complete_task(report, by=agent)
    assert Task.objects.get(occurrence_no=2).column == column("To do")


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("every", {"every": 0}),
        ("every", {"every": 2**70}),
        ("unit", {"unit": "decade"}),
        ("base", {"base": "moon"}),
        ("times", {"times": 0}),
        ("until", {"until": "2026-05-03"}),
        ("until", {"until": "9999-12-31"}),
    ],
)
def test_what_is_wrong_is_named(recur, agent, make_task, field, rule):
    answer = recur(agent, make_task(due_on=MONDAY), **rule)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_a_day_to_count_from_is_needed(recur, agent, make_task):
    answer = recur(agent, make_task())
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "base")


def test_viewers_let_nothing_come_again(api, recur, viewer, stranger, report):
    url = f"/api/v1/tasks/{report.pk}/recurrence"
    assert [recur(who, report).status_code for who in (viewer, stranger)] == [403, 404]
    assert [api(who).delete(url).status_code for who in (viewer, stranger)] == [403, 404]
