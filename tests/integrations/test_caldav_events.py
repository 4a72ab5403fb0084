# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""CalDAV: servers without sync tokens, times of other makers, and writes that meet somebody else's."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from icalendar import Calendar

from events.sync.contents import usual
from integrations.providers.caldav.contents import read
from integrations.providers.caldav.writing import changed, new
from integrations.spi import CursorExpired, EventContent, Override, PreconditionFailed, ProviderError
from tests.integrations.test_caldav import caldav, multistatus, resource
from tests.support.http import HttpServer, Reply

SHOWING = EventContent(title="Showing", starts_at=datetime(2031, 3, 3, 9), minutes=60, timezone="America/New_York")
ICS = new(SHOWING, uid="1@estateman").decode()


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


def listed(href, etag):
    return resource(href, f"<getetag>{etag}</getetag><resourcetype/>")


def with_data(href, etag, text=ICS):
    return resource(href, f"<getetag>{etag}</getetag><c:calendar-data>{text}</c:calendar-data>")


def changes(server, **asked):
    provider = caldav(server.url)
    return provider.list_changes(f"{server.url}/cal/", **{"cursor": "", "page": "", "zone": "Europe/Berlin", **asked})


class TestWithoutSyncTokens:
    def test_everything_is_listed_by_its_etag_and_what_is_gone_is_told(self, server):
        server.answer(
            "REPORT", "/cal/", Reply(501), multistatus(with_data("/cal/1.ics", '"a"'), with_data("/cal/2.ics", '"b"'))
        )
        whole = resource("/cal/", "<resourcetype><collection/></resourcetype>")
        server.answer("PROPFIND", "/cal/", multistatus(whole, listed("/cal/1.ics", '"a"'), listed("/cal/2.ics", '"b"')))
        first = changes(server)
        assert [event.etag for event in first.events] == ['"a"', '"b"']
        server.answer("PROPFIND", "/cal/", multistatus(whole, listed("/cal/2.ics", '"c"')))
        server.answer("REPORT", "/cal/", multistatus(with_data("/cal/2.ics", '"c"')))
        second = changes(server, cursor=first.cursor)
        assert second.missing == (f"{server.url}/cal/1.ics",)
        assert [(event.id, event.is_deleted) for event in second.events] == [(f"{server.url}/cal/2.ics", False)]
        assert changes(server, cursor=second.cursor).events == ()

    def test_an_empty_list_takes_nothing_away_and_is_no_step_forward(self, server):
        server.answer("REPORT", "/cal/", Reply(501), multistatus(with_data("/cal/1.ics", '"a"')))
        whole = resource("/cal/", "<resourcetype><collection/></resourcetype>")
        server.answer("PROPFIND", "/cal/", multistatus(whole, listed("/cal/1.ics", '"a"')))
        first = changes(server)
        server.answer("PROPFIND", "/cal/", multistatus(whole))
        empty = changes(server, cursor=first.cursor)
        assert (empty.events, empty.missing, empty.cursor) == ((), (), first.cursor)

    def test_a_ctag_that_did_not_move_is_enough(self, server):
        ctag = '<s:getctag xmlns:s="http://calendarserver.org/ns/">7</s:getctag>'
        server.answer("REPORT", "/cal/", Reply(405), multistatus(with_data("/cal/1.ics", '"a"')))
        server.answer("PROPFIND", "/cal/", multistatus(resource("/cal/", ctag), listed("/cal/1.ics", '"a"')))
        cursor = changes(server).cursor
        server.asked.clear()
        again = changes(server, cursor=cursor)
        assert (again.events, again.cursor) == ((), cursor)
        assert [asked.headers["depth"] for asked in server.asked] == ["0"]


class TestSyncTokens:
    def test_one_that_is_refused_is_expired(self, server):
        server.answer("REPORT", "/cal/", Reply(403, '<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>'))
        with pytest.raises(CursorExpired):
            changes(server, cursor='{"token": "old"}')

    def test_a_cursor_that_is_none_is_expired_too(self, server):
        with pytest.raises(CursorExpired):
            changes(server, cursor="[")

    def test_a_long_list_comes_in_pages_and_one_that_was_cut_off_goes_on(self, server):
        cut = "<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"

        def told(token, *parts):
            return Reply(
                207,
                multistatus(*parts).body.replace("</multistatus>", f"<sync-token>{token}</sync-token></multistatus>"),
            )

        server.answer(
            "REPORT",
            "/cal/",
            told("t1", listed("/cal/1.ics", '"a"'), cut),
            multistatus(with_data("/cal/1.ics", '"a"')),
            told("t2", listed("/cal/2.ics", '"b"')),
            multistatus(with_data("/cal/2.ics", '"b"')),
        )
        first = changes(server)
        assert (len(first.events), first.cursor) == (1, "")
        second = changes(server, page=first.page)
        assert (second.events[0].id, second.cursor) == (f"{server.url}/cal/2.ics", '{"token": "t2"}')


