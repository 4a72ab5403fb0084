"""The inbox over REST."""

import pytest

from notifications.models import Category, Delivery, Notification
from notifications.services import Message, notify


@pytest.fixture
def tell():
    def put(user, count=1, **fields):
        start = Notification.objects.count()
        return [
            notify([user.pk], Message(**{"kind": "test", "category": Category.TASKS, "title": f"News {number}",
                                         "dedupe_key": f"n{start + number}", **fields}))[0]
            for number in range(count)
        ]  # fmt: skip

    return put


def test_my_inbox_is_newest_first_and_only_mine(api, agent, stranger, tell):
    tell(agent, 2)
    tell(stranger)
    answer = api(agent).get("/api/v1/notifications").json()
    assert [row["seq"] for row in answer["results"]] == [2, 1]
    assert set(answer["results"][0]) >= {
        "id",
        "seq",
        "kind",
        "category",
        "title",
        "body",
        "url",
        "actor",
        "created_at",
        "read_at",
    }


def test_after_seq_is_what_a_client_fetches_to_fill_a_gap(api, agent, tell):
    tell(agent, 5)
    rows = api(agent).get("/api/v1/notifications?after_seq=2&ordering=seq").json()["results"]
    assert [row["seq"] for row in rows] == [3, 4, 5]


def test_one_cause_is_told_once(agent, tell):
    assert len(tell(agent, dedupe_key="same")) == 1
    assert notify([agent.pk], Message(kind="test", category=Category.TASKS, title="Again", dedupe_key="same")) == []
    assert agent.stream.last_seq == 1


def test_people_who_left_are_not_told(agent, stranger):
    type(stranger).objects.filter(pk=stranger.pk).update(is_active=False)
    told = notify([agent.pk, stranger.pk], Message(kind="t", category=Category.TASKS, title="x", dedupe_key="d"))
    assert [row.user_id for row in told] == [agent.pk]


def test_read_and_unread_change_the_absolute_count(api, agent, tell):
    first, _ = tell(agent, 2)
    client = api(agent)
    assert client.post(f"/api/v1/notifications/{first.pk}/read").json()["read_at"]
    assert client.get("/api/v1/notifications/unread-count").json() == {"unread": 1, "seq": 2}
    assert client.post(f"/api/v1/notifications/{first.pk}/unread").json()["read_at"] is None
    assert len(client.get("/api/v1/notifications?state=unread").json()["results"]) == 2


def test_read_all_spares_what_came_after_the_reader_looked(api, agent, tell):
    tell(agent, 3)
    assert api(agent).put("/api/v1/notifications/read-all", {"upto_seq": 2}).json() == {"unread": 1, "seq": 3}
    assert api(agent).put("/api/v1/notifications/read-all").json() == {"unread": 0, "seq": 3}


def test_another_persons_notification_is_not_there(api, stranger, agent, tell):
    (mine,) = tell(agent)
    client = api(stranger)
    for path in ("", "/read", "/unread", "/deliveries"):
        method = client.post if path in {"/read", "/unread"} else client.get
        assert method(f"/api/v1/notifications/{mine.pk}{path}").status_code == 404


def test_what_is_switched_off_is_not_sent_but_stays_in_the_inbox(api, agent, tell):
    client = api(agent)
    answer = client.post("/api/v1/notifications/preferences", {"preferences": {"tasks": {"email": False}}})
    assert answer.json()["preferences"]["tasks"] == {"email": False}
    (row,) = tell(agent)
    assert not Delivery.objects.filter(notification=row).exists()
    tell(agent, category=Category.REMINDERS)
    assert Delivery.objects.count() == 1
    assert client.get("/api/v1/notifications/preferences").json()["preferences"]["reminders"] == {"email": True}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"preferences": []},
        {"preferences": {"weather": {"email": True}}},
        {"preferences": {"tasks": {"pigeon": True}}},
        {"preferences": {"tasks": {"email": "perhaps"}}},
    ],
)
def test_preferences_that_make_no_sense_change_nothing(api, agent, body):
    client = api(agent)
    before = client.get("/api/v1/notifications/preferences").json()
    answer = client.post("/api/v1/notifications/preferences", body)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")
    assert client.get("/api/v1/notifications/preferences").json() == before


@pytest.mark.parametrize("query", ["state=perhaps", "after_seq=x", "after_seq=-1", "category=weather"])
def test_filters_of_the_wrong_kind_are_named(api, agent, query):
    answer = api(agent).get(f"/api/v1/notifications?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == query.partition("=")[0]


@pytest.mark.parametrize("count", [3, 30])
def test_the_inbox_costs_the_same_queries_however_full(api, agent, manager, tell, count, django_assert_max_num_queries):
    tell(agent, count, actor_id=manager.pk)
    with django_assert_max_num_queries(2):
        api(agent).get("/api/v1/notifications")


@pytest.mark.django_db(transaction=True)
def test_seqs_have_no_hole_and_no_double_when_many_tell_at_once(agent, stranger, in_threads):
    def work(number):
        for turn in range(10):
            people = [agent.pk, stranger.pk] if number % 2 else [stranger.pk, agent.pk]
            notify(people, Message(kind="t", category=Category.TASKS, title="x", dedupe_key=f"{number}:{turn}"))

    assert set(in_threads(8, work)) == {None}
    for user in (agent, stranger):
        seqs = Notification.objects.filter(user=user).order_by("seq").values_list("seq", flat=True)
        assert list(seqs) == list(range(1, 81))
