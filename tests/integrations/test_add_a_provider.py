"""A provider is one file: put it in, and it is found, described, built, used and held to the rules of all."""

import re
import sys
from pathlib import Path

import pytest
from django.conf import settings

from integrations import providers, registry, services
from integrations.demo import SANDBOXES, load_integrations
from integrations.models import Integration, Mode
from tests.support.http import HttpServer, Reply
from tests.support.letters import letter
from tests.support.provider_contract import RULES, Subject

KEY = "example-key-0123456789"


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The provider of docs/adding-a-provider.md, put in beside those there are."""
    registry.all_providers()
    page = Path(settings.BASE_DIR) / "docs" / "adding-a-provider.md"
    (code,) = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "_providers", dict(registry._providers))
    registry._discover.cache_clear()
    yield registry.find_provider("example")
    registry._discover.cache_clear()
    sys.modules.pop("integrations.providers.example", None)


def test_a_file_put_in_is_a_provider(example, manager, api):
    with HttpServer() as post:
        post.answer("GET", "/account", Reply(200, {"name": "Harbour Homes"}))
        post.answer("POST", "/messages", Reply(202, {"id": 7, "note": f"sent with {KEY}"}))
        made = services.create_integration(
            provider="example",
            name="Example",
            config={"domain": "harbour.example", "api_url": post.url},
            credentials={"api_key": KEY},
            by=manager,
        )
        assert services.test_integration(made, by=manager).detail == "Example Post knows us as Harbour Homes."
        result = services.send_email(**letter())
    assert (result.provider, result.provider_message_id) == ("example", "7")
    assert post.asked[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(made.logs.values_list("detail", flat=True))
    listed = api(manager).get("/api/v1/integrations/providers").data["results"]
    assert "Example Post" in [one["label"] for one in listed]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_is_held_to_the_rules_of_all(example, rule):
    rule(Subject(example, {"domain": "harbour.example"}, {"api_key": KEY}))


def test_the_demo_has_each_sandbox_once(manager, agent):
    for _ in range(2):
        load_integrations(staff={"alex": agent, "maria": manager})
    assert sorted(Integration.objects.values_list("provider", flat=True)) == sorted(SANDBOXES)
    assert set(Integration.objects.values_list("mode", flat=True)) == {Mode.SANDBOX}
    assert services.send_email(**letter()).provider == "sandbox"
