"""System checks of the whole house: fail loudly and early. ``serve`` runs all of them, on both databases."""

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connections

from audit.anchoring import shadow, witnesses
from audit.protection import check_protection
from casemgmt import proxies
from casemgmt.operations import root_key_checks
from casemgmt.operations.models import Installation
from casemgmt.operations.port import is_loopback
from cases.choices.documents import DocumentCategory
from cases.scanning import parse_address

Messages = list[checks.CheckMessage]
SHORTEST_SECRET = 50
OLDEST_POSTGRESQL = 150_000


def register_all() -> None:
    """Called once, when the apps are ready."""
    checks.register(check_secrets, checks.Tags.security)
    checks.register(check_home, checks.Tags.security)
    checks.register(check_demo_flags)
    checks.register(check_engine_options)
    checks.register(check_files)
    checks.register(check_proxies)
    checks.register(check_anchors)
    checks.register(check_place_of_anchors, checks.Tags.security, deploy=True)
    checks.register(check_databases, checks.Tags.database)
    checks.register(check_guards, checks.Tags.database)
    checks.register(check_place_of_real_data, checks.Tags.security, deploy=True)
    checks.register(root_key_checks.check_root_key, checks.Tags.security)
    checks.register(root_key_checks.check_choices, checks.Tags.security, deploy=True)


def check_secrets(app_configs: Any, **kwargs: Any) -> Messages:
    """The secret key is long enough to have been made by a machine, and pages never show their insides."""
    found: Messages = []
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < 5:
        found.append(checks.Error(
            "SECRET_KEY is too short or too simple.",
            hint="Remove it from the settings file and start with an empty HAVEN_HOME, or set 50 random characters.",
            id="haven.E001",
        ))  # fmt: skip
    if settings.DEBUG:
        found.append(checks.Error("DEBUG is on: error pages would show values of cases.", id="haven.E002"))
    return found


def check_home(app_configs: Any, **kwargs: Any) -> Messages:
    """What holds secrets is readable by its owner alone."""
    home = Path(settings.HAVEN_HOME)
    private = {
        settings.ROOT_KEY_FILE: "The root key",
        home / ".env": "The settings file",
        home / "keys": "The folder of keys",
        home / "files": "The folder of sealed files",
        home / "tmp": "The folder of unfinished uploads",
    }
    found: Messages = []
    for path, name in private.items():
        mode = _mode(Path(path))
        if mode & 0o077:
            found.append(checks.Error(
                f"{name} can be read by other accounts of this machine.",
                hint=f"Run: chmod go= {path}",
                id="haven.E003",
            ))  # fmt: skip
    return found


