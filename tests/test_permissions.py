"""Who may do what: every route with every role. The tables stand in tests/permissions/, one per app."""

import json

import pytest
from django.apps import apps
from rest_framework.response import Response

from tests.permissions.routes import ROUTES, TABLES
from tests.permissions.table import ROLES, Row, operations
from tests.permissions.world import World, standing_world, undone

OURS = ("common", "activity", "people", "integrations", "tasks", "events", "gamification", "notifications")
REFUSED = {401, 403, 404}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), standing_world() as made:
        yield made


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(ROUTES) == set(operations())
    assert len(ROUTES) == sum(len(table.ROUTES) for table in TABLES)


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(ROUTES))
def test_each_role_gets_what_the_table_says(world, route):
    row, before = ROUTES[route], everything()
    answers = {}
    for role in ROLES:
        with undone():
            answers[role] = answer = ask(world, role, route, row)
            if answer.status_code in REFUSED:
                assert everything() == before, f"refused to {role}, yet something changed"
    assert {role: answer.status_code for role, answer in answers.items()} == row.statuses, details(answers)
    if row.shows:
        assert who_is_shown(world, row, answers) == who_is_answered(row) - set(row.hidden_from.split())


def ask(world: World, role: str, route: str, row: Row) -> Response:
    """What ``role`` is answered on ``route``, with the row's body."""
    method, path = route.split()
    address = path.format(**world.ids_in(path, row.of))
    query = row.query.format(**world.things)
    body = world.fill(row.body) if row.body is not None else None
    send = getattr(world.clients[role], method.lower())
    answer: Response = send(f"{address}?{query}", body, headers=row.headers, format=row.format)
    answer.getvalue()  # a file is read to its end, as everyone outside would
    return answer


def everything() -> dict[str, list[tuple]]:
    """Every row of every table of ours."""
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


def who_is_answered(row: Row) -> set[str]:
    return {role for role, status in row.statuses.items() if status == 200}


def who_is_shown(world: World, row: Row, answers: dict[str, Response]) -> set[str]:
    """The roles whose list has the row's thing."""
    name, thing = row.shows.split("=")
    return {
        role
        for role in who_is_answered(row)
        if any(entry[name] == world.things[thing] for entry in entries(answers[role]))
    }


def entries(answer: Response) -> list[dict]:
    found = json.loads(answer.content)
    return found if isinstance(found, list) else found["results"]


def details(answers: dict[str, Response]) -> str:
    return "\n".join(f"{role}: {answer.status_code} {answer.content[:300]!r}" for role, answer in answers.items())
