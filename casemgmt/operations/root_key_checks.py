"""System checks of how the root key is kept: what a weaker choice means, in words, at every start."""

import os
import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from casemgmt.crypto import providers
from casemgmt.crypto.providers import local, token
from casemgmt.operations import root_key

Messages = list[checks.CheckMessage]

#: Secrets that may come by a file or a person only: the environment of a process can be read by others, and is inherited.
_NEVER_IN_ENVIRONMENT = ("ROOT_PASSPHRASE", "ROOT_KEY", "PKCS11_PIN")


def check_root_key(app_configs: Any = None, **kwargs: Any) -> Messages:
    """The provider is known, its settings are there, and no secret stands in the environment."""
    found: Messages = []
    if settings.ROOT_KEY_PROVIDER not in providers.KINDS:
        found.append(checks.Error(
            f"ROOT_KEY_PROVIDER is none of {', '.join(providers.KINDS)}.", id="haven.E016",
        ))  # fmt: skip
    for name in _NEVER_IN_ENVIRONMENT:
        if os.environ.get(name):
            found.append(checks.Error(
                f"{name} stands in the environment, where other programs of this machine can read it.",
                hint=f"Unset it. Type the secret at the start, or name a file that holds it in "
                f"{'PKCS11_PIN_FILE' if name == 'PKCS11_PIN' else 'ROOT_PASSPHRASE_FILE'}.",
                id="haven.E017",
            ))  # fmt: skip
    if settings.ROOT_KEY_PROVIDER == "pkcs11":
        if token.pkcs11 is None:
            found.append(checks.Error(
                "The root key is in a token, and the package python-pkcs11 is not installed.",
                hint="Run: .venv/bin/pip install --require-hashes -r requirements-token.txt", id="haven.E018",
            ))  # fmt: skip
        if not settings.PKCS11_MODULE or not Path(settings.PKCS11_MODULE).exists():
            found.append(checks.Error(
                "The root key is in a token, and PKCS11_MODULE names no library.",
                hint="Set it to the library of the token's maker; for SoftHSM2 /usr/lib/softhsm/libsofthsm2.so.",
                id="haven.E019",
            ))  # fmt: skip
    if root_key.is_plain() and not local.may_be_plain():
        found.append(checks.Error(
            "The root key lies in a file without a passphrase: whoever copies the disk opens every case.",
            hint="Run: manage.py root_key passphrase. Or set ROOT_KEY_PLAIN=1 if this machine must start alone.",
            id="haven.E020",
        ))  # fmt: skip
    return found


def check_choices(app_configs: Any = None, **kwargs: Any) -> Messages:
    """What a weaker choice means. The demo has no real people in it, and is told nothing."""
    if settings.HAVEN_DEMO:
        return []
    found: Messages = []
    if root_key.is_plain():
        found.append(checks.Warning(
            "The root key lies in a file without a passphrase. Whoever copies this machine's disk and the key store "
            "opens every case, today or in ten years; nothing else protects them.",
            hint="Run: manage.py root_key passphrase", id="haven.W010",
        ))  # fmt: skip
    found += _secret_files()
    if _share_a_place():
        found.append(checks.Warning(
            "The records and their keys are on the same disk or server. Whoever takes it, or one copy of all of it, has "
            "both; and an erased case may come back with it.",
            hint="Give KEYSTORE_URL another disk or server, and back the two up to different places.", id="haven.W012",
        ))  # fmt: skip
    old = Path(settings.ROOT_KEY_FILE).with_name(f"{Path(settings.ROOT_KEY_FILE).name}.old")
    if settings.ROOT_KEY_PROVIDER == "local" and old.exists():
        found.append(checks.Warning(
            "The root key of before the last change is still there: who has it and an old backup of the key store "
            "opens what was in that backup.",
            hint="When no backup from before is needed any more, run: manage.py root_key drop-old", id="haven.W014",
        ))  # fmt: skip
    return found


def _secret_files() -> Messages:
    """The mounted files of a passphrase or PIN: on a disk of their own, and closed to others."""
    found: Messages = []
    for setting, opens in (("ROOT_PASSPHRASE_FILE", settings.ROOT_KEY_FILE), ("PKCS11_PIN_FILE", "")):
        name = getattr(settings, setting)
        if not name or not Path(name).exists():
            continue
        if opens and _disk_of(Path(name)) == _disk_of(Path(opens)):
            found.append(checks.Warning(
                "The passphrase of the root key lies on the same disk as the root key it opens. Whoever takes or copies "
                "that disk has both, as if there were no passphrase.",
                hint=f"Let {setting} name a file of another disk, or of memory (a secret mounted by the machine's "
                "manager); or type the passphrase at the start.", id="haven.W011",
            ))  # fmt: skip
        if stat.S_IMODE(Path(name).stat().st_mode) & 0o077:
            found.append(checks.Warning(
                f"The file that {setting} names can be read by other accounts of this machine.",
                hint=f"Run: chmod go= {name}", id="haven.W013",
            ))  # fmt: skip
    return found


def _share_a_place() -> bool:
    """Whether records and keys are on one disk (SQLite) or one server (PostgreSQL)."""
    places: list[tuple[str, str]] = []
    for options in settings.DATABASES.values():
        if options["ENGINE"].endswith("sqlite3"):
            places.append(("disk", str(_disk_of(Path(str(options["NAME"]))))))
        else:
            places.append((options.get("HOST") or "localhost", str(options.get("PORT") or "5432")))
    return len(set(places)) < len(places)


def _disk_of(path: Path) -> int:
    """The device that holds a file, or would: that of the nearest folder that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev
