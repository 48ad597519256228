"""Settings. A clone runs on these defaults; environment variables only add (docs/operations.md).

The defaults are a developer's. `careersite/wsgi.py`, the door of every deployment, turns DEBUG off
first, and from then on a missing SECRET_KEY, ALLOWED_HOSTS or DATABASE_URL refuses to start.
"""

from datetime import timedelta
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from careersite import env, logs
from careersite.databases import limited

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.boolean("DEBUG", default=True)
if DEBUG:
    SECRET_KEY = env.text("SECRET_KEY", "only-for-development-never-for-a-deployment")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
else:
    SECRET_KEY = env.secret("SECRET_KEY", "it signs sessions; 50 random characters", 50)
    ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "the site's host names, separated by commas")
    # A file in the place of a forgotten database would be lost with its container.
    env.required("DATABASE_URL", "where the content is kept; sqlite:////… names a file")

INSTALLED_APPS = [
    # Its commands: backup and restore.
    "careersite",
    # Before ours, which takes their screens out of the admin and has its own.
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "careers",
    # The admin, with the editors' desk as its home.
    "careers.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "simple_history",
    "axes",
]

MIDDLEWARE = [
    # Outside all that asks for a host or a session.
    "careersite.health.Health",
    "careersite.logs.Requests",
    # The time that it watches is that of the whole request.
    "careersite.timeouts.RequestTimeout",
    # Around all else: what redirects, fails or comes from a file has the headers too.
    "careers.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Lets pages of any site read what the API answers, 304 too, and says what fails as a problem.
    "careers.api.problems.ForPrograms",
    # Answers from what is kept before anything else is done.
    "careers.shared_pages.SharedPages",
    # What has to be made is counted, what is kept is not.
    "careers.limits.Limits",
    # Public pages hold no secret, and Django masks the forms' tokens anew in each page (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Tells whether the user has given a second factor.
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Tells the history who saves.
    "simple_history.middleware.HistoryRequestMiddleware",
    # The innermost, as it asks to be: turns a refused login into 429.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "careersite.urls"
WSGI_APPLICATION = "careersite.wsgi.application"
# One trailing slash, permanent redirect without it: one address for one page.
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours first: templates/admin/ changes a few screens of the admin.
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers do not wait for the writer, and a writer waits its turn instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # What the address of the database says itself goes before this.
    DATABASES["default"]["OPTIONS"] = {
        **limited(env.number("STATEMENT_SECONDS", 0)),
        **DATABASES["default"].get("OPTIONS", {}),
    }
# Pages are kept apart from what has to be counted: they may push each other out.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}
if REDIS_URL := env.text("REDIS_URL"):
    # All processes keep and count together.
    env.required_module("redis", "REDIS_URL", "requirements/redis.txt")
    CACHES = {
        name: {
            "BACKEND": "careersite.caching.RedisOrMemory",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": name,
        }
        for name in CACHES
    }
# How long a cache between the site and its readers may answer without asking; then it answers
# once more while it asks. 0: always ask.
SHARED_SECONDS = env.number("SHARED_SECONDS", 0)
# How long a request may be silent, and one of the admin, where files are imported. 0: for ever.
REQUEST_SECONDS = env.number("REQUEST_SECONDS", 0)
EDITOR_SECONDS = env.number("EDITOR_SECONDS", 600)

# Where `manage.py publish_data` puts the open data, and under which licence (careers.open_data).
OPEN_DATA_ROOT = Path(env.text("OPEN_DATA_ROOT", str(BASE_DIR / "var" / "open-data")))
OPEN_DATA_LICENCE = env.text("OPEN_DATA_LICENCE", "CC-BY-4.0")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
# One catalogue for the app and for templates/: makemessages looks for it here.
LOCALE_PATHS = [BASE_DIR / "careers" / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# /metrics is there for whoever has the token; the workers of a machine count together.
if METRICS_TOKEN := env.text("METRICS_TOKEN"):
    env.required("PROMETHEUS_MULTIPROC_DIR", "an empty directory, where the workers count")
    MIDDLEWARE.insert(1, "careersite.metrics.Metrics")
LOGGING = logs.configuration(
    debug=DEBUG, handlers=("careersite.metrics.Counting",) if METRICS_TOKEN else ()
)

# --- Security: docs/security.md says what stands against whom ----------------------------------

# Behind HTTPS everywhere but on a developer's machine and in the demo on localhost.
HTTPS = env.boolean("HTTPS", default=not DEBUG)
# How many proxies of ours stand between the site and its readers, each adding to X-Forwarded-For.
PROXIES = env.number("BEHIND_PROXY", 0)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS and PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# In the form of Django 6's setting of this name; careers.headers says it on any Django.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    # The admin previews pages in frames.
    "frame-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    **({"upgrade-insecure-requests": True} if HTTPS else {}),
}
# Beside those that Django sets: nosniff, Referrer-Policy and Cross-Origin-Opener-Policy.
SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
            *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "magnetometer"),
            *("microphone", "midi", "payment", "publickey-credentials-get", "usb"),
        )
    ),
}

# Public pages set no cookie. With the prefix, no other host of the domain can set one of ours.
_COOKIE = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_COOKIE}sessionid", f"{_COOKIE}csrftoken"
CSRF_COOKIE_HTTPONLY = True
# A working day.
SESSION_COOKIE_AGE = 12 * 60 * 60

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Five wrong passwords for one user from one address close it to that pair alone: from anywhere
# else the user logs in as before.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Trying meanwhile does not make the wait longer, and a right password ends the count.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "careers.limits.client_address"
AXES_LOCKOUT_CALLABLE = "careers.limits.locked_out"
# Nothing is kept of who logs in, from where and when, but what the lock needs.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# Whether staff need a second factor; who has none sets one up after the password.
REQUIRE_OTP = env.boolean("REQUIRE_OTP", default=HTTPS)
OTP_TOTP_ISSUER = "Métiers au clair"

# Answers that one client may have made for it in a minute; kept pages are not counted. 0: any.
RATE_LIMIT = env.number("RATE_LIMIT", 0 if DEBUG else 300)

# What /.well-known/security.txt says, and for how many days from the day on which it is read.
SECURITY_CONTACTS = env.contacts("SECURITY_CONTACT")
SECURITY_DAYS = env.number("SECURITY_DAYS", 180)