class TestWriting:
    def test_one_that_somebody_changed_meanwhile_is_not_written_over(self, server):
        server.answer("GET", "/cal/1.ics", Reply(200, ICS, {"ETag": '"new"'}))
        provider, url = caldav(server.url), f"{server.url}/cal/1.ics"
        with pytest.raises(PreconditionFailed):
            provider.update_event("", url, SHOWING, before=SHOWING, etag='"old"', zone="UTC")
        server.answer("DELETE", "/cal/1.ics", Reply(412))
        with pytest.raises(PreconditionFailed):
            provider.delete_event("", url, etag='"old"')
        assert {asked.method for asked in server.asked} == {"GET", "DELETE"}

    def test_what_is_gone_already_is_deleted(self, server):
        server.answer("GET", "/cal/1.ics", Reply(404), Reply(200, ICS))
        server.answer("DELETE", "/cal/1.ics", Reply(404))
        for detail in ("Gone already", "Deleted"):
            assert caldav(server.url).delete_event("", f"{server.url}/cal/1.ics", etag="").detail == detail

    def test_a_calendar_that_may_not_be_written_says_nothing_of_the_login(self, server):
        server.answer("GET", "/cal/1.ics", Reply(200, ICS))
        server.answer("DELETE", "/cal/1.ics", Reply(403))
        with pytest.raises(ProviderError) as refused:
            caldav(server.url).delete_event("", f"{server.url}/cal/1.ics", etag="")
        assert (type(refused.value), refused.value.permanent) == (ProviderError, True)

    def test_a_server_that_tells_no_etag_is_asked_what_it_kept(self, server):
        provider = caldav(server.url)
        key = "k1"
        asked = []

        def reply(request):
            asked.append(request.method)
            return Reply(201, "") if request.method == "PUT" else Reply(200, ICS, {"ETag": '"kept"'})

        server.reply_to = reply
        made = provider.create_event(f"{server.url}/cal/", SHOWING, uid="1@estateman", key=key, zone="UTC")
        assert (asked, made.event.etag, made.event.stamp) == (["PUT", "GET"], '"kept"', "1@estateman")

    def test_one_that_stands_at_its_address_is_made_to_say_the_same(self, server):
        asked = []

        def reply(request):
            asked.append((request.method, request.headers.get("if-none-match") or request.headers.get("if-match")))
            if request.method == "PUT":
                return Reply(412 if len(asked) == 1 else 204, "", {"ETag": '"2"'})
            return Reply(200, ICS.replace("Showing", "Before the crash"), {"ETag": '"1"'})

        server.reply_to = reply
        made = caldav(server.url).create_event(f"{server.url}/cal/", SHOWING, uid="1@estateman", key="k", zone="UTC")
        assert made.event.content.title == "Showing"
        assert asked == [("PUT", "*"), ("GET", None), ("GET", None), ("PUT", '"1"')]


class TestZones:
    """Told by rules that never end; servers are known that keep only the first of the dates in a list."""

    @staticmethod
    def starts(ics):
        calendar: Any = Calendar.from_ical(ics)
        (zone,) = calendar.walk("VTIMEZONE")
        parts = zone.walk("DAYLIGHT") + zone.walk("STANDARD")
        assert not any("RDATE" in part for part in parts)
        assert sum("RRULE" in part for part in parts) == 2
        return str(zone["TZID"]), min(part["DTSTART"].dt.year for part in parts)

    def test_are_told_by_rules_from_the_year_of_the_event_on(self):
        assert self.starts(new(SHOWING, uid="1")) == ("America/New_York", 2031)

    def test_of_one_that_moves_to_other_years_are_told_anew(self):
        earlier = replace(SHOWING, starts_at=datetime(2027, 3, 3, 9))
        assert self.starts(changed(ICS.encode(), earlier, before=SHOWING)) == ("America/New_York", 2027)

    def test_of_one_that_does_not_move_stay_as_others_tell_them(self):
        theirs = ICS.replace("TZNAME:EST", "TZNAME:Theirs")
        assert "TZNAME:Theirs" in changed(theirs.encode(), replace(SHOWING, title="Other"), before=SHOWING).decode()


