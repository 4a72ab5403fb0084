"""Which providers there are: each registers itself from its own file in integrations/providers/."""

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from integrations import providers
from integrations.limits import Rate
from integrations.schema import Credential, read_config
from integrations.sealing import Secret
from integrations.spi import OAuthApp
from integrations.transport import Line

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
    rate: Rate
    oauth: OAuthApp | None
    webhook_secret: str
    makes_webhook_secret: bool
    factory: Callable[..., Any]

    def build(self, config: Mapping[str, Any], secrets: Mapping[str, Secret], line: Line) -> Any:
        """The provider, ready for one call. Raises InvalidConfig."""
        return self.factory(read_config(self.config, config), secrets, line)

    @property
    def receives_webhooks(self) -> bool:
        """Whether its vendor calls us."""
        return callable(getattr(self.factory, "verify", None))


USUAL_RATE = Rate(per_minute=600, burst=100)
_providers: dict[str, Provider] = {}


def provider(  # noqa: PLR0913  by keyword, and each says one thing about the provider
    name: str,
    *,
    kind: str,
    label: str,
    config: type,
    credentials: Iterable[Credential] = (),
    modes: Iterable[str] = ("live", "sandbox"),
    rate: Rate = USUAL_RATE,
    oauth: OAuthApp | None = None,
    webhook_secret: str = "",
    makes_webhook_secret: bool = False,
) -> Callable[[ProviderClass], ProviderClass]:
    """Register the class below as the provider ``name``.

    It is built as ``factory(config, secrets, line)``. ``modes`` says whether it may carry the real
    thing, ``rate`` how often its vendor likes to be called, ``oauth`` where people consent, and
    ``webhook_secret`` what by which its vendor's webhooks prove themselves, and where it is found.
    ``makes_webhook_secret`` says that it is a token that we make and hand to the vendor.
    """

    def register(factory: ProviderClass) -> ProviderClass:
        _providers[name] = Provider(
            name=name,
            kind=kind,
            label=label,
            config=config,
            credentials=tuple(credentials),
            modes=tuple(modes),
            rate=rate,
            oauth=oauth,
            webhook_secret=webhook_secret,
            makes_webhook_secret=makes_webhook_secret,
            factory=factory,
        )
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
