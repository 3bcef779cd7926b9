"""New keys for one case: every value, version and file opens before, during and after, and the old key is gone."""

from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from audit import clock, history_rows, protection, rekeying
from audit.models import Event
from casemgmt.access.sections import Section
from casemgmt.crypto import envelope, keyring
from casemgmt.crypto import rekeying as vault
from casemgmt.crypto.errors import DecryptionRefused
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.sealing import sealed_fields_of
from cases import access, files
from cases.actions import notes, survivor
from cases.actions import rekeying as actions
from cases.choices.casework import PrivilegeClass
from cases.errors.files import KeysWereRenewed
from cases.models import Document, Note, Survivor
from tests import make
from tests.audit.whole import verified


class EveryGate:
    def admit(self, case_uid, section, fid, scope_uid=None):
        """Everybody."""


@pytest.fixture
def case(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = make.case(cast.amina, cast.team_of("amina"))
    for name in ("Zora", "Zuleika", "Zora"):
        survivor.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": name})
    make.document(case, cast.amina, b"A plain letter.\n" * 9000)
    return case


def everything(case):
    """Every value of the case, live and past, and every file; with the epochs they are under."""
    values, epochs = [], set()
    keyring.begin_request()
    with open_gate(EveryGate()):
        for model in rekeying.sealed_models():
            for table in filter(None, (model, rekeying.versions_of(model))):
                for row in rekeying._rows(table).filter(case_uid=case.uid).order_by("pk"):
                    for field in sealed_fields_of(table):
                        raw = row.__dict__[field.attname]
                        if raw is not None:
                            epochs.add(envelope.epoch_of(raw, field.fid, row.uid))
                            values.append((table._meta.label, row.pk, field.attname, repr(getattr(row, field.attname))))
    contents = [b"".join(files.open_pieces(document)) for document in documents(case)]
    return values, contents, epochs


def documents(case):
    return list(access.for_the_house(Document).filter(case_uid=case.uid).order_by("pk"))


def renew(case, **options):
    return actions.renew_keys_of_case(case_uid=case.uid, wait=0, **options)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(vault.Renewal, "wait_for_writers", lambda renewal: None)


def test_all_values_versions_and_files_are_under_the_new_keys(case, settings):
    values, contents, epochs = everything(case)
    assert epochs == {1} and len(values) > 20 and contents == [b"A plain letter.\n" * 9000]
    old_name = documents(case)[0].stored_as
    told = []
    result = renew(case, say=lambda *line: told.append(line))
    after, contents_after, epochs_after = everything(case)
    lost = [value for value in values if value not in after]
    assert not lost and contents_after == contents and epochs_after == {2}
    assert set(CaseKey.objects.filter(case_uid=case.uid).values_list("epoch", flat=True)) == {2}
    assert result.is_done and result.keys_deleted == 5 and result.files == 1 and not result.damaged
    assert [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == [
        documents(case)[0].stored_as.split("/")[1]
    ]
    assert documents(case)[0].stored_as != old_name
    assert ("files", 1, 1) in told and any(what == "records" and done == of for what, done, of in told)


def test_the_old_key_opens_nothing_any_more(case):
    row = rekeying._rows(Survivor).get(case_uid=case.uid)
    field, raw = Survivor._meta.get_field("first_name"), row.__dict__["first_name"]
    renew(case)
    with open_gate(EveryGate()), pytest.raises(DecryptionRefused):
        field.open_through_gate(row, raw)


def test_the_ledger_is_still_whole_and_says_what_was_done(case):
    renew(case)
    report = verified()
    assert report.problems == [] and report.history_rows > 5
    told = Event.objects.filter(verb="CASE_KEYS_RENEWED").order_by("pk")
    states = [event.detail.content["codes"]["status"] for event in told]
    assert states[0] == "BEGUN" and states[-1] == "DONE" and "RUNNING" in states
    assert {event.case_uid for event in told} == {case.uid}


def test_a_version_changed_outside_a_renewal_is_found(case, monkeypatch):
    """Somebody with the path and the keys, but no event for it."""
    renewal = actions.begin_renewal(actor=None, now=clock.now(), case_uid=case.uid)
    monkeypatch.setattr(history_rows, "note_rekeyed", lambda *noted: None)
    actions.reseal_records(
        actor=None, now=clock.now(), renewal=renewal, model=Survivor,
        uids=rekeying.records_of(Survivor, case.uid), result=actions.Renewed(case.uid, {}),
    )  # fmt: skip
    problems = verified().problems
    assert problems and all("cases_historicalsurvivor" in line and "altered" in line for line in problems)


def test_what_changed_can_still_be_told_without_a_key(case):
    renew(case)
    versions = list(Survivor.history.filter(uid=rekeying.records_of(Survivor, case.uid)[0]).order_by("history_id"))
    changed = [list(new.diff_against(old).changed_fields) for old, new in pairwise(versions)]
    assert changed == [["first_name"]] * 3
    live = rekeying._rows(Survivor).get(case_uid=case.uid)
    assert live.__dict__["first_name"] == versions[-1].__dict__["first_name"]


def test_one_class_alone(case):
    renew(case, classes=["CORE"])
    keys = CaseKey.objects.filter(case_uid=case.uid).values_list("retention_class", "epoch")
    assert dict(keys) == {"ADVOCACY": 1, "CLINICAL": 1, "CORE": 2, "LEGAL": 1, "SERVICES": 1}
    assert everything(case)[2] <= {1, 2}


def test_again_and_again(case):
    values = everything(case)[0]
    for epoch in (2, 3, 4):
        renew(case)
        after, contents, epochs = everything(case)
        assert (
            not [value for value in values if value not in after] and epochs == {epoch} and len(contents[0]) == 144000
        )
    assert verified().problems == []


def test_fingerprints_survive(case):
    mark = keyring.fingerprint(case.uid, "CORE", "row", "Ana")
    renew(case)
    assert keyring.fingerprint(case.uid, "CORE", "row", "Ana") == mark
    renew(case)
    assert keyring.fingerprint(case.uid, "CORE", "row", "Ana") == mark


def test_an_edit_in_the_middle_is_kept(case, cast, monkeypatch):
    """She writes between two steps: by the new key, and nothing overwrites it."""
    done = []

    def step(**arguments):
        if arguments["model"] is Survivor and not done:
            done.append(True)
            survivor.change_survivor(
                actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": "Zenobia"}
            )
        return actions_reseal(**arguments)

    actions_reseal = actions.reseal_records
    monkeypatch.setattr(actions, "reseal_records", step)
    assert renew(case).is_done and done
    values = {name: value for label, _pk, name, value in everything(case)[0] if label == "cases.Survivor"}
    assert values["first_name"] == "'Zenobia'"
    assert verified().problems == []


def test_what_does_not_open_keeps_the_old_key_until_somebody_gives_it_up(case, cast):
    note = notes.add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, body="A word.",
        privilege_class=PrivilegeClass.ADVOCATE_CONFIDENTIAL, happened_at=clock.now(),
    )  # fmt: skip
    raw = bytearray(rekeying._rows(Note).get(uid=note.uid).__dict__["body"])
    raw[-1] ^= 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_note SET body = %s WHERE id = %s", [bytes(raw), note.pk])
    result = renew(case)
    assert not result.is_done and result.damaged == {f"note.row_mac {note.uid}"}
    assert CaseKey.objects.filter(case_uid=case.uid, epoch=1).count() == 5
    assert Event.objects.filter(verb="DECRYPTION_REFUSED", subject_uid=note.uid).exists()
    result = renew(case, damaged_too=True)
    assert result.is_done and not CaseKey.objects.filter(case_uid=case.uid, epoch=1).exists()
    assert set(result.epochs.values()) == {2}


def test_a_case_that_nobody_has_and_a_class_that_is_none(case):
    with pytest.raises(vault.RenewalRefused, match="GOSSIP"):
        renew(case, classes=["GOSSIP"])


def test_reading_needs_the_section_after_a_renewal_too(case, cast, sign_in):
    renew(case)
    page = sign_in(cast.amina).get(f"/cases/{case.uid}/survivor/")
    assert page.status_code == 200 and "Zora" in page.text
    assert Section.IDENTITY in Event.objects.filter(verb="CASE_VIEWED").latest("pk").section_codes


# ---- files, and those who are in the middle of something ----


def test_a_file_sealed_by_the_old_key_is_not_recorded_once_that_is_gone(case, cast, monkeypatch):
    """A large upload: sealed before the case is locked, and the keys are renewed in between."""
    real = files.keep

    def slow(*args, **named):
        kept = real(*args, **named)
        renew(case)
        return kept

    monkeypatch.setattr(files, "keep", slow)
    with pytest.raises(KeysWereRenewed):
        make.document(case, cast.amina, b"late")
    monkeypatch.undo()
    assert len(documents(case)) == 1 and everything(case)[2] == {2}


def test_a_page_that_knows_the_old_name_finds_the_file(case):
    known = documents(case)[0]
    renew(case)
    assert b"".join(files.open_pieces(known)) == b"A plain letter.\n" * 9000


def test_what_an_interrupted_attempt_left_is_swept(case, monkeypatch):
    def killed(**arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "switch_files", killed)
    with pytest.raises(KeyboardInterrupt):
        renew(case)
    monkeypatch.undo()
    monkeypatch.setattr(vault.Renewal, "wait_for_writers", lambda renewal: None)
    folder = documents(case)[0].uid.hex[:2]
    assert len(files.storage().listdir(folder)[1]) == 2
    assert renew(case).files == 1
    assert len(files.storage().listdir(folder)[1]) == 1


def test_a_row_whose_values_do_not_belong_together_is_not_vouched_for(case):
    """An old first name beside today's second one, put back by hand: renewal leaves the row alone and says so."""
    live = rekeying._rows(Survivor).get(case_uid=case.uid)
    old = rekeying._rows(Survivor.history.model).filter(case_uid=case.uid).order_by("pk").first()
    raw = bytes(old.__dict__["first_name"])
    assert raw != bytes(live.__dict__["first_name"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_survivor SET first_name = %s WHERE id = %s", [raw, live.pk])
    result = renew(case)
    assert result.damaged == {f"survivor.row_mac {live.uid}"} and not result.is_done
    assert bytes(rekeying._rows(Survivor).get(pk=live.pk).__dict__["first_name"]) == raw


# ---- what the database lets through while the path is open, and what not ----


@pytest.fixture
def version(case):
    """The raw row of the first version of the survivor's record: her name, and its key."""
    row = rekeying._rows(Survivor.history.model).filter(case_uid=case.uid).order_by("pk").first()
    return row.pk, bytes(row.__dict__["first_name"])


def change(pk, column, value, *, path=True):
    table = Survivor.history.model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        statement = f"UPDATE {table} SET {column} = %s WHERE history_id = %s"
        if not path:
            cursor.execute(statement, [value, pk])
            return
        with protection.rekeying():
            cursor.execute(statement, [value, pk])


def test_a_later_epoch_of_the_same_length_passes_inside_the_path_only(version):
    pk, raw = version
    newer = raw[:1] + b"\x00\x02" + raw[3:]
    with pytest.raises(DatabaseError):
        change(pk, "first_name", newer, path=False)
    change(pk, "first_name", newer)


@pytest.mark.parametrize(
    "alter",
    [
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),  # the same epoch: another value under the same key
        lambda raw: raw[:1] + b"\x00\x00" + raw[3:],  # an older epoch
        lambda raw: raw[:1] + b"\x00\x02" + raw[3:] + b"\x00",  # longer
        lambda raw: raw[:1] + b"\x00\x02" + raw[3:-1],  # shorter
        lambda raw: b"\x02\x00\x02" + raw[3:],  # another format
        lambda raw: None,  # erased
    ],
)
def test_nothing_else_passes(version, alter):
    pk, raw = version
    with pytest.raises(DatabaseError):
        change(pk, "first_name", alter(raw))


def test_plain_columns_and_whole_rows_stay_even_inside_the_path(version):
    pk, _raw = version
    for column, value in (("history_type", "-"), ("history_user_id", None), ("case_uid", uuid4().hex)):
        with pytest.raises(DatabaseError):
            change(pk, column, value)
    with pytest.raises(DatabaseError), transaction.atomic(), protection.rekeying(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Survivor.history.model._meta.db_table} WHERE history_id = %s", [pk])
    with pytest.raises(DatabaseError), transaction.atomic(), protection.rekeying(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET verb = verb")


def test_the_path_for_details_is_no_path_for_versions(version):
    pk, raw = version
    with pytest.raises(DatabaseError), transaction.atomic(), protection.erasing(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Survivor.history.model._meta.db_table} SET first_name = %s WHERE history_id = %s",
            [raw[:1] + b"\x00\x02" + raw[3:], pk],
        )


def test_the_guards_are_as_the_manifest_says(case):
    assert protection.check_protection() == []
