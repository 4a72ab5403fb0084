"""Which providers there are: each registers itself from its own file in integrations/providers/."""

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from integrations import providers
from integrations.schema import Credential, read_config
from integrations.sealing import Secret

ProviderClass = TypeVar("ProviderClass", bound=Callable[..., Any])


@dataclass(frozen=True)
class Provider:
    """A provider as registered: what it is for, what it takes, how it is built."""

    name: str
    kind: str
    label: str
    config: type
    credentials: tuple[Credential, ...]
    modes: tuple[str, ...]
    factory: Callable[..., Any]

    def build(self, config: Mapping[str, Any], secrets: Mapping[str, Secret]) -> Any:
        """The provider, ready for one call. Raises InvalidConfig."""
        return self.factory(read_config(self.config, config), secrets)


_providers: dict[str, Provider] = {}


def provider(
    name: str,
    *,
    kind: str,
    label: str,
    config: type,
    credentials: Iterable[Credential] = (),
    modes: Iterable[str] = ("live", "sandbox"),
) -> Callable[[ProviderClass], ProviderClass]:
    """Register the class below as the provider ``name``.

    It is built as ``factory(config, secrets)``. ``modes`` says whether it may carry the real thing.
    """

    def register(factory: ProviderClass) -> ProviderClass:
        _providers[name] = Provider(name, kind, label, config, tuple(credentials), tuple(modes), factory)
        return factory

    return register


@cache
def _discover() -> None:
    """Import every file of providers/, once, when the first provider is asked for."""
    for module in pkgutil.iter_modules(providers.__path__, f"{providers.__name__}."):
        import_module(module.name)


def find_provider(name: str) -> Provider | None:
    """The provider of this name; None when there is none."""
    _discover()
    return _providers.get(name)


def all_providers() -> list[Provider]:
    """Every provider, by kind and name."""
    _discover()
    return sorted(_providers.values(), key=lambda each: (each.kind, each.name))
