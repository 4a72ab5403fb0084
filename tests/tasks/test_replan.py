"""Days that move because others did."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks import services
from tasks.activities import ProjectRescheduled
from tasks.models import BusinessCalendar, Closure, DateChange, Task

MONDAY = date(2026, 5, 4)


def may(day):
    return date(2026, 5, day)


@pytest.fixture
def chain(make_task):
    """Staging for three days, then photos for two, then going live."""
    staging = make_task("Staging", starts_on=MONDAY, duration_days=3)
    photos = make_task("Photos", duration_days=2, after=[staging])
    return staging, photos, make_task("Go live", duration_days=0, after=[photos])


@pytest.fixture
def edit(api, agent):
    return lambda task, **body: api(agent).patch(f"/api/v1/tasks/{task.pk}", body)


def days(*tasks):
    found = []
    for task in tasks:
        task.refresh_from_db()
        found.append((task.starts_on, task.due_on))
    return found


def changes(task):
    return list(task.date_changes.order_by("pk").values_list("cause", "why", "caused_by_task", "new_starts_on"))


def test_what_comes_to_wait_is_given_days(chain):
    assert days(*chain) == [(may(4), may(6)), (may(7), may(8)), (may(11), may(11))]


def test_moving_a_task_moves_all_that_follows_and_says_why(chain, edit, agent, told):
    staging, photos, live = chain
    DateChange.objects.all().delete()
    before = len(told(ProjectRescheduled))
    assert edit(staging, starts_on="2026-05-06").data["due_on"] == "2026-05-08"
    assert days(*chain) == [(may(6), may(8)), (may(11), may(12)), (may(13), may(13))]
    assert changes(staging) == [("edited", "Staging was changed by hand", None, may(6))]
    assert changes(photos) == [("task", "after Staging (FS)", staging.pk, may(11))]
    assert changes(live) == [("task", "after Photos (FS)", photos.pk, may(13))]
    assert set(DateChange.objects.values_list("by", flat=True)) == {agent.pk}
    fact = told(ProjectRescheduled)[before:]
    assert [(each.task_ids, each.moved) for each in fact] == [((photos.pk, live.pk), 2)]
    assert fact[0].sentence() == "moved 2 days of 12 Quay Street: Staging was changed by hand"


def test_each_row_that_moved_has_a_new_version_and_no_other(chain, edit, make_task):
    staging, photos, _ = chain
    other = make_task("Sign", starts_on=MONDAY)
    versions = dict(Task.objects.values_list("pk", "version"))
    edit(staging, duration_days=4)
    now = dict(Task.objects.values_list("pk", "version"))
    assert now[other.pk] == versions[other.pk]
    assert now[photos.pk] == versions[photos.pk] + 1


def test_a_start_that_a_person_gives_is_one_not_to_start_before(chain, edit):
    staging, photos, live = chain
    answer = edit(photos, starts_on="2026-05-12")
    assert (answer.data["starts_on"], answer.data["due_on"]) == ("2026-05-12", "2026-05-13")
    assert days(live) == [(may(14), may(14))]
    edit(staging, duration_days=1)
    assert days(photos) == [(may(12), may(13))]
    edit(photos, not_before=None)
    assert days(photos, live) == [(may(5), may(6)), (may(7), may(7))]


def test_a_start_that_is_too_early_waits_for_what_comes_first(chain, edit):
    _, photos, _ = chain
    answer = edit(photos, starts_on="2026-05-05")
    assert (answer.data["starts_on"], answer.data["not_before"]) == ("2026-05-07", "2026-05-05")


def test_a_start_that_is_taken_away_leaves_it_to_the_plan(chain, edit):
    _, photos, _ = chain
    edit(photos, starts_on="2026-05-12")
    answer = edit(photos, starts_on=None)
    assert (answer.data["starts_on"], answer.data["due_on"]) == ("2026-05-07", "2026-05-08")


def test_scheduled_by_hand_it_stays_and_what_follows_goes_by_it(chain, edit):
    staging, photos, live = chain
    edit(photos, scheduling_mode="manual", starts_on="2026-05-20")
    edit(staging, starts_on="2026-05-11")
    assert days(photos, live) == [(may(20), may(21)), (may(22), may(22))]
    assert edit(photos, scheduling_mode="automatic").data["starts_on"] == "2026-05-14"


def test_what_follows_goes_by_the_day_it_was_really_done(chain, api, agent):
    staging, photos, live = chain
    answer = api(agent).post(f"/api/v1/tasks/{staging.pk}/complete", {"completed_on": "2026-05-04"})
    assert (answer.data["starts_on"], answer.data["due_on"]) == ("2026-05-04", "2026-05-06")
    assert days(photos, live) == [(may(5), may(6)), (may(7), may(7))]
    assert changes(photos)[-1] == ("task", "after Staging (FS)", staging.pk, may(5))
    services.reopen_task(staging, by=agent)
    assert days(photos, live) == [(may(7), may(8)), (may(11), may(11))]


def test_what_is_completed_never_moves(chain, edit, agent):
    staging, photos, live = chain
    for task in (staging, photos):
        services.complete_task(task, by=agent, completed_on=may(5))
    stood = days(photos)
    edit(staging, duration_days=9)
    assert days(photos) == stood
    assert days(live) == [(may(6), may(6))]


def test_a_cancelled_task_holds_nothing_and_what_waited_stays(chain, edit, deal, manager, agent):
    _, photos, live = chain
    cancelled = services.create_column(deal, by=manager, values={"name": "Cancelled", "group": "cancelled"})
    assert edit(photos, column=cancelled.pk).status_code == 200
    assert days(live) == [(may(11), may(11))]
    edit(chain[0], duration_days=9)
    assert days(live) == [(may(11), may(11))]
    services.reopen_task(photos, by=agent)
    assert days(photos, live) == [(may(15), may(18)), (may(19), may(19))]


def test_what_waits_no_longer_stays_where_it_is(chain, api, agent):
    staging, photos, _ = chain
    link = photos.incoming.get()
    assert api(agent).delete(f"/api/v1/tasks/{photos.pk}/dependencies/{link.pk}").status_code == 204
    services.edit_task(staging, by=agent, changes={"duration_days": 9})
    assert days(photos) == [(may(7), may(8))]


def test_a_plain_thing_to_do_is_given_no_days(make_task):
    first = make_task("Call the seller")
    then = make_task("Write it down", after=[first])
    assert days(first, then) == [(None, None), (None, None)]


def test_a_promised_day_is_not_moved(make_task, edit):
    staging = make_task("Staging", starts_on=MONDAY)
    promised = make_task("Photos", due_on=may(6), after=[staging])
    edit(staging, duration_days=9)
    assert days(promised) == [(None, may(6))]


def test_a_weekend_that_somebody_chose_stays(make_task, edit):
    sign = make_task("Sign", starts_on=MONDAY)
    house = make_task("Open house", starts_on=may(9), due_on=may(10), after=[sign])
    notes = make_task("Feedback", after=[house])
    assert days(house, notes) == [(may(9), may(10)), (may(11), may(11))]
    edit(sign, duration_days=7)
    assert days(house, notes) == [(may(13), may(13)), (may(14), may(14))]


def test_the_projects_start_takes_along_what_hangs_off_it(chain, make_task, api, manager, deal):
    roots = make_task("Agreement", duration_days=2)
    Task.objects.filter(pk=roots.pk).update(starts_on=may(5), due_on=may(6))
    follower = make_task("Sign", after=[roots])
    api(manager).patch(f"/api/v1/projects/{deal.pk}", {"starts_on": "2026-05-11"})
    assert days(roots, follower) == [(may(12), may(13)), (may(14), may(14))]
    assert changes(roots) == [("project", "as the project's start or calendar changed", None, may(12))]
    assert days(chain[0]) == [(may(11), may(13))], "it was not to start before the 4th, which is past"


def test_another_calendar_counts_anew(chain, deal, manager):
    calendar = BusinessCalendar.objects.create(key="office", name="Office")
    Closure.objects.create(calendar=calendar, on=may(5), name="Works outing")
    services.edit_project(deal, by=manager, changes={"calendar": calendar})
    assert days(*chain) == [(may(4), may(7)), (may(8), may(11)), (may(12), may(12))]


def test_a_whole_has_the_days_of_its_parts_and_is_waited_for(make_task, edit):
    whole = make_task("Marketing", starts_on=MONDAY)
    first = make_task("Photos", parent=whole, starts_on=may(6), duration_days=2)
    make_task("Text", parent=whole, starts_on=may(5))
    live = make_task("Go live", after=[whole])
    assert days(whole, live) == [(may(5), may(7)), (may(8), may(8))]
    edit(first, duration_days=4)
    assert days(whole, live) == [(may(5), may(11)), (may(12), may(12))]
    whole.refresh_from_db()
    assert whole.duration_days == 5
    assert changes(whole)[-1][:3] == ("task", "with its sub-task Photos", first.pk)


def test_a_plain_part_of_a_whole_with_days_is_given_none(make_task, edit):
    whole = make_task("Marketing", starts_on=MONDAY)
    part = make_task("Call the printer", parent=whole)
    edit(whole, starts_on="2026-05-06")
    assert days(whole, part) == [(may(6), may(6)), (None, None)]


def test_what_a_whole_waits_for_holds_its_parts(make_task, agent):
    whole = make_task("Marketing")
    part = make_task("Photos", parent=whole)
    staging = make_task("Staging", starts_on=MONDAY, duration_days=3)
    services.add_dependency(whole, predecessor=staging, by=agent, lag_days=1)
    assert days(part, whole) == [(may(8), may(8)), (may(8), may(8))]
    assert changes(part) == [("task", "after Staging (FS+1), as all of Marketing", staging.pk, may(8))]


def test_the_days_of_a_whole_are_not_given_by_hand(make_task, edit):
    whole = make_task("Marketing")
    make_task("Photos", parent=whole, starts_on=MONDAY)
    answer = edit(whole, due_on="2026-06-01")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "due_on")
    assert edit(whole, starts_on="2026-05-07").data["starts_on"] == "2026-05-07"


def test_a_plan_that_leaves_the_calendar_is_refused(make_task, api, agent):
    last = make_task("Task 0", duration_days=2000, starts_on=date(2089, 1, 3))
    then = make_task("Task 1", duration_days=2000)
    answer = api(agent).post(f"/api/v1/tasks/{then.pk}/dependencies", {"predecessor": last.pk})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "plan_too_long")
    assert answer.data["task"]["id"] == then.pk
    assert not then.incoming.exists()


def test_what_has_nothing_to_do_with_it_stays_though_it_is_not_where_it_should_be(chain, make_task, edit):
    one = make_task("Sign", starts_on=MONDAY)
    stale = make_task("Flyer", after=[one])
    Task.objects.filter(pk=stale.pk).update(starts_on=may(20), due_on=may(20))
    edit(chain[0], duration_days=4)
    assert days(stale) == [(may(20), may(20))]


def test_a_change_of_one_task_takes_as_many_queries_in_a_plan_of_any_size(make_task, deal, agent):
    def queries(count):
        first = make_task("First", starts_on=MONDAY)
        for number in range(count):
            make_task(f"Task {number}", after=[first])
        with CaptureQueriesContext(connection) as few:
            services.edit_task(first, by=agent, changes={"starts_on": may(6)})
        return len(few)

    queries(1)
    assert queries(2) == queries(40)


def test_why_a_task_stands_where_it_does_is_listed(chain, api, agent, viewer, stranger, django_assert_num_queries):
    staging, photos, _ = chain
    services.edit_task(staging, by=agent, changes={"starts_on": may(6)})
    url = f"/api/v1/tasks/{photos.pk}/date-changes"
    newest = api(viewer).get(url).data["results"][0]
    assert newest["caused_by_task"] == {"id": staging.pk, "key": staging.key, "name": "Staging"}
    assert (newest["why"], newest["old_due_on"], newest["new_due_on"]) == (
        "after Staging (FS)",
        "2026-05-08",
        "2026-05-12",
    )
    assert newest["by"] == {"id": agent.pk, "name": "Alex Agent"}
    with CaptureQueriesContext(connection) as few:
        api(viewer).get(url)
    services.edit_task(staging, by=agent, changes={"starts_on": may(7)})
    with django_assert_num_queries(len(few)):
        api(viewer).get(url)
    assert api(stranger).get(url).status_code == 404
