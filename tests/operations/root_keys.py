"""Working with the root key as people do: commands, a terminal, sheets of paper, a key that is the same as before."""

import re
import sys
from pathlib import Path

from tests.served import ROOT, Served
from tests.terminal import Terminal

PASSPHRASE = "seven green doors behind the mill"
ANOTHER = "nine slow rivers under the bridge"
MANAGE = [sys.executable, "manage.py"]


def write_secret(folder: Path, text: str = PASSPHRASE) -> str:
    """A mounted file with a secret, outside the home."""
    path = folder / f"secret-{len(list(folder.iterdir()))}"
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return str(path)


def at_terminal(home: Served, *arguments: str) -> Terminal:
    return Terminal([*MANAGE, *arguments], home.environment, ROOT)


def make_key_store(home: Served) -> None:
    home.manage("migrate", "crypto", "--database", "keystore", "--skip-checks")


DIGEST = (
    "import hashlib; from casemgmt.crypto import keyring;"
    "print('digest', hashlib.sha256(keyring.ledger_key('test')).hexdigest())"
)


def digest(home: Served) -> str:
    """A key from the very bottom of the key store, so that it is the same as long as nothing is lost."""
    return re.search(r"digest (\w{64})", home.manage("shell", "-c", DIGEST).stdout)[1]


def sheets_in(folder: Path) -> list[str]:
    """The words of the three sheets as a person reads them off the paper, in the order of the numbers."""
    found = []
    for path in sorted(folder.glob("*-sheet-*.txt")):
        numbered = re.findall(r"(\d+)\. ([a-z]+)", path.read_text())
        found.append(" ".join(word for _place, word in sorted(numbered, key=lambda pair: int(pair[0]))))
    assert len(found) == 3
    return found


def type_sheet(person: Terminal, words: str) -> None:
    person.expect("End with an empty line.")
    person.expect("> ")
    person.type(words)
    person.expect("> ")
    person.type("")
