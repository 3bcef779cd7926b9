"""The home of an installation: the folder HAVEN_HOME, and the settings file ``.env`` in it.

Standard library only, so that it runs before anything is installed or configured. ``python -m
casemgmt.env --demo`` prepares a home for the demo; without ``--demo`` it prepares one for real work.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

#: What the first start writes down, so that a later command needs nothing but HAVEN_HOME.
REMEMBERED = (
    "DATABASE_URL", "KEYSTORE_URL", "OWNER_DATABASE_URL", "OWNER_KEYSTORE_URL", "SITE_NAME", "TIME_ZONE", "ALLOWED_HOSTS",
    "EMAIL_URL", "SITE_ADDRESS",
    "ROOT_KEY_PROVIDER", "ROOT_KEY_FILE", "ROOT_PASSPHRASE_FILE",
    "PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_KEY_LABEL", "PKCS11_PIN_FILE",
)  # fmt: skip
FOLDERS = ("keys", "files", "tmp")


def home_folder() -> Path:
    """HAVEN_HOME as an absolute path; ``./var`` beside the code where it is not set."""
    default = Path(__file__).resolve().parent.parent / "var"
    return Path(os.environ.get("HAVEN_HOME") or default).absolute()


def prepare_home(home: Path, *, demo: bool) -> bool:
    """Make the folders (0700) and, once, the settings file (0600) with random keys. True if it was new.

    A home keeps for ever what it was made for: asking for the other kind raises ``SystemExit`` with a sentence.
    """
    # A new home is closed to other users of the machine: the databases in it are files like any other.
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    settings_file = home / ".env"
    if settings_file.exists():
        is_demo = "HAVEN_DEMO=1" in settings_file.read_text(encoding="utf-8").splitlines()
        if is_demo != demo:
            kind, other = ("the demo", "real work") if is_demo else ("real work", "the demo")
            raise SystemExit(f"This home was made for {kind}. For {other}, set HAVEN_HOME to an empty folder.")
        return False
    lines = [
        "# Written at the first start. Whoever reads this file can act as the server: keep it private.",
        f"SECRET_KEY={secrets.token_urlsafe(50)}",
        f"HAVEN_DEMO={int(demo)}",
    ]
    lines += [f"{name}={os.environ[name]}" for name in REMEMBERED if os.environ.get(name)]
    descriptor = os.open(settings_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return True


def main(arguments: list[str]) -> None:
    """Prepare HAVEN_HOME from the command line."""
    parser = argparse.ArgumentParser(description="Prepare the folder HAVEN_HOME.")
    parser.add_argument("--demo", action="store_true", help="a home for fictional people only")
    prepare_home(home_folder(), demo=parser.parse_args(arguments).demo)


if __name__ == "__main__":
    main(sys.argv[1:])
