"""The docs name everything there is, and nothing that isn't."""

import ast
import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from estateman.activity.facts import known_kinds
from estateman.activity.reactions import reactions_by_kind
from estateman.celery import app as queue
from integrations.registry import all_providers
from tests.permissions.table import operations

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
READERS = {"env_text", "env_bool", "env_int", "env_list", "env_rate", "kept_secret"}
# They stand above the table instead of in the row of every kind.
OF_EVERY_KIND = ("notifications.reactions.show_in_rooms", "integrations.reactions.tell_subscribers")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def rows(text: str) -> list[str]:
    """The rows of the tables in ``text`` that name something in code first."""
    return [line for line in text.splitlines() if line.startswith("| `")]


def named(text: str) -> list[str]:
    """What the first cells of those rows name."""
    return [name for row in rows(text) for name in code(row.split("|")[1])]


def test_every_route_is_in_the_api_page_once_and_no_other():
    assert sorted(named(page("api.md"))) == sorted(operations())


def test_routes_that_other_pages_mention_exist():
    routes = {name for text in texts() for name in re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /api/v1/[^`?]*)", text)}
    assert routes <= set(operations())


def texts() -> Iterator[str]:
    for path in (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        yield path.read_text(encoding="utf-8")


def kinds_part() -> str:
    return page("activities.md").partition("\n## Kinds\n")[2]


def test_every_kind_of_activity_is_in_its_page_once_and_no_other():
    announced = [kind for kind in known_kinds() if not kind.startswith("test.")]
    assert sorted(named(kinds_part())) == announced


def test_every_field_of_an_activity_is_said_in_its_row_or_above_its_table():
    for section in kinds_part().split("\n### ")[1:]:
        for row in rows(section):
            fact = known_kinds()[code(row)[0]]
            said = {*code(section.partition("\n|")[0]), *code(row)}
            assert {field.name for field in dataclasses.fields(fact)} - {"by_id"} <= said, fact.kind


def test_every_reaction_is_said_with_its_kinds():
    reactions: dict[str, set[str]] = {}
    for kind, names in reactions_by_kind().items():
        for name in names:
            reactions.setdefault(name, set()).add(kind)
    part = page("activities.md").partition("\n## Kinds\n")[0]
    for name in OF_EVERY_KIND:
        assert reactions.pop(name) == set(known_kinds())
        assert f"`{name}`" in part
    assert {code(row)[0]: set(code(row.split("|")[2])) for row in rows(part)} == reactions


def test_every_job_is_said_with_its_schedule():
    queue.autodiscover_tasks(related_name="jobs", force=True)
    text = page("jobs.md")
    assert sorted(named(text)) == sorted(name for name in queue.tasks if not name.startswith("celery."))
    every = {code(row)[0]: row for row in rows(text)}
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    for entry in schedule.values():
        assert in_words(entry["schedule"]) in every[entry["task"]]


def in_words(seconds: float) -> str:
    return f"every {seconds:g} s" if seconds < 3600 else f"every {seconds / 3600:g} hours"


def test_every_provider_is_said_and_no_other():
    sentence = re.search(r"^Providers that exist: .*?\n\n", page("adding-a-provider.md"), re.MULTILINE | re.DOTALL)
    assert sentence
    assert sorted(code(sentence[0])) == sorted(provider.name for provider in all_providers())


def test_every_setting_is_said_and_no_other():
    assert sorted(named(page("settings.md"))) == sorted(settings_read())


def settings_read() -> set[str]:
    """The names of the environment variables that estateman/settings.py asks for."""
    tree = ast.parse((ROOT / "estateman" / "settings.py").read_text(encoding="utf-8"))
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in READERS
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_dependency_has_its_reason_and_no_other_is_named():
    reasoned = [
        (name.lower(), note == "npm")
        for line in page("dependencies.md").splitlines()
        if line.startswith("| ") and not line.startswith("| package ")
        for name, note in re.findall(r"([\w@/.-]+)(?:\[[^\]]*\])?(?: \(([^)]*)\))?(?:, |$)", line.split("|")[1].strip())
    ]
    assert sorted(reasoned) == sorted([*((name, False) for name in required()), *((name, True) for name in npm())])


def required() -> list[str]:
    lines = [line for path in ROOT.glob("requirements*.in") for line in path.read_text(encoding="utf-8").splitlines()]
    return [re.split(r"[\[<>=~! ]", line)[0].lower() for line in lines if re.match(r"\w", line)]


def npm() -> list[str]:
    lists = [ROOT / "package.json", ROOT / "tests" / "standins" / "package.json"]
    return [name for path in lists for name in json.loads(path.read_text(encoding="utf-8"))["dependencies"]]


@pytest.mark.parametrize(
    "path", [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda p: p.name
)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
