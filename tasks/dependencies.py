"""Whether a new dependency would close a circle, on plain pairs of ids."""

from collections import defaultdict
from collections.abc import Iterable

Edge = tuple[int, int]


def find_cycle(edges: Iterable[Edge], new_edge: Edge) -> list[int] | None:
    """The circle that ``new_edge`` would close among ``edges``.

    An edge is (predecessor, successor), whatever its type: tasks that wait for each other's starts
    wait in a circle, too. Returns the ids in order from the new predecessor on, each once: every
    one precedes the next, and the last precedes the first. Of several circles a shortest one; None
    when there is none. ``edges`` themselves are taken to be free of circles.
    """
    predecessor, successor = new_edge
    if predecessor == successor:
        return [predecessor]
    back = _shortest_path(edges, successor, predecessor)
    return None if back is None else [predecessor, *back[:-1]]


def _shortest_path(edges: Iterable[Edge], start: int, goal: int) -> list[int] | None:
    following: dict[int, list[int]] = defaultdict(list)
    for before, after in edges:
        following[before].append(after)
    came_from: dict[int, int] = {start: start}
    front = [start]
    while front and goal not in came_from:
        reached: list[int] = []
        for node in front:
            for after in following[node]:
                if after not in came_from:
                    came_from[after] = node
                    reached.append(after)
        front = reached
    return _walk_back(came_from, start, goal) if goal in came_from else None


def _walk_back(came_from: dict[int, int], start: int, goal: int) -> list[int]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