class TestEtags:
    def test_of_what_was_packed_on_its_way_are_none_of_the_servers(self, server):
        server.answer("GET", "/cal/1.ics", Reply(200, ICS, {"ETag": '"1"'}))
        caldav(server.url).fetch_event("", f"{server.url}/cal/1.ics", zone="UTC")
        assert server.asked[-1].headers["accept-encoding"] == "identity"

    def test_that_are_weak_are_no_condition_as_that_never_holds(self, server):
        server.answer("GET", "/cal/1.ics", Reply(200, ICS, {"ETag": 'W/"1"'}))
        server.answer("PUT", "/cal/1.ics", Reply(204, ""))
        server.answer("DELETE", "/cal/1.ics", Reply(204, ""))
        provider, url = caldav(server.url), f"{server.url}/cal/1.ics"
        provider.update_event("", url, replace(SHOWING, title="Renamed"), before=SHOWING, etag='W/"1"', zone="UTC")
        provider.delete_event("", url, etag='W/"1"')
        assert not any("if-match" in asked.headers for asked in server.asked)
        with pytest.raises(PreconditionFailed):
            provider.update_event("", url, SHOWING, before=SHOWING, etag='W/"0"', zone="UTC")


class TestGuests:
    """A server that schedules mails those who are invited whenever an event of theirs is written."""

    INVITED = ICS.replace(
        "SUMMARY", "ORGANIZER:mailto:maria@harbour.example\r\nATTENDEE:mailto:buyer@example.com\r\nSUMMARY"
    )

    @pytest.fixture
    def write(self, server):
        def change_and_delete(text, dav):
            server.answer("GET", "/cal/1.ics", Reply(200, text, {"ETag": '"1"'}))
            server.answer("OPTIONS", "/cal/1.ics", Reply(200, "", {"DAV": dav}))
            server.answer("PUT", "/cal/1.ics", Reply(204, "", {"ETag": '"2"'}))
            server.answer("DELETE", "/cal/1.ics", Reply(204, ""))
            provider, url = caldav(server.url), f"{server.url}/cal/1.ics"
            renamed = replace(SHOWING, title="Renamed")
            provider.update_event("", url, renamed, before=SHOWING, etag='"1"', zone="UTC")
            provider.delete_event("", url, etag='"1"')

        return change_and_delete

    def test_are_not_mailed_so_that_is_refused(self, server, write):
        with pytest.raises(ProviderError, match="would mail those who are invited"):
            write(self.INVITED, "1, 3, calendar-access, calendar-auto-schedule")
        with pytest.raises(ProviderError, match="would mail those who are invited"):
            caldav(server.url).delete_event("", f"{server.url}/cal/1.ics", etag='"1"')
        assert not {"PUT", "DELETE"} & {asked.method for asked in server.asked}

    @pytest.mark.parametrize(
        ("text", "dav"), [(INVITED, "1, 3, calendar-access"), (ICS, "1, calendar-access, calendar-auto-schedule")]
    )
    def test_whom_nobody_mails_are_in_nobodys_way(self, server, write, text, dav):
        write(text, dav)
        assert {"PUT", "DELETE"} <= {asked.method for asked in server.asked}

    def test_and_whoever_invited_us_is_sent_no_answer_by_the_server(self, server, write):
        write(ICS, "")
        assert server.asked[-1].headers["schedule-reply"] == "F"


def told(text):
    content = read("/1.ics", text, "", "UTC").content
    assert content
    return usual(content)


class TestDatesApart:
    """What others keep with a date of a series, like its alarm."""

    SERIES = replace(
        SHOWING,
        rule="FREQ=DAILY;COUNT=5",
        overrides={datetime(2031, 3, 4, 9): Override(title="Later"), datetime(2031, 3, 5, 9): Override(title="Alike")},
    )

    @pytest.fixture
    def there(self):
        """The second date differs in its title and its alarm, the third in its alarm alone."""
        text = new(self.SERIES, uid="1@estateman").decode().replace("SUMMARY:Alike", "SUMMARY:Showing")
        *before, last = text.split("END:VEVENT")
        alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT{}M\r\nEND:VALARM\r\n"
        first, second, third = before
        return "END:VEVENT".join([first, second + alarm.format(5), third + alarm.format(7), last]).encode()

    @pytest.mark.parametrize(
        ("differs", "alarms"),
        [
            ({"title": "Renamed"}, [5, 7]),
            ({"minutes": 90}, [5]),
            ({"exdates": frozenset({datetime(2031, 3, 5, 9)})}, [5]),
        ],
    )
    def test_stays_as_long_as_the_date_does(self, there, differs, alarms):
        before = told(there)
        after = replace(before, **differs)
        written = changed(there, after, before=before)
        assert [number for number in (5, 7) if f"TRIGGER:-PT{number}M".encode() in written] == alarms
        assert told(written) == after


