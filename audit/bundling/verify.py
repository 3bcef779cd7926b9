"""Verify a bundle of a Haven ledger. Python 3.9 or newer and nothing else; it asks no network and writes nothing.

    python -I verify.py                          in the folder where the zip was unpacked
    python -I verify.py --key FILE --head FILE   held against the key and a head that you already have

It prints what it checked and ends with 1 at any fault, else with 0. Read it, it is short; or use your own copy, it is
the same for every bundle. Sources: RFC 8032 (Ed25519), RFC 9162 section 2.1 (the tree), https://c2sp.org/signed-note.
"""

# fmt: off
import sys

if __name__ == "__main__" and not sys.flags.isolated:
    sys.exit("Run it as python -I verify.py: without -I, Python would run other files of this folder as its own.")

import argparse
import base64
import json
import re
from array import array
from datetime import date, timedelta
from hashlib import sha256, sha512
from pathlib import Path

FOLDER, MANIFEST, FAULTS = Path(__file__).resolve().parent, "manifest.txt", []
PARTS = {"verify.py", "README.txt", "entries.jsonl", "frame.json", "anchors.jsonl", "keys.txt", "head.txt"}
ENTRY = {"v", "id", "week", "verb", "outcome", "source", "stream", "number", "commitments"}
is_hash, is_salt = re.compile("[0-9a-f]{64}").fullmatch, re.compile("[0-9a-f]{32}").fullmatch
is_id, is_week = re.compile("[0-9a-f]{8}(-[0-9a-f]{4,12}){4}").fullmatch, re.compile("[0-9]{4}-W[0-9]{2}").fullmatch
is_plain = re.compile(r"[!-\[\]-~]+").fullmatch  # ASCII without blank and backslash: no letter looks like another
def demand(holds, words):
    """Note a fault where something does not hold; say whether it does."""
    if not holds:
        FAULTS.append(words)
        if len(FAULTS) <= 50:  # the others are only counted
            print(f"FAULT: {re.sub('[^ -~]', '?', words)}")  # nothing that a terminal takes for a command
    return holds

def once(pairs):
    demand(len(dict(pairs)) == len(pairs), "A key stands twice in one object, so two readers may read two things.")
    return dict(pairs)
decode = json.JSONDecoder(object_pairs_hook=once, parse_float=int, parse_constant=int).decode  # only whole numbers pass
encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

def hashes(told):
    """The bytes of hashes, 32 each: with a longer one beside a shorter one, two things could have one hash."""
    demand(all(map(is_hash, told)), "Something that should be a hash is none.")
    return list(map(bytes.fromhex, told))

# Ed25519, verification only (RFC 8032, 5.1.7). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]), (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * one[3] * two[3] * D, 2 * one[2] * two[2]
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P

def times(number, point):
    found = times(number >> 1, add(point, point)) if number else (0, 1, 1, 0)
    return add(found, point) if number & 1 else found

def point_of(content):
    """The point that 32 bytes tell; None if they tell none."""
    sign, y = divmod(int.from_bytes(content, "little"), 1 << 255)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - x2) % P else x
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P) if len(content) == 32 and y < P > x and (x * x - x2) % P == 0 else None

def signed_by(key, signature, text):
    """Whether this public key made this signature of this text: [s]B - [k]A is R."""
    point, number = point_of(key), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or number >= ORDER or times(8, point)[0] == 0:
        return False  # the last: under a key of small order anybody signs anything
    k = int.from_bytes(sha512(signature[:32] + key + text).digest(), "little") % ORDER
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    x, y, z, _ = add(times(number, base), times(k, (P - point[0], point[1], 1, P - point[3])))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]

def parse_keys(text):
    """{(name, key hash): (public key, when it was retired or -)} of a key file, or of one key: name+hash+base64."""
    keys = {}
    for words in map(str.split, text.split("\n")):
        if words and not words[0].startswith("#"):
            name, stated, encoded = words[-1].split("+", 2)
            raw, which = base64.b64decode(encoded, validate=True), (name, bytes.fromhex(stated))
            fits = raw[:1] == b"\1" and sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == stated
            demand(fits and len(raw) == 33 and which not in keys, "A line of a key file is no key, or is there twice.")
            keys[which] = raw[1:], words[1] if len(words) == 3 else "-"
    return keys

