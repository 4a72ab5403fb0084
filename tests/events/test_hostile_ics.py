"""Files written to cost more than they are worth: what they take grows with their size, and no faster."""

import tracemalloc

import pytest

from events.ics import Malformed, read_ics
from events.models import Event
from events.services import edit_event
from tests.events.test_read_ics import NEW_YORK, event, file

MEGABYTE = 1024 * 1024
# What takes minutes without the limits takes well under a second.
pytestmark = pytest.mark.timeout(60)


def read(*lines, head=()):
    return read_ics(file(*lines, head=head), zone=NEW_YORK)


def zone(*parts, name="x"):
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE")


DAILY = ("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETTO:+0100", "RRULE:FREQ=DAILY", "END:STANDARD")
LATE = ("BEGIN:STANDARD", "DTSTART:21990101T000000", "TZOFFSETTO:+0100", "END:STANDARD")
START = "DTSTART:20260302T090000"


@pytest.mark.parametrize("line", ["X;" + "a" * 2 * MEGABYTE, "X;" + '"a"' * MEGABYTE])
def test_a_line_of_megabytes_takes_little_memory(line):
    content = file(line)
    tracemalloc.start()
    with pytest.raises(Malformed):
        read_ics(content, zone=NEW_YORK)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(content)


def test_a_zones_name_of_many_parts():
    (problem,) = read(*event(f"DTSTART;TZID={'a/' * 200_000}:20260302T090000")).refused
    assert problem.why.startswith("The time zone a/a/")
    (entry,) = read(*event("DTSTART;TZID=/x/y/America/Argentina/Buenos_Aires:20260302T090000")).entries
    assert entry.timezone == "America/Argentina/Buenos_Aires"


def test_long_parameters_are_read_once_for_all_dates_of_a_line():
    dates = ",".join(["20260302T090000"] * 900)
    lines = event(START, "RRULE:FREQ=DAILY", f"EXDATE;X={'a' * 4 * MEGABYTE};TZID=Europe/London:{dates}")
    (entry,) = read(*lines).entries
    assert len(entry.exdates) == 1


@pytest.mark.parametrize("name", ["EXDATE", "RDATE"])
def test_too_many_dates_are_not_even_read(name):
    (problem,) = read(*event(START, "RRULE:FREQ=DAILY", f"{name}:{'20260302T090000,' * 400_000}")).refused
    assert problem.why == "At most 1000 dates can be added or taken out."


@pytest.mark.parametrize("part", [DAILY, LATE])
def test_a_zone_that_says_too_much_is_none(part):
    lines = [line for year in range(1990, 2090) for line in event(f"DTSTART;TZID=x:{year}0302T090000", uid=f"{year}")]
    found = read(*lines, head=zone(*part * 5000))
    assert {problem.why for problem in found.refused} == {"The time zone x is not known."}
    assert len(found.refused) == 100


def test_a_thousand_zones_for_a_hundred_years_each():
    years = range(1970, 2070)
    set_often = "RDATE:" + ",".join(f"{year}0601T000000" for year in years)
    lagos = ("BEGIN:STANDARD", "DTSTART:19700101T000000", set_often, "TZOFFSETTO:+0100", "END:STANDARD")
    lines, zones = list[str](), list[str]()
    for number in range(1000):
        zones += zone(*lagos, name=f"x{number}")
        dates = ",".join(f"{year}0302T090000" for year in years)
        lines += event(START, "RRULE:FREQ=DAILY", f"EXDATE;TZID=x{number}:{dates}", uid=f"{number}")
    found = read(*lines, head=tuple(zones))
    assert found.entries
    assert {problem.why[:16] for problem in found.refused} == {"The time zone x1"} | {
        f"The time zone x{digit}" for digit in range(2, 10)
    }


@pytest.mark.usefixtures("clock")
def test_the_highest_sequence_leaves_room_for_more(api, calendar, agent):
    content = file(*event(START, "SEQUENCE:99999999999"))
    answer = api(agent).post(f"/api/v1/calendars/{calendar.pk}/import", content, content_type="text/calendar")
    assert answer.json()["created"] == 1
    before = Event.objects.get()
    after = edit_event(before, changes={"starts_at": before.starts_at.replace(hour=10)}, by=agent)
    assert after.sequence == before.sequence + 1 < 2**31
