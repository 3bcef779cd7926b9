"""``manage.py audit_bundle`` and the ``verify.py`` that goes with it, run as an outsider runs it: ``python -I``."""

import hashlib
import json
import re
import stat
import tracemalloc
import uuid
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError

from audit import canonical, clock, streams
from audit.bundling.writing import Wanted, write_bundle
from audit.context import audit_context
from audit.log import record
from audit.models import Anchor, Checkpoint, Event, SeenHead
from audit.sealing import keys, reading, rows
from audit.verbs import Verb
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring, signing
from casemgmt.operations.models import Reminder
from cases import access
from cases.models import Notice
from tests import make
from tests.audit.sealing.scene import note, seal, unguarded

from .scene import REASON, bundle, unpacked, verify

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def auditor(cast):
    return getattr(cast, "elif")


@pytest.fixture
def filled(cast):
    """Some events of a case, over three heads; a letter and what an auditor saw in between."""
    case = make.case(cast.amina, cast.team_of("amina"))
    seal()
    record(Verb.CASES_LISTED, actor=cast.dana, refs=[case])
    record(Verb.MATTER_VIEWED, actor=cast.luis, subject=case, sections=["LEGAL_FILE"], basis={"kind": "STAFF_COUNSEL"})
    note(300)
    seal()
    head = rows.head()
    words = {"size": head.size, "root": head.root, "at": clock.now()}
    Anchor(kind="MAIL", note=head.note, **words).save()
    note(5)
    seal()
    later = rows.head()
    SeenHead(auditor_uid=uuid.uuid4(), size=later.size, root=later.root, at=clock.now()).save()
    note(3)
    return case


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "entries.jsonl").read_text().splitlines()]


def test_an_outsider_verifies_it_and_reads_no_value(filled, auditor, tmp_path) -> None:
    before = Event.objects.count()
    words = bundle(tmp_path / "out.zip", auditor)
    folder = unpacked(tmp_path / "out.zip")
    assert verify(folder)[0] == 0
    told = verify(folder)[1]
    head = Checkpoint.objects.get(pk=before)
    assert f"has {before} entries and the root {bytes(head.root).hex()}" in told, "all that was final was sealed first"
    for said in (
        f"Key: its fingerprint is {keys.fingerprint(keys.listed()[-1].verifier)}.",
        f"Entries: {before}, of the weeks ",
        "Withheld, with nothing but their leaf: 1. Values shown, each compared with its commitment: 0.",
        f"Tree: leaves 0 to {before} lead to the signed root",
        "Earlier heads that were given away: 2",
        "Consistent in itself; the key came with this bundle.",
    ):
        assert said in told
    assert (folder / "entries.jsonl").read_bytes().endswith(b"}\n") and len(lines(folder)) == before
    assert {one.name for one in folder.iterdir()} == {
        "verify.py", "README.txt", "manifest.txt", "entries.jsonl", "frame.json", "head.txt", "anchors.jsonl", "keys.txt"
    }  # fmt: skip
    withheld = [line for line in lines(folder) if "withheld" in line]
    assert [set(line) for line in withheld] == [{"position", "leaf", "withheld"}]
    assert Event.objects.get(leaf__position=withheld[0]["position"]).verb == Verb.MATTER_VIEWED
    digest = hashlib.sha256((tmp_path / "out.zip").read_bytes()).hexdigest()
    made = Event.objects.get(verb=Verb.LEDGER_BUNDLED)
    codes = made.detail.shown()["codes"]
    assert digest in words and codes["sha256"] == digest and codes["kind"] == "REDACTED" and codes["events"] == before
    assert (made.actor_kind, made.on_behalf_of) == ("OPERATOR", auditor.uid)
    assert made.detail.shown()["reason"] == REASON
    assert access.for_the_house(Notice).filter(person=auditor, kind="LEDGER_BUNDLED").count() == 1
    assert stat.S_IMODE((tmp_path / "out.zip").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".bundle")] == []


