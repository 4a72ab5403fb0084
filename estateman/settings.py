"""One settings file. Embedded or scaled out is decided here, once, by DATABASE_URL and REDIS_URL.

Every variable read here is described in docs/settings.md.
"""

import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from estateman.env import env_bool, env_int, env_list, env_rate, env_text, is_loopback, kept_secret
from estateman.logs import to_the_console
from estateman.look import LOOK
from estateman.openapi import OPENAPI
from estateman.rest import ERRORS, REST
from estateman.schedule import SCHEDULE

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_text("DATA_DIR") or BASE_DIR / "var").resolve()

DATABASE_URL = env_text("DATABASE_URL")
REDIS_URL = env_text("REDIS_URL")
SCALED_OUT = bool(DATABASE_URL or REDIS_URL)

HOST = env_text("HOST", "127.0.0.1")
PORT = env_int("PORT", default=8000)
SITE_URL = env_text("SITE_URL", f"http://{HOST if is_loopback(HOST) else '127.0.0.1'}:{PORT}").rstrip("/")
DEBUG = env_bool("DEBUG", default=False)
# Private, but integrations may speak to it. A site that only its own machine reaches may speak to that machine.
PRIVATE_NETWORKS = env_list("PRIVATE_NETWORKS") or (
    ["127.0.0.0/8", "::1/128"] if is_loopback(HOST) and is_loopback(urlsplit(SITE_URL).hostname or "") else []
)
# The demo agency's password is public: its logins work only where nobody but this machine reaches them.
DEMO_PASSWORD = "demo"  # noqa: S105
DEMO_LOGINS = is_loopback(HOST) and env_bool("DEMO_LOGINS", default=not SCALED_OUT)


# What would be unsafe refuses to start, with a sentence that says what to set.
def _refuse(sentence: str) -> None:
    raise ImproperlyConfigured(sentence)


if SCALED_OUT and not (DATABASE_URL and REDIS_URL):
    _refuse("Scaling out takes both: set DATABASE_URL and REDIS_URL, or neither.")
if SCALED_OUT and not env_text("SECRET_KEY"):
    _refuse("Several processes must share one signing key: set SECRET_KEY to at least 50 random characters.")
if SCALED_OUT and not env_text("FIELD_KEYS"):
    _refuse(
        "Several processes must share the keys that seal credentials: set FIELD_KEYS. "
        "Make one: env -u DATABASE_URL -u REDIS_URL python manage.py new_field_key"
    )
if DEBUG and not is_loopback(HOST):
    _refuse(f"DEBUG shows secrets to whoever reaches {HOST}: unset DEBUG, or set HOST=127.0.0.1.")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).hostname:
    _refuse(f"SITE_URL={SITE_URL} is not the address of a site: set it like https://office.example.com.")

SECRET_KEY = kept_secret("SECRET_KEY", file=DATA_DIR / "keys" / "secret_key")
FIELD_KEYS = kept_secret(
    "FIELD_KEYS", file=DATA_DIR / "keys" / "field_keys", make=lambda: Fernet.generate_key().decode()
).split(",")
if len(SECRET_KEY) < 50:
    _refuse("SECRET_KEY is too short to be safe: set at least 50 random characters.")

_OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}
_LAN_NAMES = set() if is_loopback(HOST) else {HOST, socket.gethostname(), socket.getfqdn()}
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or sorted(_OWN_NAMES | _LAN_NAMES | {urlsplit(SITE_URL).hostname or ""})
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_celery_beat",
    "django_htmx",
    "recurrence",
    "djstripe",
    "anymail",
    "estateman.common",
    "estateman.activity",
    "estateman.live",
    "estateman.people",
    "integrations",
    "tasks",
    "events",
    "gamification",
    "notifications",
    "estateman.office",
]

MIDDLEWARE = [
    "estateman.common.requests.request_id_middleware",
    "estateman.common.requests.began_at_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "estateman.people.middleware.local_time_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "estateman.common.api.usage.usage_middleware",
    "estateman.common.api.throttling.rate_limit_middleware",
]

ROOT_URLCONF = "estateman.urls"
ASGI_APPLICATION = "estateman.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "estateman.office.context.shell",
            ]
        },
    }
]

