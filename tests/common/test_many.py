"""Thousands of rows in one round trip."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from estateman.common import clock
from estateman.common.many import insert_many, update_many
from tasks import services
from tasks.models import BusinessCalendar, Closure, Project


def test_rows_are_added(db):
    calendar = BusinessCalendar.objects.create(key="office", name="Office")
    days = [date(2026, 5, day) for day in range(1, 31)]
    with CaptureQueriesContext(connection) as queries:
        insert_many(Closure, ("calendar", "on", "name"), ((calendar.pk, day, f"The {day.day}.") for day in days))
    assert len(queries) == 1
    assert list(calendar.closures.values_list("on", flat=True)) == days
    assert calendar.closures.get(on=days[0]).name == "The 1."


def test_each_row_gets_its_own_values(manager):
    deals = [services.open_project(name=name, kind="lease", by=manager) for name in ("One", "Two", "Three")]
    now = clock.now()
    values = {deals[0].pk: ("Uno", now), deals[2].pk: ("Tre", None)}
    update_many(Project, ("name", "archived_at"), values.items(), also="version = version + 1")
    found = Project.objects.order_by("pk").values_list("name", "archived_at", "version")
    assert list(found) == [("Uno", now, 2), ("Two", None, 1), ("Tre", None, 2)]


def test_nothing_is_no_query(db):
    with CaptureQueriesContext(connection) as queries:
        insert_many(Closure, ("name",), [])
        update_many(Project, ("name",), [])
    assert not queries.captured_queries
