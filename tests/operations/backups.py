"""Real homes for the tests of backups: a sealed root key, two databases, a few people, and what is done to them."""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pyrage import x25519

from casemgmt.operations.locks import place_of
from tests import postgres
from tests.served import POSTGRESQL, ROOT, Served

PASSPHRASE = "seven quiet herons over the lake"


class Home(Served):
    """A home for real work, never served: its root key is sealed, and its passphrase lies in a file outside."""

    def __init__(self, engine: str, *, outside: Path, home: Path | None = None) -> None:
        super().__init__(engine=engine, home=home, is_demo=False)
        self.outside = outside

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "ROOT_PASSPHRASE_FILE": str(self.outside / "root-passphrase")}

    @classmethod
    def filled(cls, engine: str, outside: Path) -> "Home":
        """A home with people, cases and files."""
        home = cls.empty(engine, outside)
        home.manage("root_key", "create")
        home.manage("prepare")
        home.act("fill")
        return home

    @classmethod
    def empty(cls, engine: str, outside: Path) -> "Home":
        """Settings and empty databases; no root key."""
        (outside / "root-passphrase").write_text(PASSPHRASE + "\n")
        home = cls(engine, outside=outside)
        home.prepare()
        return home

    @classmethod
    def beside(cls, other: "Home") -> "Home":
        """An empty home on another machine, to which the root key was brought."""
        home = cls.empty(other.engine, other.outside)
        shutil.copy2(other.home / "keys" / "root.key", home.home / "keys" / "root.key")
        return home

    def act(self, *what: str) -> str:
        """Do something inside (``backup_home``), and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.operations.backup_home", *what], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, *what: str) -> "subprocess.Popen[str]":
        """The same, going on beside the test."""
        command = [sys.executable, "-m", "tests.operations.backup_home", *what]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)

    def told(self, what: str) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.act(what).splitlines()[-1])


class Targets:
    """Two places for backups, and an age key that lies in neither."""

    def __init__(self, folder: Path) -> None:
        self.data, self.keystore = folder / "data", folder / "keys"
        self.identity_file = folder / "identity.txt"
        for place in (self.data, self.keystore):
            place.mkdir()
        one = x25519.Identity.generate()
        self.identity_file.write_text(f"# an age key\n{one}\n")
        self.recipient = str(one.to_public())
        self.places = ("--data", str(self.data), "--keystore", str(self.keystore))
        self.opened = (*self.places, "--identity-file", str(self.identity_file))

    def back_up(self, home: Home, *more: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """One backup, with both places on the disk of the tests."""
        arguments = (*self.places, "--recipient", self.recipient, "--same-device-is-fine", *more)
        return home.manage("backup", *arguments, check=check)

    def copy(self) -> "Targets":
        """The same key and a copy of what lies there now, to be spoiled."""
        folder = Path(tempfile.mkdtemp(dir=self.data.parent))
        other = Targets(folder)
        for mine, its in ((self.data, other.data), (self.keystore, other.keystore)):
            shutil.rmtree(its)
            shutil.copytree(mine, its)
        shutil.copy2(self.identity_file, other.identity_file)
        other.recipient = self.recipient
        return other

    def sets(self) -> list[str]:
        """The names in both places, those of unfinished ones too."""
        return sorted(one.name for place in (self.data, self.keystore) for one in place.iterdir())


def spoiled(path: Path, at: int = -200) -> None:
    """Change one byte."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def part(targets: Targets, name: str, end: str = "age") -> Path:
    """The one archive of this part."""
    place = targets.keystore if name == "keystore" else targets.data
    return next(place.glob(f"haven-*/{name}.{end}"))


def left_behind(home: Home) -> list[str]:
    """What a drill or a backup may have forgotten: scratch folders and databases."""
    found = [one.name for one in (home.home / "tmp").iterdir() if not one.name.endswith(".lock")]
    found += [one.name for one in Path("/dev/shm").glob(f"drill-{place_of(home.home)}-*")]
    if home.engine == POSTGRESQL:
        with postgres.psycopg.connect(f"{postgres.throwaway_cluster()}/postgres") as connection:
            found += [
                name
                for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'drill%'")
                if place_of(home.home) in name
            ]
    return found


def forms_of(text: str) -> list[bytes]:
    """A text as it may stand in a file, in lower case."""
    plain = text.encode()
    shifted = [base64.b64encode(bytes(pad) + plain)[pad + 2 : -4] for pad in range(3)]
    forms = [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode(), plain[::-1], *shifted]
    return [form.lower() for form in forms]


def whole_sets(home: Home, targets: Targets) -> None:
    """What lies there can be restored."""
    assert "The drill passed" in home.manage("restore_drill", *targets.opened).stdout


def free_bytes(folder: Path) -> int:
    """What a disk still takes."""
    return shutil.disk_usage(folder).free
