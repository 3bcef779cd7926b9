"""Ways to fool ``verify.py``, by an insider who holds the signing key, and by whoever packs the zip. Each must be told."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from audit import canonical
from audit.sealing import tree

from .forging import SALT, VALUES, Forger, entry, honest, line
from .scene import unpacked, verify

pytestmark = pytest.mark.once

_NEXT_YEAR = "{}-W{:02}".format(*(date.today() + timedelta(days=300)).isocalendar()[:2])
_LOOKALIKE = "CAS\u0415_VIEWED"  # the fourth letter is Cyrillic


def test_an_honest_bundle_of_his_holds(tmp_path: Path) -> None:
    """Else all that follows would be told for the wrong reason."""
    status, told = verify(Forger(tmp_path / "b").write())
    assert status == 0 and "Entries: 5, of the weeks 2026-W30 to 2026-W30" in told, told
    shown = [line(0, entry(1), opened=_opened())]
    status, told = verify(Forger(tmp_path / "b", shown, kind="FULL").write())
    assert status == 0 and "compared with its commitment: 2" in told, told
    status, told = verify(Forger(tmp_path / "b", *_for_a_court(2, 5), kind="EVENTS").write())
    assert status == 0 and "Entries: 1" in told, told


def _opened(**changed: Any) -> dict[str, Any]:
    return {key: [canonical.salt_of(SALT, key).hex(), value] for key, value in VALUES.items()} | changed


def _for_a_court(position: int, size: int, proven: int = 5) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The line of one of five entries, with its proof in a tree of the first so many; and the leaves that are signed."""
    leaves = [bytes.fromhex(one["leaf"]) for one in honest()]

    def node(level: int, index: int) -> bytes:
        return tree.root_of(leaves[index << level : (index + 1) << level])

    path = [step.hex() for step in tree.resolve(tree.inclusion_path(position, proven), node)]
    return [honest()[position] | {"path": path}], leaves[:size]


def _with(place: int, instead: dict[str, Any] | str) -> list[Any]:
    """Five lines, one of them his."""
    found: list[Any] = honest()
    found[place] = instead
    return found


def _twice(text: str, key: str, value: str) -> str:
    """An object of JSON with a key that stands in it a second time, at the beginning."""
    return text.replace("{", f'{{"{key}":{value},', 1)


def _shifted() -> list[Any]:
    """The words of a reason opened as their own end: the bytes before it are said to be of the salt."""
    encoded = canonical.encode(VALUES["reason"])
    place = encoded.rindex(b'\\"later') + 1
    salt = canonical.salt_of(SALT, "reason") + encoded[:place]
    assert canonical.encode(json.loads(encoded[place:])) == encoded[place:]
    return [line(0, entry(1), opened=_opened(reason=[salt.hex(), json.loads(encoded[place:])]))]


def _long_mac() -> dict[str, Any]:
    """Bytes of the entry said to be of the mac: the same leaf for another entry."""
    plain = line(2, entry(3))
    content = plain["entry"]
    lines = _with(2, plain | {"mac": plain["mac"] + content[:10].encode().hex(), "entry": content[10:]})
    return {"lines": lines, "leaves": [bytes.fromhex(one["leaf"]) for one in honest()]}


