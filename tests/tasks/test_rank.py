"""Places between places."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tasks.ranking import GAP, fresh_ranks, rank_between

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


@given(st.integers(0, 300))
def test_fresh_ranks_leave_room_everywhere(count):
    ranks = fresh_ranks(count)
    assert len(ranks) == count
    assert all(rank_between(above, below) for above, below in pairwise(ranks))


@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_dropping_anywhere_in_any_order_keeps_the_order_that_was_asked_for(drops):
    wanted: list[int] = []
    ranks: dict[int, int] = {}
    for card, drop in enumerate(drops):
        place = drop % (len(wanted) + 1)
        wanted.insert(place, card)
        above = ranks[wanted[place - 1]] if place else None
        below = ranks[wanted[place + 1]] if place + 1 < len(wanted) else None
        rank = rank_between(above, below)
        if rank is None:
            ranks = dict(zip(wanted, fresh_ranks(len(wanted)), strict=True))
        else:
            ranks[card] = rank
        assert sorted(wanted, key=ranks.__getitem__) == wanted


def test_twenty_drops_into_one_spot_fit_before_a_column_is_numbered_anew():
    above, below, drops = 0, GAP, 0
    while (middle := rank_between(above, below)) is not None:
        below, drops = middle, drops + 1
    assert drops == 20
