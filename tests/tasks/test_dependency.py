"""Making one task wait for another."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tasks import services
from tasks.activities import DependencyAdded, DependencyChanged, DependencyRemoved, TaskUnblocked
from tasks.models import TaskDependency
from tasks.services.refusals import DependencyCycle, DependencyGone


@pytest.fixture
def link(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/dependencies", body)


def test_a_task_is_made_to_wait(link, agent, make_task, told):
    staging, photos = make_task("Staging"), make_task("Photos")
    answer = link(agent, photos, predecessor=staging.pk, type="SS", lag_days=-2)
    assert answer.status_code == 201
    assert answer.data == {
        "id": answer.data["id"],
        "predecessor": staging.pk,
        "successor": photos.pk,
        "type": "SS",
        "lag_days": -2,
        "successor_starts_on": None,
        "successor_due_on": None,
    }
    assert told(DependencyAdded)[0].sentence() == "made Photos wait for Staging (SS)"


def test_finish_to_start_without_lag_is_what_is_meant_unless_said(link, agent, make_task):
    answer = link(agent, make_task("Photos"), predecessor=make_task("Staging").pk)
    assert (answer.data["type"], answer.data["lag_days"]) == ("FS", 0)


def test_both_sides_are_listed(api, agent, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    listing = make_task("Go live", after=[photos])
    results = api(agent).get(f"/api/v1/tasks/{photos.pk}/dependencies").data["results"]
    assert [(each["predecessor"], each["successor"]) for each in results] == [
        (staging.pk, photos.pk),
        (photos.pk, listing.pk),
    ]


def test_a_circle_is_refused_with_its_path(link, agent, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    listing = make_task("Go live")
    link(agent, listing, predecessor=photos.pk, type="SF", lag_days=9)
    answer = link(agent, staging, predecessor=listing.pk, type="SS")
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "dependency_cycle"
    assert answer.data["errors"][0]["detail"].endswith("Go live → Staging → Photos → Go live.")
    assert answer.data["cycle"] == [listing.pk, staging.pk, photos.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_that_close_a_circle_at_once_one_is_refused(make_task, manager, in_threads):
    one, other = make_task("One"), make_task("Other")
    pairs = [(one, other), (other, one)]
    results = in_threads(
        2,
        lambda n: services.add_dependency(
            type(one).objects.get(pk=pairs[n][1].pk), predecessor=pairs[n][0], by=manager
        ),
    )
    refused = [result for result in results if isinstance(result, DependencyCycle)]
    assert [set(refusal.extra["cycle"]) for refusal in refused] == [{one.pk, other.pk}]
    assert TaskDependency.objects.count() == 1


def test_what_it_brings_about_is_answered(link, agent, make_task):
    staging = make_task("Staging", starts_on=date(2026, 5, 4), duration_days=3)
    answer = link(agent, make_task("Photos", duration_days=2), predecessor=staging.pk)
    assert (answer.data["successor_starts_on"], answer.data["successor_due_on"]) == ("2026-05-07", "2026-05-08")


@pytest.mark.parametrize("type_", ["FS", "SS", "FF", "SF"])
def test_a_task_waits_for_none_that_it_is_part_of_nor_that_for_it(link, agent, make_task, type_):
    whole = make_task("Marketing")
    middle = make_task("Pictures", parent=whole)
    part = make_task("Photos", parent=middle)
    answer = link(agent, part, predecessor=whole.pk, type=type_)
    assert (answer.status_code, answer.data["cycle"]) == (409, [whole.pk, part.pk, middle.pk])
    answer = link(agent, whole, predecessor=part.pk, type=type_)
    assert (answer.status_code, answer.data["cycle"]) == (409, [part.pk, whole.pk, middle.pk])


def test_what_waits_for_a_whole_is_not_waited_for_by_a_part(link, agent, make_task):
    whole, live = make_task("Marketing"), make_task("Go live")
    part = make_task("Photos", parent=whole)
    assert link(agent, live, predecessor=whole.pk, type="SS").status_code == 201
    answer = link(agent, part, predecessor=live.pk, type="FF")
    assert (answer.status_code, answer.data["cycle"]) == (409, [live.pk, part.pk, whole.pk])


def test_a_part_of_what_comes_later_closes_the_circle_too(api, link, agent, make_task):
    whole, live = make_task("Marketing"), make_task("Go live")
    make_task("Photos", parent=whole)
    link(agent, live, predecessor=whole.pk)
    answer = api(agent).patch(f"/api/v1/tasks/{live.pk}", {"parent": whole.pk})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "dependency_cycle")
    assert set(answer.data["cycle"]) == {whole.pk, live.pk}


def test_a_date_rule_is_a_way_of_waiting(link, agent, make_task):
    photos, live = make_task("Photos"), make_task("Go live")
    services.set_date_rule(live, after=photos, days=3, by=agent)
    answer = link(agent, photos, predecessor=live.pk)
    assert (answer.status_code, answer.data["cycle"]) == (409, [live.pk, photos.pk])


def test_so_it_is_by_way_of_a_key_date(link, agent, deal, make_task):
    photos, live = make_task("Photos"), make_task("Go live")
    closing = services.add_key_date(deal, kind="closing", by=agent)
    services.set_date_rule(closing, after=photos, days=3, by=agent)
    services.set_date_rule(live, after=closing, days=1, by=agent)
    answer = link(agent, photos, predecessor=live.pk)
    assert answer.data["cycle"] == [live.pk, photos.pk]
    assert answer.data["errors"][0]["detail"].endswith("Go live → Photos → Closing → Go live.")


def test_it_is_changed_and_what_follows_moves(api, agent, make_task, told):
    staging = make_task("Staging", starts_on=date(2026, 5, 4), duration_days=3)
    photos = make_task("Photos", after=[staging])
    url = f"/api/v1/tasks/{photos.pk}/dependencies/{photos.incoming.get().pk}"
    answer = api(agent).patch(url, {"type": "SS", "lag_days": 1})
    assert answer.status_code == 200
    assert (answer.data["type"], answer.data["lag_days"]) == ("SS", 1)
    assert answer.data["successor_starts_on"] == "2026-05-05"
    assert api(agent).patch(url, {"lag_days": 1}).status_code == 200
    assert [fact.sentence() for fact in told(DependencyChanged)] == ["changed how Photos waits for Staging (SS)"]
    assert photos.date_changes.latest("pk").why == "Photos waits for Staging (SS+1) now"


def test_another_type_may_clear_the_way(api, agent, coordinator, make_task, told):
    photos = make_task("Photos", after=[make_task("Staging")], assignees=[coordinator])
    url = f"/api/v1/tasks/{photos.pk}/dependencies/{photos.incoming.get().pk}"
    api(agent).patch(url, {"type": "SS"})
    assert [fact.assignee_ids for fact in told(TaskUnblocked)] == [(coordinator.pk,)]


@pytest.mark.parametrize(("field", "value"), [("type", "XX"), ("type", None), ("lag_days", 2001), ("lag_days", None)])
def test_what_is_wrong_with_a_change_is_named(api, agent, make_task, field, value):
    photos = make_task("Photos", after=[make_task("Staging")])
    url = f"/api/v1/tasks/{photos.pk}/dependencies/{photos.incoming.get().pk}"
    answer = api(agent).patch(url, {field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_what_somebody_removed_meanwhile_is_neither_changed_nor_removed(agent, make_task):
    photos = make_task("Photos", after=[make_task("Staging")])
    link, same = photos.incoming.get(), photos.incoming.get()
    services.remove_dependency(same, by=agent)
    with pytest.raises(DependencyGone):
        services.change_dependency(link, by=agent, type="SS")
    with pytest.raises(DependencyGone):
        services.remove_dependency(link, by=agent)


def test_a_pair_hangs_together_once(link, agent, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    answer = link(agent, photos, predecessor=staging.pk, type="FF")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "dependency_exists")
    assert answer.data["dependency"] == photos.incoming.get().pk


def test_the_database_holds_the_pair_and_the_self_reference(make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    for before, after in ((staging, photos), (photos, photos)):
        with pytest.raises(IntegrityError), transaction.atomic():
            TaskDependency.objects.create(predecessor=before, successor=after)


def test_a_task_waits_neither_for_itself_nor_for_another_deals(link, agent, manager, make_task):
    photos = make_task("Photos")
    elsewhere = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    unseen = services.open_project(name="7 Mill Lane", kind="lease", by=manager)
    strange = [
        photos,
        services.create_task(elsewhere, name="X", by=agent),
        services.create_task(unseen, name="X", by=manager),
    ]
    for predecessor in strange:
        answer = link(agent, photos, predecessor=predecessor.pk)
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "predecessor")


def test_a_wait_is_ended_and_who_waited_is_told(api, agent, coordinator, make_task, told):
    photos = make_task("Photos", after=[make_task("Staging")], assignees=[coordinator])
    url = f"/api/v1/tasks/{photos.pk}/dependencies/{photos.incoming.get().pk}"
    assert api(agent).delete(url).status_code == 204
    assert api(agent).delete(url).status_code == 404
    assert len(told(DependencyRemoved)) == 1
    assert [fact.assignee_ids for fact in told(TaskUnblocked)] == [(coordinator.pk,)]


@pytest.mark.parametrize(
    ("field", "value"), [("predecessor", "Staging"), ("type", "XX"), ("lag_days", "two"), ("lag_days", 99999)]
)
def test_what_is_wrong_is_named(link, agent, make_task, field, value):
    answer = link(agent, make_task(), **{"predecessor": make_task().pk, field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_viewers_link_nothing_and_strangers_find_nothing(api, link, viewer, stranger, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    url = f"/api/v1/tasks/{photos.pk}/dependencies"
    for who, code in ((viewer, 403), (stranger, 404)):
        assert api(who).patch(f"{url}/{photos.incoming.get().pk}", {"type": "SS"}).status_code == code
        assert link(who, staging, predecessor=make_task().pk).status_code == code
        assert api(who).delete(f"{url}/{photos.incoming.get().pk}").status_code == code
    assert [api(who).get(url).status_code for who in (viewer, stranger)] == [200, 404]
