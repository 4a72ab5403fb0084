"""HTTP to servers that misbehave: bounded in time and size, and the failure says whether anything was accepted."""

import gc
import gzip
import time

import pytest

from integrations.spi import OutcomeUnknown, ProviderError
from integrations.transport import OutgoingSession, http
from tests.support.lines import OK, LineServer, answering, ask, head, misbehaving, reset


def hang_up(server, line):
    server.read(line)


def break_off(server, line):
    server.read(line)
    reset(line)


def stop_in_the_body(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Content-Length: 100") + b"{")


def stop_in_a_chunk(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Transfer-Encoding: chunked") + b"5\r\nhe")


def say_nothing(server, line):
    server.read(line)
    server.is_over.wait(10)


def drip_headers(server, line):
    server.read(line)
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    server.drip(line)


def drip_a_status(server, line):
    server.read(line)
    server.drip(line)


def drip_a_body(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Content-Length: 1000000"))
    server.drip(line)


def drip_chunks(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Transfer-Encoding: chunked"))
    server.drip(line, b"1\r\nx\r\n")


def drip_without_end(server, line):
    server.read(line)
    line.sendall(head("200 OK"))
    server.drip(line)


def drip_a_redirect(server, line):
    server.read(line)
    line.sendall(head("302 Found", "Location: /elsewhere", "Content-Length: 1000000"))
    server.drip(line)


def pour(server, line):
    server.read(line)
    line.sendall(head("200 OK"))
    while not server.is_over.is_set():
        line.sendall(b"x" * 65536)


def promise_a_lot(server, line):
    server.read(line)
    line.sendall(head("200 OK", f"Content-Length: {10**15}") + b"x" * 10)


def promise_a_huge_chunk(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Transfer-Encoding: chunked") + b"fffffffffffff\r\nx")


def blow_up(server, line):
    server.read(line)
    packed = gzip.compress(b"0" * 50_000_000)
    line.sendall(head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed)


def lie_about_packing(server, line):
    server.read(line)
    line.sendall(head("200 OK", "Content-Encoding: gzip", "Content-Length: 5") + b"hello")


def speak_nonsense(server, line):
    server.read(line)
    line.sendall(b"\x00\xff\x00\xff" * 20 + b"\r\n\r\n")


def send_no_end_of_headers(server, line):
    server.read(line)
    line.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 1000)


HOSTILE = [
    hang_up,
    break_off,
    stop_in_the_body,
    stop_in_a_chunk,
    say_nothing,
    drip_headers,
    drip_a_status,
    drip_a_body,
    drip_chunks,
    drip_without_end,
    drip_a_redirect,
    pour,
    promise_a_lot,
    promise_a_huge_chunk,
    blow_up,
    lie_about_packing,
    speak_nonsense,
    send_no_end_of_headers,
]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.3)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.6)
    monkeypatch.setattr(http, "LARGEST", 1_000_000)


@pytest.mark.parametrize("play", HOSTILE, ids=lambda play: play.__name__)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_once_a_request_left_a_broken_answer_to_a_write_is_an_unknown_outcome(impatient, play, method):
    """Whatever a server does, it ends in time, and a write is never taken for undone."""
    with misbehaving(play) as server:
        began = time.monotonic()
        with pytest.raises(ProviderError) as broken:
            ask(server, method)
        assert time.monotonic() - began < 5
        assert len(server.asked) == 1
    assert (type(broken.value), broken.value.permanent) == (
        {"GET": ProviderError, "POST": OutcomeUnknown}[method],
        False,
    )
    assert "hush" not in str(broken.value)
    assert broken.value.__cause__ is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 drops the line without closing
def test_lengths_that_contradict_each_other_are_a_broken_answer_too():
    with answering(head("200 OK", "Content-Length: 5, 6") + b"hello") as server, pytest.raises(OutcomeUnknown):
        ask(server, "POST")
    gc.collect()


def test_a_broken_answer_is_told_in_few_words(impatient):
    for play, method, words in (
        (break_off, "POST", r"The line to 127\.0\.0\.1 broke before it answered: .*reset by peer"),
        (say_nothing, "GET", r"127\.0\.0\.1 did not answer: it took too long"),
        (pour, "GET", "the answer is larger than 1000000 bytes"),
    ):
        with misbehaving(play) as server, pytest.raises(ProviderError, match=words):
            ask(server, method)


def test_an_sdk_may_ask_for_less_time_but_not_for_more(impatient):
    for timeout in (None, 0, 3600, (3600, 3600), (1, None)):
        with misbehaving(drip_a_body) as server, pytest.raises(ProviderError):
            ask(server, timeout=timeout)


def test_the_line_is_not_reused_after_an_answer_that_broke_off(impatient):
    plays = [blow_up, lambda server, line: (server.read(line), line.sendall(OK))]
    with LineServer(lambda line: plays.pop(0)(server, line)) as server:
        with pytest.raises(ProviderError):
            ask(server)
        assert ask(server).text == "hi"
        assert server.connections == 2


def test_where_only_the_beginning_is_of_interest_no_more_is_read():
    with misbehaving(pour) as server:
        assert OutgoingSession(keeps=1000).post(server.url).content == b"x" * 1000
    with answering(OK, OK) as server:
        assert OutgoingSession(keeps=1000).post(server.url).text == OutgoingSession(keeps=1).post(server.url).text + "i"
