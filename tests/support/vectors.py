"""Webhooks as vendors publish them, signed; each says whether it is to be believed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from integrations.sealing import Secret
from integrations.spi import RawRequest

_FILE = Path(__file__).parents[1] / "integrations" / "webhook_vectors.json"
URL = "https://office.example/api/v1/integrations/webhooks/one"


def vectors(provider: str) -> list[Any]:
    """Those of ``provider``, as parameters of a test."""
    found = json.loads(_FILE.read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(each, id=each["name"]) for each in found if each["provider"] == provider]


def request_of(vector: dict[str, Any]) -> RawRequest:
    """The request as it comes in."""
    body = vector["body"] if "body" in vector else urlencode(vector["params"])
    return raw(body.encode(), url=vector.get("url", URL), content_type=vector["content_type"], headers=vector["header"])


def raw(
    body: bytes, *, url: str = URL, content_type: str = "application/json", headers: dict[str, str] | None = None
) -> RawRequest:
    """A request of any vendor."""
    given = {name.lower(): value for name, value in (headers or {}).items()}
    return RawRequest(
        method="POST",
        url=url,
        headers={"content-type": content_type, **given},
        query=dict(parse_qsl(urlsplit(url).query)),
        body=body,
    )


def now_of(vector: dict[str, Any], otherwise: int) -> datetime:
    """The clock that the vector wants."""
    return datetime.fromtimestamp(vector.get("now", otherwise), UTC)


def key_of(vector: dict[str, Any]) -> list[Secret]:
    return [Secret(vector["key"])]
