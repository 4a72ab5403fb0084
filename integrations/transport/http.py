"""HTTP to the outside: guarded where it connects, bounded in time and size, its failures in the house's words.

Every SDK is given this session; its own retries are switched off, because whether a request may be
repeated is decided in one place (integrations/door).
"""

import email.utils
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from estateman.common import clock
from integrations.spi import AuthFailed, OutcomeUnknown, ProviderError, RateLimited, Unreachable
from integrations.transport.addresses import connect

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""How long a server may stay silent."""
TOTAL_SECONDS = 60.0
"""How long an answer may take in all, however steadily it drips."""
LARGEST = 20 * 1024 * 1024
READS = {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}


class _Progress(threading.local):
    """How far this thread's request got: nothing can have been accepted before its first byte left."""

    has_left = False


_progress = _Progress()


class _Guarded(HTTPConnection):
    """Connects only where it may, and notes when the first byte leaves."""

    only_private = True

    def _new_conn(self) -> Any:
        wait = self.timeout if isinstance(self.timeout, int | float) else CONNECT_SECONDS
        return connect(
            self._dns_host,
            self.port,
            timeout=wait,
            only_private=self.only_private,
            options=self.socket_options or (),
        )

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _progress.has_left = True
        super().send(data)


class _GuardedTls(_Guarded, HTTPSConnection):
    only_private = False


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


_adapter = _Adapter(pool_connections=50, pool_maxsize=10)
"""Shared by all sessions: urllib3's pools are safe between threads, so connections are reused."""


class OutgoingSession(requests.Session):
    """A requests session that raises ProviderError, and nothing else, when no answer came.

    Only reads follow redirects, and each hop is checked like the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # neither proxies nor .netrc: both would lead past the guard
        self.max_redirects = 3
        self.headers["User-Agent"] = "Estateman"
        self.mount("https://", _adapter)
        self.mount("http://", _adapter)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        if len(args) < 8:  # an SDK that names it by place has chosen
            kwargs.setdefault("allow_redirects", str(method).upper() in READS)
        try:
            return super().request(method, url, *args, **kwargs)
        except ValueError as error:  # requests calls an address that is none this
            raise ProviderError(f"{url!s} can't be asked: {error}", permanent=True) from None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = _bounded(kwargs.get("timeout"))
        kwargs["stream"] = True
        ends_at = time.monotonic() + TOTAL_SECONDS
        _progress.has_left = False
        try:
            response = super().send(request, **kwargs)
            _read_whole(response, ends_at)
        except requests.TooManyRedirects as error:
            raise ProviderError(str(error), permanent=True) from None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _broken(request, error) from None
        return response

    def close(self) -> None:
        """The connections are everybody's."""


def _bounded(timeout: Any) -> tuple[float, float]:
    """What an SDK asks for, within our bounds: (connect, read) seconds."""
    read = timeout[1] if isinstance(timeout, tuple) else timeout
    return CONNECT_SECONDS, min(float(read), TOTAL_SECONDS) if read else READ_SECONDS


def _read_whole(response: Any, ends_at: float) -> None:
    if response._content_consumed:  # requests read it to follow a redirect
        return
    parts, size = [], 0
    while part := response.raw.read1(decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            response.raw.close()
            raise requests.exceptions.ContentDecodingError(f"the answer is larger than {LARGEST} bytes")
        if time.monotonic() > ends_at:
            response.raw.close()
            raise requests.Timeout(f"the answer took longer than {TOTAL_SECONDS:.0f} s")
    response._content, response._content_consumed = b"".join(parts), True
    response.raw.release_conn()


def _broken(request: requests.PreparedRequest, error: Exception) -> ProviderError:
    host = urlsplit(request.url or "").hostname
    why = _in_short(error)
    if not _progress.has_left:
        return Unreachable(f"No connection to {host}: {why}")
    if request.method in READS:
        return ProviderError(f"{host} did not answer: {why}")
    return OutcomeUnknown(f"The line to {host} broke before it answered: {why}")


def _in_short(error: Exception) -> str:
    """The cause without the nest of classes and addresses around it; those may hold keys."""
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or next(
            (each for each in cause.args if isinstance(each, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        cause = inner
    if isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError):
        return "it took too long"
    return f"{type(cause).__name__}: {cause}".partition("(Caused by")[0][:200]


def error_for(response: requests.Response, detail: str) -> ProviderError:
    """What a refusing answer (400 or above) means. ``detail`` is the vendor's reason, for people.

    A 5xx to a write may come after it was done, save 503, which says that it was not.
    """
    status, words = response.status_code, f"{response.status_code}: {detail}"[:500]
    if status in {401, 403}:
        return AuthFailed(words)
    if status == 429:
        return RateLimited(words, retry_after=retry_after(response))
    if status == 503:
        return ProviderError(words, retry_after=retry_after(response))
    if status >= 500 or status == 408:
        writes = response.request.method not in READS
        return OutcomeUnknown(words) if writes else ProviderError(words, retry_after=retry_after(response))
    return ProviderError(words, permanent=True)


def retry_after(response: requests.Response) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); None without a readable one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with suppress(ValueError):
        return max(0.0, (email.utils.parsedate_to_datetime(text) - clock.now()).total_seconds())
    return None
