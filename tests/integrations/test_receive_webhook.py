"""What comes in is proven, kept once, and answered at once."""

import json
import logging
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from estateman.common import clock
from integrations.api.raw_requests import TooLarge, read_raw
from integrations.models import Integration, WebhookEvent
from integrations.services import delete_integration, edit_integration
from integrations.services.webhooks_secrets import add_webhook_secret, end_webhook_secret
from tests.support.beacon import MASTER_KEY, OTHER_SECRET, SECRET, URL, encoded, signature, tell

pytestmark = pytest.mark.django_db
LIT = {"id": "1", "kind": "lamp.lit"}


def refusal(answer):
    error = json.loads(answer.content)
    assert set(error) == {"type", "errors"}
    return answer.status_code, error["errors"][0]["code"]


def test_what_is_proven_is_kept_and_answered_with_nothing(beacon):
    made = beacon()
    answer = tell(LIT)
    assert (answer.status_code, answer.content) == (200, b"")
    event = WebhookEvent.objects.get()
    assert (event.integration, event.provider_event_id, event.kind) == (made, "1", "lamp.lit")
    assert (event.status, event.times_received, event.payload) == ("received", 1, LIT)
    assert event.next_attempt_at is not None
    assert event.correlation_id == answer.headers["X-Request-ID"]


def test_one_request_may_say_several_things(beacon):
    beacon()
    tell({"id": "2"}, {"id": "1"}, {"id": "2"})
    assert list(WebhookEvent.objects.order_by("pk").values_list("provider_event_id", flat=True)) == ["1", "2"]


def test_one_that_says_nothing_is_answered_too(beacon):
    beacon()
    assert tell().status_code == 200
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("status", ["received", "processed", "ignored"])
def test_told_again_it_is_counted_and_not_processed_again(beacon, status):
    beacon()
    tell(LIT)
    WebhookEvent.objects.update(status=status, next_attempt_at=None)
    assert tell(LIT).status_code == 200
    event = WebhookEvent.objects.get()
    assert (event.status, event.times_received, event.next_attempt_at) == (status, 2, None)


@pytest.mark.parametrize("status", ["failed", "dead"])
def test_told_again_what_was_processed_in_vain_is_due_again(beacon, status):
    beacon()
    tell(LIT)
    WebhookEvent.objects.update(status=status, next_attempt_at=None, attempts=8)
    tell(LIT)
    event = WebhookEvent.objects.get()
    assert (event.status, event.attempts) == ("received", 0)
    assert event.next_attempt_at is not None
    assert event.next_attempt_at <= clock.now()


