"""Providers on their own, without an integration around them."""

from collections.abc import Mapping
from typing import Any

from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.transport import Line


def build(name: str, config: Mapping[str, Any], **secrets: str) -> Any:
    """The provider ``name`` as the door would build it for one call. Raises InvalidConfig."""
    found = find_provider(name)
    assert found, f"there is no provider {name}"
    return found.build(config, {secret: Secret(text) for secret, text in secrets.items()}, Line())
