"""Of every provider, settings and credentials that can be built; the tests of all providers go through them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """What an integration of this provider may be set up with."""

    config: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    mode: str = "live"


SAMPLES: dict[str, Sample] = {
    "caldav": Sample(
        config={"url": "https://dav.example.com", "username": "office"},
        credentials={"password": "caldav-password-0815"},
    ),
    "google_calendar": Sample(
        config={"client_id": "estateman.apps.example.com"}, credentials={"client_secret": "google-secret-0123456789"}
    ),
    "mailgun": Sample(config={"domain": "mg.example.com"}, credentials={"api_key": "mailgun-key-0123456789"}),
    "outlook": Sample(
        config={"client_id": "00000000-0000-0000-0000-000000000000"},
        credentials={"client_secret": "outlook-secret-0123456789"},
    ),
    "paypal": Sample(
        config={"client_id": "paypal-client-4711"}, credentials={"client_secret": "paypal-secret-0123456789"}
    ),
    "sandbox": Sample(mode="sandbox"),
    "sandbox_calendar": Sample(mode="sandbox"),
    "sandbox_payment": Sample(mode="sandbox"),
    "sandbox_push": Sample(mode="sandbox"),
    "sandbox_sms": Sample(mode="sandbox"),
    "sendgrid": Sample(
        config={"from_email": "office@example.com"}, credentials={"api_key": "SG.0123456789.abcdefghij"}
    ),
    "smtp": Sample(config={"host": "smtp.example.com"}),
    "stripe": Sample(credentials={"api_key": "sk_test_0123456789abcdef"}),
    "twilio": Sample(
        config={"account_sid": "AC" + "0" * 32, "from_number": "+12125550100"},
        credentials={"auth_token": "twilio-token-0123456789"},
    ),
    "web_push": Sample(
        config={"subject": "mailto:office@example.com"},
        credentials={"private_key": "V6JfYROaxzjqfPYMxIDp-jm7a31Dz5_RKq9VnkNV0zQ"},
    ),
}
