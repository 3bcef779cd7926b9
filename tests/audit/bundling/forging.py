"""A bundle that an insider makes who holds the signing key: every digest, root and signature fits whatever he writes."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import canonical
from audit.sealing import notes, tree
from audit.sealing.entries import leaf_of
from audit.sealing.notes import Verifier

ORIGIN = "haven/ledger/0123456789abcdef"
SOURCE = Path("audit/bundling")
SALT = bytes(range(16))
#: What the values of his entries are committed to.
VALUES = {"purpose": "CASEWORK", "reason": 'She said "no" and "later"'}


def entry(of: int, **changed: Any) -> dict[str, Any]:
    """What one event of one connection tells of itself; the number makes it different from the others."""
    commitments = {key: canonical.commit(SALT, key, value) for key, value in VALUES.items()}
    return {
        "v": 1, "id": f"00000000-0000-4000-8000-{of:012x}", "week": "2026-W30", "verb": "CASE_VIEWED",
        "outcome": "OK", "source": "web", "stream": "11111111-1111-4111-8111-111111111111", "number": of,
        "commitments": commitments,
    } | changed  # fmt: skip


def line(position: int, told: dict[str, Any] | str, **more: Any) -> dict[str, Any]:
    """The line of an entry (its content, or its bytes as he writes them), with the leaf that fits."""
    content = told if isinstance(told, str) else canonical.encode(told).decode()
    mac = hashlib.sha256(b"mac of %d" % position).digest()
    leaf = leaf_of(content.encode(), mac).hex()
    return {"position": position, "leaf": leaf, "mac": mac.hex(), "entry": content} | more


def honest(count: int = 5) -> list[dict[str, Any]]:
    """Lines with nothing wrong in them."""
    return [line(place, entry(place + 1)) for place in range(count)]


@dataclass
class Forger:
    """Writes a bundle into a folder. What is not given is what an honest one would have."""

    folder: Path
    lines: Sequence[dict[str, Any] | str] = field(default_factory=honest)
    leaves: Sequence[bytes] | None = None
    kind: str = "REDACTED"
    frame: dict[str, Any] = field(default_factory=dict)
    origin: str = ORIGIN
    name: str = ORIGIN
    #: Which of his keys signs, and when each of them was retired; the first is in use unless he says otherwise.
    signer: int = 0
    retired: Sequence[str] = ("-",)
    #: Text of the manifest's files → what comes instead.
    manifest: tuple[str, str] = ("", "")
    also: dict[str, bytes] = field(default_factory=dict)

    def key(self, number: int = 0) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32)

    def key_file(self) -> str:
        lines = ["# keys"]
        for number, until in enumerate(self.retired):
            verifier = Verifier(self.name, self.key(number).public_key().public_bytes_raw())
            lines.append(f"2026-01-01T00:00:00Z {until} {verifier}")
        return "\n".join(lines) + "\n"

    def head(self) -> notes.Checkpoint:
        """As it is signed."""
        leaves = self.leaves
        if leaves is None:
            leaves = [bytes.fromhex(one["leaf"]) for one in self.lines if isinstance(one, dict)]
        return notes.Checkpoint(self.origin, len(leaves), tree.root_of(leaves))

    def write(self) -> Path:
        """Everything; the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        head = self.head()
        last = 0 if self.kind == "EVENTS" else head.size
        frame = {
            "origin": self.origin,
            "kind": self.kind,
            "size": head.size,
            "first": 0,
            "last": last,
            "edge": [],
            "proof": [],
        }
        files = {name: (SOURCE / name).read_bytes() for name in ("verify.py", "README.txt")}
        files["keys.txt"] = self.key_file().encode()
        files["head.txt"] = str(notes.sign(head.text(), self.name, self.key(self.signer))).encode()
        files["frame.json"] = json.dumps(frame | self.frame).encode()
        files["anchors.jsonl"] = b""
        written = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in self.lines]
        files["entries.jsonl"] = "".join(f"{one}\n" for one in written).encode()
        files |= self.also
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        rows = "".join(
            f"file {hashlib.sha256(content).hexdigest()} {len(content)} {name}\n" for name, content in files.items()
        )
        text = (
            f"haven bundle v1\norigin {self.origin}\nkind {self.kind}\nsize {head.size}\nengagement 0123456789abcdef\n"
        )
        text += rows.replace(*self.manifest) if self.manifest[0] else rows
        (self.folder / "manifest.txt").write_text(str(notes.sign(text, self.name, self.key(self.signer))))
        return self.folder
