"""The admin shows all of it, lets the office word it, and lets nobody rewrite history."""

import pytest
from django.apps import apps
from django.urls import reverse

from gamification.models import Achievement, Balance, Counter, LedgerEntry, Metric
from gamification.services import record

MODELS = ["metric", "achievement", "activityevent", "award", "ledgerentry", "balance"]
HISTORY = ["activityevent", "award", "ledgerentry", "balance"]


@pytest.fixture
def worked(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    for _ in range(12):
        record(agent, visit())


@pytest.fixture
def desk(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_page_opens_at_a_bounded_cost(desk, worked, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        answer = desk.get(reverse(f"admin:gamification_{model}_changelist"))
    assert answer.status_code == 200
    row = answer.context["cl"].queryset.first()
    page = desk.get(reverse(f"admin:gamification_{model}_change", args=[row.pk]))
    assert page.status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_or_deleted_by_hand(desk, worked, model):
    row = apps.get_model("gamification", model).objects.earliest("pk")
    assert desk.get(reverse(f"admin:gamification_{model}_add")).status_code == 403
    assert desk.post(reverse(f"admin:gamification_{model}_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_read_only(desk, worked, model):
    row = apps.get_model("gamification", model).objects.earliest("pk")
    assert desk.post(reverse(f"admin:gamification_{model}_change", args=[row.pk])).status_code == 403


def test_an_agent_has_no_business_there(client, agent):
    client.force_login(agent)
    assert client.get(reverse("admin:gamification_metric_changelist")).status_code == 302


def test_points_may_be_changed_for_what_comes_but_not_what_is_counted(desk, visits):
    page = reverse("admin:gamification_metric_change", args=[visits.pk])
    form = {"name": "Visits", "points": 20, "daily_cap": "", "is_active": "on", "key": "hacked"}
    assert desk.post(page, form).status_code == 302
    visits.refresh_from_db()
    assert (visits.points, visits.key) == (20, "test.visits")


def test_an_achievement_may_be_reworded(desk, make_achievement):
    walker = make_achievement("walker", {1: 50})
    form = {
        "name": "Rambler",
        "description": "",
        "icon": "🥾",
        "is_active": "on",
        "levels-TOTAL_FORMS": 0,
        "levels-INITIAL_FORMS": 0,
    }
    page = reverse("admin:gamification_achievement_change", args=[walker.pk])
    assert desk.post(page, form).status_code == 302
    assert Achievement.objects.get(pk=walker.pk).name == "Rambler"


def test_a_recount_repairs_counters_and_balances(desk, worked, agent):
    Balance.objects.update(available=1)
    Counter.objects.update(value=1)
    form = {"action": "recount", "_selected_action": [Balance.objects.earliest("pk").pk]}
    desk.post(reverse("admin:gamification_balance_changelist"), form)
    assert set(Balance.objects.values_list("available", flat=True)) == {170}
    assert set(Counter.objects.values_list("value", flat=True)) == {12}


def test_every_model_reads_as_something(worked):
    for model in (Metric, Achievement, Counter, LedgerEntry, Balance):
        assert str(model.objects.first())
