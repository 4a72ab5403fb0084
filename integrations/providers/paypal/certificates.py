"""PayPal's certificates: read from its own hosts, kept, and not looked for as often as anybody likes.

Whoever calls us names one before anything of the call is proven, so each call could have us fetch something.
"""

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from integrations.limits import Rate, take_turn
from integrations.spi import RateLimited, WebhookRefused
from integrations.transport import Line, error_for

LIVE, SANDBOX = "messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"
MOST_KEPT = 20
"""Of each: those that were read, and the addresses where none lies."""
MISSING_FOR = timedelta(minutes=5)
LOOKS = Rate(per_minute=10, burst=10)
"""How often one process looks at an address that it does not know. PayPal uses one certificate for months."""
SECONDS = 5.0

_NAME_AT = {
    "api.paypal.com": LIVE,
    "api-m.paypal.com": LIVE,
    "api.sandbox.paypal.com": SANDBOX,
    "api-m.sandbox.paypal.com": SANDBOX,
}
"""Whom the certificates of each host are made out to. No other host is asked: anybody may name one."""
_PATH = re.compile(r"/v1/notifications/certs/CERT-[A-Za-z0-9-]{1,100}")


def name_expected(url: str) -> str:
    """Whom the certificate at ``url`` must be made out to. Raises WebhookRefused for any address but PayPal's own."""
    host, _, path = url.removeprefix("https://").partition("/")
    # Compared as it is written: no port, no login, no trick of a parser can hide in what equals a host's name.
    if not url.startswith("https://") or host not in _NAME_AT or not _PATH.fullmatch(f"/{path}"):
        raise WebhookRefused("The certificate is not at PayPal.")
    return _NAME_AT[host]


def name_of(certificate: x509.Certificate) -> str:
    """Whom it is made out to; empty where that is not one name."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


class Certificates:
    """Those that this process has read, by address, and for a while where there was none."""

    def __init__(self) -> None:
        self._kept: dict[str, x509.Certificate] = {}
        self._missing: dict[str, datetime] = {}
        self._next_look_at = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept) + len(self._missing)

    def get(self, url: str, line: Line, now: datetime) -> x509.Certificate:
        """The one at ``url``, fetched over ``line`` where it is not known.

        Raises WebhookRefused where there is none of PayPal's webhooks, RateLimited where it was
        looked too often, and ProviderError where it can't be had now.
        """
        name = name_expected(url)
        known = self._known(url, now)
        if known is not None:
            return known
        try:
            found = _fetch(url, line, name)
        except WebhookRefused:
            with self._lock:
                _put(self._missing, url, now + MISSING_FOR)
            raise
        with self._lock:
            _put(self._kept, url, found)
        return found

    def _known(self, url: str, now: datetime) -> x509.Certificate | None:
        """None where it has to be fetched; that is counted."""
        with self._lock:
            if url in self._kept:
                _put(self._kept, url, self._kept[url])
                return self._kept[url]
            if self._missing.get(url, now) > now:
                raise WebhookRefused("There was no certificate a moment ago.")
            next_look_at, wait = take_turn(self._next_look_at, now, LOOKS)
            if wait:
                raise RateLimited("Too many unknown certificates are named.", retry_after=wait)
            self._next_look_at = next_look_at
        return None


def _put(among: dict[str, Any], url: str, found: object) -> None:
    """As the latest; the one that nobody asked for longest makes room."""
    among.pop(url, None)
    if len(among) >= MOST_KEPT:
        del among[next(iter(among))]
    among[url] = found


def _fetch(url: str, line: Line, name: str) -> x509.Certificate:
    answer = line.http.get(url, allow_redirects=False, timeout=SECONDS)
    if answer.status_code != 200:
        failure = error_for(answer, "the certificate could not be read")
        raise WebhookRefused("There is no such certificate.") if failure.permanent else failure
    try:
        found = x509.load_pem_x509_certificate(answer.content)
    except ValueError:
        raise WebhookRefused("What lies there is no certificate.") from None
    if name_of(found) != name:
        raise WebhookRefused("The certificate is not that of PayPal's webhooks.")
    return found
