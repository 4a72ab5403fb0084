"""What came in can be processed once more, as the same event, and old ones are forgotten."""

from datetime import timedelta

import pytest

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import claim
from integrations.models import Integration, WebhookAttempt, WebhookEvent
from integrations.services import webhooks_replay
from integrations.services.webhooks_processing import LEASE, process_due
from integrations.services.webhooks_replay import forget_old_events
from tests.support.beacon import tell

pytestmark = pytest.mark.django_db
ALL = "/api/v1/integrations/webhooks"
MOVED = {"means": {"calendar": {"channel": "c1"}}}


@pytest.fixture
def event(beacon):
    """One that was processed."""
    beacon()
    tell({"id": "1", **MOVED})
    process_due()
    return WebhookEvent.objects.get()


def replayed(api, user, body):
    return api(user).post(f"{ALL}/replay", body)


class TestOne:
    def test_takes_effect_once_more_as_the_same_event(self, api, manager, event):
        answer = api(manager).post(f"{ALL}/{event.pk}/replay")
        assert (answer.status_code, answer.data["id"], answer.data["status"]) == (200, event.pk, "received")
        assert answer.data["is_replay"]
        process_due()
        event.refresh_from_db()
        assert (event.status, event.is_replay, event.replay_by, event.times_received) == ("processed", False, None, 1)
        assert Activity.objects.filter(kind="calendar.moved_outside").count() == 2

    def test_the_try_is_marked_and_says_who_asked(self, api, manager, event):
        api(manager).post(f"{ALL}/{event.pk}/replay")
        process_due()
        tries = api(manager).get(f"{ALL}/{event.pk}").data["tries"]
        assert [(each["is_replay"], each["by"], each["status"]) for each in tries] == [
            (False, None, "processed"), (True, manager.pk, "processed"),
        ]  # fmt: skip

    def test_one_that_was_given_up_starts_afresh(self, api, manager, event):
        WebhookEvent.objects.update(status="dead", attempts=8)
        api(manager).post(f"{ALL}/{event.pk}/replay")
        process_due()
        event.refresh_from_db()
        assert (event.status, event.attempts) == ("processed", 1)

    def test_one_that_is_given_up_again_alarms_nobody(self, api, manager, event):
        WebhookEvent.objects.update(payload={"id": "1", "trouble": "lasting"})
        api(manager).post(f"{ALL}/{event.pk}/replay")
        process_due()
        event.refresh_from_db()
        assert event.status == "dead"
        assert not Activity.objects.filter(kind="webhook.dead").exists()

    def test_one_that_still_waits_is_left_alone(self, api, manager, beacon):
        beacon()
        tell({"id": "1"})
        answer = api(manager).post(f"{ALL}/{WebhookEvent.objects.get().pk}/replay")
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "webhook_waiting")

    def test_nor_is_one_taken_from_the_worker_that_is_at_it(self, api, manager, event):
        WebhookEvent.objects.update(status="failed", next_attempt_at=clock.now())
        claim(WebhookEvent.objects.all(), limit=1, lease=LEASE)
        assert api(manager).post(f"{ALL}/{event.pk}/replay").status_code == 409

    def test_what_was_ignored_for_its_mode_is_ignored_again_until_the_mode_is_right(self, api, manager, beacon):
        beacon()
        tell({"id": "1", "live": False, **MOVED})
        event = WebhookEvent.objects.get()
        for mode, status in (("live", "ignored"), ("sandbox", "processed")):
            Integration.objects.update(mode=mode)
            api(manager).post(f"{ALL}/{event.pk}/replay")
            process_due()
            event.refresh_from_db()
            assert event.status == status

    def test_told_again_meanwhile_it_is_no_replay_any_more(self, api, manager, event):
        WebhookEvent.objects.update(payload={"id": "1", "trouble": "passing"})
        api(manager).post(f"{ALL}/{event.pk}/replay")
        process_due()
        tell({"id": "1", **MOVED})
        event.refresh_from_db()
        assert (event.status, event.is_replay, event.replay_by) == ("received", False, None)


