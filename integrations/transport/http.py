"""HTTP to the outside: guarded where it connects, bounded in time and size, its failures in the house's words.

Every SDK is given this session; its own retries are switched off, because whether a request may be
repeated is decided in one place (integrations/door).
"""

import email.utils
import http.client
import io
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC
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
from integrations.transport.patience import Patient

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""How long a server may stay silent."""
TOTAL_SECONDS = 60.0
"""How long an answer may take in all, its headers too, however steadily it drips."""
LARGEST = 20 * 1024 * 1024
PIECE = 64 * 1024
LONGEST_RETRY_AFTER = 24 * 3600.0
READS = {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}


class _Progress(threading.local):
    """How far this thread's request got: nothing can have been accepted before its first byte left."""

    has_left = False
    ends_at = 0.0
    keeps: int | None = None


_progress = _Progress()


class _Answer(http.client.HTTPResponse):
    """One whose status line, headers and body together end in time."""

    def __init__(self, line: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(line, *args, **kwargs)
        silence = line.gettimeout() or READ_SECONDS
        patient = Patient(self.fp.detach(), line, ends_at=_progress.ends_at, silence=silence)
        self.fp: Any = io.BufferedReader(patient)


class _Guarded(HTTPConnection):
    """Connects only where it may, and notes when the first byte leaves."""

    only_private = True
    response_class = _Answer

    def _new_conn(self) -> Any:
        return connect(
            self._dns_host,
            self.port,
            timeout=CONNECT_SECONDS,
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
    """Sends one request, straight to its server, and reads the whole answer."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        _progress.has_left, _progress.ends_at = False, time.monotonic() + TOTAL_SECONDS
        response = super().send(request, *args, **{**kwargs, "proxies": None})
        _read_body(response, _progress.keeps)
        return response


_adapter = _Adapter(pool_connections=50, pool_maxsize=10)
"""Shared by all sessions: urllib3's pools are safe between threads, so connections are reused."""


class OutgoingSession(requests.Session):
    """A requests session that raises ProviderError, and nothing else, when no answer came.

    Only reads follow redirects, up to three, and each hop is checked like the first. Where only the
    beginning of an answer is of interest, ``keeps`` says how many bytes; else one that is larger
    than LARGEST is refused.
    """

    def __init__(self, *, keeps: int | None = None) -> None:
        super().__init__()
        self.keeps = keeps
        self.trust_env = False  # neither proxies nor .netrc: both would lead past the guard
        self.max_redirects = 3
        self.headers["User-Agent"] = "Estateman"
        self.mount("https://", _adapter)
        self.mount("http://", _adapter)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(method, url, *args, **kwargs)
        except (ValueError, requests.RequestException) as error:
            raise _impossible(error) from None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs |= {"timeout": _bounded(kwargs.get("timeout")), "stream": True}
        _progress.has_left, _progress.keeps = False, self.keeps
        try:
            return super().send(request, **kwargs)
        except requests.TooManyRedirects as error:
            raise ProviderError(str(error), permanent=True) from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise _broken(request, error) from None

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere after a write: it would be done twice, or turned into a read."""
        return super().get_redirect_target(resp) if resp.request.method in READS else None

    def close(self) -> None:
        """The connections are everybody's."""


def _bounded(timeout: Any) -> tuple[float, float]:
    """What an SDK asks for, within our bounds: (connect, read) seconds."""
    read = timeout[1] if isinstance(timeout, tuple) else timeout
    return CONNECT_SECONDS, min(float(read), TOTAL_SECONDS) if read else READ_SECONDS


def _read_body(response: requests.Response, keeps: int | None) -> None:
    """Bounded in size, also of what it unpacks to."""
    raw: Any = response.raw
    parts, size = [], 0
    try:
        while (keeps is None or size < keeps) and (part := raw.read1(PIECE, decode_content=True)):
            parts.append(part)
            size += len(part)
            if keeps is None and size > LARGEST:
                raise OSError(f"the answer is larger than {LARGEST} bytes")
    finally:
        if not raw.isclosed():  # more would follow
            raw.close()
        raw.release_conn()
    response._content, response._content_consumed = b"".join(parts)[:keeps], True  # type: ignore[attr-defined]  # as its own ``content`` does


def _broken(request: requests.PreparedRequest, error: Exception) -> ProviderError:
    if not _progress.has_left and isinstance(error, ValueError):
        return _impossible(error)
    host, why = urlsplit(request.url or "").hostname, _in_short(error)
    if not _progress.has_left:
        return Unreachable(f"No connection to {host}: {why}")
    if request.method in READS:
        return ProviderError(f"{host} did not answer: {why}")
    return OutcomeUnknown(f"The line to {host} broke before it answered: {why}")


def _impossible(error: Exception) -> ProviderError:
    """Its words would quote the address or the header, which may hold a key."""
    return ProviderError(f"This can't be asked over HTTP ({type(error).__name__}).", permanent=True)


def _in_short(error: Exception) -> str:
    """The system's own words at the bottom of the nest; what the libraries say above it quotes addresses and keys."""
    cause: BaseException = error
    while inner := next((each for each in _inside(cause) if isinstance(each, BaseException)), None):
        cause = inner
    if isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError):
        return "it took too long"
    is_ours = isinstance(cause, OSError) and not isinstance(cause, requests.RequestException)
    return str(cause)[:200] if is_ours else type(error).__name__


def _inside(error: BaseException) -> tuple[Any, ...]:
    return (getattr(error, "reason", None), *error.args)


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
    """Seconds, from either form of the header (RFC 9110, 10.2.3), a day at most; None without a readable one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    with suppress(ValueError):
        at = email.utils.parsedate_to_datetime(text)
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds()
        return min(max(0.0, seconds), LONGEST_RETRY_AFTER)
    return None
