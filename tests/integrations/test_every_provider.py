"""The rules that every provider keeps, run against each that is registered."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from integrations import services
from integrations.models import Mode
from integrations.registry import Provider, all_providers
from tests.integrations.samples import SAMPLES
from tests.support.provider_contract import RULES, Subject

PAGES = Path(settings.BASE_DIR) / "docs" / "providers"


def subject_of(provider: Provider) -> Subject:
    sample = SAMPLES[provider.name]
    return Subject(provider, sample.config, sample.credentials)


@pytest.fixture(params=all_providers(), ids=lambda provider: provider.name)
def provider(request) -> Provider:
    return request.param


def test_each_has_a_sample_to_be_tested_with_and_there_is_no_other():
    assert sorted(SAMPLES) == sorted(provider.name for provider in all_providers())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_provider(provider, rule):
    rule(subject_of(provider))


def test_it_is_set_up_as_its_sample_says(provider, manager):
    sample = SAMPLES[provider.name]
    made = services.create_integration(
        provider=provider.name,
        name="Sample",
        mode=sample.mode,
        config=sample.config,
        credentials=sample.credentials,
        by=manager,
    )
    assert {name: secret.reveal() for name, secret in made.secrets().items()} == sample.credentials


def test_a_sandbox_refuses_to_be_live(provider, manager):
    if provider.modes != (Mode.SANDBOX,):
        return
    with pytest.raises(ValidationError, match="runs as sandbox only"):
        services.create_integration(
            provider=provider.name, name="Sample", mode=Mode.LIVE, config={}, credentials={}, by=manager
        )


def test_its_page_says_what_to_click_at_the_vendor(provider):
    page = PAGES / ("sandboxes.md" if provider.modes == (Mode.SANDBOX,) else f"{provider.name}.md")
    told = page.read_text(encoding="utf-8")
    for setting in SAMPLES[provider.name].config:
        assert f"`{setting}`" in told
    for credential in provider.credentials:
        assert f"`{credential.name}`" in told
