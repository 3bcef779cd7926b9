"""Settings of Haven, read from the environment and from ``HAVEN_HOME/.env``.

Secrets have no default: an installation without them does not start. ``NAME_FILE`` names a mounted
file that holds the secret ``NAME``.
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from casemgmt.env import home_folder

BASE_DIR = Path(__file__).resolve().parent.parent
HAVEN_HOME = home_folder()

env = environ.FileAwareEnv()
_GIVEN = frozenset(os.environ)
environ.FileAwareEnv.read_env(HAVEN_HOME / ".env")
#: What only the file says. A child process reads it there by itself: /proc shows the environment it was started with.
FROM_ENV_FILE = frozenset(os.environ) - _GIVEN

try:
    SECRET_KEY: str = env.str("SECRET_KEY")
except ImproperlyConfigured:
    raise ImproperlyConfigured(
        f"{HAVEN_HOME} is not a home of Haven yet. `make run` makes one for the demo, `make serve` one for real work."
    ) from None

HAVEN_DEMO: bool = env.bool("HAVEN_DEMO", default=False)
SITE_NAME: str = env.str("SITE_NAME", default="Haven")
#: For so many seconds a process believes what it read of the administrator's configuration (casemgmt.accounts.configured).
HAVEN_CONFIGURED_SECONDS = 10
CASE_NUMBER_PREFIX: str = env.str("CASE_NUMBER_PREFIX", default="HV")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "guardian",
    "simple_history",
    "lucide",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "casemgmt.crypto",
    "casemgmt.access",
    "casemgmt.interface",
    "audit",
    "casemgmt.accounts",
    "cases",
    "services",
    "casemgmt.reports",
    "casemgmt.operations",
]

MIDDLEWARE = [
    "casemgmt.proxies.ProxyMiddleware",
    "casemgmt.middleware.HealthMiddleware",
    "casemgmt.middleware.OutermostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casemgmt.middleware.CompressPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "casemgmt.accounts.middleware.PreferencesMiddleware",
    "casemgmt.accounts.middleware.DoorkeeperMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "casemgmt.urls"
WSGI_APPLICATION = "casemgmt.wsgi.application"
APPEND_SLASH = False
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "casemgmt.interface.context.shell",
            ],
        },
    },
]

# ---- Databases: the records, and apart from them the keys (docs/vault.md) ----


def _database(name: str, default_file: str, *, pragmas: str) -> dict:
    """The connection of one database: SQLite in the home unless ``name`` is a PostgreSQL address."""
    options = env.db_url(name, default=f"sqlite:///{HAVEN_HOME / default_file}")
    options["CONN_MAX_AGE"] = 600
    if options["ENGINE"].endswith("sqlite3"):
        options["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    else:
        options["CONN_HEALTH_CHECKS"] = True
        options.setdefault("OPTIONS", {}).update({"connect_timeout": 3, "tcp_user_timeout": 5000})
        # Statements whose text is kept (casemgmt.access.compiled) are planned once for each connection.
        prepares = env.bool("DATABASE_PREPARES", default=True)
        options["OPTIONS"]["prepare_threshold"] = 5 if prepares else None
        if prepares:
            # PostgreSQL compiles what it thinks will take long: half a second for a page of fifty milliseconds. Poolers refuse
            # the option, so behind one it is set at the server (docs/hardening.md).
            options["OPTIONS"].setdefault("options", "-c jit=off")
    return options


_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
DATABASES = {
    "default": _database("DATABASE_URL", "haven.sqlite3", pragmas=_PRAGMAS),
    # What is erased must be gone: overwrite freed pages of the key store with zeros.
    "keystore": _database("KEYSTORE_URL", "keystore.sqlite3", pragmas=_PRAGMAS + " PRAGMA secure_delete=ON;"),
}
#: Who owns the tables of a hardened PostgreSQL (docs/hardening.md): migrations and backups sign in as them. Empty: nobody else.
DATABASE_OWNERS: dict[str, dict] = {
    alias: env.db_url(name) if env.str(name, default="") else {}
    for alias, name in (("default", "OWNER_DATABASE_URL"), ("keystore", "OWNER_KEYSTORE_URL"))
}
DATABASE_ROUTERS = ["casemgmt.crypto.router.KeystoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# ---- The vault ----

#: What holds the root key: "local" (a file sealed under a passphrase), "shares" (paper), "pkcs11" (a token). docs/keys.md
ROOT_KEY_PROVIDER: str = env.str("ROOT_KEY_PROVIDER", default="local")
ROOT_KEY_FILE = Path(env.str("ROOT_KEY_FILE", default=str(HAVEN_HOME / "keys" / "root.key")))
#: A root key without a passphrase outside the demo: for machines without people. The start-up check says what it means.
ROOT_KEY_PLAIN: bool = env.bool("ROOT_KEY_PLAIN", default=False)
#: A mounted file with the passphrase, for starts without a person.
ROOT_PASSPHRASE_FILE: str = env.str("ROOT_PASSPHRASE_FILE", default="")
#: How long what holds the root key may take for one answer.
ROOT_KEY_SECONDS: float = env.float("ROOT_KEY_SECONDS", default=5.0)
PKCS11_MODULE: str = env.str("PKCS11_MODULE", default="")
PKCS11_TOKEN: str = env.str("PKCS11_TOKEN", default="haven")
PKCS11_KEY_LABEL: str = env.str("PKCS11_KEY_LABEL", default="haven-root")
PKCS11_PIN_FILE: str = env.str("PKCS11_PIN_FILE", default="")
FILE_UPLOAD_HANDLERS = ["casemgmt.crypto.uploads.SealedUploadHandler"]
FILE_UPLOAD_TEMP_DIR = HAVEN_HOME / "tmp"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DOCUMENT_MAX_BYTES: int = env.int("DOCUMENT_MAX_BYTES", default=25 * 1024 * 1024)
# The kinds that may be larger, for example VIDEO=524288000,EVIDENCE=524288000 (500 MB each, the default).
DOCUMENT_MAX_BYTES_BY_CATEGORY: dict[str, int] = env.dict(
    "DOCUMENT_MAX_BYTES_BY_CATEGORY",
    cast={"value": int},
    default={"VIDEO": 500 * 1024 * 1024, "EVIDENCE": 500 * 1024 * 1024},
)
# Uploads stop before the disk is so full that the databases could not go on.
DISK_RESERVE_BYTES: int = env.int("DISK_RESERVE_BYTES", default=200 * 1024 * 1024)
# An optional scanner on this machine: unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310. Empty: none.
CLAMD_ADDRESS: str = env.str("CLAMD_ADDRESS", default="")
# Whether a file is refused while that scanner does not answer; else it is kept, and the ledger says "unscanned".
CLAMD_REQUIRED: bool = env.bool("CLAMD_REQUIRED", default=True)
MEDIA_ROOT = HAVEN_HOME / "files"
#: How long an approved erasure waits before it is carried out.
ERASURE_COOLING_DAYS: int = env.int("ERASURE_COOLING_DAYS", default=14)
#: How many years consents, releases and the accounting of disclosures outlive the case (HIPAA); 0 where no law says so.
DUTIES_KEPT_YEARS: int = env.int("DUTIES_KEPT_YEARS", default=6)
#: Whom to call when police, immigration officers or an attorney stand at the door: a name and a telephone number.
COUNSEL_AT_THE_DOOR: str = env.str("COUNSEL_AT_THE_DOOR", default="")
#: How many years the sender keeps the services of a case that went over to a partner (2 CFR 200.334); 0 where no law says so.
TRANSFERS_KEPT_YEARS: int = env.int("TRANSFERS_KEPT_YEARS", default=3)
#: Whether access across programmes of this house (what a team names as its programme) needs her release (28 CFR 90.4).
PROGRAMMES_KEPT_APART: bool = env.bool("PROGRAMMES_KEPT_APART", default=False)
#: How long backups of the key store are kept: so long after an erasure one of them could still bring a key back.
KEYSTORE_BACKUP_DAYS: int = env.int("KEYSTORE_BACKUP_DAYS", default=14)

# ---- Backups (docs/keys.md). The nightly one runs once both places and whom it is sealed to are named. ----

BACKUP_DATA_TARGET: str = env.str("BACKUP_DATA_TARGET", default="")
BACKUP_KEYSTORE_TARGET: str = env.str("BACKUP_KEYSTORE_TARGET", default="")
#: Sealed to these (age1…, the public halves of keys that are kept elsewhere), or under the passphrase in a file.
BACKUP_RECIPIENTS: list[str] = env.list("BACKUP_RECIPIENTS", default=[])
BACKUP_PASSPHRASE_FILE: str = env.str("BACKUP_PASSPHRASE_FILE", default="")
#: What opens them, for drills that run by themselves. Whoever takes this machine then has it, too: best left empty.
BACKUP_IDENTITY_FILE: str = env.str("BACKUP_IDENTITY_FILE", default="")
#: How many backups of the records are kept. Those of the key store go after KEYSTORE_BACKUP_DAYS.
BACKUP_KEEP: int = env.int("BACKUP_KEEP", default=30)
BACKUP_SAME_DEVICE_IS_FINE: bool = env.bool("BACKUP_SAME_DEVICE_IS_FINE", default=False)
#: After how long the administrator and the director are reminded.
BACKUP_EVERY_HOURS: int = env.int("BACKUP_EVERY_HOURS", default=24)
DRILL_EVERY_DAYS: int = env.int("DRILL_EVERY_DAYS", default=31)
#: The key-encryption key and the key of the search indexes (``keys add …``, ``search_index rotate``).
ROTATE_EVERY_DAYS: int = env.int("ROTATE_EVERY_DAYS", default=365)
#: How long a note may be changed by whoever may change it; afterwards it stays word for word and is amended.
NOTE_CHANGE_HOURS: int = env.int("NOTE_CHANGE_HOURS", default=72)
#: After how long an event of the ledger that is not sealed is a finding, and the administrator is told.
SEALING_LATE_AFTER_MINUTES: int = env.int("SEALING_LATE_AFTER_MINUTES", default=5)
#: After how long a verification of the ledger is called too old on the auditor's pages.
AUDIT_VERIFIED_WITHIN_HOURS: int = env.int("AUDIT_VERIFIED_WITHIN_HOURS", default=36)
#: Whether the background worker seals the ledger. Off where ``manage.py audit_seal`` runs as a process of its own.
SEAL_IN_WORKER: bool = env.bool("SEAL_IN_WORKER", default=True)

# ---- Anchors of the ledger: heads that somebody else holds (docs/ledger.md) ----

#: A file on another disk or machine to which every head is appended, at most once a minute. Empty: none.
ANCHOR_FILE: str = env.str("ANCHOR_FILE", default="")
#: To whom the newest head is sent: the auditor's own addresses, outside the house. Empty: nobody.
ANCHOR_MAIL_TO: list[str] = env.list("ANCHOR_MAIL_TO", default=[])
#: After so many hours, or sooner after so many checkpoints (0: by the hours alone).
ANCHOR_MAIL_EVERY_HOURS: int = env.int("ANCHOR_MAIL_EVERY_HOURS", default=24)
ANCHOR_MAIL_EVERY_CHECKPOINTS: int = env.int("ANCHOR_MAIL_EVERY_CHECKPOINTS", default=0)
#: Witnesses that cosign heads, each its address, a blank, and its key as ``manage.py audit_witness`` prints it.
WITNESSES: list[str] = env.list("WITNESSES", default=[])
#: Where a line goes for each event and head: ``unix:/dev/log``, ``udp:loghost.example.org:514`` or ``tcp:…``. Empty: nowhere.
SHADOW_SYSLOG: str = env.str("SHADOW_SYSLOG", default="")

# How cases are found: "scan" compares in memory and keeps no index, "index" asks blind indexes, "auto" scans below
# 20,000 cases and asks the indexes above, once the worker has filled them (docs/vault.md).
CASE_SEARCH: str = env.str("CASE_SEARCH", default="auto")
if CASE_SEARCH not in ("auto", "scan", "index"):
    raise ImproperlyConfigured("CASE_SEARCH is auto, scan or index.")

# ---- The guard desk ----

AUTH_USER_MODEL = "accounts.User"
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
# guardian looks for its own backend; ours (cases.access.LiveBackend) knows dates, walls and no superuser.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "cases.access.LiveBackend",
]

# ---- Reception (sign-in) ----

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
]
#: Nothing done for so long: the screen locks. So long since sign-in: a PIN is not enough any more.
HAVEN_IDLE_WARN_SECONDS = 8 * 60
HAVEN_IDLE_LOCK_SECONDS = 10 * 60
HAVEN_SESSION_SECONDS = 12 * 60 * 60

ACCOUNT_ADAPTER = "casemgmt.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 10 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# Whose client it is was settled by the first middleware (PROXY_ADDRESSES), so nothing else reads the header.
ALLAUTH_TRUSTED_PROXY_COUNT = 0
# Counted in the database, so that they hold for all processes together.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ACCOUNT_FORMS = {"login": "casemgmt.accounts.forms.factors.SignInForm"}
MFA_ADAPTER = "casemgmt.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A passkey needs https, or http://localhost in the demo.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = HAVEN_DEMO
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 10
MFA_FORMS = {
    "authenticate": "casemgmt.accounts.forms.factors.AuthenticateForm",
    "reauthenticate": "casemgmt.accounts.forms.factors.ReauthenticateForm",
    "activate_totp": "casemgmt.accounts.forms.factors.ActivateTOTPForm",
    "authenticate_webauthn": "casemgmt.accounts.forms.factors.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "casemgmt.accounts.forms.factors.ReauthenticateByPasskeyForm",
    "add_webauthn": "casemgmt.accounts.forms.factors.AddPasskeyForm",
    "login_webauthn": "casemgmt.accounts.forms.factors.SignInByPasskeyForm",
}

# ---- Sessions, cache, cookies ----

SESSION_ENGINE = "casemgmt.accounts.sessions"
SESSION_COOKIE_NAME = "haven_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Longer than a session lasts: a form that comes too late is kept, because we still know whose it is.
SESSION_COOKIE_AGE = 24 * 60 * 60
CSRF_COOKIE_NAME = "haven_csrf"
CSRF_FAILURE_VIEW = "casemgmt.views.csrf_failure"
HTTPS: bool = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
#: How many days the privacy officer can open the address behind the pseudonym of an event (0: none is kept).
ADDRESS_KEPT_DAYS: int = env.int("ADDRESS_KEPT_DAYS", default=30)
#: Our own proxies, as addresses or networks: what they say of the client (its address, that it came by HTTPS) is believed, of
#: nobody else. Behind a proxy on this machine that is the loopback address, and whoever connects by a local socket.
PROXY_ADDRESSES: list[str] = (
    env.list("PROXY_ADDRESSES", default=["127.0.0.1", "::1"]) if env.bool("BEHIND_PROXY", default=False) else []
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
# With "no-referrer" Chromium sends "Origin: null" on plain form posts, and the CSRF check refuses them.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "haven_cache"}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "media-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# ---- Static files ----

STATIC_URL = "/static/"
STATIC_ROOT = HAVEN_HOME / "static"
STATICFILES_FINDERS = [
    "casemgmt.interface.finders.JoinedFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# The demo serves the sources as they are: compressing them was two thirds of its start-up time.
WHITENOISE_USE_FINDERS = HAVEN_DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if HAVEN_DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ---- Language and time ----

USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("fr", _("French")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "casemgmt" / "interface" / "locale"]
USE_I18N = True

# ---- Mail, jobs, logs ----

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if HAVEN_DEMO else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="haven@example.org")
#: Where people sign in, for letters that no page asked for: https://haven.example.org. Empty: the first of ALLOWED_HOSTS.
SITE_ADDRESS: str = env.str("SITE_ADDRESS", default="")
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "OPTIONS": {}}}
LOGGING_CONFIG = "casemgmt.logs.configure"
# Not empty: with an empty one Django would not call the function above, and no log line would be filtered.
LOGGING: dict = {"version": 1}
# Neither a debug page nor a mail to administrators shows locals, forms, cookies or the words of an exception.
DEFAULT_EXCEPTION_REPORTER = "casemgmt.error_reports.ReportWithoutValues"
DEFAULT_EXCEPTION_REPORTER_FILTER = "casemgmt.error_reports.HideEverything"
