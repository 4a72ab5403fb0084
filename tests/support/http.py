"""An HTTP server of this machine that answers as it was told and keeps what it was asked."""

import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in; ``headers`` by lower-case name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Reply:
    """What to answer. A ``body`` that is neither text nor bytes is sent as JSON; ``hangs_up`` answers nothing."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False

    @property
    def content(self) -> bytes:
        text = self.body if isinstance(self.body, str | bytes) else json.dumps(self.body)
        return text.encode() if isinstance(text, str) else text


NOT_THERE = Reply(404, {"error": {"message": "Nothing was told about this."}})


class HttpServer:
    """``with HttpServer() as server: server.answer("GET", "/v1/balance", Reply(200, {...}))``.

    The replies of one route are given in their order; the last one stays. ``asked`` keeps every request.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._replies: defaultdict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, *replies: Reply) -> None:
        """From now on, answer this route with ``replies`` instead of what was told before."""
        with self._lock:
            self._replies[method, path] = deque(replies)

    def asked_for(self, method: str, path: str) -> list[Asked]:
        """The requests of one route so far."""
        return [each for each in self.asked if (each.method, each.path) == (method, path)]

    def reply_to(self, asked: Asked) -> Reply:
        """Keep the request; what to answer."""
        with self._lock:
            self.asked.append(asked)
            replies = self._replies[asked.method, asked.path]
            if not replies:
                return NOT_THERE
            return replies.popleft() if len(replies) > 1 else replies[0]


def _handler(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            reply = server.reply_to(self._read())
            if reply.hangs_up:
                self.close_connection = True
                return
            content = reply.content
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _read(self) -> Asked:
            target = urlsplit(self.path)
            return Asked(
                method=self.command,
                path=target.path,
                query=dict(parse_qsl(target.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815  http.server's names
        do_OPTIONS = do_PROPFIND = do_REPORT = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
            """The test asks ``asked`` instead."""

    return Handler
