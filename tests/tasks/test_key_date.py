"""The days that a deal turns on: adding, moving and removing them, and all that moves along."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from estateman.common.errors import VersionConflict
from tasks import services
from tasks.activities import KeyDateAdded, KeyDateChanged, KeyDateRemoved, ProjectRescheduled
from tasks.models import DateChange, DateRule, KeyDate, Task
from tasks.services.refusals import KeyDateFollowed, KeyDateGone, KeyDateTaken, ProjectArchived

ACCEPTED = date(2026, 5, 4)
CLOSING = date(2026, 6, 15)
PUT_OFF = date(2026, 6, 17)


@pytest.fixture
def closing(deal, manager):
    return services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)


@pytest.fixture
def walkthrough(deal, closing, manager):
    """A business day before closing."""
    key_date = services.add_key_date(deal, kind="walkthrough", by=manager)
    services.set_date_rule(key_date, after=closing, days=1, direction="before", counting="business", by=manager)
    return key_date


@pytest.fixture
def keys(make_task, walkthrough, manager):
    """A task that is due on the day of the walkthrough."""
    task = make_task("Fetch the keys")
    services.set_date_rule(task, after=walkthrough, days=0, by=manager)
    return task


def days_of(deal):
    return dict(deal.key_dates.values_list("name", "on"))


def test_a_key_date_is_named_for_its_kind_and_may_be_open(deal, agent, told):
    key_date = services.add_key_date(deal, kind="contract_acceptance", by=agent)
    assert (key_date.name, key_date.on, key_date.is_overridden) == ("Contract acceptance", None, False)
    (fact,) = told(KeyDateAdded)
    assert (fact.key_date, fact.on, fact.by_id) == ("Contract acceptance", None, agent.pk)
    assert fact.rooms() == (f"project:{deal.pk}",)


def test_one_of_our_own_needs_a_name(deal, agent):
    with pytest.raises(ValidationError, match="Say what day this is"):
        services.add_key_date(deal, kind="own", by=agent)
    services.add_key_date(deal, kind="own", name="Roof repaired", by=agent)
    services.add_key_date(deal, kind="own", name="Septic tank emptied", by=agent)


def test_a_deal_has_one_of_each_kind_and_of_each_name(deal, closing, agent):
    with pytest.raises(KeyDateTaken) as taken:
        services.add_key_date(deal, kind="closing", name="Settlement", by=agent)
    assert taken.value.extra == {"key_date": closing.pk}
    with pytest.raises(KeyDateTaken):
        services.add_key_date(deal, kind="own", name="Closing", by=agent)


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
@pytest.mark.parametrize("field", ["on", "met_on"])
def test_days_centuries_off_are_refused(deal, closing, agent, field, day):
    with pytest.raises(ValidationError) as refused:
        services.change_key_date(closing, by=agent, changes={field: day})
    assert list(refused.value.message_dict) == [field]


def test_what_has_not_come_yet_has_not_happened(deal, closing, agent):
    with pytest.raises(ValidationError, match="has not come yet"):
        services.change_key_date(closing, by=agent, changes={"met_on": date(2099, 1, 1)})


def test_viewers_look_on(deal, closing, viewer):
    for act in (
        lambda: services.add_key_date(deal, kind="appraisal", by=viewer),
        lambda: services.change_key_date(closing, by=viewer, changes={"on": PUT_OFF}),
        lambda: services.change_key_date(closing, by=viewer, changes={"on": PUT_OFF}, preview=True),
        lambda: services.remove_key_date(closing, by=viewer),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_moving_one_takes_along_what_hangs_off_it(deal, closing, walkthrough, keys, agent, told):
    changes = services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})
    assert [(each.name, each.old, each.new, each.why) for each in changes] == [
        ("Closing", CLOSING, PUT_OFF, "set by hand"),
        ("Walkthrough", date(2026, 6, 12), date(2026, 6, 16), "1 business day before Closing"),
        ("Fetch the keys", date(2026, 6, 12), date(2026, 6, 16), "the same day as Walkthrough"),
    ]
    assert days_of(deal) == {"Closing": PUT_OFF, "Walkthrough": date(2026, 6, 16)}
    keys.refresh_from_db()
    assert keys.due_on == date(2026, 6, 16)
    (fact,) = told(KeyDateChanged)
    assert (fact.was_on, fact.on, fact.fields) == ("2026-06-15", "2026-06-17", ("on",))
    assert told(ProjectRescheduled)[-1].task_ids == (keys.pk,)


def test_each_move_keeps_what_caused_it(closing, walkthrough, keys, agent):
    services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})
    change = DateChange.objects.filter(task=keys).latest("pk")
    assert (change.cause, change.caused_by_key_date, change.why) == (
        DateChange.Cause.KEY_DATE, walkthrough, "the same day as Walkthrough"
    )  # fmt: skip
    assert (change.old_due_on, change.new_due_on, change.by) == (date(2026, 6, 12), date(2026, 6, 16), agent)


def test_moved_key_dates_count_their_versions_up(closing, walkthrough, agent):
    before = walkthrough.version
    services.change_key_date(closing, by=agent, changes={"on": PUT_OFF}, version=1)
    walkthrough.refresh_from_db()
    assert (closing.version, walkthrough.version) == (2, before + 1)


def test_a_preview_changes_nothing(deal, closing, walkthrough, keys, agent):
    before = everything(deal)
    changes = services.change_key_date(closing, by=agent, changes={"on": PUT_OFF}, preview=True)
    assert [each.name for each in changes] == ["Closing", "Walkthrough", "Fetch the keys"]
    assert everything(deal) == before


def test_a_day_given_by_hand_overrides_the_rule(closing, walkthrough, agent):
    services.change_key_date(walkthrough, by=agent, changes={"on": date(2026, 6, 10)})
    assert walkthrough.is_overridden
    changes = services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})
    assert [(each.name, each.old, each.new, each.flag) for each in changes] == [
        ("Closing", CLOSING, PUT_OFF, None),
        ("Walkthrough", date(2026, 6, 10), date(2026, 6, 16), "overridden"),
    ]
    walkthrough.refresh_from_db()
    assert walkthrough.on == date(2026, 6, 10)


def test_the_rule_takes_it_back(closing, walkthrough, keys, agent):
    services.change_key_date(walkthrough, by=agent, changes={"on": date(2026, 6, 10)})
    changes = services.change_key_date(walkthrough, by=agent, changes={"is_overridden": False})
    assert [(each.name, each.old, each.new) for each in changes] == [
        ("Walkthrough", date(2026, 6, 10), date(2026, 6, 12)),
        ("Fetch the keys", date(2026, 6, 10), date(2026, 6, 12)),
    ]
    assert (walkthrough.on, walkthrough.is_overridden) == (date(2026, 6, 12), False)


def test_a_person_or_the_rule_says_the_day_not_both(closing, walkthrough, agent):
    with pytest.raises(ValidationError, match="not both"):
        services.change_key_date(walkthrough, by=agent, changes={"on": ACCEPTED, "is_overridden": False})
    with pytest.raises(ValidationError, match="no rule"):
        services.change_key_date(closing, by=agent, changes={"is_overridden": True})


def test_what_happened_stays_and_the_rest_counts_from_then(closing, walkthrough, keys, agent):
    services.change_key_date(walkthrough, by=agent, changes={"on": date(2020, 1, 2), "met_on": date(2020, 1, 3)})
    keys.refresh_from_db()
    assert keys.due_on == date(2020, 1, 3)
    changes = services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})
    assert [(each.name, each.flag) for each in changes] == [("Closing", None), ("Walkthrough", "finished")]


def test_what_is_not_known_any_more_leaves_the_rest_where_it_stands(deal, closing, walkthrough, keys, agent):
    changes = services.change_key_date(closing, by=agent, changes={"on": None})
    assert [(each.name, each.new) for each in changes] == [("Closing", None)]
    assert days_of(deal)["Walkthrough"] == date(2026, 6, 12)


def test_a_change_that_moves_nothing_previews_nothing(closing, walkthrough, agent, told):
    assert services.change_key_date(closing, by=agent, changes={"note": "At the title company", "on": CLOSING}) == []
    assert told(KeyDateChanged)[-1].fields == ("note",)
    assert services.change_key_date(closing, by=agent, changes={"note": "At the title company"}) == []
    assert len(told(KeyDateChanged)) == 1


def test_several_move_at_once(deal, closing, walkthrough, keys, agent):
    accepted = services.add_key_date(deal, kind="contract_acceptance", on=ACCEPTED, by=agent)
    moves = [
        services.Move(accepted, {"on": date(2026, 5, 6)}),
        services.Move(closing, {"on": PUT_OFF}, version=1),
    ]
    previewed = services.move_key_dates(deal, moves=moves, by=agent, preview=True)
    applied = services.move_key_dates(deal, moves=moves, by=agent)
    assert previewed == applied
    assert [each.name for each in applied] == ["Contract acceptance", "Closing", "Walkthrough", "Fetch the keys"]


def test_one_stale_move_undoes_all(deal, closing, agent):
    accepted = services.add_key_date(deal, kind="contract_acceptance", on=ACCEPTED, by=agent)
    moves = [services.Move(accepted, {"on": PUT_OFF}), services.Move(closing, {"on": PUT_OFF}, version=7)]
    with pytest.raises(VersionConflict):
        services.move_key_dates(deal, moves=moves, by=agent)
    assert days_of(deal) == {"Contract acceptance": ACCEPTED, "Closing": CLOSING}


def test_another_project_s_key_date_is_not_moved_along(deal, closing, manager):
    other = services.open_project(name="Elsewhere", kind="listing", by=manager)
    foreign = services.add_key_date(other, kind="closing", on=CLOSING, by=manager)
    with pytest.raises(ValidationError, match="not the project's"):
        services.move_key_dates(deal, moves=[services.Move(foreign, {"on": PUT_OFF})], by=manager)


def test_what_others_count_from_is_not_removed_behind_their_backs(closing, walkthrough, keys, agent):
    with pytest.raises(KeyDateFollowed) as followed:
        services.remove_key_date(closing, by=agent)
    assert followed.value.extra["followers"] == [{"kind": "key_date", "id": walkthrough.pk, "name": "Walkthrough"}]
    with pytest.raises(KeyDateFollowed) as followed:
        services.remove_key_date(walkthrough, by=agent)
    assert followed.value.extra["followers"] == [{"kind": "task", "id": keys.pk, "name": "Fetch the keys"}]


def test_it_may_be_removed_with_the_rules_that_count_from_it(deal, closing, walkthrough, keys, agent, told):
    services.remove_key_date(walkthrough, by=agent, release=True)
    assert days_of(deal) == {"Closing": CLOSING}
    assert not DateRule.objects.exists()
    keys.refresh_from_db()
    assert keys.due_on == date(2026, 6, 12)
    assert [fact.key_date for fact in told(KeyDateRemoved)] == ["Walkthrough"]


def test_a_key_date_removed_meanwhile_is_told(closing, agent):
    KeyDate.objects.get(pk=closing.pk).delete()
    with pytest.raises(KeyDateGone):
        services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})


def test_an_archived_deal_stays_as_it_is(deal, closing, agent, manager):
    services.archive_project(deal, by=manager)
    with pytest.raises(ProjectArchived):
        services.change_key_date(closing, by=agent, changes={"on": PUT_OFF})
    with pytest.raises(ProjectArchived):
        services.add_key_date(deal, kind="appraisal", by=agent)


@pytest.mark.django_db(transaction=True)
def test_two_who_move_two_key_dates_at_once_both_do(deal, closing, walkthrough, keys, agent, in_threads):
    accepted = services.add_key_date(deal, kind="contract_acceptance", on=ACCEPTED, by=agent)
    order = Task.objects.create(
        project=deal, column=deal.columns.first(), rank=1, key="order", name="Order the title search"
    )
    services.set_date_rule(order, after=accepted, days=2, by=agent)
    moves = [(accepted.pk, date(2026, 5, 6)), (closing.pk, PUT_OFF)]

    def move(number):
        pk, day = moves[number]
        return services.change_key_date(KeyDate.objects.get(pk=pk), by=agent, changes={"on": day})

    first, second = in_threads(2, move)
    assert [each.name for each in first] == ["Contract acceptance", "Order the title search"]
    assert [each.name for each in second] == ["Closing", "Walkthrough", "Fetch the keys"]
    order.refresh_from_db()
    keys.refresh_from_db()
    assert (order.due_on, keys.due_on) == (date(2026, 5, 8), date(2026, 6, 16))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_the_same_version_one_is_told(deal, closing, agent, in_threads):
    def move(number):
        day = date(2026, 7, 6 + number)
        return services.change_key_date(KeyDate.objects.get(pk=closing.pk), by=agent, changes={"on": day}, version=1)

    outcomes = in_threads(2, move)
    assert sorted(type(each).__name__ for each in outcomes) == ["VersionConflict", "list"]


def test_over_the_api(api, deal, agent):
    client, url = api(agent), f"/api/v1/projects/{deal.pk}/key-dates"
    made = client.post(url, {"kind": "closing", "on": "2026-06-15", "at": "10:30", "note": "Bring the keys"}, "json")
    assert made.status_code == 201, made.data
    assert made.data["rule"] is None
    assert (made.data["name"], made.data["at"], made.data["version"]) == ("Closing", "10:30:00", 1)
    one = f"{url}/{made.data['id']}"
    preview = client.patch(f"{one}?preview=true", {"on": "2026-06-17"}, "json")
    assert (preview.status_code, preview.data["on"], preview.data["version"]) == (200, "2026-06-17", 2)
    assert [(each["kind"], each["old"], each["new"], each["flag"]) for each in preview.data["changes"]] == [
        ("key_date", "2026-06-15", "2026-06-17", None)
    ]
    assert client.get(one).data["on"] == "2026-06-15"
    moved = client.patch(one, {"on": "2026-06-17", "version": 1}, "json")
    assert moved.data == preview.data
    assert client.get(one).data == {name: value for name, value in moved.data.items() if name != "changes"}
    stale = client.patch(one, {"on": "2026-06-18", "version": 1}, "json")
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "version_conflict")
    assert stale.json()["current"]["on"] == "2026-06-17"
    assert client.delete(one).status_code == 204


def test_the_list_is_in_the_order_of_the_days(api, deal, agent, django_assert_num_queries):
    for kind, on in (("closing", CLOSING), ("appraisal", None), ("contract_acceptance", ACCEPTED)):
        services.add_key_date(deal, kind=kind, on=on, by=agent)
    listed = api(agent).get(f"/api/v1/projects/{deal.pk}/key-dates?limit=2")
    rest = api(agent).get(listed.data["next"])
    names = [each["name"] for each in [*listed.data["results"], *rest.data["results"]]]
    assert names == ["Contract acceptance", "Closing", "Appraisal"]


def test_the_list_costs_the_same_however_many_there_are(
    api, deal, agent, closing, walkthrough, django_assert_num_queries
):
    url = f"/api/v1/projects/{deal.pk}/key-dates"
    with django_assert_num_queries(2):
        api(agent).get(url)
    for number in range(8):
        own = services.add_key_date(deal, kind="own", name=f"Day {number}", by=agent)
        services.set_date_rule(own, after=closing, days=number, by=agent)
    with django_assert_num_queries(2):
        assert len(api(agent).get(url).data["results"]) == 10


def test_several_over_the_api(api, deal, closing, walkthrough, agent):
    url = f"/api/v1/projects/{deal.pk}/key-dates"
    body = {"key_dates": [{"id": closing.pk, "on": "2026-06-17", "version": 1}]}
    preview = api(agent).patch(f"{url}?preview=true", body, "json")
    assert [each["name"] for each in preview.data["changes"]] == ["Closing", "Walkthrough"]
    assert api(agent).patch(url, body, "json").data == preview.data
    twice = {"key_dates": [{"id": closing.pk}, {"id": closing.pk}]}
    wrongs: list[dict] = [{}, {"key_dates": []}, {"key_dates": [{"on": "2026-06-17"}]}, twice]
    for wrong in wrongs:
        assert api(agent).patch(url, wrong, "json").status_code == 400


def test_of_more_than_may_move_at_once_none_is_looked_up(api, deal, closing, agent, django_assert_max_num_queries):
    client, url = api(agent), f"/api/v1/projects/{deal.pk}/key-dates"
    with django_assert_max_num_queries(10):
        assert client.patch(url, {"key_dates": [{"id": closing.pk}] * 51}, "json").status_code == 400


def test_refusals_over_the_api(api, deal, closing, walkthrough, agent, manager):
    client, url = api(agent), f"/api/v1/projects/{deal.pk}/key-dates"
    taken = client.post(url, {"kind": "closing"}, "json")
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "key_date_taken")
    followed = client.delete(f"{url}/{closing.pk}")
    assert (followed.status_code, followed.json()["errors"][0]["code"]) == (409, "key_date_followed")
    assert client.delete(f"{url}/{closing.pk}?release=true").status_code == 204
    services.archive_project(deal, by=manager)
    archived = client.patch(f"{url}/{walkthrough.pk}", {"on": "2026-06-17"}, "json")
    assert (archived.status_code, archived.json()["errors"][0]["code"]) == (409, "project_archived")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"kind": "wedding"}, "kind"),
        ({"kind": "closing", "on": "2100-01-01"}, "on"),
        ({"kind": "closing", "on": "1999-12-31"}, "on"),
        ({"kind": "closing", "on": "2026-02-30"}, "on"),
        ({"kind": "closing", "at": "25:00"}, "at"),
        ({"kind": "closing", "name": "x" * 121}, "name"),
        ({"kind": "closing", "met_on": "2098-01-01"}, "met_on"),
        ({"kind": "own"}, "name"),
    ],
)
def test_what_cannot_be_is_400(api, deal, agent, body, attr):
    answer = api(agent).post(f"/api/v1/projects/{deal.pk}/key-dates", body, "json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_strangers_find_nothing_and_viewers_may_read(api, deal, closing, stranger, viewer):
    url = f"/api/v1/projects/{deal.pk}/key-dates"
    assert api(stranger).get(url).status_code == 404
    assert api(stranger).patch(f"{url}/{closing.pk}", {}, "json").status_code == 404
    assert api(viewer).get(f"{url}/{closing.pk}").status_code == 200
    assert api(viewer).patch(f"{url}/{closing.pk}?preview=true", {}, "json").status_code == 403


def everything(deal):
    return (
        list(deal.key_dates.order_by("pk").values()),
        list(deal.tasks.order_by("pk").values()),
        list(DateRule.objects.order_by("pk").values()),
        list(DateChange.objects.order_by("pk").values()),
        Activity.objects.count(),
    )
