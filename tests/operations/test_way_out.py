"""``manage.py way_out``: everything the house owns, readable without Haven; nothing that is somebody else's; and recorded."""

import csv
import hashlib
import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import clock
from audit.models import Event, EventCase
from casemgmt.operations.way_out import tables, writing
from cases.actions.notes import add_note, edit_note
from cases.actions.quarantine import quarantine_document
from cases.choices.casework import PrivilegeClass
from cases.models import Case, Document, Note, Notice
from tests import make
from tests.audit.bundling.scene import unpacked, verify
from tests.audit.sealing.scene import seal, unguarded
from tests.cases.erasing import erase
from tests.cast import Cast
from tests.services.engaging import at_work

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]
REASON = "We move to another system."


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case with a note that was changed once, and a letter."""
    case = make.case(cast.amina, cast.team_of("amina"), first_name="Zoraida", second_name="Quillfeather")
    noted = note(cast, case, "First she asked for shoes.")
    edit_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=noted.uid, version=1,
        body="She asked for winter shoes.",
    )  # fmt: skip
    make.document(case, cast.amina, b"Dear Sir or Madam.\n", name="letter.txt")
    return case


def note(cast: Cast, case: Case, body: str) -> Note:
    return add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, body=body,
        privilege_class=PrivilegeClass.ADVOCATE_CONFIDENTIAL,
    )  # fmt: skip


def way_out(person: Any, out: Path) -> str:
    words = StringIO()
    call_command("way_out", str(out), "--as", person.email, "--reason", REASON, stdout=words, stderr=words)
    return words.getvalue()


def lines(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


def everything(out: Path) -> bytes:
    return b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file() and path.suffix != ".zip")


def test_every_table_goes_along_or_somebody_has_said_why_not() -> None:
    assert tables.forgotten() == []
    assert {table.label for table in tables.tables()} >= {"cases.case", "cases.note", "services.goal", "accounts.team"}


def test_all_of_a_case_comes_along_with_its_history_and_its_files(cast: Cast, case: Case, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = way_out(cast.kemi, out)
    assert "1 cases, 1 files" in said
    [survivor] = lines(out, "tables/cases.survivor.jsonl")
    assert (survivor["first_name"], survivor["second_name"]) == ("Zoraida", "Quillfeather")
    [row] = lines(out, "tables/cases.case.jsonl")
    assert (row["number"], row["person_id"], row["id"]) == (case.number, case.person_id, case.pk)
    [now] = lines(out, "tables/cases.note.jsonl")
    assert now["body"] == "She asked for winter shoes." and now["case_id"] == case.pk
    then = lines(out, "versions/cases.note.jsonl")
    assert [(one["history_type"], one["body"]) for one in then] == [
        ("+", "First she asked for shoes."),
        ("~", "She asked for winter shoes."),
    ]
    [file] = lines(out, "files/index.jsonl")
    content = (out / file["path"]).read_bytes()
    assert content == b"Dear Sir or Madam.\n" and file["sha256"] == hashlib.sha256(content).hexdigest()
    table = list(csv.DictReader((out / "cases.htcds.csv").read_text("utf-8-sig").splitlines()))
    assert [line["prs_FirstName"] for line in table] == ["Zoraida"]
    status, words = verify(unpacked(out / "ledger.zip"))
    assert status == 0, words
    described = json.loads((out / "description.json").read_text())
    column = described["tables"]["cases.note"]["columns"]["privilege_class"]
    assert column["codes"]["ADVOCATE_CONFIDENTIAL"] and described["tables"]["cases.note"]["has_versions"]
    people = {one["name"]: one for one in lines(out, "tables/accounts.user.jsonl")}
    assert "Chidi Okafor" in people and "password" not in people["Chidi Okafor"]
    assert not set(described["left_out"]) & set(described["tables"])


def test_the_manifest_says_what_lies_there_and_nobody_else_may_read_it(cast: Cast, case: Case, tmp_path: Path) -> None:
    out = tmp_path / "out"
    way_out(cast.kemi, out)
    manifest = json.loads((out / "manifest.json").read_text())
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()} - {"manifest.json"}
    assert set(manifest["contents"]) == files and manifest["problems"] == []
    for name, told in manifest["contents"].items():
        body = (out / name).read_bytes()
        assert (told["sha256"], told["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body)), name
        assert told.get("lines", body.count(b"\n")) == body.count(b"\n")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (out, *out.rglob("*"))}
    assert modes == {0o700, 0o600}


def test_what_is_not_the_house_s_stays(cast: Cast, case: Case, tmp_path: Path, settings: Any) -> None:
    """An attorney's own file, what is in quarantine, what was erased: not in any file of the folder."""
    settings.ERASURE_COOLING_DAYS = 0
    at_work(cast, case)
    held = make.document(case, cast.amina, b"Never to be copied.\n", name="held.txt")
    quarantine_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=held.uid)
    other = make.case(cast.amina, cast.team_of("amina"), first_name="Perpetua")
    note(cast, other, "A marmalade that nobody reads again.")
    erase(cast, other, "ADVOCACY")
    out = tmp_path / "out"
    way_out(cast.kemi, out)
    found = everything(out)
    assert b"Draft of the declaration, second day." not in found and b"A draft of her own." not in found
    assert b"Never to be copied." not in found and b"that nobody reads again" not in found
    assert b"A letter of the agency." in found, "a paper of the house in the same matter"
    erased = [row for row in lines(out, "tables/cases.note.jsonl") if row["body"] == {"erased": True}]
    assert [row["case_id"] for row in erased] == [other.pk]
    told = json.loads((out / "manifest.json").read_text())["values_not_here"]
    assert told["quarantined"] == 1 and told["attorneys"] >= 2 and told["erased"] >= 1


