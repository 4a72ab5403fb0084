"""Our one-step dj-stripe migrations end exactly where upstream's do, and can be carried on.

Upstream's own three migrations take about a minute, so the tables are held against upstream's
models instead, which those migrations are known to match.
"""

import pkgutil
from collections.abc import Callable, Iterable
from typing import Any

import djstripe.migrations
import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from integrations import djstripe_migrations

Model = Any  # the stubs know too little of _meta to help here
DJSTRIPE_MODELS: list[Model] = list(apps.get_app_config("djstripe").get_models(include_auto_created=True))


def by_table(facts: Callable[[Model], object]) -> dict[str, object]:
    return {model._meta.db_table: facts(model) for model in DJSTRIPE_MODELS}


def constraints_of(model: Model) -> list[Any]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return list(found.values())


def column_names(model: Model, field_names: Iterable[str]) -> frozenset[str]:
    return frozenset(model._meta.get_field(name).column for name in field_names)


@pytest.mark.django_db
def test_every_model_has_its_table_and_no_table_is_left_over() -> None:
    tables = connection.introspection.table_names()
    ours = {table for table in tables if table.startswith("djstripe_")}
    assert ours == {model._meta.db_table for model in DJSTRIPE_MODELS}


@pytest.mark.django_db
def test_every_table_has_exactly_the_columns_of_its_model_and_their_nullability() -> None:
    def nullable_by_column(model: Model) -> dict[str, bool]:
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, model._meta.db_table)
        return {column.name: bool(column.null_ok) for column in table}

    assert by_table(nullable_by_column) == by_table(
        lambda model: {field.column: field.null for field in model._meta.local_concrete_fields}
    )


@pytest.mark.django_db
def test_every_table_keeps_unique_what_its_model_does() -> None:
    def declared(model: Model) -> set[frozenset[str]]:
        meta = model._meta
        single = {frozenset([field.column]) for field in meta.local_concrete_fields if field.unique}
        groups = [*meta.unique_together, *(each.fields for each in meta.total_unique_constraints)]
        return single | {column_names(model, group) for group in groups}

    def found(model: Model) -> set[frozenset[str]]:
        return {
            frozenset(constraint["columns"])
            for constraint in constraints_of(model)
            if constraint["unique"] or constraint["primary_key"]
        }

    assert by_table(found) == by_table(declared)


@pytest.mark.django_db
def test_every_table_points_where_its_model_does() -> None:
    def declared(model: Model) -> dict[str, tuple[str, str]]:
        return {
            field.column: (field.target_field.model._meta.db_table, field.target_field.column)
            for field in model._meta.local_concrete_fields
            if field.remote_field and field.db_constraint
        }

    def found(model: Model) -> dict[str, tuple[str, str]]:
        constraints = [each for each in constraints_of(model) if each["foreign_key"]]
        return {each["columns"][0]: each["foreign_key"] for each in constraints}

    assert by_table(found) == by_table(declared)


@pytest.mark.django_db
def test_every_table_has_the_indexes_of_its_model() -> None:
    def missing(model: Model) -> set[tuple[str, ...]]:
        fields = model._meta.local_concrete_fields
        declared: set[tuple[str, ...]] = {(field.column,) for field in fields if field.db_index and not field.unique}
        declared |= {tuple(column_names(model, index.fields)) for index in model._meta.indexes}
        return declared - {tuple(each["columns"]) for each in constraints_of(model) if each["index"]}

    assert by_table(missing) == by_table(lambda _: set())


def test_the_migrations_leave_nothing_to_detect() -> None:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    assert detector.changes(loader.graph, trim_to_apps={"djstripe"}) == {}


def test_the_migrations_in_use_are_ours_and_bear_the_names_of_upstreams() -> None:
    in_use = MigrationLoader(None).disk_migrations
    modules = {name: migration.__module__ for (app, name), migration in in_use.items() if app == "djstripe"}
    upstream = {module.name for module in pkgutil.iter_modules(djstripe.migrations.__path__)}
    assert modules == {name: f"{djstripe_migrations.__name__}.{name}" for name in upstream}


def test_the_history_ends_in_upstreams_newest_migration() -> None:
    upstream = max(module.name for module in pkgutil.iter_modules(djstripe.migrations.__path__))
    assert MigrationLoader(None).graph.leaf_nodes("djstripe") == [("djstripe", upstream)]