class TestMany:
    @pytest.fixture
    def events(self, beacon):
        """Three that were given up, one that was processed, one that waits."""
        beacon()
        tell(*({"id": str(number), "kind": "lamp.lit" if number else "lamp.broken", **MOVED} for number in range(5)))
        found = list(WebhookEvent.objects.order_by("provider_event_id"))
        WebhookEvent.objects.filter(pk__in=[one.pk for one in found[:4]]).update(next_attempt_at=None, status="dead")
        WebhookEvent.objects.filter(pk=found[3].pk).update(status="processed")
        return found

    def test_by_ids(self, api, manager, events):
        answer = replayed(api, manager, {"ids": [events[0].pk, events[3].pk, events[4].pk, 999_999]})
        assert (answer.status_code, answer.data) == (200, {"replayed": 2})
        assert WebhookEvent.objects.filter(is_replay=True, replay_by=manager).count() == 2

    def test_by_filter(self, api, manager, events):
        integration = events[0].integration_id
        asked = {"integration": integration, "status": "dead", "kind": "lamp.lit", "received_until": clock.now()}
        assert replayed(api, manager, {"filter": asked}).data == {"replayed": 2}

    def test_only_what_was_received_in_between(self, api, manager, events):
        WebhookEvent.objects.filter(pk=events[0].pk).update(received_at=clock.now() - timedelta(days=2))
        asked = {"received_from": clock.now() - timedelta(days=3), "received_until": clock.now() - timedelta(days=1)}
        assert replayed(api, manager, {"filter": asked}).data == {"replayed": 1}

    @pytest.mark.parametrize("asked", [{}, {"filter": {}}])
    def test_everything_there_is_has_to_be_said_somehow(self, api, manager, events, asked):
        assert replayed(api, manager, asked).status_code == 400

    def test_more_than_the_most_are_refused_with_how_many_there_are(self, api, manager, events, monkeypatch):
        monkeypatch.setattr(webhooks_replay, "MOST_AT_ONCE", 2)
        answer = replayed(api, manager, {"filter": {"status": "dead"}})
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "too_many_to_replay")
        assert (answer.data["matches"], answer.data["most"]) == (3, 2)
        assert not WebhookEvent.objects.filter(is_replay=True).exists()

    def test_nobody_but_those_who_manage_integrations(self, api, agent, events):
        assert replayed(api, agent, {"ids": [events[0].pk]}).status_code == 403
        assert api(agent).post(f"{ALL}/{events[0].pk}/replay").status_code == 404


class TestTheList:
    def test_says_what_came_in_and_counts_each_state(self, api, manager, beacon):
        made = beacon()
        tell({"id": "1"}, {"id": "2", "kind": "lamp.broken"}, {"id": "3"})
        WebhookEvent.objects.filter(provider_event_id="3").update(status="dead")
        found = api(manager).get(ALL, {"status": "dead", "integration": made.pk}).data
        assert [(one["type"], one["provider_event_id"], one["status"]) for one in found["results"]] == [
            ("beacon", "3", "dead")
        ]
        assert found["counts"] == {"received": 2, "processed": 0, "ignored": 0, "failed": 0, "dead": 1}
        assert "payload" not in found["results"][0]
        assert len(api(manager).get(ALL, {"kind": "lamp.broken"}).data["results"]) == 1
        assert api(manager).get(ALL, {"since": "2099-01-01T00:00:00Z"}).data["results"] == []

    def test_takes_as_many_queries_for_many(self, api, manager, beacon, django_assert_max_num_queries):
        beacon()
        tell(*({"id": str(number)} for number in range(40)))
        with django_assert_max_num_queries(4):
            assert len(api(manager).get(ALL).data["results"]) == 40


class TestForgetting:
    @pytest.mark.parametrize(("status", "days", "is_kept"), [
        ("processed", 29, True), ("processed", 31, False), ("ignored", 31, False), ("received", 400, True),
        ("failed", 89, True), ("failed", 91, False), ("dead", 31, True), ("dead", 91, False),
    ])  # fmt: skip
    def test_what_was_kept_long_enough_goes_with_its_tries(self, event, status, days, is_kept):
        WebhookEvent.objects.update(status=status, received_at=clock.now() - timedelta(days=days))
        assert forget_old_events() == (0 if is_kept else 1)
        assert WebhookEvent.objects.exists() == is_kept
        assert WebhookAttempt.objects.exists() == is_kept

    @pytest.mark.parametrize(("occurred_at", "status", "days", "is_kept"), [
        (None, "processed", 399, True), (None, "ignored", 399, True), (None, "dead", 399, True),
        (None, "processed", 401, False), (None, "received", 401, True), (clock.now(), "processed", 31, False),
    ])  # fmt: skip
    def test_a_text_without_a_signed_time_is_kept_longer(self, event, occurred_at, status, days, is_kept):
        received_at = clock.now() - timedelta(days=days)
        WebhookEvent.objects.update(
            kind="message.received", occurred_at=occurred_at, status=status, received_at=received_at
        )
        forget_old_events()
        assert WebhookEvent.objects.exists() == is_kept

    def test_a_text_is_kept_as_long_as_the_rest_where_that_is_longer(self, event, settings):
        WebhookEvent.objects.update(kind="message.received", received_at=clock.now() - timedelta(days=450))
        settings.WEBHOOK_DAYS = 500
        assert forget_old_events() == 0

    def test_how_long_is_a_setting(self, event, settings):
        WebhookEvent.objects.update(received_at=clock.now() - timedelta(days=3))
        settings.WEBHOOK_DAYS = 2
        assert forget_old_events() == 1

    def test_failures_are_never_forgotten_before_the_rest(self, event, settings):
        WebhookEvent.objects.update(status="dead", received_at=clock.now() - timedelta(days=100))
        settings.WEBHOOK_DAYS = 365
        assert forget_old_events() == 0
