"""Hanging the day of a task or a key date off another day."""

from datetime import date, time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tasks import services
from tasks.activities import DateRuleChanged
from tasks.models import DateProfile, DateRule
from tasks.services.refusals import DateRuleGone, DependencyCycle, KeyDateGone, PlanTooLong, TaskGone

CLOSING = date(2026, 6, 15)


@pytest.fixture
def closing(deal, manager):
    return services.add_key_date(deal, kind="closing", on=CLOSING, by=manager)


@pytest.fixture
def trid(db):
    return DateProfile.objects.get(key="trid-specific")


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_task_is_due_as_its_rule_says(closing, make_task, trid, agent, told):
    task = make_task("Send the closing disclosure")
    ruled = services.set_date_rule(task, after=closing, days=3, direction="before", profile=trid, by=agent)
    assert fresh(task).due_on == date(2026, 6, 11)
    assert [(each.id, each.old, each.new) for each in ruled.changes] == [(task.pk, None, date(2026, 6, 11))]
    (fact,) = told(DateRuleChanged)
    assert fact.sentence() == "set Send the closing disclosure to 3 business days before Closing"


def test_the_start_may_be_ruled_and_the_duration_says_the_end(closing, make_task, agent):
    task = make_task("Stage the house", duration_days=3)
    services.set_date_rule(task, after=closing, days=14, direction="before", sets="start", by=agent)
    assert (fresh(task).starts_on, task.due_on) == (date(2026, 6, 1), date(2026, 6, 3))


def test_the_project_s_profile_counts_where_the_rule_says_none(deal, closing, make_task, agent, manager):
    profile = DateProfile.objects.get(key="california-rpa")
    services.edit_project(deal, by=manager, changes={"date_profile": profile})
    task = make_task("Send the disclosures")
    services.set_date_rule(task, after=closing, days=5, by=agent)  # a Saturday
    assert fresh(task).due_on == date(2026, 6, 22)
    texas = DateProfile.objects.get(key="texas-trec")
    services.set_date_rule(task, after=closing, days=5, profile=texas, by=agent)
    assert fresh(task).due_on == date(2026, 6, 20)


def test_what_waits_for_a_ruled_task_moves_with_it(closing, make_task, agent):
    inspect = make_task("Inspect")
    repair = make_task("Repair", after=[inspect], duration_days=2)
    ruled = services.set_date_rule(inspect, after=closing, days=5, direction="before", by=agent)
    assert [(each.name, each.new) for each in ruled.changes] == [
        ("Inspect", date(2026, 6, 10)), ("Repair", date(2026, 6, 12))
    ]  # fmt: skip
    assert fresh(repair).starts_on == date(2026, 6, 11)


def test_a_rule_and_the_schedule_settle_together(deal, closing, make_task, agent):
    """A key date that counts from a task that waits for a task that counts from a key date."""
    first = make_task("Appraise", duration_days=2)
    then = make_task("Read the appraisal", after=[first])
    services.set_date_rule(first, after=closing, days=10, direction="before", sets="start", by=agent)
    loan = services.add_key_date(deal, kind="loan_approval", by=agent)
    services.set_date_rule(loan, after=then, days=2, counting="business", by=agent)
    assert fresh(loan).on == date(2026, 6, 11)
    changes = services.change_key_date(closing, by=agent, changes={"on": date(2026, 6, 18)})
    assert [(each.name, each.new) for each in changes] == [
        ("Closing", date(2026, 6, 18)),
        ("Loan approval", date(2026, 6, 12)),
        ("Appraise", date(2026, 6, 9)),
        ("Read the appraisal", date(2026, 6, 10)),
    ]


def test_what_counts_from_a_completion_counts_from_the_day_it_really_was(closing, make_task, agent, manager):
    task, after = make_task("Order the title search"), make_task("Read the title search")
    services.set_date_rule(task, after=closing, days=10, direction="before", by=agent)
    services.set_date_rule(after, after=task, days=3, by=agent)
    assert fresh(after).due_on == date(2026, 6, 8)
    services.complete_task(task, by=agent, completed_on=date(2026, 5, 6))
    assert fresh(after).due_on == date(2026, 5, 9)