def _mode(path: Path) -> int:
    """The permissions of a file; 0 where there is none yet."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0


def check_demo_flags(app_configs: Any, **kwargs: Any) -> Messages:
    """The demo signs people in by a button, so it answers to names of this machine alone."""
    if not settings.HAVEN_DEMO:
        return []
    found: Messages = []
    outside = [name for name in settings.ALLOWED_HOSTS if not is_loopback(name.strip("[]"))]
    if outside:
        found.append(checks.Error(
            "The demo answers to a name that is not this machine's.",
            hint="Take everything but localhost, 127.0.0.1 and [::1] out of ALLOWED_HOSTS.",
            id="haven.E004",
        ))  # fmt: skip
    if settings.SECURE_PROXY_SSL_HEADER:
        found.append(
            checks.Error("The demo is not served behind a proxy.", hint="Unset BEHIND_PROXY.", id="haven.E005")
        )
    return found


def check_proxies(app_configs: Any, **kwargs: Any) -> Messages:
    """Proxies are named by address, and they are few: whoever is believed may say that he is anybody."""
    try:
        networks = proxies.ours()
    except ValueError:
        return [checks.Error("PROXY_ADDRESSES holds what is no address and no network.", id="haven.E022")]
    wide = [str(one) for one in networks if one.num_addresses > 2 ** (16 if one.version == 4 else 64)]
    if wide:
        return [checks.Error(f"PROXY_ADDRESSES believes half the world: {', '.join(wide)}.", id="haven.E022")]
    return []


def check_files(app_configs: Any, **kwargs: Any) -> Messages:
    """Limits are for kinds of documents that exist, and the scanner, which reads files in clear, is on this machine."""
    found: Messages = []
    unknown = sorted(set(settings.DOCUMENT_MAX_BYTES_BY_CATEGORY) - set(DocumentCategory.values))
    if unknown:
        found.append(checks.Error(
            f"DOCUMENT_MAX_BYTES_BY_CATEGORY names kinds that do not exist: {', '.join(unknown)}.",
            hint=f"The kinds are {', '.join(DocumentCategory.values)}.",
            id="haven.E020",
        ))  # fmt: skip
    if settings.CLAMD_ADDRESS:
        try:
            parse_address(settings.CLAMD_ADDRESS)
        except ImproperlyConfigured as error:
            found.append(checks.Error(str(error), id="haven.E021"))
    return found


def check_anchors(app_configs: Any, **kwargs: Any) -> Messages:
    """Where heads of the ledger go is an address that can be used: a wrong one would fail at each commit."""
    found: Messages = []
    for look, number in ((witnesses.listed, "haven.E022"), (shadow.parse_setting, "haven.E023")):
        try:
            look()
        except ImproperlyConfigured as error:
            found.append(checks.Error(str(error), id=number))
    if settings.ANCHOR_MAIL_EVERY_HOURS < 1 or settings.ANCHOR_MAIL_EVERY_CHECKPOINTS < 0:
        found.append(checks.Error(
            "Letters with heads of the ledger go out at least each hour: ANCHOR_MAIL_EVERY_HOURS begins at 1, "
            "ANCHOR_MAIL_EVERY_CHECKPOINTS at 0.",
            id="haven.E024",
        ))  # fmt: skip
    return found


def check_place_of_anchors(app_configs: Any, **kwargs: Any) -> Messages:
    """Somebody else holds heads of the ledger, and not beside the ledger itself."""
    if settings.HAVEN_DEMO:
        return []
    found: Messages = []
    if not (settings.ANCHOR_FILE or settings.ANCHOR_MAIL_TO or settings.WITNESSES):
        found.append(checks.Warning(
            "Nobody else holds heads of the ledger: whoever takes this server and its keys could write it anew.",
            hint="Set ANCHOR_MAIL_TO to the auditor's address, or ANCHOR_FILE, or WITNESSES (docs/ledger.md).",
            id="haven.W004",
        ))  # fmt: skip
    if settings.ANCHOR_FILE and Path(settings.ANCHOR_FILE).resolve().is_relative_to(
        Path(settings.HAVEN_HOME).resolve()
    ):
        found.append(checks.Warning(
            "The file with heads of the ledger lies in the home itself, where one person changes both.",
            hint="Let ANCHOR_FILE lie on another disk or machine.",
            id="haven.W005",
        ))  # fmt: skip
    return found


def check_engine_options(app_configs: Any, **kwargs: Any) -> Messages:
    """Both databases are of an engine that Haven knows, with the options that keep what was written."""
    found: Messages = []
    for alias, options in settings.DATABASES.items():
        engine = options["ENGINE"].rpartition(".")[2]
        if engine not in ("sqlite3", "postgresql"):
            found.append(checks.Error(f"The database “{alias}” is neither SQLite nor PostgreSQL.", id="haven.E007"))
        elif engine == "sqlite3" and options.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE":
            found.append(checks.Error(f"SQLite of “{alias}” needs transaction_mode IMMEDIATE.", id="haven.E008"))
    names = [(options["ENGINE"], str(options["NAME"]), options.get("HOST")) for options in settings.DATABASES.values()]
    if len(set(names)) != len(names):
        found.append(checks.Error(
            "The records and the keys share one database, so a copy of it would open every case.",
            hint="Give KEYSTORE_URL a database of its own, best on another machine.",
            id="haven.E009",
        ))  # fmt: skip
    return found


def check_databases(app_configs: Any = None, databases: Iterable[str] | None = None, **kwargs: Any) -> Messages:
    """Each database answers, and runs with the options that the settings ask for."""
    found: Messages = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            found += _sqlite(alias) if connection.vendor == "sqlite" else _postgresql(alias)
        except (DatabaseError, InterfaceError) as error:
            found.append(checks.Error(
                f"The database “{alias}” does not answer ({type(error).__name__}).",
                hint="Is its address in the settings file right, and is it running?",
                id="haven.E010",
            ))  # fmt: skip
    return found


def _sqlite(alias: str) -> Messages:
    """Write-ahead log, full sync and foreign keys."""
    wanted = {"journal_mode": ("wal", "memory"), "synchronous": (2,), "foreign_keys": (1,)}
    found: Messages = []
    with connections[alias].cursor() as cursor:
        for pragma, values in wanted.items():
            cursor.execute(f"PRAGMA {pragma}")
            if cursor.fetchone()[0] not in values:
                found.append(checks.Error(f"SQLite of “{alias}”: {pragma} must be {values[0]}.", id="haven.E011"))
    return found


def _postgresql(alias: str) -> Messages:
    """A version that is still maintained, UTF-8, and commits that are really on disk."""
    found: Messages = []
    connection = connections[alias]
    connection.ensure_connection()
    if connection.connection.info.server_version < OLDEST_POSTGRESQL:
        found.append(checks.Error(f"PostgreSQL of “{alias}” is older than 15.", id="haven.E012"))
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if cursor.fetchone()[0] != "UTF8":
            found.append(checks.Error(f"PostgreSQL of “{alias}” is not in UTF-8.", id="haven.E013"))
        cursor.execute("SHOW fsync")
        if cursor.fetchone()[0] != "on":
            found.append(
                checks.Warning(f"PostgreSQL of “{alias}” runs without fsync: a crash loses data.", id="haven.W001")
            )
    return found


def check_guards(app_configs: Any = None, databases: Iterable[str] | None = None, **kwargs: Any) -> Messages:
    """The ledger's guards are in the database, and the database is of the same kind (demo or real) as the settings."""
    if "default" not in (databases or ()):
        return []
    try:
        tables = connections["default"].introspection.table_names()
        if Installation._meta.db_table not in tables:
            return []  # nothing has been migrated yet; serve asks for that by itself
        found: Messages = [checks.Error(problem, id="haven.E014") for problem in check_protection()]
        mark = Installation.objects.filter(pk=1).values_list("is_demo", flat=True).first()
    except (DatabaseError, InterfaceError):
        return []  # check_databases says so
    if mark is not None and mark != settings.HAVEN_DEMO:
        kind = "demo data" if mark else "real work"
        found.append(
            checks.Error(f"This database was made for {kind}, and the settings say otherwise.", id="haven.E015")
        )
    return found


def check_place_of_real_data(app_configs: Any, **kwargs: Any) -> Messages:
    """What is right for the demo and not for real survivors."""
    if settings.HAVEN_DEMO:
        return []
    found: Messages = []
    if any(options["ENGINE"].endswith("sqlite3") for options in settings.DATABASES.values()):
        found.append(checks.Warning(
            "Real survivor data belongs on PostgreSQL: it keeps writes apart, refuses more, and can be copied safely.",
            hint="Set DATABASE_URL and KEYSTORE_URL in the settings file of this home.",
            id="haven.W002",
        ))  # fmt: skip
    if not settings.HTTPS:
        found.append(checks.Warning(
            "HTTPS is off: whoever is on the way can read what is sent.",
            hint="Set HTTPS=1 (and BEHIND_PROXY=1 behind a proxy that ends TLS).",
            id="haven.W003",
        ))  # fmt: skip
    return found
