"""Runs that die, that others overtake, and whose link is ended or turned meanwhile."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from estateman.common import clock
from estateman.common.claims import claim
from events import services
from events.models import CalendarLink, DataSync, Event, LinkedEvent
from events.services import links
from events.sync import due, engine, listening, rows, writing
from tests.support.http import Reply


class Killed(BaseException):
    """The process ends here."""


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def test_one_made_again_before_the_row_was_written_stands_once_on_both_sides(
    google, sync, plan_mine, standing, manager, monkeypatch
):
    event = plan_mine("Ours")
    done(sync())
    google.delete(google.standing()["Ours"]["id"])
    services.edit_event(event, changes={"location": "Pier 7"}, by=manager)
    noted = rows.note

    def die(*row):
        raise Killed

    monkeypatch.setattr("events.sync.carrying.note", die)
    with pytest.raises(Killed):
        sync()
    monkeypatch.setattr("events.sync.carrying.note", noted)
    google.events = dict(reversed(google.events.items()))  # the new one is told of first
    done(sync())
    assert standing()["Ours"].pk == event.pk
    assert list(standing()) == ["Ours"] == list(google.standing())
    assert LinkedEvent.objects.count() == 1


def test_a_database_that_is_busy_loses_nothing_of_what_was_told(google, sync, standing, monkeypatch):
    done(sync())
    google.add("Theirs")
    create_here = writing.create_here

    def busy(*event, **how):
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("events.sync.carrying.create_here", busy)
    assert sync().status == DataSync.Status.PARTLY
    monkeypatch.setattr("events.sync.carrying.create_here", create_here)
    assert done(sync()).created_here == 1
    assert list(standing()) == ["Theirs"]


def test_a_list_that_takes_long_keeps_its_lease(google, sync, link, time_machine, monkeypatch):
    """Else a calendar of many pages would be begun again and again, and never end."""
    google.page_size = 1
    for number in range(5):
        google.add(f"Theirs {number}")
    listed = google._list
    now = clock.now()
    pages: list[object] = []

    def slowly(query):
        pages.append(query)
        time_machine.move_to(now + timedelta(minutes=4 * len(pages)), tick=False)
        return listed(query)

    monkeypatch.setattr(google, "_list", slowly)
    listen = listening.listen
    others: list[object] = []

    def listen_and_look(*asked):
        heard = listen(*asked)
        others.extend(claim(CalendarLink.objects.all(), limit=1, lease=engine.LEASE))
        return heard

    monkeypatch.setattr(engine, "listen", listen_and_look)
    CalendarLink.objects.update(next_attempt_at=now)
    (claimed,) = claim(CalendarLink.objects.all(), limit=1, lease=engine.LEASE)
    time_machine.move_to(now, tick=False)
    assert done(engine.run(claimed)).created_here == 5
    assert (len(pages), others) == (5, [])


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_ended_meanwhile_ends_its_run_and_no_other(google, link, plan_mine, manager, monkeypatch):
    for number in range(5):
        plan_mine(f"Ours {number}")
    listed = google._list

    def list_and_end(query):
        links.unlink_calendar(CalendarLink.objects.get(), by=manager)
        return listed(query)

    monkeypatch.setattr(google, "_list", list_and_end)
    due.run_due()
    assert not DataSync.objects.exists()
    assert not LinkedEvent.objects.exists()
    assert len(google.standing()) <= 1


def test_a_link_turned_to_both_ways_takes_in_what_it_only_heard_of_before(google, sync, link, standing, manager):
    CalendarLink.objects.update(direction="push")
    google.add("Theirs")
    done(sync())
    links.change_link(CalendarLink.objects.get(), changes={"direction": "both"}, by=manager)
    assert done(sync()).created_here == 1
    assert list(standing()) == ["Theirs"]


def test_turned_while_a_run_is_under_way_it_hears_all_again(google, sync, link, standing, manager, monkeypatch):
    CalendarLink.objects.update(direction="push")
    google.add("Theirs")
    listen = listening.listen

    def listen_and_turn(*asked):
        links.change_link(CalendarLink.objects.get(), changes={"direction": "both"}, by=manager)
        return listen(*asked)

    monkeypatch.setattr(engine, "listen", listen_and_turn)
    done(sync())
    monkeypatch.undo()
    done(sync())
    assert list(standing()) == ["Theirs"]


def test_changed_here_again_while_it_is_written_there_is_no_conflict(
    google, sync, plan_mine, standing, manager, monkeypatch
):
    CalendarLink.objects.update(winner="remote")
    event = plan_mine("First")
    done(sync())
    services.edit_event(event, changes={"title": "Second"}, by=manager)
    google.edit(google.standing()["First"]["id"], location="Pier 7")
    write = engine.Patient.update

    def write_and_edit(*asked, **how):
        written = write(*asked, **how)
        monkeypatch.undo()
        services.edit_event(Event.objects.get(pk=event.pk), changes={"title": "Third"}, by=manager)
        return written

    monkeypatch.setattr(engine.Patient, "update", write_and_edit)
    assert done(sync()).conflicts.count() == 0
    assert list(standing()) == ["Third"] == list(google.standing())
    assert standing()["Third"].location == "Pier 7"


def test_a_run_that_fails_is_told_of_though_single_events_failed_before(google, sync, plan_mine, link, monkeypatch):
    google.refuses = "Bad"
    plan_mine("Bad")
    told: list[object] = []
    monkeypatch.setattr(engine, "announce", told.append)
    assert sync().status == DataSync.Status.PARTLY
    assert told == []
    monkeypatch.setattr(google, "_list", lambda query: Reply(503))
    for _ in range(2):
        assert sync().status == DataSync.Status.FAILED
    assert len(told) == 1
