"""Key dates, calendars and date profiles in the admin."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import BusinessCalendarChanged, DateProfileChanged, KeyDateChanged
from tasks.models import BusinessCalendar, DateProfile, KeyDate

CLOSING = date(2026, 6, 15)


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def closing(deal, manager):
    return services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)


def forms(prefix, *rows, initial=0):
    """What an inline sends: each row is a dict of its fields."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return sent | {f"{prefix}-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}


@pytest.mark.parametrize("model", ["keydate", "businesscalendar", "dateprofile"])
def test_lists_open_at_a_constant_cost(admin, deal, closing, manager, model, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(25) as counted:
            assert admin.get(f"/admin/tasks/{model}/?q=a").status_code == 200
        return len(counted)

    few = queries()
    services.add_key_date(deal, kind="appraisal", by=manager)
    calendar = services.create_calendar(name="Another calendar", by=manager)
    services.create_profile(name="Another", calendar=calendar, by=manager)
    assert queries() <= few


def test_saving_a_key_date_moves_what_hangs_off_it(admin, closing, deal, manager, told):
    walkthrough = services.add_key_date(deal, kind="walkthrough", by=manager)
    services.set_date_rule(walkthrough, after=closing, days=1, direction="before", by=manager)
    url = f"/admin/tasks/keydate/{closing.pk}/change/"
    assert admin.get(url).status_code == 200
    form = {"kind": "closing", "name": "Closing", "on": "2026-06-17"}
    answer = admin.post(url, form | forms("date_rule"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    walkthrough.refresh_from_db()
    assert walkthrough.on == date(2026, 6, 16)
    assert told(KeyDateChanged)[-1].on == "2026-06-17"
    assert admin.get(f"/admin/tasks/keydate/{walkthrough.pk}/change/").status_code == 200
    assert admin.get(f"/admin/tasks/project/{deal.pk}/change/").status_code == 200


def test_a_key_date_is_added_and_removed(admin, closing, deal):
    form = {"project": deal.pk, "kind": "appraisal", "name": "Appraisal", "on": "2026-06-01"}
    assert admin.post("/admin/tasks/keydate/add/", form | forms("date_rule")).status_code == 302
    assert deal.key_dates.get(kind="appraisal").on == date(2026, 6, 1)
    assert admin.post(f"/admin/tasks/keydate/{closing.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not KeyDate.objects.filter(pk=closing.pk).exists()


def test_a_refusal_is_told_in_the_form(admin, closing, deal):
    form = {"project": deal.pk, "kind": "appraisal", "name": "Appraisal", "met_on": "2098-01-01"}
    answer = admin.post("/admin/tasks/keydate/add/", form | forms("date_rule"), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["This day has not come yet."]
    assert deal.key_dates.count() == 1


def test_a_private_deal_s_key_dates_are_its_members_only(admin, agent):
    private = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    services.add_key_date(private, kind="closing", on=CLOSING, by=agent)
    assert "Quiet sale" not in admin.get("/admin/tasks/keydate/").content.decode()


def test_a_calendar_is_kept_with_its_closing_days(admin, told):
    form = {"key": "ours", "name": "Ours", "weekdays": "[0, 1, 2, 3, 4]", "country": "US", "keeps_observed": "on"}
    added = forms("closures", {"on": "2026-12-24", "name": "Christmas Eve"})
    assert admin.post("/admin/tasks/businesscalendar/add/", form | added).status_code == 302
    calendar = BusinessCalendar.objects.get(key="ours")
    closure = calendar.closures.get()
    assert (closure.on, closure.name) == (date(2026, 12, 24), "Christmas Eve")
    url = f"/admin/tasks/businesscalendar/{calendar.pk}/change/"
    changed = forms(
        "closures",
        {"id": closure.pk, "calendar": calendar.pk, "DELETE": "on"},
        {"calendar": calendar.pk, "on": "2026-12-31", "name": "New Year's Eve"},
        initial=1,
    )
    assert admin.post(url, form | changed | {"name": "Our office"}).status_code == 302
    calendar.refresh_from_db()
    assert (calendar.name, [each.name for each in calendar.closures.all()]) == ("Our office", ["New Year's Eve"])
    assert {fact.change for fact in told(BusinessCalendarChanged)} == {"created", "changed"}
    unknown = admin.post(url, form | forms("closures") | {"country": "XX"})
    assert unknown.status_code == 200
    assert "country" in unknown.context["adminform"].form.errors


def test_a_profile_is_changed_and_what_is_in_use_stays(admin, deal, manager, told):
    profile = DateProfile.objects.get(key="texas-trec")
    form = {
        "name": "Texas",
        "calendar": profile.calendar_id,
        "counting": "calendar",
        "weekend_roll": "none",
        "holiday_roll": "none",
    }
    url = f"/admin/tasks/dateprofile/{profile.pk}"
    assert admin.post(f"{url}/change/", form).status_code == 302
    profile.refresh_from_db()
    assert (profile.name, profile.version) == ("Texas", 2)
    services.edit_project(deal, by=manager, changes={"date_profile": profile})
    admin.post(f"{url}/delete/", {"post": "yes"})
    assert DateProfile.objects.filter(pk=profile.pk).exists()
    services.edit_project(deal, by=manager, changes={"date_profile": None})
    assert admin.post(f"{url}/delete/", {"post": "yes"}).status_code == 302
    assert not DateProfile.objects.filter(pk=profile.pk).exists()
    assert told(DateProfileChanged)[-1].change == "removed"