class TestPrivate:
    """What is marked so keeps its words, whatever is written about it."""

    SERIES = replace(SHOWING, rule="FREQ=DAILY;COUNT=5", location="Pier 7", overrides=TestDatesApart.SERIES.overrides)
    NEW_DATE = datetime(2031, 3, 6, 9)

    @pytest.fixture
    def written(self):
        """Renamed and made longer, with another date moved."""
        there = new(self.SERIES, uid="1@estateman").replace(b"SUMMARY:Showing", b"CLASS:PRIVATE\r\nSUMMARY:Showing")
        before = told(there)
        assert (before.title, before.location, before.overrides) == ("Private", "", {})
        overrides = {self.NEW_DATE: Override(starts_at=datetime(2031, 3, 6, 11), title="Away")}
        after = replace(before, title="Away", minutes=90, overrides=overrides)
        return Calendar.from_ical(changed(there, after, before=before)).walk("VEVENT")

    def test_the_series_moves_and_is_called_as_before(self, written):
        (master,) = [each for each in written if "RECURRENCE-ID" not in each]
        assert (master["SUMMARY"], master["LOCATION"], master["DTEND"].dt.hour) == ("Showing", "Pier 7", 10)

    def test_a_new_date_apart_has_its_words_and_is_as_private(self, written):
        (date,) = [each for each in written if "RECURRENCE-ID" in each]
        assert (date["SUMMARY"], date["LOCATION"], date["CLASS"]) == ("Showing", "Pier 7", "PRIVATE")
        assert date["DTSTART"].dt.hour == 11

    def test_a_date_that_was_apart_already_keeps_its_own_words(self):
        there = new(self.SERIES, uid="1@estateman").replace(b"SUMMARY:Showing", b"CLASS:PRIVATE\r\nSUMMARY:Showing")
        before = told(there)
        after = replace(before, overrides={datetime(2031, 3, 4, 9): Override(minutes=30)})
        dates = Calendar.from_ical(changed(there, after, before=before)).walk("VEVENT")
        assert sorted(str(each["SUMMARY"]) for each in dates) == ["Alike", "Later", "Showing"]


def event_of(*lines, zone="Europe/Berlin"):
    text = "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )
    return read("https://dav.example.com/1.ics", text.encode(), '"1"', zone)


class TestReading:
    @pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
    @pytest.mark.parametrize(
        ("start", "zone"),
        [
            ("DTSTART;TZID=America/New_York:20310303T090000", "America/New_York"),
            ("DTSTART;TZID=Eastern Standard Time:20310303T090000", "America/New_York"),
            ("DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20310303T090000", "America/New_York"),
            ("DTSTART:20310303T090000", "Europe/Berlin"),
            ("DTSTART:20310303T090000Z", "UTC"),
        ],
    )
    def test_a_start_keeps_its_wall_clock_and_zone_whoever_wrote_it(self, start, zone):
        content = event_of(start, "DURATION:PT90M").content
        assert (content.starts_at, content.timezone, content.minutes) == (datetime(2031, 3, 3, 9), zone, 90)

    def test_a_bare_date_left_out_means_that_day(self):
        content = event_of("DTSTART:20310303T090000", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20310304").content
        assert content.exdates == {datetime(2031, 3, 4, 9)}

    def test_the_end_of_a_rule_is_local(self):
        content = event_of(
            "DTSTART;TZID=America/New_York:20310303T200000", "RRULE:FREQ=WEEKLY;UNTIL=20310401T000000Z"
        ).content
        assert content.rule == "FREQ=WEEKLY;UNTIL=20310331T200000"

    @pytest.mark.parametrize(
        ("lines", "is_private"),
        [
            ([], False),
            (["CLASS:PUBLIC"], False),
            (["CLASS:PRIVATE"], True),
            (["CLASS:confidential"], True),
            (["CLASS:X-FAMILY"], True),
        ],
    )
    def test_what_is_private_is_known_and_so_is_a_class_that_nobody_knows(self, lines, is_private):
        assert event_of("DTSTART:20310303T090000", *lines).content.is_private is is_private

    def test_cancelled_is_as_good_as_deleted(self):
        assert event_of("DTSTART:20310303T090000", "STATUS:CANCELLED").is_deleted

    @pytest.mark.parametrize(
        "lines",
        [
            ["RECURRENCE-ID:20310303T090000", "DTSTART:20310303T090000"],
            ["DTSTART:20310303T090000", "EXRULE:FREQ=DAILY"],
            ["DTSTART:20310303T090000", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"],
            ["DTSTART:yesterday"],
            ["SUMMARY:No start"],
        ],
    )
    def test_what_cannot_be_kept_says_why_and_is_not_deleted(self, lines):
        found = event_of(*lines)
        assert found.problem
        assert not found.is_deleted
