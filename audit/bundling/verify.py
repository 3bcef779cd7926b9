"""Verify a bundle of a Haven ledger. Python 3.9 or newer and nothing else; it asks no network and writes nothing.

    python -I verify.py                          in the folder where the zip was unpacked
    python -I verify.py --key FILE --head FILE   held against the key and a head that you already have

It prints what it checked and ends with 1 at any fault, else with 0. Read it, it is short; or use your own copy, it is
the same for every bundle. Sources: RFC 8032 (Ed25519), RFC 9162 section 2.1 (the tree), https://c2sp.org/signed-note.
"""

import argparse
import base64
import json
import re
import sys
from hashlib import sha256, sha512
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MANIFEST = "manifest.txt"
PARTS = {"verify.py", "entries.jsonl", "frame.json", "anchors.jsonl", "keys.txt", "head.txt"}
FAULTS = []


def demand(holds, words):
    """Note a fault where something does not hold; say whether it does."""
    if not holds:
        FAULTS.append(words)
        if len(FAULTS) <= 50:  # the others are only counted
            print(f"FAULT: {words}")
    return holds


# Ed25519, verification only (RFC 8032, 5.1.7). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_ONE = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)


def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        found = add(found, point) if number & 1 else found
        point, number = add(point, point), number >> 1
    return found


def point_of(content):
    """The point that 32 bytes tell; None if they tell none."""
    number = int.from_bytes(content, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x * ROOT_OF_MINUS_ONE % P if (x * x - x2) % P else x
    if len(content) != 32 or y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def signed_by(key, signature, text):
    """Whether this public key made this signature of this text: [s]B - [k]A is R."""
    point, number = point_of(key), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or number >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + key + text).digest(), "little") % ORDER
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    x, y, z, _ = add(times(number, base), times(k, (P - point[0], point[1], 1, P - point[3])))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def parse_keys(text):
    """{(name, key hash): public key} of a key file, or of one key: name+hash+base64."""
    keys = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, stated, encoded = line.split()[-1].split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            keys[name, bytes.fromhex(stated)] = raw[1:]
            fits = raw[:1] == b"\1" and sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == stated
            demand(fits, "A line of a key file is no key.")
    return keys


def open_note(whole, keys):
    """(text, public key) of a signed note (C2SP); the key is None where none of these signed it."""
    text, _, below = whole.rpartition("\n\n")
    for line in below.split("\n")[:-1]:
        _, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        key, is_exact = keys.get((name, raw[:4])), line == f"\u2014 {name} {base64.b64encode(raw).decode()}"
        if is_exact and key and whole.endswith("\n") and signed_by(key, raw[4:], f"{text}\n".encode()):
            return f"{text}\n", key
    return f"{text}\n", None


def parse_head(text):
    """(origin, size, root) of a checkpoint."""
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


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
    return first < second and bool(steps) and climb(here, last, steps[0], steps[0], steps[1:]) == (old_root, new_root)


def read(name):
    return (FOLDER / name).read_bytes().decode()


def lines(name):
    with (FOLDER / name).open("rb") as file:
        for line in file:
            demand(line.endswith(b"\n"), f"The last line of {name} is cut off.")
            yield json.loads(line)


def check_files(manifest, yours):
    """Every byte of every file against the manifest, and no file that is not in it."""
    rows = [line.split(" ") for line in manifest.splitlines() if line.startswith("file ")]
    listed = {name: (digest, int(size)) for _, digest, size, name in rows}
    demand(set(listed) >= PARTS, "The manifest does not name every file that a bundle has.")
    for name in sorted({one.name for one in FOLDER.iterdir()} - set(listed) - {MANIFEST}):
        demand(FOLDER / name in yours, f"{name} lies in the folder and is not in the manifest.")
    for name, stated in sorted(listed.items()):
        found = sha256()
        with (FOLDER / name).open("rb") as file:
            size = sum(found.update(piece) or len(piece) for piece in iter(lambda: file.read(1 << 20), b""))
        demand((found.hexdigest(), size) == stated, f"{name} is not what was signed in the manifest.")
    print(f"Files: {len(listed)}, each compared byte by byte with the signed manifest.")


def check_entry(told, streams):
    """One readable entry: its leaf, its place in its connection, its values. (missing numbers, week, values shown)"""
    content, position, shown = told["entry"].encode(), told["position"], told.get("opened", {})
    fits = sha256(b"\0" + bytes.fromhex(told["mac"]) + content).hexdigest() == told["leaf"]
    demand(fits, f"Entry {position} is not what its leaf was made of.")
    entry = json.loads(content)
    number, before = entry["number"], streams.get(entry["stream"], entry["number"] - 1)
    demand(number > before, f"Entry {position} is out of the order of its connection.")
    streams[entry["stream"]] = number
    for name, (salt, value) in shown.items():
        encoded = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        fits = sha256(bytes.fromhex(salt) + encoded).hexdigest() == entry["commitments"].get(name)
        demand(fits, f"Entry {position}: the value of {name} is not the sealed one.")
    return number - before - 1, entry["week"], len(shown)


