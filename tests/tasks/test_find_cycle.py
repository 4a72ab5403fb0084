"""Circles among dependencies, held against a naive search."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.dependencies import Node, Waiting, find_circle, find_cycle

NODES = st.integers(0, 7)


@st.composite
def edges_without_circles(draw):
    """Edges that all run upwards under some hidden order, so that none of them closes a circle."""
    order = draw(st.permutations(range(8)))
    pairs = draw(st.sets(st.tuples(NODES, NODES), max_size=20))
    return [(order[low], order[high]) for low, high in pairs if low < high]


def reaches(edges, start, goal):
    """The naive way: spread until nothing new is reached."""
    reached = {start}
    while True:
        more = {after for before, after in edges if before in reached} - reached
        if not more:
            return goal in reached
        reached |= more


@given(edges_without_circles(), st.tuples(NODES, NODES))
def test_a_circle_is_found_exactly_when_the_new_successor_leads_back(edges, new_edge):
    predecessor, successor = new_edge
    assert (find_cycle(edges, new_edge) is not None) == reaches(edges, successor, predecessor)


@given(edges_without_circles(), st.tuples(NODES, NODES))
def test_the_circle_that_is_named_is_one(edges, new_edge):
    cycle = find_cycle(edges, new_edge)
    if cycle is not None:
        steps = set(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        assert cycle[0] == new_edge[0]
        assert len(set(cycle)) == len(cycle)
        assert steps <= {*edges, new_edge}


def test_a_task_that_waits_for_itself_is_the_smallest_circle():
    assert find_cycle([], (1, 1)) == [1]


def test_a_shortest_circle_is_named():
    edges = [(1, 2), (2, 3), (3, 4), (2, 4)]
    assert find_cycle(edges, (4, 1)) == [4, 1, 2]


def test_ten_thousand_tasks_in_a_row_are_no_trouble():
    chain = [(number, number + 1) for number in range(10_000)]
    assert find_cycle(chain, (10_000, 0)) is not None
    assert find_cycle(chain, (0, 10_000)) is None


@given(st.sets(st.tuples(NODES, NODES), max_size=16))
def test_any_circle_is_found_wherever_it_is(edges):
    circle = find_circle(edges)
    assert (circle is not None) == any(reaches(edges, after, before) for before, after in edges)
    if circle:
        assert set(zip(circle, [*circle[1:], circle[0]], strict=True)) <= edges


def test_a_circle_of_parents_is_one():
    assert find_circle(Waiting({1: 2, 2: 1}).edges) is not None


def test_a_whole_is_waited_for_with_its_parts_and_holds_them():
    waiting = Waiting({2: 1, 3: 2}, [(1, 4), (5, 1)], [(("key_date", 1), ("task", 5))])
    downstream = waiting.downstream([Node("key_date", 1)])
    assert {node.id for node in downstream if node.is_task} == {1, 2, 3, 4, 5}
    assert waiting.downstream([Node("task", 3)]) == {
        Node("task", 3),
        Node("finish", 2),
        Node("finish", 1),
        Node("task", 4),
    }
