"""What goes into another calendar here is deleted where its old one is kept, and made where its new one is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from estateman.common import clock
from events import services
from events.models import Access, Calendar, CalendarLink, DataSync, Event
from events.sync import writing
from events.sync.carrying import MAY_TURN_UP
from events.sync.engine import run
from integrations.models import Grant
from integrations.spi import ProviderError
from tests.support.google import Google


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


@dataclass
class Place:
    """A calendar here, where it is kept, and the link between them."""

    calendar: Calendar
    google: Google
    link: CalendarLink

    def sync(self) -> list[int]:
        """What a run did here, and there: made, changed, deleted."""
        self.link.refresh_from_db()
        ran = done(run(self.link))
        return [getattr(ran, f"{what}_{at}") for at in ("here", "there") for what in ("created", "changed", "deleted")]

    def put(self, event: Any) -> None:
        services.edit_event(event, changes={"calendar": self.calendar}, by=self.link.user)


NOTHING = [0, 0, 0, 0, 0, 0]


def into_a_calendar_of_their_own(event: Event, *, by: Any) -> None:
    services.edit_event(event, changes={"calendar": services.create_calendar(name="Apart", by=by)}, by=by)


@pytest.fixture
def old(own_calendar, google, link):
    return Place(own_calendar, google, link)


@pytest.fixture
def agents(old, manager, agent):
    """The old one, kept in the name of somebody who may write in no other."""
    services.share_calendar(old.calendar, user=agent, access=Access.WRITE, by=manager)
    Grant.objects.update(user=agent)
    CalendarLink.objects.update(user=agent)
    return old


@pytest.fixture
def new(connected_to, manager):
    calendar = services.create_calendar(name="Showings", timezone="America/New_York", by=manager)
    with Google() as google:
        account = connected_to("google_calendar", google.config, "Another account")
        link = CalendarLink.objects.create(
            calendar=calendar, user=manager, integration=account, remote_id="showings@harbour.example"
        )
        yield Place(calendar, google, link)


def test_it_goes_there_too_and_nothing_brings_it_back(old, new, plan_mine, standing):
    plan_mine("Ours", recurrence="FREQ=DAILY;COUNT=3")
    old.google.add("Theirs")
    old.sync()
    events = list(standing().values())
    for event in events:
        new.put(event)
    assert (old.sync(), new.sync()) == ([0, 0, 0, 0, 0, 2], [0, 0, 0, 2, 0, 0])
    assert (list(old.google.standing()), sorted(new.google.standing())) == ([], ["Ours", "Theirs"])
    assert (old.sync(), new.sync()) == (NOTHING, NOTHING)
    # Nor when all is listed anew.
    for each in (old, new):
        each.google.add("Another")
        each.google.expire_tokens()
        assert each.sync() == [1, 0, 0, 0, 0, 0]
    assert list(standing()) == ["Another"]
    assert set(Event.objects.filter(calendar=new.calendar)) > set(events)


def test_there_and_back_again_it_stands_once_in_each_place_in_turn(old, new, plan_mine):
    event = plan_mine("Ours")
    for here, gone in [(old, new), (new, old)] * 2:
        here.put(event)
        for each in (old, new):
            each.sync()
        assert (list(here.google.standing()), list(gone.google.standing())) == (["Ours"], [])
        assert (old.sync(), new.sync()) == (NOTHING, NOTHING)
    assert Event.objects.count() == 1


def test_there_and_back_between_two_runs_it_stands_as_it_stood(old, new, plan_mine):
    event = plan_mine("Ours")
    old.sync()
    for each in (new, old):
        each.put(event)
    assert (old.sync(), new.sync()) == (NOTHING, NOTHING)
    assert list(old.google.standing()) == ["Ours"]


def test_deleted_in_the_old_place_meanwhile_it_stays_in_the_new(old, new, plan_mine):
    event = plan_mine("Ours")
    old.sync()
    new.put(event)
    old.google.delete(old.google.standing()["Ours"]["id"])
    assert (old.sync(), new.sync()) == (NOTHING, [0, 0, 0, 1, 0, 0])
    event.refresh_from_db()
    assert not event.is_cancelled


def test_changed_in_the_old_place_meanwhile_it_is_made_again_here_and_noted(old, new, plan_mine, standing):
    """As what was deleted here: a change there counts, and is not written over what stands elsewhere."""
    event = plan_mine("Ours")
    old.sync()
    new.put(event)
    old.google.edit(old.google.standing()["Ours"]["id"], location="Pier 7")
    assert old.sync() == [1, 0, 0, 0, 0, 0]
    assert [each.field for each in old.link.runs.first().conflicts.all()] == ["deleted"]
    assert standing()["Ours"].location == "Pier 7"
    event.refresh_from_db()
    assert (event.calendar, event.location) == (new.calendar, "")
    assert (old.sync(), new.sync()) == (NOTHING, [0, 0, 0, 1, 0, 0])


def test_from_a_calendar_that_only_takes_in_nothing_is_deleted_there_and_nothing_comes_back(old, new, standing):
    CalendarLink.objects.filter(pk=old.link.pk).update(direction=CalendarLink.Direction.PULL)
    old.google.add("Theirs")
    old.sync()
    new.put(standing()["Theirs"])
    assert old.sync() == NOTHING
    old.google.expire_tokens()
    assert old.sync() == NOTHING
    assert list(old.google.standing()) == ["Theirs"]
    assert not standing()


def test_one_that_goes_elsewhere_during_the_run_is_deleted_there_all_the_same(
    old, new, plan_mine, manager, monkeypatch
):
    event = plan_mine("Ours")
    old.sync()
    services.edit_event(event, changes={"location": "Pier 7"}, by=manager)
    reload = writing.reload

    def meanwhile(event_id):
        new.put(event)
        return reload(event_id)

    monkeypatch.setattr("events.sync.settling.reload", meanwhile)
    old.sync()
    old.sync()
    assert not old.google.standing()


@pytest.mark.parametrize("goes", [services.cancel_event, into_a_calendar_of_their_own])
def test_what_goes_just_when_a_change_there_is_written_here_fails_no_run(agents, plan_mine, manager, monkeypatch, goes):
    """Also where whose link it is may not write: the change counts, as one of what was gone already."""
    event = plan_mine("Ours")
    agents.sync()
    agents.google.edit(agents.google.standing()["Ours"]["id"], location="Pier 7")
    reload = writing.reload

    def meanwhile(event_id):
        found = reload(event_id)
        during.undo()
        goes(event, by=manager)
        return found

    with monkeypatch.context() as during:
        during.setattr("events.sync.settling.reload", meanwhile)
        assert agents.sync() == [1, 0, 0, 0, 0, 0]
    assert [each.field for each in agents.link.runs.first().conflicts.all()] == ["deleted"]
    assert Event.objects.not_cancelled().get(calendar=agents.calendar).location == "Pier 7"
    assert agents.sync() == NOTHING


def moved_there(old, new, title):
    """From one calendar into the other at the provider, which keeps id, uid and stamp."""
    there = old.google.standing()[title]
    old.google.delete(there["id"])
    new.google._keep({name: value for name, value in there.items() if name != "status"})


@pytest.mark.parametrize("made", ["here", "there"])
def test_moved_there_into_another_calendar_it_goes_along_with_all_that_hangs_on_it(
    old, new, plan_mine, standing, manager, made
):
    if made == "here":
        plan_mine("Moving")
    else:
        old.google.add("Moving")
    old.sync()
    event = standing()["Moving"]
    services.invite(event, attendees=["seller@example.com", "buyer@example.com"], by=manager)
    moved_there(old, new, "Moving")
    assert (new.sync(), old.sync()) == ([0, 1, 0, 0, 0, 0], NOTHING)
    event.refresh_from_db()
    assert (event.calendar, event.is_cancelled, event.attendees.count()) == (new.calendar, False, 2)
    assert (old.sync(), new.sync()) == (NOTHING, NOTHING)
    assert (list(old.google.standing()), list(new.google.standing())) == ([], ["Moving"])


def test_moved_there_and_missed_in_its_old_place_first_it_goes_along_all_the_same(old, new, plan_mine, manager):
    event = plan_mine("Moving")
    services.invite(event, attendees=["seller@example.com"], by=manager)
    old.sync()
    new.sync()
    moved_there(old, new, "Moving")
    before = clock.now()
    assert old.sync() == NOTHING
    new.link.refresh_from_db()
    assert before <= new.link.next_attempt_at <= clock.now()
    assert (new.sync(), old.sync()) == ([0, 1, 0, 0, 0, 0], NOTHING)
    event.refresh_from_db()
    assert (event.calendar, event.is_cancelled, event.attendees.count()) == (new.calendar, False, 1)
    assert (old.sync(), new.sync()) == (NOTHING, NOTHING)


def test_deleted_there_it_is_cancelled_here_once_the_other_place_was_heard(old, new, plan_mine):
    plan_mine("Ours")
    old.sync()
    old.google.delete(old.google.standing()["Ours"]["id"])
    assert (old.sync(), old.sync(), new.sync(), old.sync()) == (NOTHING, NOTHING, NOTHING, [0, 0, 1, 0, 0, 0])


def test_deleted_there_it_is_cancelled_here_in_time_whatever_is_with_the_other_place(old, new, plan_mine, time_machine):
    plan_mine("Ours")
    old.sync()
    old.google.delete(old.google.standing()["Ours"]["id"])
    assert old.sync() == NOTHING
    time_machine.move_to(clock.now() + MAY_TURN_UP + timedelta(seconds=1), tick=True)
    assert old.sync() == [0, 0, 1, 0, 0, 0]


def test_changed_here_while_the_other_place_is_waited_for_it_is_made_again_there(old, new, plan_mine, manager):
    event = plan_mine("Ours")
    old.sync()
    old.google.delete(old.google.standing()["Ours"]["id"])
    assert old.sync() == NOTHING
    services.edit_event(event, changes={"location": "Pier 7"}, by=manager)
    assert old.sync() == [0, 0, 0, 1, 0, 0]
    assert old.google.standing()["Ours"]["location"] == "Pier 7"


def test_moved_there_it_goes_along_also_where_its_old_place_cannot_be_asked_again(old, new, plan_mine, monkeypatch):
    event = plan_mine("Moving")
    old.sync()
    moved_there(old, new, "Moving")
    assert old.sync() == NOTHING

    def is_down(link):
        raise ProviderError("Down")

    monkeypatch.setattr("events.sync.carrying.outside_of", is_down)
    assert (new.sync(), old.sync()) == ([0, 1, 0, 0, 0, 0], NOTHING)
    event.refresh_from_db()
    assert (event.calendar, event.is_cancelled) == (new.calendar, False)


def test_there_again_as_it_was_it_is_missed_no_more(old, new, plan_mine):
    plan_mine("Ours")
    old.sync()
    there = old.google.standing()["Ours"]
    event_id, etag = there["id"], there["etag"]
    for _ in range(2):
        old.google.delete(event_id)
        assert old.sync() == NOTHING
        old.google.edit(event_id, status="confirmed")
        old.google.events[event_id]["etag"] = etag
        assert (old.sync(), new.sync()) == (NOTHING, NOTHING)