def _tampered() -> dict[str, tuple[str, str, bytes | str]]:
    """Each file of the bundle and what somebody changes in it: how → (file, what is looked for, what comes instead)."""
    return {
        "a letter in an entry": ("entries.jsonl", r'"verb\\":\\"JOB_RUN', r'"verb\\":\\"JOB_RUM'),
        "a commitment": ("entries.jsonl", r'(\\"codes\\":\\")[0-9a-f]', r"\1g"),
        "a mac": ("entries.jsonl", r'("mac":")[0-9a-f]{8}', r"\g<1>00000000"),
        "a leaf": ("entries.jsonl", r'("leaf":")[0-9a-f]{8}', r"\g<1>00000000"),
        "a name of a person": ("entries.jsonl", r'"person":"P-', r'"person":"Q-'),
        "an entry gone": ("entries.jsonl", r"^.*?\n", ""),
        "the last newline gone": ("entries.jsonl", r"\n\Z", ""),
        "a blank": ("entries.jsonl", r'"position":', r'"position": '),
        "a digit of the manifest": ("manifest.txt", r"(file )[0-9a-f]{8}", r"\g<1>00000000"),
        "a newline of the manifest": ("manifest.txt", r"\n(file)", r"\r\n\1"),
        "the last newline of the manifest": ("manifest.txt", r"\n\Z", ""),
        "a second signature": ("manifest.txt", r"\Z", "\u2014 x AAAAAAAAAAAAAAAAAAAAAA==\n"),
        "the kind": ("manifest.txt", "REDACTED", "FULL"),
        "verify.py, a comment": ("verify.py", "# the others are only counted", "# the others are never counted"),
        "verify.py, a blank": ("verify.py", r"\Z", "\n"),
        "the key": ("keys.txt", r"\+[0-9a-f]{8}\+.*", None),
        "the time of a key": ("keys.txt", r"^20[0-9]{2}", "2001"),
        "the head": ("head.txt", r"\n[0-9]+\n", "\n7\n"),
        "the frame": ("frame.json", r'"first":0', '"first":1'),
        "an earlier head": ("anchors.jsonl", r'("root":")[0-9a-f]{8}', r"\g<1>00000000"),
        "a proof of an earlier head": ("anchors.jsonl", r'("proof":\[")[0-9a-f]{8}', r"\g<1>00000000"),
        "the words": ("README.txt", "without trusting", "while trusting"),
    }


@pytest.fixture
def made(filled, auditor, tmp_path) -> Path:
    bundle(tmp_path / "out.zip", auditor)
    return unpacked(tmp_path / "out.zip")


