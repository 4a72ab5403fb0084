"""Links over the API, the jobs that run them, and the channels that wake them."""

from datetime import timedelta

import pytest

from estateman.activity.services import announce
from estateman.common import clock
from events import jobs
from events.models import CalendarLink, DataSync
from events.services import archive_calendar
from events.sync import engine, listening, watching
from integrations.activities import CalendarMoved
from integrations.services import create_integration
from integrations.services.webhooks_secrets import add_webhook_secret
from tests.support.http import Reply

LINKS, SYNC, RUNS = "/api/v1/calendar/links", "/api/v1/calendar/sync", "/api/v1/integrations/syncs"


@pytest.fixture
def new_link(google, connected_to, own_calendar):
    integration = connected_to("google_calendar", google.config)
    return {"calendar": own_calendar.pk, "integration": integration.pk, "remote_id": "maria@harbour.example"}


class TestLinking:
    def test_is_asked_for_once_and_runs_on_demand(self, api, manager, new_link, google, plan_mine):
        made = api(manager).post(LINKS, new_link)
        assert (made.status_code, made.data["remote_name"], made.data["has_cursor"]) == (201, "Maria", False)
        plan_mine("Ours")
        google.add("Theirs")
        (ran,) = api(manager).post(SYNC, {"link": made.data["id"]}).data["results"]
        assert (ran["status"], ran["created_here"], ran["created_there"]) == ("done", 1, 1)
        assert (ran["has_cursor"], ran["conflicts"]) == (True, [])
        assert ran["duration_ms"] >= 0
        assert api(manager).post(LINKS, new_link).data["errors"][0]["code"] == "already_linked"

    def test_all_of_mine_run_at_once(self, api, manager, link):
        assert [run["link"] for run in api(manager).post(SYNC, {}).data["results"]] == [link.pk]

    def test_a_conflict_is_told_with_both_words(self, api, manager, link, google, plan_mine, standing):
        plan_mine("Showing")
        api(manager).post(SYNC, {"link": link.pk})
        google.edit(google.standing()["Showing"]["id"], summary="Theirs", updated="2039-01-01T00:00:00Z")
        event = standing()["Showing"]
        api(manager).patch(f"/api/v1/events/{event.pk}", {"title": "Ours"})
        (ran,) = api(manager).post(SYNC, {"link": link.pk}).data["results"]
        (conflict,) = ran["conflicts"]
        assert (conflict["field"], conflict["local"], conflict["remote"]) == ("title", "Ours", "Theirs")
        assert conflict["winner"] in {"local", "remote"}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"remote_id": "nobody's"}, "remote_id"),
            ({"remote_id": "x\x00"}, "remote_id"),
            ({"calendar": 2**70}, "calendar"),
            ({"integration": "one"}, "integration"),
            ({"direction": "sideways"}, "direction"),
            ({"winner": 7}, "winner"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_field(self, api, manager, new_link, changes, field):
        refused = api(manager).post(LINKS, new_link | changes)
        assert (refused.status_code, refused.data["errors"][0]["attr"]) == (400, field)
        assert not CalendarLink.objects.exists()

    def test_one_that_may_only_be_read_is_only_pulled(self, api, manager, new_link, google, monkeypatch):
        mine = {"id": "maria@harbour.example", "summary": "Maria", "accessRole": "reader"}
        google_reply = google.reply_to
        monkeypatch.setattr(
            google,
            "reply_to",
            lambda asked: Reply(200, {"items": [mine]}) if "calendarList" in asked.path else google_reply(asked),
        )
        refused = api(manager).post(LINKS, new_link)
        assert (refused.status_code, refused.data["errors"][0]["attr"]) == (400, "direction")
        assert api(manager).post(LINKS, new_link | {"direction": "pull"}).status_code == 201

    def test_without_an_account_of_ones_own_there_is_nothing_to_link(self, api, agent, new_link, calendar):
        refused = api(agent).post(LINKS, new_link | {"calendar": calendar.pk})
        assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "not_connected")

    def test_the_offices_one_account_is_for_those_who_manage_it(self, api, agent, manager, calendar):
        office = create_integration(
            provider="sandbox_calendar", name="Office", mode="sandbox", config={}, credentials={}, by=manager
        )
        asked = {"calendar": calendar.pk, "integration": office.pk, "remote_id": "showings"}
        assert api(agent).post(LINKS, asked).status_code == 403

    def test_a_calendar_that_one_does_not_manage_is_not_linked(self, api, manager, agent, new_link, calendar):
        assert api(agent).post(LINKS, new_link).status_code == 400

    def test_another_persons_link_is_seen_and_run_by_the_leaders_alone(self, api, manager, agent, link):
        assert api(agent).get(f"{LINKS}/{link.pk}").status_code == 404
        assert api(agent).post(SYNC, {"link": link.pk}).status_code == 404
        assert api(agent).get(RUNS).data["results"] == []
        CalendarLink.objects.update(user=agent)
        assert api(manager).get(f"{LINKS}/{link.pk}").status_code == 200

    def test_switched_off_it_does_not_run_and_on_again_it_is_due(self, api, manager, link):
        off = api(manager).patch(f"{LINKS}/{link.pk}", {"is_active": False})
        assert off.data["next_sync_at"] is None
        refused = api(manager).post(SYNC, {"link": link.pk})
        assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "link_out_of_use")
        on = api(manager).patch(f"{LINKS}/{link.pk}", {"is_active": True, "winner": "remote"})
        assert (on.data["next_sync_at"] is None, on.data["winner"]) == (False, "remote")

    def test_ended_it_leaves_both_sides_as_they_are(self, api, manager, link, google, plan_mine, standing):
        plan_mine("Ours")
        google.add("Theirs")
        api(manager).post(SYNC, {"link": link.pk})
        assert api(manager).delete(f"{LINKS}/{link.pk}").status_code == 204
        assert sorted(standing()) == sorted(google.standing()) == ["Ours", "Theirs"]
        assert not CalendarLink.objects.exists()

    def test_one_that_is_run_already_says_so(self, api, manager, link):
        CalendarLink.objects.update(lease_until=clock.now() + timedelta(minutes=5))
        refused = api(manager).post(SYNC, {"link": link.pk})
        assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "sync_under_way")

    def test_lists_take_as_many_queries_however_many_there_are(self, api, manager, link, django_assert_max_num_queries):
        DataSync.objects.bulk_create(DataSync(link=link) for _ in range(20))
        with django_assert_max_num_queries(6):
            assert len(api(manager).get(RUNS).data["results"]) == 20
        with django_assert_max_num_queries(6):
            assert len(api(manager).get(LINKS).data["results"]) == 1


