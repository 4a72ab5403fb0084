"""Reading the environment, and refusing to start on what would be unsafe."""

import os
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from estateman.env import env_bool, env_int, env_list, env_text, is_loopback, kept_secret


def test_a_secret_that_is_missing_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    file = tmp_path / "keys" / "secret"
    first = kept_secret("NO_SUCH_SECRET", file=file)
    assert kept_secret("NO_SUCH_SECRET", file=file) == first
    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_value_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert env_text("SOME_KEY") == "from the file"


@pytest.mark.parametrize("read", [lambda: env_bool("ODD", default=True), lambda: env_int("ODD", default=1)])
def test_a_value_of_the_wrong_kind_is_refused(monkeypatch, read):
    monkeypatch.setenv("ODD", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="ODD=perhaps"):
        read()


def test_lists_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("NAMES", " a.example, b.example ,")
    assert env_list("NAMES") == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("office", False),
    ],
)
def test_which_hosts_only_this_machine_reaches(host, loopback):
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DATABASE_URL": "postgres://x/y"}, "set DATABASE_URL and REDIS_URL"),
        ({"DATABASE_URL": "postgres://x/y", "REDIS_URL": "redis://x"}, "set SECRET_KEY"),
        ({"DATABASE_URL": "postgres://x/y", "REDIS_URL": "redis://x", "SECRET_KEY": "x" * 60}, "set FIELD_KEYS"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"DEBUG": "1", "HOST": "0.0.0.0"}, "unset DEBUG"),
        ({"SITE_URL": "office.example"}, "SITE_URL=office.example"),
        ({"PORT": "http"}, "PORT=http"),
    ],
)
def test_unsafe_values_refuse_to_start_with_a_sentence(environment, sentence, tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    started = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**kept, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "estateman.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert sentence in started.stderr