CHEATS: dict[str, tuple[dict[str, Any], str]] = {
    "an entry once more with another number": (
        {"lines": _with(4, line(4, entry(5, id=entry(2)["id"])))}, "Two entries have one id"),
    "two entries in each other's place": (
        {"lines": [*honest()[:2], honest()[3], honest()[2], honest()[4]]}, "stands where 2 is due"),
    "an entry moved to another week": ({"lines": _with(2, honest()[2] | {
        "entry": honest()[2]["entry"].replace("2026-W30", "2026-W31")})}, "is not what its leaf was made of"),
    "a week that has not come": ({"lines": _with(2, line(2, entry(3, week=_NEXT_YEAR)))}, "is of a week to come"),
    "a week that is none": ({"lines": _with(2, line(2, entry(3, week="2026-30")))}, "is not written as an entry is"),
    "a verb that only looks like one": (
        {"lines": _with(2, line(2, entry(3, verb=_LOOKALIKE)))}, "is not written as an entry is"),
    "a letter written as an escape": ({"lines": _with(2, line(
        2, canonical.encode(entry(3)).decode().replace("CASE_V", "CASE\\u005fV")))}, "is not written as an entry is"),
    "an entry with a key of his own": (
        {"lines": _with(2, line(2, entry(3, approved="YES")))}, "is not written as an entry is"),
    "an entry in which a verb stands twice": ({"lines": _with(2, line(
        2, _twice(canonical.encode(entry(3)).decode(), "verb", '"CASE_CLOSED"')))}, "A key stands twice"),
    "a line in which the entry stands twice": (
        {"lines": _with(2, _twice(json.dumps(honest()[2]), "entry", '"nothing"')),
         "leaves": [bytes.fromhex(one["leaf"]) for one in honest()]}, "A key stands twice"),
    "a frame in which the kind stands twice": (
        {"also": {"frame.json": b'{"kind":"EVENTS","kind":"REDACTED","origin":"haven/ledger/0123456789abcdef","size":5,'
                                b'"first":0,"last":5,"edge":[],"proof":[]}'}}, "A key stands twice"),
    "a number that is none": ({"lines": _with(2, line(2, canonical.encode(entry(3)).decode().replace(
        '"number":3', '"number":NaN')))}, "cannot be read"),
    "a number with a point": ({"lines": _with(2, line(2, entry(3, number=3.0)))}, "cannot be read"),
    "a number of ten thousand digits": ({"lines": _with(2, line(2, canonical.encode(entry(3)).decode().replace(
        '"number":3', '"number":1' + "0" * 10_000)))}, "DOES NOT HOLD"),
    "true for the number one": ({"lines": _with(1, honest()[1] | {"position": True})}, "stands where 1 is due"),
    "true for the number of an entry": ({"lines": [line(0, entry(1, number=True))]}, "is not written as an entry is"),
    "a connection that begins in the middle": (
        {"lines": [line(place, entry(place + 4)) for place in range(5)]}, "3 numbers are missing"),
    "an entry called withheld and shown nonetheless, as it never was": (
        {"lines": _with(2, {"position": 2, "leaf": honest()[2]["leaf"], "withheld": "PRUNED",
                            "entry": canonical.encode(entry(3, verb="CASE_CLOSED")).decode()})}, "something that no entry has"),
    "a reason of his own for withholding": (
        {"lines": _with(2, {"position": 2, "leaf": honest()[2]["leaf"], "withheld": "LOST"})}, "cannot be read"),
    "a remark beside an entry": ({"lines": _with(2, honest()[2] | {"remark": "approved"})}, "something that no entry has"),
    "a value shown where none may be": (
        {"lines": [line(0, entry(1), opened=_opened())]}, "something that no entry has"),
    "the end of a value for the whole": ({"lines": _shifted(), "kind": "FULL"}, "the value of reason is not the sealed one"),
    "a value of a key that was not sealed": ({"lines": [line(0, entry(1), opened={"approval": ["00" * 16, "YES"]})],
                                             "kind": "FULL"}, "the value of approval is not the sealed one"),
    "a mac that is longer": (_long_mac(), "cannot be read"),
    "a mac written in another way": (
        {"lines": _with(2, honest()[2] | {"mac": honest()[2]["mac"] + " "})}, "should be a hash is none"),
    "the last entries cut off": ({"lines": honest(6)[:4], "leaves": [bytes.fromhex(one["leaf"]) for one in honest(6)]},
                                 "The entries end at 4, and 6 are due"),
    "an edge before the first entry": ({"frame": {"edge": ["00" * 32]}}, "The frame is not that of this bundle"),
    "a frame of another size": ({"frame": {"size": 7}}, "The frame is not that of this bundle"),
    "a kind that there is not": ({"kind": "events"}, "The frame is not that of this bundle"),
    "an empty bundle for a court": ({"lines": [], "leaves": [bytes(32)], "kind": "EVENTS"}, "There is no entry"),
    "a proof in a tree of another size": (
        dict(zip(("lines", "leaves"), _for_a_court(1, 5, proven=4), strict=True)) | {"kind": "EVENTS"},
        "Entry 1 does not stand in the ledger"),
    "a proof that is of another place": (
        {"lines": [_for_a_court(2, 5)[0][0] | {"position": 3}], "leaves": _for_a_court(2, 5)[1], "kind": "EVENTS"},
        "Entry 3 does not stand in the ledger"),
    "a leaf for a court with no entry to it": (
        {"lines": [{key: _for_a_court(2, 5)[0][0][key] for key in ("position", "leaf", "path")} | {"withheld": "PRUNED"}],
         "leaves": _for_a_court(2, 5)[1], "kind": "EVENTS"}, "something that no entry has"),
    "a key of another ledger": ({"name": "haven/ledger/fedcba9876543210"}, "A key is the key of another ledger"),
    "a key that was retired": ({"retired": ("-", "2026-06-01T00:00:00Z"), "signer": 1}, "by a key that was retired"),
    "a file in another folder": ({"manifest": (" README.txt", " ../README.txt")}, "does not name the files"),
    "a file by its whole path": ({"manifest": (" README.txt", " /etc/hostname")}, "does not name the files"),
    "a file that is named twice": ({"manifest": ("file ", f"file {'0' * 64} 1 README.txt\nfile ")}, "does not name the files"),
    "a line of the manifest behind another sign for a newline": (
        {"manifest": (" README.txt", " README.txt\u2028approved")}, "does not name the files"),
    "a module of Python among the files": ({"also": {"json.py": b"raise SystemExit(0)"}}, "does not name the files"),
}  # fmt: skip