def test_an_addendum_gives_the_deal_another_number_of_days(closing, make_task, agent):
    task = make_task("Deliver the deposit")
    services.set_date_rule(task, after=closing, days=3, by=agent)
    changes = services.change_date_rule(task, changes={"override_days": 5}, by=agent).changes
    assert [(each.old, each.new) for each in changes] == [(date(2026, 6, 18), date(2026, 6, 20))]
    services.change_date_rule(task, changes={"override_days": None}, by=agent)
    assert fresh(task).due_on == date(2026, 6, 18)


def test_a_day_given_by_hand_overrides_the_rule_until_it_is_given_back(closing, make_task, agent):
    task = make_task("Deliver the deposit")
    services.set_date_rule(task, after=closing, days=3, by=agent)
    services.edit_task(task, by=agent, changes={"due_on": date(2026, 6, 10), "starts_on": date(2026, 6, 10)})
    assert DateRule.objects.get(task=task).is_overridden
    assert not services.mark_overridden(task)
    changes = services.change_key_date(closing, by=agent, changes={"on": date(2026, 6, 16)})
    assert [(each.name, each.flag, each.new) for each in changes] == [
        ("Closing", None, date(2026, 6, 16)),
        ("Deliver the deposit", "overridden", date(2026, 6, 19)),
    ]
    assert fresh(task).due_on == date(2026, 6, 10)
    services.change_date_rule(task, changes={"is_overridden": False}, by=agent)
    assert fresh(task).due_on == date(2026, 6, 19)


def test_a_finished_task_stays_and_is_flagged(closing, make_task, agent):
    task = make_task("Deliver the deposit")
    services.set_date_rule(task, after=closing, days=3, direction="before", by=agent)
    services.complete_task(task, by=agent, completed_on=date(2026, 5, 6))
    changes = services.change_key_date(closing, by=agent, changes={"on": date(2026, 6, 16)})
    assert [(each.name, each.flag) for each in changes] == [("Closing", None), ("Deliver the deposit", "finished")]
    assert (changes[1].old, changes[1].new) == (date(2026, 5, 6), date(2026, 6, 13))


def test_a_rule_takes_a_day_that_was_given_by_hand_over(deal, closing, agent):
    walkthrough = services.add_key_date(deal, kind="walkthrough", on=date(2026, 6, 1), by=agent)
    services.set_date_rule(walkthrough, after=closing, days=1, direction="before", by=agent)
    assert (walkthrough.on, walkthrough.is_overridden) == (date(2026, 6, 14), False)


def test_a_new_rule_takes_the_place_of_the_old_one_whole(closing, make_task, trid, agent):
    task = make_task()
    services.set_date_rule(task, after=closing, days=3, profile=trid, override_days=4, by=agent)
    services.set_date_rule(task, after=closing, days=2, by=agent)
    rule = DateRule.objects.get(task=task)
    assert (rule.days, rule.override_days, rule.profile, rule.direction) == (2, None, None, "after")


def test_a_preview_keeps_no_rule(closing, make_task, agent, told):
    task = make_task()
    ruled = services.set_date_rule(task, after=closing, days=3, by=agent, preview=True)
    assert [each.new for each in ruled.changes] == [date(2026, 6, 18)]
    assert not DateRule.objects.exists()
    assert not told(DateRuleChanged)
    assert fresh(task).due_on is None


def test_without_its_rule_a_task_stays_where_it_is(closing, make_task, agent):
    task = make_task()
    services.set_date_rule(task, after=closing, days=3, by=agent)
    services.remove_date_rule(task, by=agent)
    services.remove_date_rule(task, by=agent)
    services.change_key_date(closing, by=agent, changes={"on": date(2026, 7, 15)})
    assert fresh(task).due_on == date(2026, 6, 18)


def test_days_that_would_hang_off_themselves_are_refused(deal, closing, make_task, agent):
    first = make_task("First")
    second = make_task("Second", after=[first])
    services.set_date_rule(closing, after=second, days=3, by=agent)
    with pytest.raises(DependencyCycle):
        services.set_date_rule(first, after=closing, days=1, by=agent)
    with pytest.raises(DependencyCycle):
        services.set_date_rule(closing, after=closing, days=1, by=agent)
    with pytest.raises(DependencyCycle):
        services.set_date_rule(first, after=first, days=1, by=agent)


