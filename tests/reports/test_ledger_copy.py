"""Copies of the ledger: what is in them, formulas, proofs, the SHA-256 that is recorded, and a copy that breaks off."""

import csv
import hashlib
import io
import json

import pytest
from django.urls import reverse

from audit import canonical, pseudonyms
from audit.log import record
from audit.models import Event
from audit.sealing import keys, notes, proving, rows, tree
from audit.verbs import Verb
from audit.workspace import copies
from casemgmt.accounts.choices import Role
from tests import make
from tests.accounts.signing_in import joined
from tests.audit.sealing.scene import seal
from tests.audit.test_pages import look

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

PAGE = "/reports/ledger-copy/"


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def ask(cast, sign_in):
    client = sign_in(cast.elif_, is_fresh=True)
    return lambda form="CSV", names="CODES", **filters: client.post(PAGE, {"form": form, "names": names} | filters)


def taken(answer) -> bytes:
    """Read the stream to its end, as a server does."""
    return b"".join(answer.streaming_content)  # the client closes it at the end, as a server does


def break_off(answer) -> None:
    """What a server does when the line is gone: everything the answer holds is closed, and nothing more is read."""
    for close in answer._resource_closers:
        close()


def recorded() -> Event:
    return Event.objects.filter(verb=Verb.LEDGER_EXPORTED).latest("pk")


def test_a_csv_of_what_was_chosen_and_its_checksum(cast, case, ask) -> None:
    look(cast.amina, case)
    look(cast.bea, case, kind="SUPERVISION")
    content = taken(ask(verb="CASE_VIEWED", case=pseudonyms.of_case(case.uid)))
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line[1] for line in lines[1:]] == [pseudonyms.of_person(one.uid) for one in (cast.bea, cast.amina)]
    assert lines[1][6] == "Supervises the case" and lines[1][3] == pseudonyms.of_case(case.uid)
    codes = recorded().detail.shown()["codes"]
    assert codes["sha256"] == hashlib.sha256(content).hexdigest() and codes["bytes"] == len(content)
    assert (codes["count"], codes["result"], codes["format"], recorded().outcome) == (2, "WHOLE", "CSV", "OK")
    assert codes["filters"] == ["case", "verb"] and recorded().actor_uid == cast.elif_.uid
    for secret in ("Zoraida", case.number, str(case.uid), "Amina", "Bea"):
        assert secret not in content.decode()
    named = taken(ask(names="NAMES", case=pseudonyms.of_case(case.uid))).decode()
    assert "Amina Rivers" in named and recorded().detail.shown()["codes"]["kind"] == "NAMES"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "＝1", "  =1"])
def test_no_cell_begins_a_formula(cast, ask, name) -> None:
    person = joined(cast, Role.CASEWORKER, name="Plain")
    type(person).objects.filter(pk=person.pk)._update([(person._meta.get_field("name"), None, name)])
    record(Verb.CASES_LISTED, actor=type(person).objects.get(pk=person.pk))
    lines = list(
        csv.reader(io.StringIO(taken(ask(names="NAMES", verb="CASES_LISTED")).decode("utf-8-sig"), newline=""))
    )
    [cell] = {line[1] for line in lines[1:] if name.strip() in line[1]}
    assert cell == f"'{name}"


def test_safe_leaves_plain_cells_alone() -> None:
    for text in ("", "Looked at a case", "S-7Q4K-29MX", "2026-11-22T10:00:00.000000Z", "a=b"):
        assert copies.safe(text) == text