class TestProof:
    @pytest.mark.parametrize("secret", ["", "wrong", OTHER_SECRET])
    def test_without_the_secret_it_is_refused_and_nothing_is_kept(self, beacon, secret):
        beacon()
        assert refusal(tell(LIT, secret=secret)) == (403, "webhook_refused")
        assert not WebhookEvent.objects.exists()

    def test_another_body_under_the_same_signature_is_refused(self, beacon):
        beacon()
        headers = {"X-Beacon-Signature": signature(encoded(LIT))}
        assert refusal(tell({"id": "2"}, headers=headers)) == (403, "webhook_refused")

    def test_the_very_bytes_are_proven_not_what_they_mean(self, beacon):
        beacon()
        headers = {"X-Beacon-Signature": signature(encoded(LIT))}
        assert tell(body=encoded(LIT).replace(b": ", b":"), headers=headers).status_code == 403

    def test_each_of_two_secrets_proves(self, beacon):
        beacon(secrets=[SECRET, OTHER_SECRET])
        assert tell({"id": "1"}, secret=SECRET).status_code == 200
        assert tell({"id": "2"}, secret=OTHER_SECRET).status_code == 200

    def test_one_that_ended_proves_nothing_any_more(self, beacon, manager):
        made = beacon()
        end_webhook_secret(made.webhook_secrets.get(), valid_until=clock.now(), by=manager)
        assert tell(LIT).status_code == 403

    def test_one_that_will_end_still_proves(self, beacon, manager):
        made = beacon(secrets=[])
        add_webhook_secret(made, secret=SECRET, valid_until=clock.now() + timedelta(hours=1), by=manager)
        assert tell(LIT).status_code == 200

    def test_an_integration_without_secrets_proves_nothing(self, beacon):
        beacon(secrets=[])
        assert tell(LIT).status_code == 403

    def test_of_several_integrations_the_one_whose_secret_proves_it_has_it(self, beacon):
        beacon(name="North", secrets=[SECRET])
        south = beacon(name="South", secrets=[OTHER_SECRET])
        tell(LIT, secret=OTHER_SECRET)
        assert WebhookEvent.objects.get().integration == south

    def test_the_same_id_at_two_integrations_is_two_things(self, beacon):
        beacon(name="North", secrets=[SECRET])
        beacon(name="South", secrets=[OTHER_SECRET])
        tell(LIT, secret=SECRET)
        tell(LIT, secret=OTHER_SECRET)
        assert WebhookEvent.objects.count() == 2

    def test_the_address_chooses_no_secret(self, beacon):
        beacon(name="North", secrets=[SECRET])
        south = beacon(name="South", secrets=[OTHER_SECRET])
        assert tell(LIT, secret=SECRET, to=south).status_code == 403
        assert tell(LIT, secret=OTHER_SECRET, to=south).status_code == 200
        assert WebhookEvent.objects.get().integration == south

    def test_a_provider_that_breaks_refuses_and_gives_nothing_away(self, beacon, caplog):
        beacon(harbour="broken")
        answer = tell(LIT)
        assert refusal(answer) == (403, "webhook_refused")
        assert "RuntimeError" in caplog.text
        assert MASTER_KEY not in caplog.text + answer.content.decode()

    def test_one_that_breaks_does_not_keep_another_from_hearing(self, beacon):
        beacon(name="North", harbour="broken")
        south = beacon(name="South")
        assert tell(LIT).status_code == 200
        assert WebhookEvent.objects.get().integration == south

    def test_when_the_proof_is_out_of_reach_the_vendor_is_to_come_again(self, beacon):
        beacon(harbour="foggy")
        answer = tell(LIT)
        assert answer.status_code == 503
        assert json.loads(answer.content)["errors"][0]["code"] == "provider_unavailable"

    def test_what_cannot_be_opened_proves_nothing_and_stops_nobody_else(self, beacon):
        north, south = beacon(name="North"), beacon(name="South", secrets=[OTHER_SECRET])
        north.webhook_secrets.update(secret=south.webhook_secrets.get().secret)
        assert tell(LIT, secret=SECRET).status_code == 403
        assert tell(LIT, secret=OTHER_SECRET).status_code == 200

    def test_one_in_need_of_credentials_still_hears_while_its_secrets_open(self, beacon):
        beacon()
        Integration.objects.update(status="needs_credentials")
        assert tell(LIT).status_code == 200


class TestOneTimeTokens:
    TOLD = {"id": "1", "once": "t1"}

    def test_told_again_it_is_the_same(self, beacon):
        beacon()
        tell(self.TOLD)
        assert tell(self.TOLD).status_code == 200
        assert WebhookEvent.objects.get().times_received == 2

    @pytest.mark.parametrize("forged", [{"id": "2", "once": "t1"}, {"id": "1", "once": "t1", "kind": "lamp.broken"}])
    def test_a_token_that_was_used_for_something_else_is_refused_and_logged(self, beacon, forged, caplog):
        beacon()
        tell(self.TOLD)
        assert refusal(tell(forged)) == (403, "webhook_refused")
        event = WebhookEvent.objects.get()
        assert (event.payload, event.times_received) == (self.TOLD, 1)
        assert [record.levelno for record in caplog.records if "token" in record.message] == [logging.ERROR]

    def test_twice_in_one_request_for_two_things_it_is_refused_as_well(self, beacon):
        beacon()
        assert tell({"id": "1", "once": "t1"}, {"id": "2", "once": "t1"}).status_code == 403
        assert not WebhookEvent.objects.exists()

    def test_another_integration_may_have_the_same_token(self, beacon):
        beacon(name="North", secrets=[SECRET])
        beacon(name="South", secrets=[OTHER_SECRET])
        assert tell({"id": "1", "once": "t1"}, secret=SECRET).status_code == 200
        assert tell({"id": "2", "once": "t1"}, secret=OTHER_SECRET).status_code == 200