# IMMEDIATE is what keeps a read-then-write transaction from failing with "database is locked"; WAL is the speed.
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "estateman.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    },
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
}
# The pool is per process: connections in all = processes x DATABASE_POOL_SIZE. It does not go with CONN_MAX_AGE.
_POOL = {"min_size": 1, "max_size": env_int("DATABASE_POOL_SIZE", default=16)}
DATABASES = {
    "default": {**dj_database_url.parse(DATABASE_URL), "OPTIONS": {"pool": _POOL}} if DATABASE_URL else _SQLITE
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# dj-stripe's own three migrations rebuild tables 514 times (70-120 s); ours make the same schema in one step.
MIGRATION_MODULES = {"djstripe": "integrations.djstripe_migrations"}

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 2.0, "socket_timeout": 2.0},
        }
    }
    # The pub/sub layer: with the other one, redis-py 8 closes sockets that are idle for 5 s.
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Counts of requests and of wrong passwords stand here: whoever fills it has them forgotten.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    CHANNEL_LAYERS = {}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else {"polling_interval": 0.05}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A job's message is only a nudge (the work is a row), so a broker that is down must not hold up the request.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 2.0
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = env_text("QUEUE", "estateman")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Threads, for most jobs wait for others. There are more of them than in all crews (estateman/common/crews.py), so that
# a provider that hangs keeps nobody else waiting.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 16
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 2
DJANGO_CELERY_BEAT_TZ_AWARE = True
CELERY_BEAT_SCHEDULE = SCHEDULE

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["estateman.people.auth.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
_PAGE_LIBRARIES = {"vendor/htmx": "htmx.org/dist", "vendor/sortable": "sortablejs"}
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [
    BASE_DIR / "static",
    *(
        (prefix, path)
        for prefix, name in _PAGE_LIBRARIES.items()
        if (path := BASE_DIR / "node_modules" / name).is_dir()
    ),
]
WHITENOISE_USE_FINDERS = True

# Files that people upload: no address leads to them but the API's, which asks who it is (no MEDIA_URL).
MEDIA_ROOT = Path(env_text("MEDIA_DIR") or DATA_DIR / "media").resolve()
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_BYTES", default=25 * 1024 * 1024)
UPLOAD_TYPES = env_list("UPLOAD_TYPES") or [
    *("pdf", "png", "jpg", "jpeg", "gif", "webp", "heic", "docx", "xlsx", "pptx", "odt", "ods"),
    *("txt", "csv", "ics", "eml"),
]

_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("TRUST_PROXY", default=False) else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    **REST,
    # Of all that apply to a request, the one nearest to its end decides.
    "DEFAULT_THROTTLE_RATES": {
        "user": env_rate("API_RATE_USER", "1200/min"),
        "token": env_rate("API_RATE_TOKEN", "900/min"),
        "anonymous": env_rate("API_RATE_ANONYMOUS", "120/min"),
        "read": env_rate("API_RATE_READ", "1200/min"),
        "write": env_rate("API_RATE_WRITE", "600/min"),
        "send": env_rate("API_RATE_SEND", "60/min"),
        "auth": env_rate("API_RATE_AUTH", "60/min"),
        "webhooks": env_rate("API_RATE_WEBHOOKS", "6000/min"),
    },
    # Who calls is the connection's address; behind a proxy, the one that it adds to X-Forwarded-For.
    "NUM_PROXIES": 1 if env_bool("TRUST_PROXY", default=False) else 0,
}
DRF_STANDARDIZED_ERRORS = ERRORS
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=env_int("TOKEN_DAYS", default=30)),
}
# For how long every call to a provider is kept.
LOG_DAYS = env_int("LOG_DAYS", default=90)
# For how long what vendors told us is kept once it was processed.
WEBHOOK_DAYS = env_int("WEBHOOK_DAYS", default=30)
# A timer that runs for longer was probably forgotten: whose it is gets asked.
TIMER_CAP_HOURS = env_int("TIMER_CAP_HOURS", default=12)
SPECTACULAR_SETTINGS = OPENAPI

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env_text("FROM_EMAIL", "Estateman <office@estateman.example>")

DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_WEBHOOK_VALIDATION = "verify_signature"

LOGGING = to_the_console(
    env_text("LOG_FORMAT", "json" if SCALED_OUT else "line"),
    level=env_text("LOG_LEVEL", "INFO" if SCALED_OUT else "WARNING"),
)

UNFOLD = LOOK
