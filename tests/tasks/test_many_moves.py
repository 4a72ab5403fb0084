"""Many moves, many movers and many cards: the order stays total, and a move stays cheap."""

import random
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks import ranking, services
from tasks.board import board
from tasks.models import BoardColumn, Task
from tasks.services.placing import Spot, rank_at
from tasks.services.refusals import WipLimitExceeded

MOVERS, MOVES = 8, 200


@pytest.fixture
def backlog(column):
    return column("Backlog")


@pytest.fixture
def fill(deal, backlog):
    """``fill(5000)``: so many cards in the backlog, in the order of their names."""

    def make(count):
        Task.objects.bulk_create(
            Task(project=deal, column=backlog, key=f"C-{number}", name=f"{number:05}", rank=number * ranking.GAP)
            for number in range(count)
        )
        return list(backlog.tasks.order_by("rank").select_related("project"))

    return make


def order(column):
    return list(column.tasks.order_by("rank", "pk").values_list("name", flat=True))


def updates_of_tasks(queries):
    return [each["sql"] for each in queries if each["sql"].startswith('UPDATE "tasks"')]


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_eight_who_move_two_hundred_times_each_lose_no_card_and_all_see_one_order(
    fill, backlog, agent, viewer, api, in_threads
):
    cards, deal = fill(40), backlog.project
    names = {card.name for card in cards}

    def move(number):
        chance = random.Random(number)
        for _ in range(MOVES):
            task, beside = chance.sample(cards, 2)
            side = chance.choice(("before", "after"))
            services.move_task(Task.objects.get(pk=task.pk), column=backlog, by=agent, **{side: beside})

    def watch():
        for _ in range(MOVES // 4):
            seen = [card.name for card in board(deal).columns[0].cards]
            assert Counter(seen) == Counter(names)

    assert in_threads(MOVERS + 1, lambda number: move(number) if number < MOVERS else watch()) == [None] * 9
    ranks = list(backlog.tasks.values_list("rank", flat=True))
    assert len(ranks) == len(set(ranks)) == 40
    for reader in (agent, viewer):
        column = api(reader).get(f"/api/v1/tasks/kanban?project={deal.pk}").json()["columns"][0]
        assert [card["name"] for card in column["cards"]] == order(backlog)


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)  # in one transaction PostgreSQL would wade through all the rows that were
def test_ten_thousand_drops_into_one_spot_keep_the_order_that_was_asked_for(fill, backlog):
    """What ``move_task`` does to ranks, without what it tells people: each time the last card goes below the first."""
    cards = fill(20)
    first, *rest = cards
    for number in range(10_000):
        last = rest.pop()
        rank = rank_at(backlog, Spot(after=first), moving=last)
        backlog.tasks.filter(pk=last.pk).update(rank=rank)
        rest.insert(0, last)
        if number % 500 == 0:
            assert order(backlog) == [card.name for card in (first, *rest)]
    assert order(backlog) == [card.name for card in (first, *rest)]
    assert len(set(backlog.tasks.values_list("rank", flat=True))) == 20


def test_hundreds_of_drops_into_one_spot_by_people_keep_it_too(fill, backlog, agent):
    first, *rest = fill(10)
    for _ in range(200):
        last = rest.pop()
        services.move_task(last, column=backlog, after=first, by=agent)
        rest.insert(0, last)
    assert order(backlog) == [card.name for card in (first, *rest)]


@pytest.mark.django_db(transaction=True)
def test_eight_who_rush_into_a_limited_column_do_not_overfill_it(fill, column, agent, in_threads):
    cards = fill(8)
    BoardColumn.objects.filter(name="Waiting").update(wip_limit=3, wip_is_hard=True)
    waiting = column("Waiting")
    results = in_threads(8, lambda number: services.move_task(cards[number], column=waiting, by=agent))
    assert waiting.tasks.count() == 3
    assert sum(isinstance(result, WipLimitExceeded) for result in results) == 5


def test_a_move_in_a_column_of_thousands_writes_the_one_row(fill, backlog, agent):
    cards = fill(5000)
    with CaptureQueriesContext(connection) as queries:
        services.move_task(cards[4000], column=backlog, before=cards[1000], by=agent)
    (update,) = updates_of_tasks(queries)
    assert f'"tasks"."id" = {cards[4000].pk}' in update
    names = order(backlog)
    assert names[999:1002] == ["00999", "04000", "01000"]
    assert len(names) == 5000


def test_a_column_is_numbered_anew_in_one_statement_and_seldom(fill, backlog, agent):
    """Each drop into one spot halves the room; the thirty-third finds none, and makes room for all."""
    cards = fill(200)
    numbered = []
    for number in range(70):
        with CaptureQueriesContext(connection) as queries:
            services.move_task(cards[-1 - number], column=backlog, after=cards[0], by=agent)
        numbered += [number for each in queries if "ROW_NUMBER()" in each["sql"]]
    assert numbered == [32, 64]


def test_numbering_a_column_anew_leaves_the_others_and_the_deleted_alone(fill, backlog, column, agent, make_task):
    cards = fill(4)
    elsewhere = make_task("Elsewhere", column=column("Waiting"))
    Task.objects.filter(pk__in=[card.pk for card in cards]).update(rank=7)
    Task.objects.filter(pk=elsewhere.pk).update(rank=8)
    Task.objects.filter(pk=cards[1].pk).update(deleted_at="2026-05-04T12:00:00Z")
    services.move_task(cards[3], column=backlog, before=cards[2], by=agent)
    assert order(backlog) == ["00000", "00003", "00002"]
    assert Task.every.get(pk=cards[1].pk).rank == 7
    assert Task.objects.get(pk=elsewhere.pk).rank == 8