class TestTheJobs:
    def test_run_what_is_due_and_put_it_off(self, link, google, plan_mine):
        plan_mine("Ours")
        jobs.sync_calendars()
        assert list(google.standing()) == ["Ours"]
        link.refresh_from_db()
        assert link.next_attempt_at > clock.now()
        assert link.lease_until is None
        jobs.sync_calendars()
        assert link.runs.count() == 1

    def test_leave_alone_what_is_out_of_use(self, link, own_calendar, manager):
        archive_calendar(own_calendar, by=manager)
        jobs.sync_calendars()
        assert not link.runs.exists()

    def test_forget_runs_that_are_over_for_a_month(self, link):
        old = DataSync.objects.create(link=link, started_at=clock.now() - timedelta(days=31))
        new = DataSync.objects.create(link=link)
        jobs.forget_old_syncs()
        assert list(DataSync.objects.all()) == [new]
        assert old.pk != new.pk

    def test_a_run_asked_for_while_one_is_under_way_follows_it(self, link, google, sync, monkeypatch):
        listen = listening.listen

        def listen_and_be_asked(*asked):
            CalendarLink.objects.update(next_attempt_at=clock.now() + timedelta(seconds=1))
            return listen(*asked)

        monkeypatch.setattr(engine, "listen", listen_and_be_asked)
        sync()
        link.refresh_from_db()
        assert link.next_attempt_at < clock.now() + timedelta(minutes=1)