def test_it_is_recorded_for_each_case_and_told_to_those_who_answer(cast: Cast, case: Case, tmp_path: Path) -> None:
    out = tmp_path / "out"
    way_out(cast.kemi, out)
    taken, whole = Event.objects.filter(verb="HOUSE_EXPORTED").order_by("pk")
    assert EventCase.objects.filter(event=taken, case_uid=case.uid).exists()
    assert " IDENTITY " in taken.sections and " ADVOCACY " in taken.sections
    assert taken.on_behalf_of == cast.kemi.uid
    codes = whole.detail.content["codes"]
    assert codes["sha256"] == hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest() and codes["count"] == 1
    told = {one.person for one in Notice._base_manager.filter(kind="WAY_OUT")}
    assert {cast.kemi, cast.elif_} <= told and cast.amina not in told


@pytest.mark.parametrize("who", ["amina", "bea", "elif_", "hugo", "chidi"])
def test_only_in_a_privacy_officer_s_name(cast: Cast, case: Case, tmp_path: Path, who: str) -> None:
    with pytest.raises(CommandError, match="privacy officer"):
        way_out(getattr(cast, who), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over_and_nothing_half_stays(
    cast: Cast, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(CommandError, match="of this name already"):
        way_out(cast.kemi, out)
    out.rmdir()

    def fails(*_arguments: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_write_manifest", fails)
    with pytest.raises(CommandError, match="No space left"):
        way_out(cast.kemi, out)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_said_and_the_rest_comes_along(cast: Cast, case: Case, tmp_path: Path, settings: Any) -> None:
    stored = Path(settings.MEDIA_ROOT) / Document._base_manager.get(case=case).stored_as
    body = bytearray(stored.read_bytes())
    body[-1] ^= 1
    stored.write_bytes(body)
    out = tmp_path / "out"
    with pytest.raises(CommandError, match="Not everything came along") as ended:
        way_out(cast.kemi, out)
    assert ended.value.returncode == 3
    manifest = json.loads((out / "manifest.json").read_text())
    assert len(manifest["problems"]) == 1 and case.number in manifest["problems"][0] and manifest["files"] == 0
    assert b"Zoraida" in everything(out)


def test_a_broken_ledger_does_not_keep_the_records_here(cast: Cast, case: Case, tmp_path: Path) -> None:
    seal()
    with unguarded() as run:
        run("UPDATE audit_event SET verb = 'SIGNED_IN' WHERE verb = 'NOTE_ADDED'")
    out = tmp_path / "out"
    with pytest.raises(CommandError, match="Not everything came along"):
        way_out(cast.kemi, out)
    assert not (out / "ledger.zip").exists() and b"She asked for winter shoes." in everything(out)
    assert "not whole" in json.loads((out / "manifest.json").read_text())["problems"][0]