@pytest.mark.parametrize("how", CHEATS)
def test_a_cheat_is_told(how: str, tmp_path: Path) -> None:
    changed, words = CHEATS[how]
    status, told = verify(Forger(tmp_path / "b", **changed).write())
    assert status == 1 and words in told and "THIS BUNDLE DOES NOT HOLD" in told, told


def test_a_node_is_no_leaf(tmp_path: Path) -> None:
    """Two leaves shown as one that is withheld: the same root under a shorter head. Her own head convicts it."""
    leaves = [bytes.fromhex(one["leaf"]) for one in honest(4)]
    joined = {"position": 2, "leaf": tree.node_hash(leaves[2], leaves[3]).hex(), "withheld": "PRUNED"}
    forger = Forger(tmp_path / "b", [*honest(2), joined])
    assert forger.head().root == tree.root_of(leaves)
    (tmp_path / "head").write_text(f"4 {tree.root_of(leaves).hex()}\n")
    status, told = verify(forger.write(), "--head", str(tmp_path / "head"))
    assert status == 1 and "does not cover your head of 4" in told
    folder = Forger(tmp_path / "b", [*honest(2), joined], leaves=leaves).write()
    status, told = verify(folder)
    assert status == 1 and "The entries end at 3, and 4 are due" in told


def test_a_key_that_she_knows_to_be_retired_is_not_taken_up_again(tmp_path: Path) -> None:
    """The thief of an old key says of it that it was never retired."""
    forger = Forger(tmp_path / "b", retired=("-", "-"), signer=1)
    kept = tmp_path / "keys"
    kept.write_text(Forger(tmp_path / "no", retired=("-", "2026-06-01T00:00:00Z")).key_file())
    status, told = verify(forger.write(), "--key", str(kept))
    assert status == 1 and "was retired, and the bundle says otherwise" in told
    kept.write_text(forger.key_file())
    assert verify(forger.folder, "--key", str(kept))[0] == 0


def test_what_came_with_the_bundle_is_not_hers(tmp_path: Path) -> None:
    folder = Forger(tmp_path / "b").write()
    for option, name in (("--key", "keys.txt"), ("--head", "head.txt")):
        status, told = verify(folder, option, name)
        assert status == 1 and f"{name} came with the bundle" in told


def test_whoever_packs_the_zip(tmp_path: Path) -> None:
    """A name that stands in it twice, a link, a name that plays with the terminal, a folder."""
    folder = Forger(tmp_path / "b").write()
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(tmp_path / "two.zip", "w") as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, one.name)
        archive.writestr("entries.jsonl", (folder / "entries.jsonl").read_text().replace("CASE_VIEWED", "CASE_CLOSED"))
    status, told = verify(unpacked(tmp_path / "two.zip"))
    assert status == 1 and "entries.jsonl is not what was signed" in told
    (folder / "entries.jsonl").rename(tmp_path / "elsewhere")
    (folder / "entries.jsonl").symlink_to(tmp_path / "elsewhere")
    status, told = verify(folder)
    assert status == 1 and "entries.jsonl is no file" in told
    folder = Forger(tmp_path / "b").write()
    (folder / "\x1b[2J\rEverything holds.").mkdir()
    status, told = verify(folder)
    assert status == 1 and "\x1b" not in told and "\r" not in told and "lies in the folder" in told


def test_without_dash_i_nothing_is_run(tmp_path: Path) -> None:
    """A file called hashlib.py beside it would be taken for Python's own."""
    folder = Forger(tmp_path / "b").write()
    (folder / "hashlib.py").write_text("print('mine')\nraise SystemExit(0)\n")
    done = subprocess.run([sys.executable, "verify.py"], cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "python -I verify.py" in done.stderr and "mine" not in done.stdout


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a carriage return": lambda content: content.replace(b"\n", b"\r\n"),
    "no newline at the end": lambda content: content[:-1],
    "an empty line": lambda content: content + b"\n",
    "a mark of byte order": lambda content: b"\xef\xbb\xbf" + content,
    "no text": lambda content: b"\xff\xfe" + content,
}


@pytest.mark.parametrize("name", ["manifest.txt", "head.txt", "keys.txt", "entries.jsonl"])
@pytest.mark.parametrize("how", CHANGES)
def test_newlines_and_marks(how: str, name: str, tmp_path: Path) -> None:
    folder = Forger(tmp_path / "b").write()
    (folder / name).write_bytes(CHANGES[how]((folder / name).read_bytes()))
    assert verify(folder)[0] == 1
