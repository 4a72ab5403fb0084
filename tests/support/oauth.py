"""A vendor that people sign in at: it insists on PKCE, and takes every code and refresh token once."""

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.http import NOT_THERE, Asked, HttpServer, Reply

CLIENT_ID, CLIENT_SECRET = "estateman-at-the-vendor", "client-secret-0815-4711-abcdef"
CALENDARS = [{"id": "maria@harbour.example", "summary": "Maria", "primary": True, "accessRole": "owner"}]


@dataclass(eq=False)
class OAuthVendor(HttpServer):
    """``consent(url)`` is what a person and their browser do there; it answers like Google where a token is needed.

    With ``waiting`` set, a refresh is answered only once that event is, so that others may come meanwhile.
    """

    expires_in: Any = 3600
    gives_refresh_tokens: bool = True
    rotates: bool = True
    echoes: bool = False
    waiting: threading.Event | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    given: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._counter = threading.Lock()

    @property
    def config(self) -> dict[str, str]:
        """The settings of a google_calendar integration that speaks to it."""
        return {
            "client_id": CLIENT_ID,
            "api_url": f"{self.url}/calendar/v3",
            "authorize_url": f"{self.url}/consent",
            "token_url": f"{self.url}/token",
            "revoke_url": f"{self.url}/revoke",
        }

    @property
    def refreshes(self) -> int:
        """How often it was asked for new tokens by an old one."""
        return sum(asked.form.get("grant_type") == "refresh_token" for asked in self.asked_for("POST", "/token"))

    def consent(self, url: str) -> dict[str, str]:
        """The person allows it: the query with which they are sent back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{secrets.token_urlsafe(16)}"
        self.codes[code] = asked
        self.given.append(code)
        return {"state": asked["state"], "code": code}

    def revoke_everything(self) -> None:
        """As when the person takes it back on the vendor's own pages."""
        self.refresh_tokens.clear()
        self.access_tokens.clear()

    def reply_to(self, asked: Asked) -> Reply:
        told = super().reply_to(asked)
        if told is not NOT_THERE:
            return told
        if asked.path == "/token":
            return self._token(asked.form)
        if asked.path == "/revoke":
            return self._revoke(asked.form["token"])
        if asked.path == "/calendar/v3/users/me/calendarList":
            return self._calendars(asked.headers.get("authorization", ""))
        return told

    def _token(self, form: dict[str, str]) -> Reply:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return self._no("invalid_client", 401, form)
        if form["grant_type"] == "refresh_token" and self.waiting:
            assert self.waiting.wait(20)
        with self._counter:
            return self._by_code(form) if form["grant_type"] == "authorization_code" else self._by_refresh(form)

    def _by_code(self, form: dict[str, str]) -> Reply:
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return self._no("invalid_grant", 400, form)
        return self._tokens(scope=asked["scope"])

    def _by_refresh(self, form: dict[str, str]) -> Reply:
        if form["refresh_token"] not in self.refresh_tokens:
            return self._no("invalid_grant", 400, form)
        if self.rotates:
            self.refresh_tokens.remove(form["refresh_token"])
        return self._tokens(refresh=self.rotates)

    def _tokens(self, *, refresh: bool = True, **more: str) -> Reply:
        access = f"access-{secrets.token_urlsafe(16)}"
        self.access_tokens.add(access)
        self.given.append(access)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.expires_in, **more}
        if refresh and self.gives_refresh_tokens:
            answer["refresh_token"] = f"refresh-{secrets.token_urlsafe(16)}"
            self.refresh_tokens.add(answer["refresh_token"])
            self.given.append(answer["refresh_token"])
        return Reply(200, answer)

    def _no(self, error: str, status: int, form: dict[str, str]) -> Reply:
        said = f"This was refused: {form}" if self.echoes else "This was refused."
        return Reply(status, {"error": error, "error_description": said})

    def _revoke(self, token: str) -> Reply:
        if token not in self.refresh_tokens | self.access_tokens:
            return Reply(400, {"error": "invalid_token"})
        self.revoke_everything()
        return Reply(200)

    def _calendars(self, authorization: str) -> Reply:
        if authorization.removeprefix("Bearer ") not in self.access_tokens:
            return Reply(401, {"error": {"code": 401, "message": f"Invalid Credentials: {authorization}"}})
        return Reply(200, {"items": CALENDARS})
