"""The file of a root key, in two forms, both plain text of a few lines, readable by their owner only (0400).

1, plain: the key in hex and a checksum. For the demo and development.
2, sealed: the key under AES-256-GCM, with a key made from a passphrase by Argon2id. Its parameters, its salt and the
mark of the root key stand in the file and are authenticated. What is guessed costs 256 MiB and half a second a try.

A file comes into being complete, synced and linked into place, so a crash leaves either none or a whole one.
"""

import hashlib
import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from casemgmt.crypto.errors import RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers.root import KEY_BYTES, MARK_BYTES, NONCE_BYTES, RootKey

_PLAIN_TITLE = "haven root key 1"
_SEALED_TITLE = "haven root key 2"
#: Argon2id of new files: memory in KiB, passes, lanes. RFC 9106 recommends 64 MiB and 3 passes as the least.
MEMORY_KIB, PASSES, LANES = 256 * 1024, 3, 4
#: What a file may ask for. Less would be weak, more would only be there to exhaust this machine.
_LEAST_KIB, _MOST_KIB, _MOST_PASSES, _MOST_LANES = 64 * 1024, 4 * 1024 * 1024, 64, 64
_SALT_BYTES = 16
_DAMAGED = "The root key file is damaged. Put back a copy of it, or make it anew from two of the paper sheets."


@dataclass(frozen=True, repr=False)
class KeyFile:
    """What a root key file says before anybody opens it."""

    path: Path
    is_sealed: bool
    mark: bytes
    _lines: tuple[str, ...]

    def open(self, passphrase: str = "") -> RootKey:
        """The root key. Raises WrongSecret for another passphrase, RootKeyUnavailable for a damaged file."""
        if not self.is_sealed:
            return RootKey(bytes.fromhex(self._lines[1]))
        memory, passes, lanes, salt = _costs(self._lines[2])
        nonce, sealed = _hex(self._lines[3], "sealed")[:NONCE_BYTES], _hex(self._lines[3], "sealed")[NONCE_BYTES:]
        cipher = AESGCM(_stretch(passphrase, salt, memory, passes, lanes))
        try:
            root = RootKey(cipher.decrypt(nonce, sealed, _bound(self._lines[:3])))
        except InvalidTag:
            raise WrongSecret("This passphrase does not open the root key.") from None
        except ValueError:
            raise RootKeyUnavailable(_DAMAGED) from None
        if root.mark != self.mark:
            raise RootKeyUnavailable(_DAMAGED)
        return root

    def __repr__(self) -> str:
        return f"<root key file {self.mark.hex()}>"


def read(path: Path) -> KeyFile:
    """Read a file without opening it. Raises RootKeyUnavailable: missing, unreadable, open to others, damaged."""
    try:
        mode = path.stat().st_mode
        lines = tuple(path.read_text(encoding="ascii").splitlines())
    except FileNotFoundError:
        raise RootKeyUnavailable("The root key file is missing.") from None
    except (OSError, UnicodeDecodeError):
        raise RootKeyUnavailable("The root key file cannot be read.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise RootKeyUnavailable("The root key file is open to other accounts. Run chmod 0400 on it.")
    try:
        if lines[0] == _PLAIN_TITLE:
            return _plain(path, lines)
        if lines[0] == _SEALED_TITLE:
            return _sealed(path, lines)
    except (ValueError, IndexError):
        pass
    raise RootKeyUnavailable(_DAMAGED)


def write(path: Path, root: RootKey, passphrase: str | None) -> None:
    """Write a new file: sealed, or plain where ``passphrase`` is None. Never overwrites: raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _put(path, _plain_text(root) if passphrase is None else _sealed_text(root, passphrase))


def replace(path: Path, root: RootKey, passphrase: str) -> None:
    """Seal the same root key under another passphrase: the new file takes the old one's place in one step.

    Raises RootKeyUnavailable where ``path`` holds another root key: such a file is never overwritten.
    """
    if read(path).mark != root.mark:
        raise RootKeyUnavailable("Another root key lies there. It is never overwritten.")
    fresh = path.with_name(f".{path.name}.{os.getpid()}.fresh")
    fresh.unlink(missing_ok=True)
    _put(fresh, _sealed_text(root, passphrase))
    os.replace(fresh, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder last: without it a renamed file may have its old name again after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)


def _plain_text(root: RootKey) -> str:
    key = root.reveal()
    return f"{_PLAIN_TITLE}\n{key.hex()}\n{_checksum(key)}\n"


def _sealed_text(root: RootKey, passphrase: str) -> str:
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(NONCE_BYTES)
    head = (
        _SEALED_TITLE,
        f"mark {root.mark.hex()}",
        f"argon2id {MEMORY_KIB} {PASSES} {LANES} {salt.hex()}",
    )
    cipher = AESGCM(_stretch(passphrase, salt, MEMORY_KIB, PASSES, LANES))
    sealed = (nonce + cipher.encrypt(nonce, root.reveal(), _bound(head))).hex()
    lines = (*head, f"sealed {sealed}")
    return "\n".join((*lines, f"checksum {_checksum(_bound(lines))}", ""))


def _plain(path: Path, lines: tuple[str, ...]) -> KeyFile:
    _title, text, checksum = lines
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES or checksum != _checksum(key):
        raise ValueError
    return KeyFile(path, False, RootKey(key).mark, lines)


def _sealed(path: Path, lines: tuple[str, ...]) -> KeyFile:
    *body, checksum = lines
    mark = _hex(body[1], "mark")
    _costs(body[2])
    sealed = _hex(body[3], "sealed")
    if checksum != f"checksum {_checksum(_bound(body))}" or len(body) != 4:
        raise ValueError
    if len(mark) != MARK_BYTES or len(sealed) != NONCE_BYTES + KEY_BYTES + 16:
        raise ValueError
    return KeyFile(path, True, mark, lines)


def _costs(line: str) -> tuple[int, int, int, bytes]:
    """Memory in KiB, passes, lanes and salt. Raises ValueError outside what a file may ask for."""
    name, memory, passes, lanes, salt = line.split(" ")
    costs = int(memory), int(passes), int(lanes)
    most = _MOST_KIB, _MOST_PASSES, _MOST_LANES
    if (
        name != "argon2id"
        or costs[0] < _LEAST_KIB
        or any(not 1 <= one <= top for one, top in zip(costs, most, strict=True))
    ):
        raise ValueError
    return *costs, bytes.fromhex(salt)


def _hex(line: str, name: str) -> bytes:
    word, text = line.split(" ")
    if word != name:
        raise ValueError
    return bytes.fromhex(text)


def _stretch(passphrase: str, salt: bytes, memory: int, passes: int, lanes: int) -> bytes:
    """The key made of a passphrase. The same text typed on another keyboard is the same passphrase (NFKC)."""
    text = unicodedata.normalize("NFKC", passphrase).encode()
    return Argon2id(salt=salt, length=KEY_BYTES, iterations=passes, lanes=lanes, memory_cost=memory).derive(text)


def _bound(lines: tuple[str, ...] | list[str]) -> bytes:
    return "\n".join(lines).encode("ascii")


def _checksum(content: bytes) -> str:
    """Enough to notice a slip when a file is copied by hand; says nothing about the key itself."""
    return hashlib.sha256(b"haven root checksum 1" + content).hexdigest()[:16]