def test_a_dependency_that_would_close_a_circle_through_rules_is_refused(closing, make_task, agent):
    first, second = make_task("First"), make_task("Second")
    services.set_date_rule(closing, after=second, days=3, by=agent)
    services.set_date_rule(first, after=closing, days=1, by=agent)
    with pytest.raises(DependencyCycle):
        services.add_dependency(second, predecessor=first, by=agent)


def test_another_project_s_days_are_no_anchors(deal, closing, make_task, manager):
    other = services.open_project(name="Elsewhere", kind="listing", by=manager)
    foreign = services.add_key_date(other, kind="closing", on=CLOSING, by=manager)
    task = make_task()
    with pytest.raises(ValidationError) as refused:
        services.set_date_rule(task, after=foreign, days=1, by=manager)
    assert list(refused.value.message_dict) == ["after_key_date"]
    with pytest.raises(ValidationError) as refused:
        services.set_date_rule(task, after=make_task("There", project=other), days=1, by=manager)
    assert list(refused.value.message_dict) == ["after_task"]


def test_a_rule_that_leads_out_of_what_can_be_planned_is_refused(deal, closing, make_task, agent):
    services.change_key_date(closing, by=agent, changes={"on": date(2099, 12, 30)})
    with pytest.raises(PlanTooLong):
        services.set_date_rule(make_task(), after=closing, days=3, by=agent)
    walkthrough = services.add_key_date(deal, kind="walkthrough", by=agent)
    with pytest.raises(PlanTooLong):
        services.set_date_rule(walkthrough, after=closing, days=3, by=agent)
    assert not DateRule.objects.exists()


def test_what_is_gone_is_told(deal, closing, make_task, agent):
    task = make_task()
    with pytest.raises(DateRuleGone):
        services.change_date_rule(task, changes={"override_days": 1}, by=agent)
    closing.__class__.objects.filter(pk=closing.pk).delete()
    with pytest.raises(KeyDateGone):
        services.set_date_rule(closing, after=task, days=1, by=agent)
    with pytest.raises(ValidationError):
        services.set_date_rule(task, after=closing, days=1, by=agent)


