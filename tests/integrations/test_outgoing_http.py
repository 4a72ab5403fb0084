"""HTTP to the outside: answers read right, lines reused, redirects and refusals as the house has them."""

import gzip
import socket
from datetime import UTC, datetime
from functools import partial

import pytest
import requests
import time_machine

from integrations.spi import AuthFailed, OutcomeUnknown, ProviderError, RateLimited, Unreachable
from integrations.transport import OutgoingSession, error_for, retry_after
from tests.support.lines import OK, LineServer, answering, ask, head
from tests.support.waiting import eventually

WRITES = ["POST", "PUT", "PATCH", "DELETE"]


def test_an_answer_is_read_whole():
    with answering(OK) as server:
        assert ask(server).text == "hi"


def test_in_chunks_too():
    chunks = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: yes\r\n\r\n"
    with answering(head("200 OK", "Transfer-Encoding: chunked") + chunks, OK) as server:
        assert [ask(server).text, ask(server).text] == ["hello world", "hi"]
        assert server.connections == 1


def test_packed_too():
    packed = gzip.compress(b"hello " * 20_000)
    answer = head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed
    with answering(answer) as server:
        assert ask(server).text == "hello " * 20_000


def test_without_a_length_until_the_line_ends():
    with answering(head("200 OK") + b"hello") as server:
        assert ask(server).text == "hello"


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("GET", head("204 No Content")),
        ("DELETE", head("204 No Content")),
        ("HEAD", head("200 OK", "Content-Length: 5000")),
        ("GET", head("304 Not Modified")),
        ("POST", head("201 Created", "Content-Length: 0")),
    ],
)
def test_an_answer_without_a_body_ends_with_its_headers(method, answer):
    with answering(answer, OK) as server:
        assert ask(server, method).content == b""
        assert ask(server).text == "hi"
        assert server.connections == 1


def test_sessions_share_their_connections():
    with answering(OK, OK, OK) as server:
        for _ in range(3):
            with OutgoingSession() as session:
                session.get(server.url)
        assert server.connections == 1


def has_grown_to(these: list, count: int) -> bool:
    return len(these) == count


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew():
    closed: list[socket.socket] = []

    def answer_one(line):
        server.read(line)
        line.sendall(OK)
        line.shutdown(socket.SHUT_RDWR)
        closed.append(line)

    with LineServer(answer_one) as server:
        for number in range(1, 4):
            assert ask(server, "POST").text == "hi"
            eventually(partial(has_grown_to, closed, number))
        assert server.connections == 3


@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_where_nobody_listens_nothing_was_accepted(closed_port, method):
    with pytest.raises(Unreachable, match=r"No connection to 127\.0\.0\.1: .*refused"):
        OutgoingSession().request(method, f"http://127.0.0.1:{closed_port}/")


def test_a_name_that_does_not_exist_is_not_reached():
    with pytest.raises(Unreachable, match=r"No connection to nowhere\.invalid"):
        OutgoingSession().post("https://nowhere.invalid/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_encryption_fails_nothing_was_accepted(method):
    with LineServer(lambda line: line.sendall(OK)) as server, pytest.raises(Unreachable, match="SSL"):
        OutgoingSession().request(method, server.url.replace("http:", "https:"))


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate):
    context, vouching = certificate

    def greet(line):
        with context.wrap_socket(line, server_side=True) as safe:
            server.read(safe)
            safe.sendall(OK)

    with LineServer(greet) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            OutgoingSession().post(url)
        assert server.asked == []
        assert OutgoingSession().post(url, verify=str(vouching)).text == "hi"