def test_a_jsonl_proves_each_event_without_us(cast, case, ask) -> None:
    event = look(cast.amina, case, sections=["CARD", "HEALTH"])
    seal()
    late = look(cast.amina, case)
    lines = [json.loads(line) for line in taken(ask("JSONL")).decode().splitlines()]
    head, told, end = lines[0], lines[1:-1], lines[-1]
    verifiers = [one.verifier for one in keys.listed()]
    assert str(verifiers[0]) in head["keys"]
    opened, _verifier = notes.open_checkpoint(head["checkpoint"], keys.origin(), verifiers)
    assert (opened.size, opened.root.hex()) == (head["size"], head["root"])
    assert head["size"] == rows.head().size
    proven = 0
    for line in told:
        proof = line["proof"]
        if proof is None:
            continue
        entry = json.loads(proof["entry"])
        leaf = tree.leaf_hash(bytes.fromhex(proof["mac"]) + proof["entry"].encode())
        assert leaf.hex() == proof["leaf"] and entry["id"] == line["shown"]["event"]
        path = [bytes.fromhex(step) for step in proof["path"]]
        assert tree.verify_inclusion(leaf, proof["position"], head["size"], path, bytes.fromhex(head["root"]))
        for key, (salt, value) in line["opened"].items():
            commitment = hashlib.sha256(bytes.fromhex(salt) + canonical.encode(value)).hexdigest()
            assert entry["commitments"][key] == commitment, key
        proven += 1
    assert proven == head["size"] and end["events"] == len(told)
    mine = next(line for line in told if line["shown"]["event"] == str(event.uid))
    assert mine["opened"]["sections"][1] == ["CARD", "HEALTH"]
    whole = proving.proof_of(event, rows.head())
    assert mine["proof"] == {key: whole[key] for key in mine["proof"]}
    assert next(line for line in told if line["shown"]["event"] == str(late.uid))["proof"] is None
    for line in told:
        assert str(case.uid) not in json.dumps(line) and case.number not in json.dumps(line)


def test_a_copy_that_breaks_off_is_recorded_as_such(cast, case, ask, monkeypatch) -> None:
    monkeypatch.setattr(copies, "BATCH", 3)
    for _ in range(10):
        look(cast.amina, case)
    answer = ask()
    got = b"".join(next(answer.streaming_content) for _ in range(3))
    break_off(answer)
    codes = recorded().detail.shown()["codes"]
    assert (codes["result"], recorded().outcome, codes["count"]) == ("BROKEN_OFF", "FAILED", 6)
    assert codes["sha256"] == hashlib.sha256(got).hexdigest() and codes["bytes"] == len(got)
    before = Event.objects.filter(verb=Verb.LEDGER_EXPORTED).count()
    break_off(ask())  # nobody read a single byte
    assert recorded().detail.shown()["codes"]["bytes"] == 0
    assert Event.objects.filter(verb=Verb.LEDGER_EXPORTED).count() == before + 1
    whole = ask()
    content = taken(whole)
    break_off(whole)
    assert Event.objects.filter(verb=Verb.LEDGER_EXPORTED).count() == before + 2 and content


def test_every_event_once_however_small_the_batches(cast, case, ask, monkeypatch) -> None:
    monkeypatch.setattr(copies, "BATCH", 7)
    for _ in range(20):
        look(cast.amina, case)
    expected = set(map(str, Event.objects.filter(is_privileged=False).values_list("uid", flat=True)))
    lines = [json.loads(line) for line in taken(ask("JSONL")).decode().splitlines()][1:-1]
    uids = [line["shown"]["event"] for line in lines]
    assert len(uids) == len(set(uids)) and expected <= set(uids)


def test_the_privileged_part_does_not_leave(cast, case, ask) -> None:
    hidden = look(cast.gita, case, sections=["COUNSELLING"], kind="CLINICAL")
    for form in ("CSV", "JSONL"):
        assert str(hidden.uid) not in taken(ask(form)).decode()


def test_a_fresh_proof_and_only_auditors_of_the_house(cast, case, sign_in) -> None:
    client = sign_in(cast.elif_)
    assert client.post(PAGE, {"form": "CSV", "names": "CODES"}).status_code == 303
    assert not Event.objects.filter(verb=Verb.LEDGER_EXPORTED).exists()
    for person in (cast.amina, cast.kemi, cast.omar, cast.farid):
        assert sign_in(person, is_fresh=True).post(PAGE, {"form": "CSV", "names": "CODES"}).status_code == 404


def test_bad_input_is_told(cast, ask) -> None:
    for given in (
        {"form": "PDF"},
        {"verb": "CASE_EATEN"},
        {"case": "S-0000-0000"},
        {"start": "2026-02-02", "end": "2026-01-01"},
    ):
        answer = ask(**given)
        assert answer.status_code == 422 and "errsum" in answer.text, given
    assert not Event.objects.filter(verb=Verb.LEDGER_EXPORTED).exists()


def test_the_page_leads_there_with_its_filter(cast, sign_in) -> None:
    client = sign_in(cast.elif_, is_fresh=True)
    page = client.get(f"{reverse('audit-events')}?verb=CASE_VIEWED")
    assert f"{PAGE}?verb=CASE_VIEWED" in page.text
    form = client.get(f"{PAGE}?verb=CASE_VIEWED")
    assert form.status_code == 200 and form.context["filter_form"].used() == ["verb"]
