"""One real working day at the demo agency, over the wire, against real processes.

Embedded: one `manage.py serve`. Scaled out: two web processes (people act on one and hear on the other), two
workers and beat, on PostgreSQL and Redis.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.support.office import Ear, Person
from tests.support.server import EmbeddedServer
from tests.support.smtp import SmtpReceiver
from tests.support.waiting import eventually
from tools.run_scaled import ScaledOut, prepare
from tools.throwaway import backing_services, free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MANAGER, AGENT, COORDINATOR = "maria@harbourhill.example", "alex@harbourhill.example", "fiona@harbourhill.example"
MAIL_PASSWORD = "s3cret-of-the-post-office"
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class House:
    """A running Estateman: where to act, where to hear, and how to pull its plug."""

    act_on: str
    hear_on: str
    kill: Callable[[], None]
    start: Callable[[], None]
    logs: Callable[[], str]

    def person(self, email: str) -> Person:
        return Person(self.act_on, self.hear_on, email)


def _embedded(stack: ExitStack) -> House:
    server = stack.enter_context(EmbeddedServer())
    return House(server.url, server.url, server.kill, server.start, lambda: server.output)


def _scaled_out(stack: ExitStack) -> House:
    given = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    env = {"DEMO_LOGINS": "1", **stack.enter_context(backing_services(given))}
    prepare(env)
    lines: list[str] = []
    processes = ScaledOut(env, (free_port(), free_port()), output=lambda name, line: lines.append(line))
    stack.enter_context(processes)

    def kill() -> None:
        for child in processes.children.values():
            child.kill()

    def start() -> None:
        for child in processes.children.values():
            child.start()
        processes.wait_until_ready()

    return House(processes.urls[0], processes.urls[1], kill, start, lambda: "\n".join(lines))


STACKS = {"embedded": _embedded, "scaled out": _scaled_out}


@pytest.fixture(scope="module", params=["embedded", pytest.param("scaled out", marks=pytest.mark.scaled)])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with ExitStack() as stack:
        yield STACKS[request.param](stack)


@pytest.fixture(scope="module")
def post_office(house: House) -> Iterator[SmtpReceiver]:
    """A real mail server that the house is connected to, by a manager, over the API."""
    with SmtpReceiver(login=("estateman", MAIL_PASSWORD)) as receiver:
        made = house.person(MANAGER).post(
            "/integrations",
            {
                "kind": "email",
                "provider": "smtp",
                "name": "Our post office",
                "mode": "live",
                "config": {"host": "127.0.0.1", "port": receiver.port, "security": "none", "username": "estateman"},
                "credentials": {"password": MAIL_PASSWORD},
            },
        )
        house.person(MANAGER).post(f"/integrations/{made['id']}/test", expect=200)
        yield receiver


def open_deal(house: House, name: str, **roles: Person) -> dict:
    """A manager opens a deal from the purchase template."""
    manager = house.person(MANAGER)
    template = next(t for t in manager.get("/project-templates")["results"] if t["kind"] == "purchase")
    return manager.post(
        "/projects",
        {
            "name": name,
            "kind": "purchase",
            "address": "12 Harbour Street",
            "starts_on": datetime.now(NEW_YORK).date().isoformat(),
            "template": template["id"],
            "roles": {role: person.id for role, person in roles.items()},
        },
    )


def tasks_of(person: Person, project: dict) -> dict[str, dict]:
    rows = person.get("/tasks", project=project["id"], limit=200)["results"]
    return {row["name"]: row for row in rows}


def mailed(receiver: SmtpReceiver, address: str, words: str) -> list:
    return [mail for mail in list(receiver.messages) if address in mail.to and words in mail["Subject"]]


def test_a_deal_opened_from_a_template_reaches_the_assignee_in_inbox_socket_and_mail(house, post_office):
    agent = house.person(AGENT)
    with agent.listening() as ear:
        project = open_deal(house, "1 First Street", buyer_agent=agent)
        told = ear.until_told("task.assigned", project="1 First Street")
    tasks = tasks_of(agent, project)
    assert len(tasks) > 10
    assert any(row["blocked_by"] for row in tasks.values())
    assert told["data"]["id"] in {row["id"] for row in agent.inbox()}
    (mail,) = eventually(lambda: mailed(post_office, AGENT, told["data"]["title"]))
    assert mail["Message-ID"]
    eventually(lambda: agent.get(f"/notifications/{told['data']['id']}/deliveries")["results"][0]["state"] == "sent")


def a_task_and_the_one_that_waits_for_it(tasks: dict[str, dict], doer: Person, waiter: Person) -> tuple[dict, dict]:
    """A free task of ``doer`` and one of ``waiter`` that waits for it alone."""
    free = {row["id"]: row for row in tasks.values() if row["assignees"] == [doer.id] and not row["blocked_by"]}
    waiting = (row for row in tasks.values() if row["assignees"] == [waiter.id] and len(row["blocked_by"]) == 1)
    return next((free[row["blocked_by"][0]["id"]], row) for row in waiting if row["blocked_by"][0]["id"] in free)


def test_a_blocked_task_is_refused_and_a_completed_one_frees_the_next_and_earns_points(house, post_office):
    agent, coordinator = house.person(AGENT), house.person(COORDINATOR)
    project = open_deal(house, "2 Second Street", buyer_agent=agent, coordinator=coordinator)
    first, blocked = a_task_and_the_one_that_waits_for_it(tasks_of(agent, project), agent, coordinator)
    refused = agent.post(f"/tasks/{blocked['id']}/complete", expect=409)
    assert refused["errors"][0]["code"] == "blocked_by"
    assert first["id"] in [row["id"] for row in refused["tasks"]]
    before = agent.get("/gamification/me")["score"]
    with agent.listening() as mine, coordinator.listening() as theirs:
        agent.post(f"/tasks/{first['id']}/complete", expect=200)
        assert theirs.until_told("task.unblocked", task_id=blocked["id"])
        assert mine.until_room("points.awarded")["data"]["points"] > 0
    assert agent.get("/gamification/me")["score"] > before


def test_a_first_task_earns_an_achievement_that_arrives_live(house):
    newcomer = house.person("ada@harbourhill.example")
    project = open_deal(house, "3 Third Street", buyer_agent=newcomer)
    tasks = tasks_of(newcomer, project)
    first = next(row for row in tasks.values() if newcomer.id in row["assignees"] and not row["blocked_by"])
    with newcomer.listening() as ear:
        newcomer.post(f"/tasks/{first['id']}/complete", expect=200)
        told = ear.until_told("achievement.earned")
    assert (told["data"]["category"], told["unread"] >= 1) == ("achievements", True)


def showing(person: Person, title: str, start: datetime, **fields) -> dict:
    calendar = next(row for row in person.get("/calendars")["results"] if row["access"] in {"manage", "write"})
    body = {
        "calendar": calendar["id"],
        "title": title,
        "starts_at": start.replace(tzinfo=None).isoformat(timespec="seconds"),
        "timezone": "America/New_York",
        "duration_minutes": 30,
        **fields,
    }
    return person.post("/events/recurring" if "recurrence" in fields else "/events", body)


def before_the_clocks_change() -> datetime:
    """A Monday, 09:00 in New York, two to three weeks before the next change of clocks that is a month away."""
    day = datetime.now(NEW_YORK).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=30)
    while (day + timedelta(days=1)).utcoffset() == day.utcoffset():
        day += timedelta(days=1)
    return day - timedelta(days=14 + day.weekday())


def test_a_weekly_showing_keeps_its_hour_over_the_change_of_clocks_and_its_room_is_nobody_elses(house):
    manager = house.person(MANAGER)
    start = before_the_clocks_change()
    weekly = showing(manager, "Weekly showing", start, recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=6")
    window = {"from": start.date().isoformat(), "to": (start.date() + timedelta(days=60)).isoformat()}
    dates = manager.get("/occurrences", event=weekly["id"], **window)["results"]
    assert [row["local_starts_at"][11:16] for row in dates] == ["09:00"] * 6
    instants = [datetime.fromisoformat(row["starts_at"]) for row in dates]
    assert {instant.astimezone(NEW_YORK).hour for instant in instants} == {9}
    assert {instant.astimezone(UTC).hour for instant in instants} == {13, 14}

    room = next(row for row in manager.get("/resources", kind="room")["results"] if "iewing" in row["name"])
    manager.post(f"/events/{weekly['id']}/resources/{room['id']}/book")
    rival = showing(manager, "Rival showing", start + timedelta(days=14, minutes=15))
    refused = manager.post(f"/events/{rival['id']}/resources/{room['id']}/book", expect=409)
    assert refused["errors"][0]["code"] == "booking_conflict"
    assert len(refused["conflicts"]) == 1


def test_a_reminder_reaches_the_agent_once_in_inbox_socket_and_mail(house, post_office):
    agent = house.person(AGENT)
    soon = datetime.now(NEW_YORK) + timedelta(minutes=60, seconds=5)
    with agent.listening() as ear:
        event = showing(
            agent, "Key handover", soon, reminders=[{"minutes_before": 60, "channels": ["in_app", "email"]}]
        )
        told = ear.until_told("reminder.due", event_id=event["id"])
    eventually(lambda: mailed(post_office, AGENT, "Key handover"))
    about_it = [
        row for row in agent.inbox() if row["kind"] == "reminder.due" and row["data"]["event_id"] == event["id"]
    ]
    assert [row["id"] for row in about_it] == [told["data"]["id"]]
    assert len(mailed(post_office, AGENT, "Key handover")) == 1


def test_the_mail_integration_is_healthy_and_its_secret_shows_nowhere(house, post_office):
    manager = house.person(MANAGER)
    ours = next(row for row in manager.get("/integrations")["results"] if row["name"] == "Our post office")
    assert ours["status"] == "active"
    assert ours["health"]["score"] > 0
    shown = [ours, manager.get("/integrations/health"), manager.get(f"/integrations/{ours['id']}/logs")]
    assert shown[2]["results"]
    assert MAIL_PASSWORD not in f"{shown}{house.logs()}"


def test_a_dropped_socket_resumes_with_exactly_what_it_missed(house):
    agent = house.person(AGENT)
    project = open_deal(house, "4 Fourth Street", buyer_agent=agent)
    free = [row for row in tasks_of(agent, project).values() if agent.id not in row["assignees"]][:3]
    settle(house)
    with agent.listening() as ear:
        epoch, seq = ear.hello["epoch"], ear.hello["seq"]
    for task in free:
        house.person(MANAGER).post(f"/tasks/{task['id']}", {"assignees": [agent.id]}, method="PATCH", expect=200)
    eventually(lambda: agent.get("/notifications/unread-count")["seq"] == seq + 3)
    with agent.listening() as ear:
        ear.say(type="resume", epoch=epoch, last_seq=seq)
        ear.until(lambda frame: frame["type"] == "replayed")
    assert _seqs(ear) == [seq + 1, seq + 2, seq + 3]


def test_a_socket_that_is_idle_for_longer_than_any_client_library_waits_still_hears(house):
    agent = house.person(AGENT)
    settle(house)
    with agent.listening() as ear:
        with pytest.raises(TimeoutError):
            ear.socket.recv(timeout=12)
        open_deal(house, "6 Sixth Street", buyer_agent=agent)
        assert ear.until_told("task.assigned", project="6 Sixth Street")


def test_a_server_killed_before_its_reactions_ran_makes_good_for_all_of_it_once(house):
    agent, manager = house.person(AGENT), house.person(MANAGER)
    project = open_deal(house, "5 Fifth Street", buyer_agent=agent)
    tasks = tasks_of(agent, project)
    mine = next(row for row in tasks.values() if agent.id in row["assignees"] and not row["blocked_by"])
    others = [row for row in tasks.values() if agent.id not in row["assignees"]][:2]
    settle(house)
    with agent.listening() as ear:
        epoch, seq = ear.hello["epoch"], ear.hello["seq"]
    lines_before = {line["id"] for line in ledger(agent)}
    for task in others:
        manager.post(f"/tasks/{task['id']}", {"assignees": [agent.id]}, method="PATCH", expect=200)
    agent.post(f"/tasks/{mine['id']}/complete", expect=200)
    house.kill()
    house.start()
    with agent.listening(f"?epoch={epoch}&since={seq}") as ear:
        for task in others:
            _until_heard(ear, "task.assigned", task_id=task["id"])
    settle(house)
    about = [row["data"].get("task_id") for row in agent.inbox() if row["kind"] == "task.assigned"]
    assert [about.count(task["id"]) for task in others] == [1, 1]
    fresh = [line for line in ledger(agent) if line["id"] not in lines_before]
    # What the act completed beside it, an achievement, is another matter: each of those once, too.
    awards = [line["award"] for line in fresh if line["award"]]
    assert len(awards) == len(set(awards))
    earned = [line for line in fresh if line["kind"] == "activity"]
    assert {line["title"] for line in earned} == {mine["name"]}
    # One line for each thing the act counts as: done, and perhaps done on time.
    assert len({line["event"] for line in earned}) == len(earned) in {1, 2}
    assert _seqs(ear) == sorted(set(_seqs(ear)))


def ledger(person: Person) -> list[dict]:
    """Their newest points."""
    rows = person.get("/gamification/ledger", limit=200)["results"]
    return [line for line in rows if line["currency"] == "score"]


def _until_heard(ear: Ear, kind: str, **data) -> None:
    def about_it(frame: dict) -> bool:
        told = frame.get("data", {})
        return frame["type"] == "event" and told["kind"] == kind and data.items() <= told["data"].items()

    if not any(about_it(frame) for frame in ear.heard):
        ear.until(about_it, within=40)


def _seqs(ear: Ear) -> list[int]:
    return [frame["seq"] for frame in ear.heard if frame["type"] == "event"]


def settle(house: House) -> None:
    """Wait until every reaction to everything so far has run."""

    def is_settled() -> bool:
        return "\nestateman_unsettled_activities 0.0\n" in httpx.get(f"{house.act_on}/metrics").text

    eventually(is_settled, within=40)
