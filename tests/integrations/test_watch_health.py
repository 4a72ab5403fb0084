"""How integrations are doing is kept where it changed, and the office is told when it gets bad or well again."""

from datetime import timedelta

import pytest
import time_machine

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import health, services
from integrations.health.history import level_of
from integrations.jobs.health import watch_health
from integrations.models import HealthSample, Integration, IntegrationLog, Status
from notifications.models import Notification

ALERT = "integration.health_changed"
Level = HealthSample.Level


@pytest.fixture
def well(sandbox):
    """An integration that nothing speaks against."""
    Integration.objects.filter(pk=sandbox.pk).update(last_success_at=clock.now())
    sandbox.refresh_from_db()
    return sandbox


@pytest.fixture
def now():
    """A standing clock that can be moved: ``now.shift(60)``."""
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as moved:
        yield moved


def have_calls(integration, *, failed, of=100):
    """So many of the last calls failed, which costs 60 points for all of them."""
    IntegrationLog.objects.filter(integration=integration).delete()
    IntegrationLog.objects.bulk_create(
        IntegrationLog(
            integration=integration,
            operation="send_email",
            ok=number >= failed,
            error_kind="" if number >= failed else "transient",
            started_at=clock.now(),
            duration_ms=1,
        )
        for number in range(of)
    )


def scores():
    return list(HealthSample.objects.order_by("pk").values_list("score", flat=True))


def alerts():
    return list(Activity.objects.filter(kind=ALERT).order_by("pk").values_list("payload__score", "payload__fell"))


def test_the_first_look_is_kept_and_nobody_is_told(sandbox):
    watch_health()
    sample = HealthSample.objects.get()
    assert (sample.integration, sample.score, sample.level, sample.status) == (sandbox, 50, "fair", Status.ACTIVE)
    assert sample.reasons == [{"code": "never_used", "points": 50, "text": "It was never used successfully: test it."}]
    assert alerts() == []


def test_nothing_is_kept_while_nothing_changes_but_once_an_hour(well, now):
    for _ in range(120):
        watch_health()
        now.shift(60)
    assert scores() == [100, 100]


def test_what_changes_is_kept_at_once(well, now):
    watch_health()
    now.shift(60)
    have_calls(well, failed=10)
    watch_health()
    now.shift(60)
    watch_health()
    assert scores() == [100, 94]


def test_other_numbers_in_the_same_reason_are_no_change(well, now):
    have_calls(well, failed=10)
    watch_health()
    now.shift(60)
    have_calls(well, failed=20, of=200)
    watch_health()
    assert scores() == [94]


def test_a_fall_below_70_and_40_and_the_way_back_are_announced_once_each(well, now):
    for failed in (0, 60, 60, 0):
        have_calls(well, failed=failed)
        watch_health()
        now.shift(60)
    assert alerts() == [(64, True), (100, False)]


def test_a_score_on_the_edge_does_not_alert_again_and_again(well, now):
    for failed in (0, 52, 48, 52, 48, 52, 48):  # 68, 71, 68, 71 …
        have_calls(well, failed=failed)
        watch_health()
        now.shift(60)
    assert scores() == [100, 68, 71, 68, 71, 68, 71]
    assert alerts() == [(68, True)]


@pytest.mark.parametrize(
    ("before", "score", "level"),
    [
        ("", 70, Level.GOOD),
        ("", 69, Level.FAIR),
        ("", 39, Level.POOR),
        (Level.GOOD, 70, Level.GOOD),
        (Level.GOOD, 69, Level.FAIR),
        (Level.GOOD, 39, Level.POOR),
        (Level.FAIR, 79, Level.FAIR),
        (Level.FAIR, 80, Level.GOOD),
        (Level.FAIR, 40, Level.FAIR),
        (Level.FAIR, 39, Level.POOR),
        (Level.POOR, 49, Level.POOR),
        (Level.POOR, 50, Level.FAIR),
        (Level.POOR, 79, Level.FAIR),
        (Level.POOR, 80, Level.GOOD),
        (Level.OFF, 75, Level.GOOD),
    ],
)
def test_a_level_is_left_at_once_and_reached_again_only_with_a_margin(before, score, level):
    assert level_of(score, status=Status.ACTIVE, before=before) == level


def test_admins_and_managers_are_told_and_nobody_else(well, admin_user, manager, agent, settle):
    watch_health()
    have_calls(well, failed=60)
    watch_health()
    settle()
    told = Notification.objects.filter(kind=ALERT)
    assert set(told.values_list("user", flat=True)) == {admin_user.pk, manager.pk}
    notice = told[0]
    assert notice.title == "Sandbox is not well: 64 of 100"
    assert notice.body == "60 of the last 100 calls failed."
    assert notice.url == "/integrations/health"


def test_putting_one_out_of_use_and_back_is_no_news_of_its_health(well, manager):
    watch_health()
    for status in ("disabled", "active"):
        services.edit_integration(well, changes={"status": status}, by=manager)
        watch_health()
    assert list(HealthSample.objects.order_by("pk").values_list("level", flat=True)) == ["good", "off", "good"]
    assert alerts() == []


def test_deleted_ones_are_watched_no_more(well, manager):
    services.delete_integration(well, by=manager)
    watch_health()
    assert scores() == []


def test_the_queries_do_not_grow_where_nothing_changed(well, manager, now, django_assert_max_num_queries):
    for number in range(5):
        services.create_integration(
            provider="sandbox", name=f"Sandbox {number}", mode="sandbox", config={}, credentials={}, by=manager
        )
    watch_health()
    now.shift(60)
    with django_assert_max_num_queries(9):
        watch_health()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_and_announce_a_change_once(well, in_threads):
    watch_health()
    have_calls(well, failed=60)
    assert in_threads(4, lambda number: watch_health()) == [None] * 4
    assert scores() == [100, 64]
    assert alerts() == [(64, True)]


def test_what_was_kept_long_enough_is_forgotten(well, settings):
    settings.LOG_DAYS = 30
    for days in (29, 31, 89, 91):
        at = clock.now() - timedelta(days=days)
        IntegrationLog.objects.create(integration=well, operation="test", ok=True, started_at=at, duration_ms=1)
        HealthSample.objects.create(integration=well, at=at, score=days, level="good", status="active")
    services.forget_old_calls()
    assert IntegrationLog.objects.count() == 1
    assert scores() == [29, 31, 89]


def test_a_report_can_be_kept_by_itself(well):
    report = health.reports([well])[well.pk]
    assert services.keep_health(well, report)
    assert services.keep_health(well, report) is None