def test_reads_follow_three_redirects_and_no_more():
    onwards = head("302 Found", "Location: /next", "Content-Length: 0")
    with answering(onwards, onwards, onwards, OK) as server:
        assert ask(server).text == "hi"
    with answering(*[onwards] * 10) as server:
        with pytest.raises(ProviderError, match="Exceeded 3 redirects") as looping:
            ask(server)
        assert looping.value.permanent
        assert len(server.asked) == 4


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_writes_follow_none_even_where_an_sdk_asks_for_it(method, status):
    with answering(head(f"{status} Elsewhere", "Location: http://[nonsense", "Content-Length: 0"), OK) as server:
        session = OutgoingSession()
        prepared = session.prepare_request(requests.Request(method, server.url))
        assert session.send(prepared, allow_redirects=True).status_code == status
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "place", ["http://[nonsense", "ftp://files.example/", "http://\x80\xff/", "file:///etc/passwd"]
)
def test_a_redirect_to_nowhere_is_a_failure_like_any_other(place):
    with (
        answering(head("302 Found", f"Location: {place}", "Content-Length: 0")) as server,
        pytest.raises(ProviderError),
    ):
        ask(server)


def test_neither_proxies_nor_a_netrc_of_this_machine_are_used(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login somebody password hush-7712\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with answering(OK) as proxy, answering(OK, OK) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(server).text == "hi"
        assert ask(server, proxies={"http": proxy.url, "all": proxy.url}).text == "hi"
        assert proxy.connections == 0
        assert all(b"authorization" not in request.lower() for request in server.asked)


@pytest.mark.parametrize(
    "made_wrong",
    [
        {"url": "no-address?api_key=hush-7712"},
        {"url": "ftp://files.example/?api_key=hush-7712"},
        {"url": "https://[::1/?api_key=hush-7712"},
        {"url": "https://shop.example:port/?api_key=hush-7712"},
        {"url": "https://shop.example/", "headers": {"Authorization": "Bearer hush-7712\nX: y"}},
        {"url": "https://shop.example/", "json": {"amount": float("nan")}},
    ],
)
def test_what_can_not_be_asked_never_will_be_and_quotes_nothing(made_wrong):
    with pytest.raises(ProviderError) as refused:
        OutgoingSession().request("POST", **made_wrong)
    assert refused.value.permanent
    assert "hush" not in str(refused.value)


def answered(status: int, method: str = "POST", **headers: str) -> ProviderError:
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    response.request = requests.Request(method, "https://shop.example/").prepare()
    return error_for(response, "The vendor's reason")


@pytest.mark.parametrize(
    ("status", "method", "kind", "permanent"),
    [
        (400, "POST", ProviderError, True),
        (404, "GET", ProviderError, True),
        (422, "POST", ProviderError, True),
        (401, "GET", AuthFailed, False),
        (403, "POST", AuthFailed, False),
        (408, "POST", OutcomeUnknown, False),
        (408, "GET", ProviderError, False),
        (429, "POST", RateLimited, False),
        (500, "POST", OutcomeUnknown, False),
        (500, "GET", ProviderError, False),
        (502, "DELETE", OutcomeUnknown, False),
        (504, "PROPFIND", ProviderError, False),
        (503, "POST", ProviderError, False),
        (302, "POST", ProviderError, True),
    ],
)
def test_what_a_refusal_means(status, method, kind, permanent):
    failure = answered(status, method)
    assert (type(failure), failure.permanent, str(failure)) == (kind, permanent, f"{status}: The vendor's reason")


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("9" * 400, 24 * 3600),
        ("Wed, 25 Nov 2026 12:01:30 GMT", 90),
        ("Wed, 25 Nov 2026 12:01:30 -0000", 90),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 24 * 3600),
        ("Wed, 25 Nov 2026 12:01:30 +9999", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("", None),
    ],
)
def test_when_to_come_back_is_read_from_either_form(said, seconds):
    response = requests.Response()
    response.headers["Retry-After"] = said
    with time_machine.travel(NOW, tick=False):
        assert retry_after(response) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_for_now_says_when_to_come_back(status):
    assert answered(status, Retry_After="7").retry_after == 7


def test_it_says_nothing_where_the_vendor_does_not():
    assert answered(429).retry_after is None