@pytest.mark.once
def test_whatever_is_changed_in_it_is_told(made) -> None:
    """Every file, by every kind of change; each with status 1, and with the name of the file or of what does not fit."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit.sealing.notes import Verifier

    stranger = Verifier(keys.origin(), Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert verify(made)[0] == 0
    for how, (name, pattern, instead) in _tampered().items():
        content = (made / name).read_bytes()
        if instead is None:
            instead = "+" + str(stranger).split("+", 1)[1]
        changed = re.sub(pattern, instead, content.decode(), count=1, flags=re.MULTILINE).encode()
        assert changed != content, how
        (made / name).write_bytes(changed)
        status, told = verify(made)
        assert status == 1 and "THIS BUNDLE DOES NOT HOLD" in told, f"{how}: {told}"
        if name != "manifest.txt" and name != "keys.txt":
            assert f"{name} is not what was signed" in told, f"{how}: {told}"
        (made / name).write_bytes(content)
        if name in ("entries.jsonl", "frame.json", "keys.txt", "anchors.jsonl", "README.txt"):
            (made / name).rename(made.parent / "kept")
            assert verify(made)[0] == 1, f"without {name}"
            (made.parent / "kept").rename(made / name)
    (made / "hashlib.py").write_text("raise SystemExit(0)")
    assert verify(made) == (1, verify(made)[1]) and "hashlib.py lies in the folder" in verify(made)[1]
    (made / "hashlib.py").unlink()
    assert verify(made)[0] == 0


@pytest.mark.once
def test_an_insider_who_signs_what_he_changed_is_still_told(made) -> None:
    """He holds the key that signs, so every digest and signature fits. The tree does not."""
    faults = {
        ("entries.jsonl", r'"verb\\":\\"JOB_RUN', r'"verb\\":\\"JOB_RUM'): "is not what its leaf was made of",
        ("entries.jsonl", r'("leaf":")[0-9a-f]{8}', r"\g<1>00000000"): "do not give the root of the head",
        ("entries.jsonl", r"^.*\n\Z", ""): "The entries end at",
        ("anchors.jsonl", r'("root":")[0-9a-f]{8}', r"\g<1>00000000"): "does not begin with the head of",
        ("frame.json", r'"proof":\[\]', '"proof":["' + "00" * 32 + '"]'): "do not give the root of the head",
    }
    for (name, pattern, instead), words in faults.items():
        content, manifest = (made / name).read_bytes(), (made / "manifest.txt").read_bytes()
        changed = re.sub(pattern, instead, content.decode(), count=1, flags=re.MULTILINE).encode()
        assert changed != content
        (made / name).write_bytes(changed)
        text = manifest.decode().rpartition("\n\n")[0] + "\n"
        line = f"file {hashlib.sha256(changed).hexdigest()} {len(changed)} {name}"
        text = re.sub(rf"file .* {re.escape(name)}", line, text)
        (made / "manifest.txt").write_text(str(keys.sign_text(text)))
        status, told = verify(made)
        assert (status, words in told) == (1, True), told
        (made / name).write_bytes(content)
        (made / "manifest.txt").write_bytes(manifest)


def test_held_against_what_the_auditor_already_has(made, tmp_path) -> None:
    mine, yours = made / "mine.txt", tmp_path / "head.txt"
    mine.write_text(keys.key_file())
    assert verify(made)[0] == 1, "her own file is not in the manifest, as long as she does not name it"
    letter = Anchor.objects.get(kind="MAIL")
    yours.write_text(f"Dear auditor,\n\n{letter.note}\nYours\n")
    status, told = verify(made, "--key", "mine.txt", "--head", str(yours))
    assert status == 0 and "Everything holds.\n" in told and "came with this bundle" not in told
    assert f"begins with the {letter.size} entries of your head" in told
    assert "--head" not in told and verify(made, "--key", "mine.txt")[0] == 0
    middle = Checkpoint.objects.order_by("size").first()
    yours.write_text(f"{middle.size} {bytes(middle.root).hex()}\n")
    assert verify(made, "--head", str(yours), "--key", str(mine))[0] == 0, "typed from a page, and no anchor of ours"
    yours.write_text(f"{middle.size} {bytes(letter.root).hex()}\n")
    status, told = verify(made, "--head", str(yours), "--key", str(mine))
    assert status == 1 and f"THE LEDGER DOES NOT BEGIN WITH YOUR HEAD OF {middle.size} ENTRIES" in told
    yours.write_text(f"{10**6} {bytes(letter.root).hex()}\n")
    status, told = verify(made, "--head", str(yours), "--key", str(mine))
    assert status == 1 and "does not cover your head" in told
    yours.write_text("no head at all")
    assert verify(made, "--head", str(yours), "--key", str(mine))[0] == 1
    yours.write_text(letter.note.replace("haven/", "raven/"))
    assert verify(made, "--head", str(yours), "--key", str(mine))[0] == 1


def test_a_key_that_she_was_not_given_signs_nothing_for_her(filled, auditor, tmp_path) -> None:
    (tmp_path / "keys.txt").write_text(keys.key_file())
    signing.rotate()
    keyring.forget()
    bundle(tmp_path / "out.zip", auditor)
    folder = unpacked(tmp_path / "out.zip")
    assert verify(folder)[0] == 0
    status, told = verify(folder, "--key", str(tmp_path / "keys.txt"))
    assert status == 1 and "not signed by a key that you have" in told
    (tmp_path / "keys.txt").write_text(keys.key_file())
    assert verify(folder, "--key", str(tmp_path / "keys.txt"))[0] == 0


def test_some_days_only(cast, auditor, tmp_path, monkeypatch) -> None:
    """From one signed head to another; the proofs reach before and after, and nothing in between is left out."""
    days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3, 4)]
    sizes = []
    for day in days:
        monkeypatch.setattr(clock, "now", lambda day=day: day)
        note(7)
        seal()
        sizes.append(rows.head().size)
    monkeypatch.undo()
    bundle(tmp_path / "out.zip", auditor, "--from", "2026-03-03", "--to", "2026-03-03")
    folder = unpacked(tmp_path / "out.zip")
    frame = json.loads((folder / "frame.json").read_text())
    assert (frame["first"], frame["last"]) == (sizes[0], sizes[1]) and len(lines(folder)) == 7
    assert verify(folder)[0] == 0
    first = Checkpoint.objects.get(pk=sizes[0])
    (tmp_path / "head").write_text(first.note)
    assert verify(folder, "--head", str(tmp_path / "head"))[0] == 0, "the head where it begins"
    with pytest.raises(CommandError, match="No event was recorded in that time"):
        bundle(tmp_path / "none.zip", auditor, "--from", "2020-01-01", "--to", "2020-01-02")
    with pytest.raises(CommandError, match="lies before"):
        bundle(tmp_path / "none.zip", auditor, "--from", "2026-01-02", "--to", "2026-01-01")


def test_for_a_court_the_chosen_events_alone(filled, auditor, cast, tmp_path) -> None:
    chosen = Event.objects.filter(verb=Verb.CASES_LISTED).latest("pk")
    other = Event.objects.filter(verb=Verb.JOB_RUN).first()
    seal()
    bundle(tmp_path / "out.zip", auditor, "--event", str(chosen.uid), "--event", str(other.uid))
    folder = unpacked(tmp_path / "out.zip")
    status, told = verify(folder)
    assert status == 0 and "each entry was proved by itself" in told, told
    found = lines(folder)
    assert {json.loads(line["entry"])["id"] for line in found} == {str(chosen.uid), str(other.uid)}
    assert {key for line in found for key in line} == {"position", "leaf", "mac", "entry", "path"}
    everything = b"".join(one.read_bytes() for one in folder.iterdir() if one.name != "verify.py").decode()
    others = Event.objects.exclude(pk__in=[chosen.pk, other.pk]).values_list("uid", flat=True)
    assert not [uid for uid in others if str(uid) in everything], "nothing else is revealed"
    with pytest.raises(CommandError, match="There is no event"):
        bundle(tmp_path / "no.zip", auditor, "--event", str(uuid.uuid4()))
    privileged = Event.objects.filter(verb=Verb.MATTER_VIEWED).latest("pk")
    with pytest.raises(CommandError, match="privileged part"):
        bundle(tmp_path / "no.zip", auditor, "--event", str(privileged.uid))
    bundle(tmp_path / "full.zip", cast.kemi, "--full", "--event", str(privileged.uid))
    (line,) = lines(unpacked(tmp_path / "full.zip"))
    assert line["opened"]["actor"][1] == ["PERSON", str(cast.luis.uid), None]
    assert verify(tmp_path / "full")[0] == 0


def test_values_go_out_only_in_the_name_of_a_privacy_officer_and_fit_their_commitments(
    filled, auditor, cast, tmp_path
) -> None:
    with pytest.raises(CommandError, match="privacy officer"):
        bundle(tmp_path / "out.zip", auditor, "--full")
    bundle(tmp_path / "out.zip", cast.kemi, "--full")
    folder = unpacked(tmp_path / "out.zip")
    status, told = verify(folder)
    assert status == 0 and "each compared with its commitment: 0" not in told
    listed = [line for line in lines(folder) if "CASES_LISTED" in line.get("entry", "")]
    assert listed[-1]["opened"]["objects"][1][0][1:] == [str(filled.uid)] * 2
    assert not [line for line in lines(folder) if "address" in line.get("opened", {})]
    salt, value = listed[-1]["opened"]["actor"]
    digest = hashlib.sha256(bytes.fromhex(salt) + canonical.encode(value)).hexdigest()
    assert json.loads(listed[-1]["entry"])["commitments"]["actor"] == digest
    assert [set(line) for line in lines(folder) if "withheld" in line] == [{"position", "leaf", "withheld"}]


def test_no_survivor_is_in_a_bundle(cast, auditor, tmp_path) -> None:
    """Names, aliases, numbers and uids of cases, names of staff, reasons in words, client addresses."""
    case = make.case(cast.amina, cast.team_of("amina"))
    with audit_context("test", "Zoraida rang twice"):
        record(Verb.CASE_VIEWED, actor=cast.amina, subject=case, sections=["CARD"], basis={"kind": "ASSIGNMENT"},
               reason="Zoraida asked", fields=["survivor.legal_name"])  # fmt: skip
    bundle(tmp_path / "out.zip", auditor)
    folder = unpacked(tmp_path / "out.zip")
    everything = b"".join(one.read_bytes() for one in folder.iterdir()).decode()
    people = [cast.amina, cast.dana, auditor]
    for canary in (
        "Zoraida", case.number, str(case.uid), case.uid.hex, "legal_name", "ASSIGNMENT",
        *[str(one.uid) for one in people], *[one.name for one in people], *[one.email for one in people],
    ):  # fmt: skip
        assert canary not in everything, canary
    assert not re.search(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", (folder / "entries.jsonl").read_text()), "weeks and no day"
    names = {line["case"] for line in lines(folder) if "case" in line}
    bundle(tmp_path / "second.zip", auditor)
    again = {line["case"] for line in lines(unpacked(tmp_path / "second.zip")) if "case" in line}
    assert names and not names & again, "two bundles cannot be joined by their names"


def test_who_may_not_and_what_is_not_said(filled, cast, auditor, tmp_path) -> None:
    for person in (cast.farid, cast.amina):
        with pytest.raises(CommandError, match="neither an auditor nor a privacy officer"):
            bundle(tmp_path / "out.zip", person)
    person = User(email="nobody@example.org")
    with pytest.raises(CommandError, match="Nobody with this e-mail"):
        bundle(tmp_path / "out.zip", person)
    (tmp_path / "out.zip").write_text("mine")
    with pytest.raises(CommandError, match="a file of this name"):
        bundle(tmp_path / "out.zip", auditor)
    assert (tmp_path / "out.zip").read_text() == "mine"
    with pytest.raises(CommandError, match="cannot be written"):
        bundle(tmp_path / "nowhere" / "out.zip", auditor)
    assert not Event.objects.filter(verb=Verb.LEDGER_BUNDLED).exists()


TAMPERED = {
    "an event": "UPDATE audit_event SET canonical = mac WHERE id = (SELECT event_id FROM audit_leaf WHERE position = 40)",
    "a leaf": "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 7) WHERE position = 40",
    "a missing leaf": "DELETE FROM audit_leaf WHERE position = 40",
    "what an auditor saw": "UPDATE audit_seenhead SET root = (SELECT hash FROM audit_leaf WHERE position = 7)",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_ledger_that_was_changed_is_not_bundled(how, filled, auditor, tmp_path) -> None:
    with unguarded() as run:
        run(TAMPERED[how])
    with pytest.raises(CommandError, match=r"not whole|Leaves and tiles|is missing"):
        bundle(tmp_path / "out.zip", auditor)
    assert not list(tmp_path.iterdir())
    if how != "a missing leaf":  # there nothing is signed any more, and the sealer tells it
        assert Event.objects.filter(verb=Verb.LEDGER_VERIFIED).latest("pk").outcome == "FAILED"
        assert Reminder.objects.standing().filter(kind="LEDGER").exists()


def test_one_that_was_rewritten_with_the_stolen_keys_does_not_fit_her_head(filled, auditor, tmp_path) -> None:
    """The insider changes a reason, makes macs, tree and signatures anew, and takes away what the house knows of anchors.

    Then everything fits in itself, and only what she holds outside convicts.
    """
    (tmp_path / "head").write_text(rows.head().note)
    touched = Event.objects.get(leaf__position=rows.head().size - 4)
    with unguarded() as run:
        for table in ("anchor", "seenhead", "checkpoint", "leaf", "tile"):
            run(f"DELETE FROM audit_{table}")
        content = touched.detail.shown() | {"reason": "made up"}
        run("UPDATE audit_eventdetail SET content = %s WHERE event_id = %s", json.dumps(content), touched.pk)
        previous = bytes(Event.objects.get(stream=touched.stream, number=touched.number - 1).mac)
        for event in Event.objects.filter(stream=touched.stream, number__gte=touched.number).order_by("number"):
            signed = bytes(event.canonical)
            if event.pk == touched.pk:
                signed = canonical.canonical_bytes(event, content, bytes(touched.detail.salt))
            previous = streams.mac_of(streams.key_at(event.stream, event.number), previous, signed)
            run("UPDATE audit_event SET canonical = %s, mac = %s WHERE id = %s", signed, previous, event.pk)
    bundle(tmp_path / "out.zip", auditor)
    folder = unpacked(tmp_path / "out.zip")
    assert verify(folder)[0] == 0
    status, told = verify(folder, "--head", str(tmp_path / "head"))
    assert status == 1 and "THE LEDGER DOES NOT BEGIN WITH YOUR HEAD" in told, told


@pytest.mark.deep
def test_memory_stays_flat(auditor, tmp_path, monkeypatch) -> None:
    """Six times the events in the same memory: two stretches of leaves and their events, and no more."""
    monkeypatch.setattr(reading, "STRETCH", 512)
    peaks = []
    for count in (3_000, 15_000):
        note(count)
        seal()
        out = tmp_path / f"{count}.zip"
        with out.open("wb") as file:
            tracemalloc.start()
            write_bundle(file, Wanted(), rows.head())
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    with ZipFile(out) as archive:
        assert archive.getinfo("entries.jsonl").file_size > 20_000_000
    assert peaks[1] < 1.3 * peaks[0] and peaks[1] < 8_000_000, peaks