def test_viewers_look_on(closing, make_task, viewer):
    task = make_task()
    for act in (
        lambda: services.set_date_rule(task, after=closing, days=1, by=viewer),
        lambda: services.change_date_rule(task, changes={}, by=viewer),
        lambda: services.remove_date_rule(task, by=viewer),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.django_db(transaction=True)
def test_of_two_rules_that_would_close_a_circle_one_is_set(deal, manager, in_threads):
    days = [services.add_key_date(deal, kind="own", name=name, on=CLOSING, by=manager) for name in ("First", "Second")]

    def rule(number):
        return services.set_date_rule(days[number], after=days[1 - number], days=1, by=manager)

    outcomes = in_threads(2, rule)
    assert sorted(type(each).__name__ for each in outcomes) == ["DependencyCycle", "Ruled"]
    assert DateRule.objects.count() == 1


def test_over_the_api_of_a_task(api, closing, make_task, trid, agent):
    client, task = api(agent), make_task()
    url = f"/api/v1/tasks/{task.pk}/date-rule"
    assert client.get(url).status_code == 404
    body = {"days": 3, "direction": "before", "after_key_date": closing.pk, "profile": trid.pk}
    preview = client.put(f"{url}?preview=true", body, "json")
    assert client.get(url).status_code == 404
    made = client.put(url, body, "json")
    assert made.status_code == 200, made.data
    assert made.data == preview.data
    assert made.data["rule"] == {
        "days": 3, "override_days": None, "direction": "before", "after_key_date": closing.pk, "after_task": None,
        "sets": "due", "profile": trid.pk, "counting": "", "weekend_roll": "", "holiday_roll": "",
        "skip_holidays": None, "is_deadline": False, "is_overridden": False,
    }  # fmt: skip
    assert [each["new"] for each in made.data["changes"]] == ["2026-06-11"]
    assert client.get(url).data == made.data["rule"]
    assert client.patch(url, {"override_days": 4}, "json").data["changes"][0]["new"] == "2026-06-10"
    assert client.patch(url, {"is_overridden": True}, "json").data["rule"]["is_overridden"] is True
    assert client.delete(url).data == {"rule": None, "changes": []}
    gone = client.patch(url, {"override_days": 4}, "json")
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (409, "date_rule_gone")


@pytest.mark.parametrize(("given", "at"), [({}, time(17)), ({"at": time(12)}, time(12)), ({"on": CLOSING}, None)])
def test_a_key_date_that_a_rule_dates_first_lasts_until_the_hour_of_its_profile(deal, closing, agent, given, at):
    profile = DateProfile.objects.get(key="florida-far-bar")
    inspection = services.add_key_date(deal, kind="inspection", by=agent, **given)
    services.set_date_rule(inspection, after=closing, days=3, direction="before", profile=profile, by=agent)
    assert (inspection.at, inspection.on) == (at, date(2026, 6, 12))


def test_over_the_api_of_a_key_date(api, deal, closing, make_task, agent):
    client, walkthrough = api(agent), services.add_key_date(deal, kind="walkthrough", by=agent)
    one = f"/api/v1/projects/{deal.pk}/key-dates/{walkthrough.pk}"
    client.put(f"{one}/date-rule", {"days": 1, "direction": "before", "after_key_date": closing.pk}, "json")
    shown = client.get(one).data
    assert (shown["on"], shown["rule"]["days"], shown["rule"]["after_key_date"]) == ("2026-06-14", 1, closing.pk)
    held = client.patch(f"{one}/date-rule", {"is_overridden": True}, "json")
    assert held.status_code == 200
    assert client.get(one).data["is_overridden"] is True
    circle = client.put(
        f"/api/v1/projects/{deal.pk}/key-dates/{closing.pk}/date-rule",
        {"days": 1, "after_key_date": walkthrough.pk},
        "json",
    )
    assert (circle.status_code, circle.json()["errors"][0]["code"]) == (409, "dependency_cycle")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"days": 40_000}, "days"),
        ({"days": -1}, "days"),
        ({}, "days"),
        ({"days": 1, "after_key_date": None}, "after_key_date"),
        ({"days": 1, "after_task": "{task}"}, "after_key_date"),
        ({"days": 1, "after_key_date": 999_999}, "after_key_date"),
        ({"days": 1, "after_key_date": 2**63}, "after_key_date"),
        ({"days": 1, "direction": "sideways"}, "direction"),
        ({"days": 1, "counting": "lunar"}, "counting"),
        ({"days": 1, "weekend_roll": "sideways"}, "weekend_roll"),
        ({"days": 1, "profile": 999_999}, "profile"),
        ({"days": 1, "override_days": 40_000}, "override_days"),
        ({"days": 1, "sets": "middle"}, "sets"),
    ],
)
def test_what_cannot_be_is_400(api, closing, make_task, agent, body, attr):
    task, other = make_task(), make_task("Other")
    whole = {"after_key_date": closing.pk} | body
    whole = {name: other.pk if value == "{task}" else value for name, value in whole.items()}
    answer = api(agent).put(f"/api/v1/tasks/{task.pk}/date-rule", whole, "json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_an_anchor_that_one_may_not_see_does_not_exist(api, make_task, agent, manager):
    private = services.open_project(name="Private", kind="listing", by=manager, is_private=True)
    foreign = services.add_key_date(private, kind="closing", on=CLOSING, by=manager)
    url = f"/api/v1/tasks/{make_task().pk}/date-rule"
    answer = api(agent).put(url, {"days": 1, "after_key_date": foreign.pk}, "json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "does_not_exist")


def test_a_deleted_task_s_rule_rests(closing, make_task, agent, manager):
    task, after = make_task("Order"), make_task("Read")
    services.set_date_rule(task, after=closing, days=1, by=agent)
    services.set_date_rule(after, after=task, days=1, by=agent)
    services.delete_task(task, by=manager)
    services.change_key_date(closing, by=agent, changes={"on": date(2026, 7, 15)})
    assert fresh(after).due_on == date(2026, 6, 17)
    with pytest.raises(TaskGone):
        services.set_date_rule(task, after=closing, days=2, by=agent)
