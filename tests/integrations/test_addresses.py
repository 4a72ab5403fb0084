"""Which addresses are spoken to: none inside a private network, however it is spelled."""

import smtplib
import socket

import pytest

from integrations import services
from integrations.spi import ProviderError
from integrations.transport import AddressRefused, OutgoingSession, addresses, connect
from integrations.transport.addresses import MOST_ADDRESSES, is_public
from tests.support.letters import letter
from tests.support.lines import LineServer

REFUSED = [
    "127.0.0.1",
    "127.8.9.10",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "0.1.2.3",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.1.2.3",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "168.63.129.16",
    "::",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "4000::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:7f00:1::",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::127.0.0.1",
    "64:ff9b:1:7f00:0:100:808:808",
]
PUBLIC = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2002:808:808::1", "64:ff9b::8.8.8.8"]


@pytest.fixture
def sealed_off(settings):
    """No private network may be reached, this machine neither."""
    settings.PRIVATE_NETWORKS = []


@pytest.fixture
def names(monkeypatch):
    """``names["calendar.example"] = [["8.8.8.8"], ["127.0.0.1"]]``: the answers to each look-up; the last one stays."""
    answers: dict[str, list[list[str]]] = {}
    really = socket.getaddrinfo

    def look_up(host, port, *args, **options):
        if host not in answers:
            return really(host, port, *args, **options)
        told = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [found for each in told for found in really(each, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


@pytest.fixture
def asked():
    """A server of this machine that greets everybody."""

    def greet(line):
        while server.read(line):
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with LineServer(greet) as server:
        yield server


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_of_a_private_network_is_refused(sealed_off, address):
    assert not is_public(address)
    with pytest.raises(AddressRefused, match="private network"):
        connect(address, 80, timeout=1)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_not(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "0", "localhost"])
@pytest.mark.parametrize(
    "url", ["http://{}:{}/", "https://{}:{}/", "http://office@{}:{}/", "http://shop.example@{}:{}/"]
)
def test_no_spelling_of_this_machine_gets_round_it(sealed_off, asked, host, url):
    with pytest.raises(AddressRefused):
        OutgoingSession().get(url.format(host, asked.port))
    assert asked.connections == 0


@pytest.mark.parametrize(
    "host", ["localhost.", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "127。0。0。1", "①②⑦.0.0.1"]
)
def test_nor_does_any_that_may_not_even_be_one(sealed_off, asked, host):
    with pytest.raises(ProviderError):
        OutgoingSession().get(f"https://{host}:{asked.port}/")
    assert asked.connections == 0


def test_a_name_with_one_public_and_one_private_answer_is_refused(sealed_off, names, asked):
    names["two.example"] = [["8.8.8.8", "127.0.0.1"]]
    with pytest.raises(AddressRefused, match=r"two\.example is inside a private network"):
        OutgoingSession().get(f"https://two.example:{asked.port}/")


def test_what_is_checked_is_what_is_connected_to_and_each_connection_is_checked(settings, names, asked):
    settings.PRIVATE_NETWORKS = ["127.0.0.2"]
    names["moving.example"] = [["127.0.0.2"], ["127.0.0.1"]]

    def greet_and_hang_up(line):
        allowed.read(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")

    with LineServer(greet_and_hang_up, host="127.0.0.2", port=asked.port) as allowed:
        url = f"http://moving.example:{asked.port}/"
        assert OutgoingSession().get(url).text == "hi"
        assert names["moving.example"] == [["127.0.0.1"]]
        with pytest.raises(AddressRefused):
            OutgoingSession().get(url)
    assert asked.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_no_further_than_an_address_would(settings, asked, status):
    settings.PRIVATE_NETWORKS = ["127.0.0.2"]

    def send_on(line):
        server.read(line)
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {asked.url}/secrets\r\nContent-Length: 0\r\n\r\n"
        line.sendall(head.encode())

    with LineServer(send_on, host="127.0.0.2") as server, pytest.raises(AddressRefused):
        OutgoingSession().get(server.url)
    assert asked.connections == 0


def test_only_private_networks_are_spoken_to_without_encryption(sealed_off, names):
    names["shop.example"] = [["8.8.8.8"]]
    with pytest.raises(AddressRefused, match="use https"):
        OutgoingSession().post("http://shop.example/orders")


def test_a_private_network_may_be_named_by_the_operator(settings, asked):
    settings.PRIVATE_NETWORKS = ["127.0.0.0/8"]
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]"):
        assert OutgoingSession().get(f"http://{host}:{asked.port}/").text == "hi"


def test_mail_goes_no_further_either(sealed_off, smtp, receiver):
    smtp(receiver.port, host="localhost")
    with pytest.raises(AddressRefused):
        services.send_email(**letter())
    assert receiver.messages == []


def test_a_refusal_is_nothing_that_smtplib_could_take_for_something_else():
    assert not issubclass(AddressRefused, OSError | smtplib.SMTPException)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "nul\0byte.example", "..", ""])
def test_what_is_no_name_can_only_not_be_reached(host):
    with pytest.raises(OSError):  # noqa: PT011  whichever the system has for it
        connect(host, 443, timeout=1)


def test_of_a_name_with_hundreds_of_addresses_few_are_tried(names, monkeypatch):
    names["many.example"] = [[f"127.0.1.{number}" for number in range(1, 200)]]
    tried = []

    def refuse(line, target, *_):
        line.close()
        tried.append(target)
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses, "_open", refuse)
    with pytest.raises(ConnectionRefusedError):
        connect("many.example", 80, timeout=1)
    assert len(tried) == MOST_ADDRESSES