def open_note(whole, keys):
    """(text, which key) of a signed note (C2SP); the latter is None where none of these signed it."""
    text, _, below = whole.rpartition("\n\n")
    for line in below.split("\n")[:-1]:
        _, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        which, is_exact = (name, raw[:4]), line == f"\u2014 {name} {base64.b64encode(raw).decode()}"
        key = keys[which][0] if which in keys and is_exact and whole.endswith("\n") else b""
        if signed_by(key, raw[4:], f"{text}\n".encode()):
            return f"{text}\n", which
    return f"{text}\n", None

def parse_head(text):
    """(origin, size, root) of a checkpoint (C2SP)."""
    found = re.match(r"([!-*,-~]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n", text)
    return found[1], int(found[2]), base64.b64decode(found[3])

def node(left, right):
    return sha256(b"\1" + left + right).digest()

def append(edge, size, leaf):
    """Grow a tree by a leaf. Its edge is the perfect subtrees that make it up, the largest first (RFC 9162, 2.1)."""
    while size & 1:
        leaf, size = node(edge.pop(), leaf), size >> 1
    edge.append(leaf)

def root_of(edge):
    found = edge[-1] if edge else sha256(b"").digest()
    for left in reversed(edge[:-1]):
        found = node(left, found)
    return found

def climb(here, last, old, new, steps):
    """The two roots to which a proof leads from below; None where it is too short or too long."""
    for step in steps:
        if last == 0:
            return None
        if here & 1 or here == last:
            old, new = node(step, old), node(step, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, step)
        here, last = here >> 1, last >> 1
    return (old, new) if last == 0 else None

def is_beginning(first, second, old_root, new_root, proof):
    """Whether the tree of ``second`` leaves begins with the one of ``first``."""
    if first in (0, second):
        return not proof and old_root == (new_root if first else sha256(b"").digest())
    steps, here, last = proof if first & (first - 1) else [old_root, *proof], first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    return 0 < first < second and steps and climb(here, last, steps[0], steps[0], steps[1:]) == (old_root, new_root)

def read(name):
    return (FOLDER / name).read_bytes().decode()

def lines(name):
    with (FOLDER / name).open("rb") as file:
        for line in file:
            demand(line.endswith(b"\n"), f"The last line of {name} is cut off.")
            yield decode(line.decode())

def check_files(manifest, yours):
    """Every byte of every file against the manifest, and no file that is not in it."""
    rows = [re.fullmatch("file ([0-9a-f]{64}) ([0-9]+) ([A-Za-z.]+)", line) for line in manifest.split("\n")[5:-1]]
    listed = {row[3]: (row[1], int(row[2])) for row in rows if row}
    demand(set(listed) == PARTS and len(rows) == len(PARTS), "The manifest does not name the files of a bundle.")
    for name in sorted({one.name for one in FOLDER.iterdir()} - PARTS - {MANIFEST}):
        demand(FOLDER / name in yours, f"{name} lies in the folder and is not in the manifest.")
    for name in sorted(PARTS):
        found, path = sha256(), FOLDER / name
        demand(path not in yours, f"{name} came with the bundle: give the key and the head that you had before.")
        demand(not path.is_symlink(), f"{name} is no file, but leads to another place.")
        with path.open("rb") as file:
            size = sum(found.update(piece) or len(piece) for piece in iter(lambda: file.read(1 << 20), b""))
        demand((found.hexdigest(), size) == listed.get(name), f"{name} is not what was signed in the manifest.")
    print(f"Files: {len(PARTS)}, each compared byte by byte with the signed manifest.")

def check_entry(told, newest, ids):
    """One readable entry by itself: its leaf, how it is written, its values."""
    entry, at = decode(told["entry"]), f"Entry {told['position']}"
    found = sha256(b"\0" + hashes([told["mac"]])[0] + told["entry"].encode()).hexdigest()
    demand(found == told["leaf"], f"{at} is not what its leaf was made of.")
    fits = set(entry) == ENTRY and type(entry["number"]) is int and is_id(entry["id"]) and is_week(entry["week"])
    demand(fits and is_plain(told["entry"]), f"{at} is not written as an entry is.")
    demand(entry["week"] <= newest, f"{at} is of a week to come, by the clock of this computer.")
    ids[int(entry["id"][-2:], 16)].append(int(entry["id"][-17:].replace("-", ""), 16))
    for name, (salt, value) in told.get("opened", {}).items():
        found = sha256(bytes.fromhex(salt) + encode(value).encode()).hexdigest() if is_salt(salt) else "no salt"
        demand(found == entry["commitments"].get(name), f"{at}: the value of {name} is not the sealed one.")
    return entry

