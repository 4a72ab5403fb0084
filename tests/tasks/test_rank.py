"""Places between places."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tasks.ranking import GAP, rank_between

RANKS = st.integers(-(2**60), 2**60)


@given(RANKS, RANKS)
def test_a_rank_lies_between_its_neighbours_or_there_is_none_left(one, other):
    above, below = min(one, other), max(one, other)
    rank = rank_between(above, below)
    assert (rank is None) == (below - above < 2)
    assert rank is None or above < rank < below


@given(RANKS)
def test_a_column_is_open_at_both_ends(rank):
    assert rank_between(None, rank) == rank - GAP
    assert rank_between(rank, None) == rank + GAP


def test_an_empty_column_has_a_first_place():
    assert rank_between(None, None) == 0


class Column:
    """A column as the database keeps it: cards by rank, numbered anew when no rank is left."""

    def __init__(self):
        self.cards: list[int] = []
        self.ranks: dict[int, int] = {}
        self.renumberings = 0

    def drop(self, card, place):
        """Put ``card`` so that it stands at ``place``."""
        if card in self.ranks:
            self.cards.remove(card)
        above = self.ranks[self.cards[place - 1]] if place else None
        below = self.ranks[self.cards[place]] if place < len(self.cards) else None
        rank = rank_between(above, below)
        if rank is None:
            self.ranks = {each: number * GAP for number, each in enumerate(self.cards)}
            self.renumberings += 1
            rank = rank_between(self.ranks[self.cards[place - 1]], self.ranks[self.cards[place]])
        assert rank is not None
        self.cards.insert(place, card)
        self.ranks[card] = rank

    def is_in_order(self):
        return all(self.ranks[above] < self.ranks[below] for above, below in pairwise(self.cards))


@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_dropping_anywhere_in_any_order_keeps_the_order_that_was_asked_for(drops):
    column = Column()
    for card, drop in enumerate(drops):
        column.drop(card, drop % (len(column.cards) + 1))
        assert column.is_in_order()


def test_ten_thousand_drops_into_one_spot_keep_the_order_and_renumber_every_32nd_time():
    column = Column()
    for card in range(100):
        column.drop(card, card)
    for number in range(10_000):
        column.drop(column.cards[-1], 1)
        assert column.is_in_order() or number % 100
    assert column.is_in_order()
    assert len(column.cards) == 100
    assert column.renumberings <= 10_000 / 32


def test_thirty_two_drops_into_one_spot_fit_before_a_column_is_numbered_anew():
    above, below, drops = 0, GAP, 0
    while (middle := rank_between(above, below)) is not None:
        below, drops = middle, drops + 1
    assert drops == 32
