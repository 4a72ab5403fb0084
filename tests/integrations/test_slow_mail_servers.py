"""Mail servers that take their time: one letter ends within a bound, and the failure says whether it was accepted."""

import time

import pytest

from integrations.models import Message
from integrations.providers import smtp as provider
from integrations.services import send_email
from integrations.spi import OutcomeUnknown, ProviderError, Unreachable
from tests.support.letters import letter
from tests.support.lines import misbehaving


def drip_a_greeting(server, line):
    server.drip(line, b"2")


def greet_without_end(server, line):
    server.drip(line, b"220-Welcome\r\n")


def refuse_slowly(server, line):
    line.sendall(b"220 mail.test\r\n")
    while line.recv(4096):
        server.drip(line, b"250-STILL\r\n")


def take_the_text_and_drip(server, line):
    line.sendall(b"220 mail.test\r\n")
    for reply in (b"250 mail.test\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 Go on\r\n"):
        line.recv(4096)
        line.sendall(reply)
    line.recv(65536)
    server.drip(line, b"250-WAIT\r\n")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(provider, "TOTAL_SECONDS", 0.5)


@pytest.mark.parametrize("play", [drip_a_greeting, greet_without_end, refuse_slowly], ids=lambda play: play.__name__)
def test_one_that_drips_before_it_has_the_text_is_unreachable_in_time(smtp, play):
    began = time.monotonic()
    with misbehaving(play) as server:
        smtp(server.port, timeout_seconds=120)
        with pytest.raises(Unreachable):
            send_email(**letter())
    assert time.monotonic() - began < 6, "three tries, and the waits between them"


def test_one_that_drips_after_it_has_the_text_may_have_accepted_it(smtp):
    began = time.monotonic()
    with misbehaving(take_the_text_and_drip) as server:
        smtp(server.port, timeout_seconds=120)
        with pytest.raises(OutcomeUnknown):
            send_email(**letter())
        assert server.connections == 1
    assert time.monotonic() - began < 3
    assert Message.objects.get().state == Message.State.UNKNOWN


def test_no_command_begins_when_the_time_is_over(smtp, receiver, monkeypatch):
    monkeypatch.setattr(provider, "TOTAL_SECONDS", 0.0)
    smtp(receiver.port)
    with pytest.raises(ProviderError):
        send_email(**letter())
    assert receiver.messages == []