class TestModes:
    @pytest.mark.parametrize(("mode", "live", "status"), [
        ("live", True, "received"), ("live", None, "received"), ("live", False, "ignored"),
        ("sandbox", False, "received"), ("sandbox", None, "received"), ("sandbox", True, "ignored"),
    ])  # fmt: skip
    def test_a_live_event_has_no_effect_at_a_sandbox_nor_the_other_way_round(self, beacon, mode, live, status):
        beacon(mode=mode)
        assert tell({"id": "1", "live": live}).status_code == 200
        event = WebhookEvent.objects.get()
        assert event.status == status
        assert (event.next_attempt_at is None) == (status == "ignored")
        assert bool(event.last_error) == (status == "ignored")


class TestWhatIsKept:
    def test_holds_no_secret(self, beacon):
        beacon()
        told = {"id": "1", "client_secret": "pi_1_secret_2", "deep": [{"api-key": "k1", "text": f"by {MASTER_KEY}"}]}
        tell({**told, "token_count": 3, "password": "", "url": "https://v.example/?token=abc&x=1", SECRET: True})
        kept = WebhookEvent.objects.get().payload
        assert kept["client_secret"] == kept["deep"][0]["api-key"] == "••••"
        assert kept["deep"][0]["text"] == "by ••••"
        assert (kept["token_count"], kept["password"]) == (3, "")
        assert kept["url"] == "https://v.example/?token=••••&x=1"
        assert SECRET not in json.dumps(kept)

    def test_is_json_that_a_database_takes(self, beacon):
        beacon()
        odd = b'{"events": [{"id": "1", "a\\u0000": "b\\u0000", "half": "\\ud83d", "endless": 1e400, "deep": %s}]}'
        assert tell(body=odd % (b"[" * 400 + b"]" * 400)).status_code == 200
        kept = WebhookEvent.objects.get().payload
        assert (kept["a\ufffd"], kept["half"], kept["endless"]) == ("b\ufffd", "?", "inf")
        assert "…" in json.dumps(kept, ensure_ascii=False)

    def test_an_id_too_long_is_kept_by_its_digest(self, beacon):
        beacon()
        long = {"id": "x" * 300, "once": "y" * 300, "kind": "z" * 300}
        tell(long)
        tell(long)
        event = WebhookEvent.objects.get()
        assert (len(event.provider_event_id), len(event.once or ""), len(event.kind)) == (64, 64, 120)
        assert event.times_received == 2


