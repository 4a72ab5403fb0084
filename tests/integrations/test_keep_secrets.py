"""After an integration was added, tested, used and broken, no secret stands anywhere."""

import logging
import traceback

import pytest
from django.views.debug import ExceptionReporter

from integrations import services
from integrations.models import IntegrationLog
from integrations.redaction import redact, redact_json
from integrations.sealing import MASK, Secret
from integrations.spi import ProviderError
from tests.support.letters import PASSWORD, letter
from tests.support.smtp import SmtpReceiver
from tests.support.stored import everything_stored

WRONG = "wrong-password-0815-4711"
SECRETS = (PASSWORD, WRONG)


def assert_silent(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text


@pytest.fixture
def echoing_receiver():
    """A server that repeats what it was told, as some do in their errors."""
    login = ("office@harbour.example", PASSWORD)
    reply = f"451 4.3.0 Try later, your password={PASSWORD}"
    with SmtpReceiver(login=login, reply=reply) as running:
        yield running


@pytest.mark.django_db(transaction=True)
def test_no_secret_stands_anywhere(api, client, admin_user, echoing_receiver, caplog):
    caplog.set_level(logging.DEBUG)
    staff, answers = api(admin_user), []
    config = {
        "host": "127.0.0.1",
        "port": echoing_receiver.port,
        "security": "none",
        "username": "office@harbour.example",
    }
    body = {"provider": "smtp", "name": "Mail", "config": config}
    made = staff.post("/api/v1/integrations", {**body, "credentials": {"password": PASSWORD}})
    path = f"/api/v1/integrations/{made.data['id']}"
    answers += [made, staff.post(f"{path}/test")]
    assert answers[-1].data["ok"]
    staff.raise_request_exception = False
    answers.append(
        staff.post(
            "/api/v1/integrations/email/send",
            {"to": "buyer@example.com", "subject": "Keys", "text": "Ready."},
            headers={"Idempotency-Key": "k1"},
        )
    )
    assert MASK in answers[-1].data["errors"][0]["detail"]
    answers.append(staff.patch(path, {"credentials": {"password": WRONG}}))
    answers.append(staff.post(f"{path}/test"))
    assert not answers[-1].data["ok"]
    answers += [staff.get(path + end) for end in ("", "/logs")]
    answers += [staff.get(f"/api/v1/integrations{end}") for end in ("", "/health", "/providers")]
    for answer in answers:
        assert_silent(answer.content.decode())
    assert_silent(everything_stored())
    # "mail.log" is the receiver's, at the far end of the wire.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert any("send_email through Mail failed" in line for line in ours)
    assert_silent("\n".join(ours))
    client.force_login(admin_user)
    one = f"/admin/integrations/integration/{made.data['id']}"
    for page in (f"{one}/change/", f"{one}/history/", "/admin/integrations/integrationlog/"):
        assert_silent(client.get(page).content.decode())


def test_a_traceback_shows_none_not_even_with_its_local_variables(smtp, locked_receiver, rf):
    smtp(locked_receiver.port, password=WRONG)
    with pytest.raises(ProviderError) as caught:
        services.send_email(**letter())
    error = caught.value
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert_silent("".join(told.format()))
    page = ExceptionReporter(rf.get("/"), type(error), error, error.__traceback__)
    assert_silent(page.get_traceback_html())
    assert_silent(page.get_traceback_text())


def test_a_log_entry_is_never_rewritten(smtp, closed_port, manager):
    services.test_integration(smtp(closed_port), by=manager)
    entry = IntegrationLog.objects.get()
    entry.detail = "all well"
    with pytest.raises(TypeError):
        entry.save()


@pytest.mark.parametrize(
    "text",
    [
        "login failed for s3cr/t+one two",
        "GET /?key=s3cr%2Ft%2Bone%20two",
        "key=s3cr%2Ft%2Bone+two&x=1",
        "Basic czNjci90K29uZSB0d28=",
    ],
)
def test_the_very_secret_is_masked_in_every_usual_spelling(text):
    masked = redact(text, [Secret("s3cr/t+one two"), Secret("")])
    assert MASK in masked
    assert "s3cr" not in masked
    assert "czNj" not in masked


def test_a_longer_secret_is_masked_whole_where_a_shorter_is_part_of_it():
    assert redact("it is abcdef", [Secret("abc"), Secret("abcdef")]) == f"it is {MASK}"


def test_a_short_secret_is_masked_as_a_whole_value_and_never_inside_an_id():
    told = {"id": "pi_123", "code": "1", "codes": ["1", 1, "21"], "1": "x", "long": f"key {'k' * 12} end"}
    kept = redact_json(told, [Secret("1"), Secret("k" * 12), Secret("")])
    assert kept == {"id": "pi_123", "code": MASK, "codes": [MASK, 1, "21"], "1": "x", "long": f"key {MASK} end"}


@pytest.mark.parametrize("text", ["hunter2", "aHVudGVyMg=="])
def test_a_short_secret_is_masked_in_either_spelling(text):
    assert redact_json([text], [Secret("hunter2")]) == [MASK]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2 rest", f"password={MASK} rest"),
        ('{"api_key": "k-1 2", "to": "a@b.c"}', f'{{"api_key": {MASK}, "to": "a@b.c"}}'),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {MASK}"),
        ("X-Auth-Token: 99", f"X-Auth-Token: {MASK}"),
        ("client_secret='x y'", f"client_secret={MASK}"),
    ],
)
def test_what_is_called_a_secret_is_masked_whatever_it_is(text, masked):
    assert redact(text, []) == masked


@pytest.mark.parametrize("text", ["The server did not accept the login: 535 Authentication failed", "Take the keys: 3"])
def test_other_words_are_left_alone(text):
    assert redact(text, []) == text