def check_entries(frame, head, wanted):
    """Every entry against its leaf, all leaves against the signed root. The root at the wanted size, if met."""
    first, last, edge, kind = frame["first"], frame["last"], hashes(frame["edge"]), frame["kind"]
    fits = (frame["origin"], frame["size"]) == head[:2] and kind in ("REDACTED", "FULL", "EVENTS")
    fits = fits and type(first) is type(last) is int and 0 <= first <= last <= head[1]
    demand(fits and len(edge) == bin(first).count("1"), "The frame is not that of this bundle.")
    has = {"position", "leaf", "mac", "entry"} | ({"path"} if kind == "EVENTS" else set())
    may = has | {"case", "person"} | (set() if kind == "REDACTED" else {"opened"})
    met, size = root_of(edge) if first == wanted and kind != "EVENTS" else None, first
    newest = "{}-W{:02}".format(*(date.today() + timedelta(1)).isocalendar()[:2])
    streams, weeks, ids = {}, set(), [array("Q") for _ in range(256)]  # ids: eight bytes an entry, all that grows
    missing, count, shown, withheld = 0, 0, 0, {"PRUNED": 0, "PRIVILEGED": 0}
    for told in lines("entries.jsonl"):
        at, (leaf,), count = told["position"], hashes([told["leaf"]]), count + 1
        if kind == "EVENTS":
            holds = type(at) is int and 0 <= at < head[1] and climb(at, head[1] - 1, leaf, leaf, hashes(told["path"]))
            demand(holds and holds[1] == head[2], f"Entry {at} does not stand in the ledger with this head.")
        else:
            demand(at == size and type(at) is int, f"Entry {at} stands where {size} is due.")
            append(edge, size, leaf)
            size += 1
            met = root_of(edge) if size == wanted else met
        if set(told) == {"position", "leaf", "withheld"} and kind != "EVENTS":
            withheld[told["withheld"]] += 1
            continue
        demand(has <= set(told) <= may, f"The line of entry {at} has something that no entry has.")
        entry = check_entry(told, newest, ids)
        before = streams.get(entry["stream"], entry["number"] - 1 if first or kind == "EVENTS" else 0)
        demand(entry["number"] > before, f"Entry {at} is out of the order of its connection.")
        streams[entry["stream"]], missing = entry["number"], missing + entry["number"] - before - 1
        shown += len(told.get("opened", ()))
        weeks.add(entry["week"])
    demand(all(len(set(part)) == len(part) for part in ids), "Two entries have one id: something was put in twice.")
    bare, weeks = sum(withheld.values()), (min(weeks, default="-"), max(weeks, default="-"))
    print("Entries: {}, of the weeks {} to {}, each what its leaf says.".format(count, *weeks))
    print(f"Withheld, with nothing but their leaf: {bare}. Values shown, each compared with its commitment: {shown}.")
    if kind == "EVENTS":
        demand(count, "There is no entry in this bundle.")
        print("Proofs: each entry was proved by itself to stand in the ledger; the others are not here.")
        return met
    print("Of the withheld, {PRIVILEGED} are called privileged and {PRUNED} pruned.".format(**withheld))
    demand(size == last, f"The entries end at {size}, and {last} are due.")
    demand(missing <= bare, f"{missing} numbers are missing within connections, and only {bare} are withheld.")
    begins = is_beginning(size, head[1], root_of(edge), head[2], hashes(frame["proof"]))
    demand(begins, "The entries do not give the root of the head.")
    print(f"Tree: leaves {first} to {size} lead to the signed root; connections followed: {len(streams)}.")
    return met

