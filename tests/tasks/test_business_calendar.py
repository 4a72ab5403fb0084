"""Business calendars, closing days and date profiles; counting a deal anew after they changed."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tasks import services
from tasks.activities import BusinessCalendarChanged, DateProfileChanged
from tasks.models import BusinessCalendar, Closure, DateProfile
from tasks.services.refusals import CalendarGone, CalendarInUse, ClosedAlready, KeyTaken, ProfileInUse

CLOSING = date(2026, 6, 15)


@pytest.fixture
def office(manager):
    return services.create_calendar(name="Our office", country="US", by=manager)


@pytest.fixture
def ours(office, manager):
    return services.create_profile(name="Our days", calendar=office, counting="business", by=manager)


def test_a_calendar_knows_its_country_s_holidays_and_its_closing_days(office, manager, told):
    assert (office.key, office.weekdays) == ("our-office", [0, 1, 2, 3, 4])
    services.add_closure(office, on=date(2026, 12, 24), name="Christmas Eve", by=manager)
    closed = office.workdays()
    assert not closed.is_workday(date(2026, 12, 24))
    assert not closed.is_workday(date(2026, 7, 3))
    assert [fact.change for fact in told(BusinessCalendarChanged)] == ["created", "changed"]
    assert told(BusinessCalendarChanged)[0].rooms() == ("office",)


def test_the_office_s_leaders_arrange_them(office, ours, agent):
    for act in (
        lambda: services.create_calendar(name="Mine", by=agent),
        lambda: services.change_calendar(office, by=agent, changes={"name": "Mine"}),
        lambda: services.delete_calendar(office, by=agent),
        lambda: services.add_closure(office, on=CLOSING, name="Mine", by=agent),
        lambda: services.create_profile(name="Mine", calendar=office, by=agent),
        lambda: services.change_profile(ours, by=agent, changes={"name": "Mine"}),
        lambda: services.delete_profile(ours, by=agent),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "US", "subdivision": "ZZ"}, "country"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"weekdays": [1, 1]}, "weekdays"),
        ({"name": "日本"}, "key"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(manager, fields, attr):
    with pytest.raises(ValidationError) as refused:
        services.create_calendar(**{"name": "Odd", "by": manager, **fields})
    assert list(refused.value.message_dict) == [attr]


def test_a_key_is_taken_once(office, ours, manager):
    with pytest.raises(KeyTaken):
        services.create_calendar(name="Our office", by=manager)
    with pytest.raises(KeyTaken):
        services.create_profile(name="Our days", calendar=office, by=manager)


def test_a_day_is_closed_once(office, manager):
    closure = services.add_closure(office, on=CLOSING, name="Outing", by=manager)
    with pytest.raises(ClosedAlready) as closed:
        services.add_closure(office, on=CLOSING, name="Again", by=manager)
    assert closed.value.extra == {"closure": closure.pk}
    services.remove_closure(closure, by=manager)
    services.remove_closure(closure, by=manager)
    assert not office.closures.exists()
    with pytest.raises(ValidationError, match="Choose a day"):
        services.add_closure(office, on=date(2100, 1, 1), name="Far off", by=manager)


def test_what_is_counted_by_stays(deal, office, ours, manager, make_task, told):
    with pytest.raises(CalendarInUse) as used:
        services.delete_calendar(office, by=manager)
    assert used.value.extra == {"projects": [], "profiles": [{"id": ours.pk, "name": "Our days"}]}
    services.edit_project(deal, by=manager, changes={"date_profile": ours})
    with pytest.raises(ProfileInUse) as counted:
        services.delete_profile(ours, by=manager)
    assert counted.value.extra == {"projects": [{"id": deal.pk, "name": deal.name}], "rules": 0, "templates": []}
    services.edit_project(deal, by=manager, changes={"date_profile": None})
    task, closing = make_task(), services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)
    services.set_date_rule(task, after=closing, days=1, profile=ours, by=manager)
    with pytest.raises(ProfileInUse) as counted:
        services.delete_profile(ours, by=manager)
    assert counted.value.extra["rules"] == 1
    services.remove_date_rule(task, by=manager)
    services.delete_profile(ours, by=manager)
    services.delete_calendar(office, by=manager)
    assert told(DateProfileChanged)[-1].change == told(BusinessCalendarChanged)[-1].change == "removed"


def test_a_template_s_profile_stays(manager):
    trid = DateProfile.objects.get(key="trid-specific")
    with pytest.raises(ProfileInUse) as used:
        services.delete_profile(trid, by=manager)
    assert used.value.extra["templates"]


def test_a_private_project_that_counts_by_it_is_not_named(office, manager, admin_user):
    services.open_project(name="Private", kind="listing", by=manager, calendar=office, is_private=True)
    with pytest.raises(CalendarInUse) as used:
        services.delete_calendar(office, by=admin_user)
    assert used.value.extra == {"projects": [], "profiles": []}


def test_what_is_gone_is_told(office, ours, manager):
    DateProfile.objects.filter(pk=ours.pk).delete()
    BusinessCalendar.objects.filter(pk=office.pk).delete()
    for act in (
        lambda: services.change_calendar(office, by=manager, changes={"name": "Ours"}),
        lambda: services.add_closure(office, on=CLOSING, name="Outing", by=manager),
        lambda: services.change_profile(ours, by=manager, changes={"name": "Ours"}),
        lambda: services.create_profile(name="Other", calendar=office, by=manager),
    ):
        with pytest.raises(CalendarGone):
            act()


def test_no_deal_moves_before_it_is_counted_anew(deal, office, ours, make_task, agent, manager):
    task, closing = make_task(), services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)
    done, held = make_task("Done"), make_task("Held")
    for each in (task, done, held):
        services.set_date_rule(each, after=closing, days=3, profile=ours, by=agent)
    services.complete_task(done, by=agent, completed_on=date(2026, 5, 6))
    services.change_date_rule(held, changes={"is_overridden": True}, by=agent)
    services.add_closure(office, on=date(2026, 6, 17), name="Outing", by=manager)
    task.refresh_from_db()
    assert task.due_on == date(2026, 6, 18)
    preview = services.recount_project(deal, by=agent, preview=True)
    task.refresh_from_db()
    assert task.due_on == date(2026, 6, 18)
    applied = services.recount_project(deal, by=agent)
    assert preview == applied
    assert [(each.name, each.new, each.flag) for each in applied] == [
        (task.name, date(2026, 6, 22), None),
        ("Done", date(2026, 6, 22), "finished"),
        ("Held", date(2026, 6, 22), "overridden"),
    ]
    task.refresh_from_db()
    assert task.due_on == date(2026, 6, 22)


def test_viewers_count_nothing_anew(deal, viewer):
    with pytest.raises(PermissionDenied):
        services.recount_project(deal, by=viewer, preview=True)


@pytest.mark.django_db(transaction=True)
def test_of_a_calendar_deleted_while_a_profile_is_made_one_holds(office, manager, in_threads):
    def work(number):
        if number:
            return services.create_profile(name="Late", calendar=BusinessCalendar(pk=office.pk), by=manager)
        return services.delete_calendar(BusinessCalendar.objects.get(pk=office.pk), by=manager)

    outcomes = [type(each).__name__ for each in in_threads(2, work)]
    assert outcomes in (["NoneType", "CalendarGone"], ["CalendarInUse", "DateProfile"])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_on_the_same_day_one_is_told(office, manager, in_threads):
    def close(number):
        calendar = BusinessCalendar.objects.get(pk=office.pk)
        return services.add_closure(calendar, on=CLOSING, name=f"Outing {number}", by=manager)

    outcomes = in_threads(2, close)
    assert sorted(type(each).__name__ for each in outcomes) == ["ClosedAlready", "Closure"]


def test_calendars_over_the_api(api, manager, agent):
    client, url = api(manager), "/api/v1/business-calendars"
    made = client.post(url, {"name": "Our office", "country": "us", "subdivision": "CA", "weekdays": [0, 1]}, "json")
    assert made.status_code == 201, made.data
    assert made.data == {
        "id": made.data["id"], "key": "our-office", "name": "Our office", "weekdays": [0, 1], "country": "US",
        "subdivision": "CA", "keeps_observed": True, "version": 1,
    }  # fmt: skip
    one = f"{url}/{made.data['id']}"
    changed = client.patch(one, {"weekdays": [0, 1, 2], "version": 1}, "json")
    assert (changed.status_code, changed.data["weekdays"], changed.data["version"]) == (200, [0, 1, 2], 2)
    stale = client.patch(one, {"name": "Ours", "version": 1}, "json")
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "version_conflict")
    assert made.data["id"] in [each["id"] for each in api(agent).get(url).data["results"]]
    assert api(agent).get(one).status_code == 200
    assert api(agent).patch(one, {"name": "Mine"}, "json").status_code == 403
    taken = client.post(url, {"name": "Our office"}, "json")
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "key_taken")
    closures = f"{one}/closures"
    closure = client.post(closures, {"on": "2026-12-24", "name": "Christmas Eve"}, "json")
    assert closure.status_code == 201
    again = client.post(closures, {"on": "2026-12-24", "name": "Christmas Eve"}, "json")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "closed_already")
    assert api(agent).get(closures).data["results"] == [closure.data]
    assert client.delete(f"{closures}/{closure.data['id']}").status_code == 204
    assert client.delete(one).status_code == 204


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays.0"),
        ({"weekdays": [0, 0]}, "weekdays"),
        ({"country": "XX"}, "country"),
        ({"country": "USA"}, "country"),
        ({"country": "US", "subdivision": "ZZ"}, "country"),
        ({"key": "not a slug"}, "key"),
        ({"name": ""}, "name"),
    ],
)
def test_a_calendar_that_cannot_be_is_400(api, manager, body, attr):
    answer = api(manager).post("/api/v1/business-calendars", {"name": "Odd"} | body, "json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_profiles_over_the_api(api, manager, agent, office, deal):
    client, url = api(manager), "/api/v1/date-profiles"
    seeded = {each["key"]: each for each in api(agent).get(url).data["results"]}
    assert seeded["florida-far-bar"]["deadline_time"] == "17:00:00"
    made = client.post(url, {"name": "Ours", "calendar": office.pk, "counting": "business"}, "json")
    assert made.status_code == 201, made.data
    one = f"{url}/{made.data['id']}"
    changed = client.patch(one, {"weekend_roll": "forward", "version": 1}, "json")
    assert (changed.data["weekend_roll"], changed.data["version"]) == ("forward", 2)
    services.edit_project(deal, by=manager, changes={"date_profile": DateProfile.objects.get(pk=made.data["id"])})
    used = client.delete(one)
    assert (used.status_code, used.json()["errors"][0]["code"]) == (409, "profile_in_use")
    assert used.json()["projects"] == [{"id": deal.pk, "name": deal.name}]
    held = client.delete(f"/api/v1/business-calendars/{office.pk}")
    assert (held.status_code, held.json()["errors"][0]["code"]) == (409, "calendar_in_use")
    services.edit_project(deal, by=manager, changes={"date_profile": None})
    assert client.delete(one).status_code == 204
    for wrong in (
        {"name": "Odd"},
        {"name": "Odd", "calendar": 2**63},
        {"name": "Odd", "calendar": office.pk, "counting": "x"},
    ):
        assert client.post(url, wrong, "json").status_code == 400
    assert api(agent).post(url, {"name": "Mine", "calendar": office.pk}, "json").status_code == 403


@pytest.fixture
def outing(deal, make_task, office, ours, manager):
    """A day that is closed since a task was counted over it."""
    task, closing = make_task(), services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)
    services.set_date_rule(task, after=closing, days=3, profile=ours, by=manager)
    return Closure.objects.create(calendar=office, on=date(2026, 6, 17), name="Outing")


def test_counting_anew_over_the_api(api, deal, outing, agent, manager):
    url = f"/api/v1/projects/{deal.pk}/replan"
    preview = api(agent).post(f"{url}?preview=true")
    assert [(each["kind"], each["old"], each["new"]) for each in preview.data["changes"]] == [
        ("task", "2026-06-18", "2026-06-22")
    ]
    assert api(agent).post(url).data == preview.data
    assert api(agent).post(url).data == {"changes": []}
    services.archive_project(deal, by=manager)
    assert api(agent).post(url).status_code == 409