class TestTheRequest:
    def test_one_that_is_too_large_is_refused_before_it_is_read(self, beacon):
        beacon()
        assert refusal(tell(body=b" " * 2_000_000)) == (413, "too_large")

    def test_nor_is_one_read_whole_that_does_not_say_how_large_it_is(self):
        endless = BytesIO(b" " * 20_000_000)
        scope = {"type": "http", "method": "POST", "path": URL, "query_string": b"", "headers": []}
        with pytest.raises(TooLarge):
            read_raw(ASGIRequest(scope, endless))
        assert endless.tell() < 2_000_000

    @pytest.mark.parametrize("body", [b"{", b"not json", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000])
    def test_one_that_says_it_is_json_and_is_not_is_400(self, beacon, body):
        beacon()
        assert refusal(tell(body=body)) == (400, "parse_error")

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
    def test_another_content_type_is_415(self, beacon, kind):
        beacon()
        assert refusal(tell(LIT, content_type=kind)) == (415, "unsupported_media_type")

    @pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;utf-8"])
    def test_json_may_be_said_in_several_ways(self, beacon, kind):
        beacon()
        assert tell(LIT, content_type=kind).status_code == 200

    @pytest.mark.parametrize("accept", ["application/xml", "text/html", "*/*", "nonsense"])
    def test_whatever_answer_is_asked_for_it_is_taken(self, beacon, accept):
        beacon()
        headers = {"Accept": accept, "X-Beacon-Signature": signature(encoded(LIT))}
        assert tell(LIT, headers=headers).status_code == 200

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
    def test_it_is_told_by_post_only(self, beacon, client, method):
        made = beacon()
        for url in (URL, f"{URL}/{made.uuid}"):
            assert refusal(getattr(client, method)(url)) == (405, "method_not_allowed")

    def test_no_token_and_no_session_is_looked_at(self, beacon, client, stranger):
        beacon()
        client.force_login(stranger)
        headers = {"X-Beacon-Signature": signature(encoded(LIT)), "Authorization": "Bearer nonsense"}
        answer = client.post(URL, encoded(LIT), content_type="application/json", headers=headers)
        assert answer.status_code == 200


class TestNobodyListens:
    def test_to_a_type_that_is_unknown(self, beacon, client):
        beacon()
        assert refusal(client.post("/api/v1/integrations/webhooks/lighthouse")) == (404, "not_found")

    def test_to_a_type_that_tells_nothing(self, beacon, client, smtp, closed_port):
        smtp(closed_port)
        assert client.post("/api/v1/integrations/webhooks/smtp").status_code == 404

    def test_at_the_address_of_another_types_integration(self, beacon, sandbox):
        beacon()
        assert tell(LIT, to=sandbox).status_code == 404

    def test_where_there_is_none_or_it_was_deleted_or_taken_out_of_use(self, beacon, manager):
        made = beacon()
        edit_integration(made, changes={"status": "disabled"}, by=manager)
        assert tell(LIT).status_code == tell(LIT, to=made).status_code == 404
        edit_integration(made, changes={"status": "active"}, by=manager)
        assert tell(LIT).status_code == 200
        delete_integration(made, by=manager)
        assert tell(LIT).status_code == tell(LIT, to=made).status_code == 404

    def test_one_that_was_taken_out_of_use_by_itself_goes_on_listening(self, beacon, manager):
        made = beacon()
        Integration.objects.update(status="disabled", disabled_because="20 calls failed in a row.")
        assert tell(LIT).status_code == tell(LIT, to=made).status_code == 200
        made.refresh_from_db()
        edit_integration(made, changes={"status": "disabled"}, by=manager)
        assert tell(LIT).status_code == 404


class TestHandshake:
    def test_is_answered_as_the_provider_has_it_and_never_sniffed(self, beacon, client):
        beacon()
        answer = client.post(f"{URL}?hello=%3Cscript%3Ehi", b"", content_type="text/plain")
        assert (answer.status_code, answer.content) == (200, b"<script>hi")
        assert answer.headers["Content-Type"] == "text/plain"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not WebhookEvent.objects.exists()


class TestManyAtATime:
    def test_too_many_from_one_address_have_to_come_again(self, beacon, settings):
        beacon()
        rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "webhooks": "2/min"}
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
        cache.clear()
        answers = [tell({"id": str(number)}) for number in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["Retry-After"]) > 0

    def test_the_queries_do_not_grow_with_what_is_told(self, beacon):
        beacon()
        tell({"id": "warm"})
        few, many = [{"id": "few"}], [{"id": f"many {number}"} for number in range(30)]
        with CaptureQueriesContext(connection) as first:
            tell(*few)
        with CaptureQueriesContext(connection) as second:
            tell(*many)
        assert len(second) == len(first)
        assert WebhookEvent.objects.count() == 32