def check_anchors(head, keys, wanted):
    """Every head that was given away before. The root at the wanted size, if it is one of them."""
    count, met = 0, None
    for told in lines("anchors.jsonl"):
        size, root, count = told["size"], hashes([told["root"]])[0], count + 1
        holds = type(size) is int and is_beginning(size, head[1], root, head[2], hashes(told["proof"]))
        demand(holds, f"The ledger does not begin with the head of {size} entries that was given away.")
        text, which = open_note(told["note"], keys) if told["note"] else ("", None)
        fits = not told["note"] or (which and parse_head(text) == (head[0], size, root))
        demand(fits, f"The head of {size} entries that was given away is not signed by this ledger.")
        met = root if holds and size == wanted else met
    print(f"Earlier heads that were given away: {count}; the ledger was proved to begin with each.")
    return met

def parse_yours(text):
    """(origin or None, size, root) of the auditor's head: a signed note anywhere in the text, or SIZE and ROOT in hex."""
    note = re.search(r"^(\S+)\r?\n([0-9]+)\r?\n([A-Za-z0-9+/]{43}=)\r?\n\r?\n\u2014 ", text, re.MULTILINE)
    plain = re.search(r"^([0-9]+)[ \t]+([0-9a-f]{64})\s*$", text, re.MULTILINE)
    return (note[1], int(note[2]), base64.b64decode(note[3])) if note else (None, int(plain[1]), bytes.fromhex(plain[2]))

def verify(key_file, head_file):
    told = keys = parse_keys(read("keys.txt"))
    if key_file:
        keys = parse_keys(read(Path(key_file).resolve()))
        for which, (key, until) in keys.items():
            there, ended = told.get(which, ("", ""))
            demand(there == key, "A key that you have is not among the keys of the bundle.")
            demand(until in ("-", ended), "A key that you have was retired, and the bundle says otherwise.")
    whose = "a key that you have" if key_file else "a key of the bundle"
    manifest, which = open_note(read(MANIFEST), keys)
    demand(which and read(MANIFEST).count("\n\u2014 ") == 1, f"The manifest is not signed by {whose}.")
    demand(told.get(which, "--")[1] == "-", "The manifest is signed by a key that was retired before.")
    check_files(manifest, {Path(one).resolve() for one in (key_file, head_file) if one})
    text, which = open_note(read("head.txt"), keys)
    head, frame = parse_head(text), decode(read("frame.json"))
    if demand(which, f"The head is not signed by {whose}."):
        print(f"Key: its fingerprint is {' '.join(re.findall('....', sha256(keys[which][0]).hexdigest()[:32]))}.")
    demand({name for name, _ in keys} == {head[0]}, "A key is the key of another ledger.")
    print(f"Head: {head[0]} has {head[1]} entries and the root {head[2].hex()}.")
    begins = f"haven bundle v1\norigin {head[0]}\nkind {frame['kind']}\nsize {head[1]}\nengagement "
    demand(manifest.startswith(begins), "The manifest is of another bundle.")
    origin, size, root = parse_yours(read(Path(head_file).resolve())) if head_file else (None, *head[1:])
    demand(origin in (None, head[0]), "The head that you have is of another ledger.")
    met = check_entries(frame, head, size)
    met = check_anchors(head, keys, size) or met or (head[2] if size == head[1] else None)
    if head_file and demand(met, f"This bundle does not cover your head of {size} entries: ask for one that does."):
        holds = demand(met == root, f"THE LEDGER DOES NOT BEGIN WITH YOUR HEAD OF {size} ENTRIES: it was changed.")
        print(f"Your head: the ledger {'begins' if holds else 'does not begin'} with the {size} entries of your head.")

if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Verify a bundle of a Haven ledger.")
    asked.add_argument("--key", metavar="FILE", help="the key file, or the key, that you already have")
    asked.add_argument("--head", metavar="FILE", help="a head that you already have: a letter, a note, SIZE and ROOT")
    given = asked.parse_args()
    try:
        verify(given.key, given.head)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        demand(False, f"Something here is missing or cannot be read ({type(error).__name__}: {error}).")
    if FAULTS:
        print(f"THIS BUNDLE DOES NOT HOLD. Faults: {len(FAULTS)}.")
        sys.exit(1)
    print("Everything holds." if given.key else "Consistent in itself; the key came with this bundle.")
    if not given.head:
        print("Whether a head that you have still holds was not asked: you gave none.")
