"""What waits for what in a project, as a graph, and whether it goes round in a circle. On plain ids.

A task with sub-tasks has two ends: what it waits for holds its ``start`` and so all its sub-tasks, and what waits for
it waits for its ``finish``, to which all its sub-tasks lead. Any other task is one node, and so is a key date.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Set
from typing import Literal, NamedTuple, TypeVar

Place = TypeVar("Place", bound=Hashable)
Thing = tuple[Literal["task", "key_date"], int]


class Node(NamedTuple):
    """A task, one end of a task with sub-tasks, or a key date."""

    kind: Literal["task", "start", "finish", "key_date"]
    id: int

    @property
    def is_task(self) -> bool:
        return self.kind != "key_date"


Edge = tuple[Node, Node]


class Waiting:
    """All that waits in one project: by dependencies, as parts of a whole, and by date rules.

    ``parents`` has each sub-task's parent. ``waits`` are (predecessor, successor), whatever their type: tasks that wait
    for each other's starts wait, too. ``rules`` are (what is counted from, what moves).
    """

    def __init__(
        self,
        parents: Mapping[int, int],
        waits: Iterable[tuple[int, int]] = (),
        rules: Iterable[tuple[Thing, Thing]] = (),
    ) -> None:
        self._wholes = frozenset(parents.values())
        self.edges = [edge for part in parents.items() for edge in self.edges_of_part(*part)]
        self.edges += [self.edge_of_wait(*wait) for wait in waits]
        self.edges += [self.edge_of_rule(*rule) for rule in rules]

    def start(self, task: int) -> Node:
        return Node("start" if task in self._wholes else "task", task)

    def finish(self, task: int) -> Node:
        return Node("finish" if task in self._wholes else "task", task)

    def edges_of_part(self, part: int, whole: int) -> tuple[Edge, Edge]:
        return (self.start(whole), self.start(part)), (self.finish(part), self.finish(whole))

    def edge_of_wait(self, predecessor: int, successor: int) -> Edge:
        return self.finish(predecessor), self.start(successor)

    def edge_of_rule(self, anchor: Thing, target: Thing) -> Edge:
        before = self.finish(anchor[1]) if anchor[0] == "task" else Node(*anchor)
        return before, self.start(target[1]) if target[0] == "task" else Node(*target)

    def downstream(self, seeds: Iterable[Node]) -> set[Node]:
        """The ``seeds`` and all that waits for them."""
        following = _following(self.edges)
        reached = set(seeds)
        front = list(reached)
        for node in front:  # grows while it is walked
            fresh = [after for after in following.get(node, ()) if after not in reached]
            reached.update(fresh)
            front.extend(fresh)
        return reached


def find_cycle(edges: Iterable[tuple[Place, Place]], new_edge: tuple[Place, Place]) -> list[Place] | None:
    """The circle that ``new_edge`` would close among ``edges``.

    An edge is (predecessor, successor), whatever its type: tasks that wait for each other's starts
    wait in a circle, too. Returns the nodes in order from the new predecessor on, each once: every
    one precedes the next, and the last precedes the first. Of several circles a shortest one; None
    when there is none. ``edges`` themselves are taken to be free of circles.
    """
    predecessor, successor = new_edge
    if predecessor == successor:
        return [predecessor]
    back = _shortest_path(edges, successor, predecessor)
    return None if back is None else [predecessor, *back[:-1]]


def find_circle(edges: Iterable[tuple[Place, Place]]) -> list[Place] | None:
    """Any circle among ``edges``, each node preceding the next and the last the first; None when there is none."""
    edges = list(edges)
    stuck = _waiting_forever(edges)
    stuck = _waiting_forever([(after, before) for before, after in edges if before in stuck and after in stuck])
    if not stuck:
        return None
    following = _following((before, after) for before, after in edges if before in stuck and after in stuck)
    node = next(before for before, _ in edges if before in stuck)
    walked: dict[Place, int] = {}
    while node not in walked:
        walked[node] = len(walked)
        node = following[node][0]
    return list(walked)[walked[node] :]


def _waiting_forever(edges: Iterable[tuple[Place, Place]]) -> Set[Place]:
    """What is left when all that waits for nothing is taken away, again and again."""
    following = _following(edges)
    waiting: dict[Place, int] = defaultdict(int)
    for afters in following.values():
        for after in afters:
            waiting[after] += 1
    ready = [node for node in following if node not in waiting]
    for node in ready:  # grows while it is walked
        for after in following.get(node, ()):
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return {node for node, count in waiting.items() if count}


def _following(edges: Iterable[tuple[Place, Place]]) -> dict[Place, list[Place]]:
    following: dict[Place, list[Place]] = defaultdict(list)
    for before, after in edges:
        following[before].append(after)
    return following


def _shortest_path(edges: Iterable[tuple[Place, Place]], start: Place, goal: Place) -> list[Place] | None:
    following = _following(edges)
    came_from: dict[Place, Place] = {start: start}
    front = [start]
    while front and goal not in came_from:
        reached: list[Place] = []
        for node in front:
            for after in following.get(node, ()):
                if after not in came_from:
                    came_from[after] = node
                    reached.append(after)
        front = reached
    return _walk_back(came_from, start, goal) if goal in came_from else None


def _walk_back(came_from: Mapping[Place, Place], start: Place, goal: Place) -> list[Place]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
