"""A provider is one file: put it in, and it is found, described, built and used."""

import inspect
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from integrations import providers, registry, services
from integrations.demo import load_integrations
from integrations.models import Integration, Kind, Mode
from integrations.schema import settings_of
from tests.support.letters import letter

PIGEON = dedent('''
    """Carrier pigeons."""

    from dataclasses import dataclass

    from integrations.registry import provider
    from integrations.schema import Credential, setting
    from integrations.spi import Health, SendResult

    @dataclass(frozen=True)
    class PigeonConfig:
        loft: str = setting("Where the pigeons live")
        pigeons: int = setting("How many there are", default=2, least=1)

    @provider("pigeon", kind="email", label="Carrier pigeons", config=PigeonConfig,
              credentials=[Credential("whistle")])
    class Pigeon:
        def __init__(self, config, secrets, line):
            self.config, self.whistle = config, secrets["whistle"]

        def check(self):
            return Health(ok=True, detail=f"{self.config.pigeons} at {self.config.loft}")

        def send(self, message):
            detail = f"called with {self.whistle.reveal()}"
            return SendResult(provider="pigeon", provider_message_id="7", detail=detail)
''')


@pytest.fixture
def pigeon(tmp_path, monkeypatch):
    (tmp_path / "pigeon.py").write_text(PIGEON)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "_providers", dict(registry._providers))
    registry._discover.cache_clear()
    yield
    registry._discover.cache_clear()
    sys.modules.pop("integrations.providers.pigeon", None)


def test_a_file_put_in_is_a_provider(pigeon, manager, api):
    made = services.create_integration(
        provider="pigeon",
        name="Pigeons",
        config={"loft": "the roof"},
        credentials={"whistle": "three-long-two-short"},
        by=manager,
    )
    assert services.test_integration(made, by=manager).detail == "2 at the roof"
    result = services.send_email(**letter())
    assert (result.provider, result.provider_message_id) == ("pigeon", "7")
    assert "three-long" not in result.detail
    assert "three-long" not in made.logs.latest("pk").detail
    listed = api(manager).get("/api/v1/integrations/providers").data["results"]
    assert "Carrier pigeons" in [one["label"] for one in listed]


@pytest.mark.parametrize("provider", registry.all_providers(), ids=lambda provider: provider.name)
class TestEveryProvider:
    """The rules that each one keeps."""

    def test_is_of_a_known_kind_and_mode(self, provider):
        assert provider.kind in Kind.values
        assert provider.modes
        assert set(provider.modes) <= set(Mode.values)

    def test_says_what_each_setting_is_about_and_keeps_no_secret_among_them(self, provider):
        for setting in settings_of(provider.config):
            assert setting.about
            assert setting.type in {str, int, bool}
            assert "password" not in setting.name

    def test_has_the_methods_of_its_kind(self, provider):
        wanted = {"email": ["check", "send"]}[provider.kind]
        for method in wanted:
            assert inspect.isfunction(getattr(provider.factory, method))

    def test_stands_in_the_docs(self, provider):
        docs = Path(__file__).parents[2] / "docs" / "adding-a-provider.md"
        assert f"`{provider.name}`" in docs.read_text(encoding="utf-8")


def test_the_demo_post_office_is_loaded_once(manager, agent):
    for _ in range(2):
        load_integrations(staff={"alex": agent, "maria": manager})
    assert Integration.objects.get().mode == Mode.SANDBOX
    assert services.send_email(**letter()).provider == "sandbox"