def check_entries(frame, head, wanted):
    """Every entry against its leaf, all leaves against the signed root. The root at the wanted size, if met."""
    size, edge, is_chosen = frame["first"], list(map(bytes.fromhex, frame["edge"])), frame["kind"] == "EVENTS"
    met = root_of(edge) if size == wanted and not is_chosen else None
    streams, missing, count, withheld, shown, weeks = {}, 0, 0, 0, 0, set()
    for told in lines("entries.jsonl"):
        position, leaf, count = told["position"], bytes.fromhex(told["leaf"]), count + 1
        if is_chosen:
            roots = climb(position, head[1] - 1, leaf, leaf, list(map(bytes.fromhex, told["path"]))) or (None, None)
            demand(
                0 <= position < head[1] and roots[1] == head[2],
                f"Entry {position} does not stand in the ledger with this head.",
            )
        else:
            demand(position == size, f"Entry {position} stands where {size} is due.")
            append(edge, size, leaf)
            size += 1
            met = root_of(edge) if size == wanted else met
        if "withheld" in told:
            withheld += 1
        else:
            gap, week, values = check_entry(told, streams)
            missing, shown = missing + gap, shown + values
            weeks.add(week)
    print(
        f"Entries: {count}, of the weeks {min(weeks, default='-')} to {max(weeks, default='-')}, each what its leaf says."
    )
    print(
        f"Withheld, with nothing but their leaf: {withheld}. Values shown, each compared with its commitment: {shown}."
    )
    if is_chosen:
        print("Proofs: each entry was proved by itself to stand in the ledger; the others are not here.")
        return met
    demand(size == frame["last"], f"The entries end at {size}, and {frame['last']} are due.")
    demand(missing <= withheld, f"{missing} numbers are missing within connections, and only {withheld} are withheld.")
    holds = is_beginning(size, head[1], root_of(edge), head[2], list(map(bytes.fromhex, frame["proof"])))
    demand(holds, "The entries do not give the root of the head.")
    print(f"Tree: leaves {frame['first']} to {size} lead to the signed root; connections followed: {len(streams)}.")
    return met


def check_anchors(head, keys, wanted):
    """Every head that was given away before. The root at the wanted size, if it is one of them."""
    count, met = 0, None
    for told in lines("anchors.jsonl"):
        size, root, count = told["size"], bytes.fromhex(told["root"]), count + 1
        holds = is_beginning(size, head[1], root, head[2], list(map(bytes.fromhex, told["proof"])))
        demand(holds, f"The ledger does not begin with the head of {size} entries that was given away.")
        text, key = open_note(told["note"], keys) if told["note"] else ("", None)
        fits = not told["note"] or (key and parse_head(text) == (head[0], size, root))
        demand(fits, f"The head of {size} entries that was given away is not signed by this ledger.")
        met = root if holds and size == wanted else met
    print(f"Earlier heads that were given away: {count}; the ledger was proved to begin with each.")
    return met


def parse_yours(text):
    """(origin or None, size, root) of the auditor's head: a signed note anywhere in the text, or SIZE and ROOT in hex."""
    note = re.search(r"^(\S+)\r?\n([0-9]+)\r?\n([A-Za-z0-9+/]{43}=)\r?\n\r?\n\u2014 ", text, re.MULTILINE)
    plain = re.search(r"^([0-9]+)[ \t]+([0-9a-f]{64})\s*$", text, re.MULTILINE)
    if note:
        return note[1], int(note[2]), base64.b64decode(note[3])
    return None, int(plain[1]), bytes.fromhex(plain[2])


def verify(key_file, head_file):
    """All of it, in order."""
    keys, whose = parse_keys(read("keys.txt")), "a key of the bundle"
    if key_file:
        yours, whose = parse_keys(read(Path(key_file).resolve())), "a key that you have"
        demand(yours.items() <= keys.items(), "A key that you have is not among the keys of the bundle.")
        keys = yours
    manifest, signer = open_note(read(MANIFEST), keys)
    demand(signer and read(MANIFEST).count("\n\u2014 ") == 1, f"The manifest is not signed by {whose}.")
    check_files(manifest, {Path(one).resolve() for one in (key_file, head_file) if one})
    text, key = open_note(read("head.txt"), keys)
    head, frame = parse_head(text), json.loads(read("frame.json"))
    if demand(key, f"The head is not signed by {whose}."):
        print(f"Key: its fingerprint is {' '.join(re.findall('....', sha256(key).hexdigest()[:32]))}.")
    print(f"Head: {head[0]} has {head[1]} entries and the root {head[2].hex()}.")
    begins = f"haven bundle v1\norigin {head[0]}\nkind {frame['kind']}\nsize {head[1]}\n"
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
