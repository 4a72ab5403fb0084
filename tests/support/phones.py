"""A phone company that keeps what it was asked: Twilio's API as far as Estateman uses it."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.support.http import Asked, HttpServer, Reply

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
TOKEN = "twilio-token-0123456789"
REFUSED = Reply(503, {"code": 20503, "message": "Not now"})
BUSY = Reply(429, {"code": 20429, "message": "Too many"}, headers={"Retry-After": "60"})
SILENT = Reply(hangs_up=True)


def accepted(sid: str = "SM1") -> Reply:
    return Reply(201, {"sid": sid, "status": "queued"})


class Phones(HttpServer):
    """``sends(…)`` and ``lists(…)`` say what is answered, ``sent`` what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sends(accepted())
        self.lists()

    @property
    def config(self) -> dict[str, Any]:
        return {"account_sid": ACCOUNT, "from_number": "+12125550100", "api_url": self.url}

    @property
    def sent(self) -> list[Asked]:
        return self.asked_for("POST", MESSAGES)

    @property
    def looks(self) -> list[Asked]:
        return self.asked_for("GET", MESSAGES)

    def sends(self, *replies: Reply) -> None:
        self.answer("POST", MESSAGES, *replies)

    def lists(self, *texts: dict[str, str], otherwise: Reply | None = None) -> None:
        self.answer("GET", MESSAGES, otherwise or Reply(200, {"messages": list(texts)}))


def text_listed(sid: str, *, to: str, body: str, at: datetime) -> dict[str, str]:
    """A text as Twilio lists it."""
    return {"sid": sid, "to": to, "body": body, "date_created": format_datetime(at), "status": "queued"}
