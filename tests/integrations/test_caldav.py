"""CalDAV: finding an account's calendars, and keeping its password with its server."""

import base64

import pytest

from integrations.spi import AuthFailed, InvalidConfig, ProviderError
from tests.support.http import HttpServer, Reply
from tests.support.providers import build

PASSWORD = "app-pässword-0815"


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


def caldav(url, *, username="mäx", **config):
    return build("caldav", {"url": url, "username": username, **config}, password=PASSWORD)


def multistatus(*responses):
    namespaces = 'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/"'
    return Reply(207, f"<?xml version='1.0'?><multistatus {namespaces}>{''.join(responses)}</multistatus>")


def resource(href, properties, *, status="HTTP/1.1 200 OK", absent=""):
    return (
        f"<response><href>{href}</href><propstat><prop>{properties}</prop><status>{status}</status></propstat>"
        f"<propstat><prop>{absent}</prop><status>HTTP/1.1 404 Not Found</status></propstat></response>"
    )


CALENDAR = "<resourcetype><collection/><c:calendar/></resourcetype>"
ZONE = "<c:calendar-timezone>BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n</c:calendar-timezone>"
READS = "<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>"
WRITES = "<current-user-privilege-set><privilege><write/></privilege></current-user-privilege-set>"


def principal_at(href):
    return multistatus(resource("/", f"<current-user-principal><href>{href}</href></current-user-principal>"))


def home_at(*hrefs):
    homes = "".join(f"<href>{href}</href>" for href in hrefs)
    return multistatus(resource("/p/", f"<c:calendar-home-set>{homes}</c:calendar-home-set>"))


def set_up(server, *calendars):
    server.answer("PROPFIND", "/.well-known/caldav", Reply(301, "", {"Location": "/dav/"}))
    server.answer("PROPFIND", "/dav/", principal_at("/p/max/"))
    server.answer("PROPFIND", "/p/max/", home_at("/home/max/"))
    server.answer("PROPFIND", "/home/max/", multistatus(*calendars))


class TestFinding:
    def test_goes_from_the_servers_name_to_the_calendars(self, server):
        set_up(
            server,
            resource("/home/max/", "<resourcetype><collection/></resourcetype><displayname>max</displayname>"),
            resource(
                "/home/max/work/",
                f"{CALENDAR}<displayname>Work</displayname>{ZONE}{WRITES}<a:calendar-color>#0D6B5EFF</a:calendar-color>"
                '<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>',
            ),
            resource("/home/max/holidays/", f"{CALENDAR}{READS}", absent="<displayname/>"),
            resource(
                "/home/max/todo/",
                f'{CALENDAR}<c:supported-calendar-component-set><c:comp name="VTODO"/>'
                "</c:supported-calendar-component-set>",
            ),
        )
        work, holidays = caldav(server.url).list_calendars().calendars
        assert (work.id, work.name, work.timezone) == (f"{server.url}/home/max/work/", "Work", "Europe/Berlin")
        assert (work.color, work.may_write) == ("#0D6B5E", True)
        assert (holidays.name, holidays.may_write, holidays.color) == ("holidays", False, "")
        assert {asked.method for asked in server.asked} == {"PROPFIND"}
        assert [asked.headers["depth"] for asked in server.asked] == ["0", "0", "0", "1"]
        login = base64.b64encode(f"mäx:{PASSWORD}".encode()).decode()
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Basic {login}"}

    def test_without_the_well_known_place_asks_at_the_root(self, server):
        set_up(server)
        server.answer("PROPFIND", "/.well-known/caldav", Reply(404))
        server.answer("PROPFIND", "/", principal_at("/p/max/"))
        assert caldav(server.url).check().detail == "127.0.0.1 shows mäx 0 calendars."

    def test_from_a_longer_address_starts_there(self, server):
        set_up(server, resource("/home/max/work/", CALENDAR))
        assert [each.name for each in caldav(f"{server.url}/dav/").list_calendars().calendars] == ["work"]
        assert server.asked[0].path == "/dav/"

    def test_where_the_server_names_no_principal_looks_at_the_address_itself(self, server):
        nothing = multistatus(resource("/cal/", "", absent="<current-user-principal/>"))
        server.answer("PROPFIND", "/cal/", nothing, multistatus(resource("/cal/work/", CALENDAR)))
        assert [each.name for each in caldav(f"{server.url}/cal/").list_calendars().calendars] == ["work"]

    def test_reads_every_home(self, server):
        set_up(server, resource("/home/max/work/", CALENDAR))
        server.answer("PROPFIND", "/p/max/", home_at("/home/max/", "/home/team/"))
        server.answer("PROPFIND", "/home/team/", multistatus(resource("/home/team/all/", CALENDAR)))
        assert [each.name for each in caldav(server.url).list_calendars().calendars] == ["work", "all"]

    def test_without_access_control_one_may_write(self, server):
        set_up(server, resource("/home/max/work/", CALENDAR))
        assert caldav(server.url).list_calendars().calendars[0].may_write