class TestWhatWakesALink:
    def test_a_change_there_over_its_channel(self, link, settle):
        CalendarLink.objects.update(channel="channel-1", next_attempt_at=clock.now() + timedelta(hours=1))
        self.tell(link, "another channel")
        settle()
        link.refresh_from_db()
        assert link.next_attempt_at > clock.now()
        self.tell(link, "channel-1")
        settle()
        link.refresh_from_db()
        assert link.next_attempt_at <= clock.now()

    @staticmethod
    def tell(link, channel):
        announce(CalendarMoved(by_id=None, integration_id=link.integration_id, name="Google", channel=channel))

    def test_a_change_here(self, link, settle, plan_mine):
        CalendarLink.objects.update(next_attempt_at=clock.now() + timedelta(hours=1))
        plan_mine("Ours")
        settle()
        link.refresh_from_db()
        assert link.next_attempt_at <= clock.now()

    @pytest.mark.parametrize(("attempts", "is_due"), [(0, True), (3, False)])
    def test_a_change_here_unless_it_is_in_trouble_as_a_whole(self, link, settle, plan_mine, attempts, is_due):
        later = clock.now() + timedelta(hours=1)
        CalendarLink.objects.update(next_attempt_at=later, attempts=attempts, last_error="One of them was refused")
        plan_mine("Ours")
        settle()
        link.refresh_from_db()
        assert (link.next_attempt_at < later) is is_due


class TestChannels:
    @pytest.fixture
    def reachable(self, link, manager, settings):
        settings.SITE_URL = "https://office.example.com"
        return add_webhook_secret(link.integration, secret="a-long-random-channel-token", by=manager)

    def test_are_opened_with_our_address_and_token_and_renewed_before_they_end(self, link, google, reachable):
        jobs.watch_calendars()
        link.refresh_from_db()
        first = link.channel
        told = google.channels[first]
        assert told["address"].startswith("https://office.example.com/api/v1/integrations/webhooks/google_calendar/")
        assert told["token"] == "a-long-random-channel-token"
        jobs.watch_calendars()
        assert list(google.channels) == [first]
        CalendarLink.objects.update(channel_expires_at=clock.now() + timedelta(hours=2))
        jobs.watch_calendars()
        link.refresh_from_db()
        assert link.channel != first
        assert list(google.channels) == [link.channel]

    def test_are_not_opened_where_nobody_could_reach_us(self, link, google):
        jobs.watch_calendars()
        link.refresh_from_db()
        assert (google.channels, link.channel) == ({}, "")

    def test_end_with_their_link(self, link, google, reachable, api, manager):
        jobs.watch_calendars()
        assert api(manager).delete(f"{LINKS}/{link.pk}").status_code == 204
        assert google.channels == {}

    def test_that_cannot_be_closed_end_by_themselves_and_open_no_others(self, link, google, reachable, monkeypatch):
        jobs.watch_calendars()
        CalendarLink.objects.update(channel_expires_at=clock.now() + timedelta(hours=2))
        reply_to = google.reply_to
        monkeypatch.setattr(
            google, "reply_to", lambda asked: Reply(400) if asked.path.endswith("/stop") else reply_to(asked)
        )
        jobs.watch_calendars()
        link.refresh_from_db()
        assert link.channel_expires_at > clock.now() + timedelta(days=6)

    def test_of_a_link_that_is_ended_meanwhile_are_closed(self, link, google, reachable):
        CalendarLink.objects.all().delete()
        watching.watch(link)
        assert google.channels == {}

    def test_that_cannot_be_opened_are_tried_again_in_an_hour(self, link, google, reachable, monkeypatch):
        monkeypatch.setattr(google, "_events", lambda asked, event_id: Reply(500))
        monkeypatch.setattr(google, "reply_to", lambda asked: Reply(400, {"error": {"message": "No."}}))
        jobs.watch_calendars()
        link.refresh_from_db()
        assert link.channel == ""
        assert link.channel_expires_at > clock.now() + watching.RENEWED_BEFORE
