"""Making one task wait for another."""

import pytest
from django.db import IntegrityError, transaction

from tasks import services
from tasks.activities import DependencyAdded, DependencyRemoved, TaskUnblocked
from tasks.models import TaskDependency
from tasks.services.refusals import DependencyCycle


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
        assert link(who, staging, predecessor=make_task().pk).status_code == code
        assert api(who).delete(f"{url}/{photos.incoming.get().pk}").status_code == code
    assert [api(who).get(url).status_code for who in (viewer, stranger)] == [200, 404]