class TestThePassword:
    def test_is_not_sent_where_a_redirect_leads_to_another_server(self, server):
        with HttpServer() as thief:
            server.answer("PROPFIND", "/.well-known/caldav", Reply(302, "", {"Location": f"{thief.url}/dav/"}))
            with pytest.raises(ProviderError, match="may not have the password"):
                caldav(server.url).check()
            assert thief.asked == []

    @pytest.mark.parametrize("where", ["principal", "home"])
    def test_is_not_sent_where_an_answer_names_another_server(self, server, where):
        with HttpServer() as thief:
            set_up(server)
            if where == "principal":
                server.answer("PROPFIND", "/dav/", principal_at(f"{thief.url}/p/"))
            else:
                server.answer("PROPFIND", "/p/max/", home_at(f"{thief.url}/home/"))
            with pytest.raises(ProviderError, match="may not have the password"):
                caldav(server.url).check()
            assert thief.asked == []

    @pytest.mark.parametrize(
        ("also_at", "url", "goes"),
        [
            ("icloud.com", "https://p34-caldav.icloud.com:443/1/calendars/", True),
            ("icloud.com", "https://icloud.com/", True),
            ("icloud.com", "https://noticloud.com/", False),
            ("icloud.com", "https://icloud.com.evil.example/", False),
            ("icloud.com", "http://p34-caldav.icloud.com/", False),
            ("", "https://p34-caldav.icloud.com/", False),
            ("", "https://caldav.icloud.com:443/1/", True),
            ("", "https://caldav.icloud.com:8443/1/", False),
            ("", "http://caldav.icloud.com/1/", False),
            ("", "https://[::", False),
            (".", "https://evil.example/", False),
        ],
    )
    def test_goes_to_servers_of_the_domain_that_was_allowed(self, also_at, url, goes):
        provider = caldav("https://caldav.icloud.com", also_at=also_at)
        if goes:
            provider.server._refuse_elsewhere(url)
        else:
            with pytest.raises(ProviderError):
                provider.server._refuse_elsewhere(url)

    def test_is_not_sent_in_clear_over_the_open_internet(self):
        with pytest.raises(ProviderError, match="without encryption"):
            caldav("http://192.0.2.1").check()

    def test_that_is_wrong_is_told(self, server):
        server.answer("PROPFIND", "/.well-known/caldav", Reply(401, "", {"WWW-Authenticate": "Basic"}))
        with pytest.raises(AuthFailed):
            caldav(server.url).check()

    def test_that_nobody_looked_at_is_none(self, server):
        nobody = resource("/", "<current-user-principal><unauthenticated/></current-user-principal>")
        server.answer("PROPFIND", "/.well-known/caldav", multistatus(nobody))
        with pytest.raises(AuthFailed, match="did not look"):
            caldav(server.url).check()


ENTITIES = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><multistatus xmlns='DAV:'>&b;</multistatus>"
FILE = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><multistatus xmlns='DAV:'>&f;</multistatus>"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<html/>"), Reply(207, "no"), Reply(207, ""), Reply(207, "<x/>"), Reply(207, ENTITIES),
        Reply(207, FILE), Reply(207, b"\xff\xfe\x00"), Reply(207, "<?xml version='1.0' encoding='nonsense'?><a/>"),
        Reply(301, "", {"Location": "/.well-known/caldav"}), Reply(301, ""), Reply(301, "", {"Location": "http://[::"}),
        Reply(500), Reply(503),
    ],
)  # fmt: skip
def test_what_does_not_speak_caldav_is_told_as_a_failure_of_the_integration(server, reply):
    server.answer("PROPFIND", "/.well-known/caldav", reply)
    with pytest.raises(ProviderError) as caught:
        caldav(server.url).check()
    assert not caught.value.permanent


def test_an_account_without_a_home_is_told(server):
    set_up(server)
    server.answer("PROPFIND", "/p/max/", multistatus(resource("/p/max/", "")))
    with pytest.raises(ProviderError, match="where the account's calendars are"):
        caldav(server.url).check()


@pytest.mark.parametrize(
    ("field", "config"),
    [("url", {"url": "dav.example.com"}), ("username", {"url": "https://dav.example.com", "username": "a:b"})],
)
def test_settings_that_cannot_work_are_refused(field, config):
    with pytest.raises(InvalidConfig) as caught:
        caldav(**config)
    assert caught.value.field == f"config.{field}"
