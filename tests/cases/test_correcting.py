"""Written into the wrong record: two people, the bytes gone everywhere, a mark, and a ledger that still verifies."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit import clock, protection
from audit.context import audit_context
from audit.history import history_model_of
from audit.log import record as tell
from audit.models import Event
from audit.net import unlike_their_versions
from audit.verbs import Verb
from audit.verify import Report, verify_history
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.session import for_house
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentRemoved
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.sealed import Removed, removal_in
from cases import access
from cases.actions import holds, notes, safety, tasks
from cases.actions import survivor as actions
from cases.actions.correcting import approve_correction, ask_correction, decline_correction
from cases.actions.rekeying import renew_keys_of_case
from cases.choices.safety import SafetyTopic
from cases.correcting import waiting_for
from cases.errors.erasing import HoldStands
from cases.errors.history import CorrectionIsOpen, CorrectionIsOver, NothingToRemove
from cases.errors.sharing import NotTheSecondPerson
from cases.models import (
    Case,
    ContactInstruction,
    Correction,
    Due,
    Notice,
    SafetyPlan,
    Survivor,
    Task,
    TraffickingProfile,
)
from cases.opening import SectionsGate
from tests import make

pytestmark = pytest.mark.sql


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(cast, case, **more) -> dict[str, Any]:
    return {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, **more}


def wrong_name(cast, case):
    """The name of another woman, in version 2; version 3 carries it on and changes something else."""
    actions.change_survivor(**of(cast, case), names={"first_name": "Wrongwoman"})
    actions.change_survivor(**of(cast, case), names={"second_name": "Rightname"})
    return access.within(Survivor, case).get()


def asked(cast, case, record, number=2, kind="survivor", **more):
    return ask_correction(
        **of(cast, case), record_uid=record.uid, kind=kind, number=number, reason="The file beside it", **more
    )


def raw(model, name, **found) -> list[bytes]:
    """What really stands in the column of all versions."""
    table, key = model._meta.db_table, next(iter(found))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} WHERE {key} = %s ORDER BY 1", [found[key]])
        return [bytes(row[0]) for row in cursor.fetchall() if row[0] is not None]


def whole() -> Report:
    report = Report()
    with for_house():
        verify_history(report)
        report.problems += unlike_their_versions()
    return report


def test_the_bytes_are_gone_everywhere_and_a_mark_stays(cast, case, sign_in):
    record = wrong_name(cast, case)
    past = history_model_of(Survivor)
    (wrong,) = {bytes(one.__dict__["first_name"]) for one in record.history.all()[:2]}
    before = raw(past, "first_name", id=record.pk)
    correction = asked(cast, case, record)
    assert raw(past, "first_name", id=record.pk) == before, "nothing happens before the second person"
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    after = raw(past, "first_name", id=record.pk)
    assert before.count(wrong) == 2 and wrong not in after
    assert [removal_in(one).uid for one in after if removal_in(one)] == [correction.uid] * 2
    assert wrong not in raw(Survivor, "first_name", id=record.pk)
    live = access.within(Survivor, case).get()
    with open_gate(SectionsGate(["IDENTITY"])):
        assert live.first_name == "" and live.second_name == "Rightname"
        versions = list(record.history.order_by("history_id"))
        assert versions[0].first_name == "Zoraida" and versions[2].second_name == "Rightname"
        with pytest.raises(ContentRemoved):
            assert versions[1].first_name
    page = sign_in(cast.amina).get(reverse("case-record-versions", args=[case.uid, record.uid]) + "?kind=survivor").text
    assert page.count("it was written into the wrong record. Two people decided it.") == 2 and "Version 4" in page


def test_the_ledger_says_corrected_and_not_altered(cast, case):
    record = wrong_name(cast, case)
    assert whole().problems == []
    correction = asked(cast, case, record)
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    report = whole()
    assert report.problems == [] and report.corrected >= 2
    event = Event.objects.filter(verb="CORRECTION_DECIDED").latest("pk")
    assert event.actor_uid == cast.bea.uid and sum(len(row) == 4 for row in event.history_rows) >= 2
    # The same bytes put there by anybody else are an alteration.
    other = wrong_name(cast, make.case(cast.amina, cast.team_of("amina")))
    connection.check_constraints()
    protection.remove()
    with connection.cursor() as cursor:
        marker = connection.Database.Binary(Removed(clock.now(), correction.uid).marker)
        last = other.history.latest("history_id").pk
        cursor.execute("UPDATE cases_historicalsurvivor SET first_name = %s WHERE history_id = %s", [marker, last])
    protection.install()
    assert any(f"cases_historicalsurvivor {last} was altered." == one for one in whole().problems)


def test_two_people_never_one(cast, case):
    correction = asked(cast, case, wrong_name(cast, case))
    with pytest.raises(NotTheSecondPerson):
        approve_correction(actor=cast.amina, now=clock.now(), correction_uid=correction.uid)
    for stranger in (cast.dana, cast.hugo, cast.farid):
        with pytest.raises(Hidden):
            approve_correction(actor=stranger, now=clock.now(), correction_uid=correction.uid)
    row = access.within(Correction, case).get()
    row.state, row.decided_by, row.decided_at = "DONE", cast.amina, clock.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    assert [one.uid for one in waiting_for(cast.bea, at=clock.now())] == [correction.uid]
    assert [one.uid for one in waiting_for(cast.kemi, at=clock.now())] == [correction.uid]
    assert waiting_for(cast.amina, at=clock.now()) == [] == waiting_for(cast.dana, at=clock.now())


def test_a_supervisor_who_asked_does_not_decide_herself(cast):
    case = make.case(cast.bea, cast.team_of("bea"))
    common = {"actor": cast.bea, "now": clock.now()}
    record = access.within(Survivor, case).get()
    correction = ask_correction(
        **common, case_uid=case.uid, record_uid=record.uid, kind="survivor", number=1, reason="The file beside it"
    )
    with pytest.raises(NotTheSecondPerson):
        approve_correction(**common, correction_uid=correction.uid)
    assert waiting_for(cast.bea, at=clock.now()) == []
    assert [one.uid for one in waiting_for(cast.kemi, at=clock.now())] == [correction.uid]


def test_the_privacy_officer_decides_without_opening_the_case_and_only_once(cast, case):
    correction = asked(cast, case, wrong_name(cast, case))
    done = approve_correction(actor=cast.kemi, now=clock.now(), correction_uid=correction.uid)
    assert done.state == "DONE" and done.decided_by == cast.kemi
    with pytest.raises((CorrectionIsOver, Hidden)):
        approve_correction(actor=cast.kemi, now=clock.now(), correction_uid=correction.uid)


def test_a_hold_refuses_the_asking_and_the_deciding(cast, case):
    record = wrong_name(cast, case)
    correction = asked(cast, case, record)
    hold = holds.place_hold(
        actor=cast.kemi, now=clock.now(), case_uid=case.uid, authority="SUBPOENA", classes=["CORE"], reason="A letter",
        review_on=clock.now().date() + timedelta(9),
    )  # fmt: skip
    before = raw(history_model_of(Survivor), "first_name", id=record.pk)
    with pytest.raises(HoldStands), transaction.atomic():
        approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    with pytest.raises(HoldStands), transaction.atomic():
        asked(cast, case, record, number=3)
    assert raw(history_model_of(Survivor), "first_name", id=record.pk) == before
    assert access.within(Correction, case).get().state == "ASKED"
    holds.lift_hold(actor=cast.kemi, now=clock.now(), hold_uid=hold.uid, reason="It is over")
    assert approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid).state == "DONE"


def test_only_who_writes_the_part_asks_and_once(cast, case):
    record = wrong_name(cast, case)
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    with pytest.raises((Refused, Hidden, NothingToRemove)):
        ask_correction(
            actor=cast.gita,
            now=clock.now(),
            case_uid=case.uid,
            record_uid=record.uid,
            kind="survivor",
            number=2,
            reason="x",
        )
    asked(cast, case, record)
    with pytest.raises(CorrectionIsOpen):
        asked(cast, case, record)
    plan = safety.set_risk(**of(cast, case), level="HIGH", reason="")
    with pytest.raises((NothingToRemove, Hidden)):
        asked(cast, case, plan, number=77, kind="safetyplan")


def test_declined_it_stays_and_who_asked_is_told(cast, case):
    record = wrong_name(cast, case)
    before = raw(history_model_of(Survivor), "first_name", id=record.pk)
    correction = asked(cast, case, record)
    waits = access.for_the_house(Notice).filter(kind="CORRECTION_WAITS")
    assert [one.person_id for one in waits] == [cast.bea.pk]
    decline_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid, reason="It is hers")
    assert raw(history_model_of(Survivor), "first_name", id=record.pk) == before
    told = access.for_the_house(Notice).filter(kind="CORRECTION_DECIDED").get()
    assert told.person_id == cast.amina.pk
    assert whole().problems == []


def test_a_note_goes_on_with_a_sentence_and_lines_that_repeat_go_too(cast, case, sign_in):
    task = tasks.add_task(**of(cast, case), title="Call Wrongwoman's mother", due_on=clock.now().date() + timedelta(3))
    due = access.within(Due, case).get(subject_uid=task.uid)
    title, line = raw(Task, "title", id=task.pk), raw(Due, "line", id=due.pk)
    correction = asked(cast, case, task, number=1, kind="task")
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    assert not set(title) & set(raw(history_model_of(Task), "title", id=task.pk) + raw(Task, "title", id=task.pk))
    assert not set(line) & set(raw(history_model_of(Due), "line", id=due.pk) + raw(Due, "line", id=due.pk))
    with open_gate(SectionsGate(["ADVOCACY"])):
        assert Task._base_manager.get(pk=task.pk).title.startswith("Removed:")
        assert Due._base_manager.get(pk=due.pk).line.startswith("Removed:")
    note = notes.add_note(**of(cast, case), privilege_class="ADVOCATE_CONFIDENTIAL", body="Wrong words")
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=asked(cast, case, note, 1, "note").uid)
    page = sign_in(cast.amina).get(reverse("case-note", args=[case.uid, note.uid])).text
    assert "Removed: it was written into the wrong record." in page
    assert whole().problems == []


def test_every_page_of_the_case_opens_afterwards(cast, case, sign_in):
    wrong = access.within(Survivor, case).get()
    actions.change_contact_details(**of(cast, case), contact={"prs_PhonePrimary": "+1 202 555 0101"})
    actions.change_profile(**of(cast, case), answers={"vic_MethodOfRecruitment": ["AtWork"]})
    safety.write_plan(**of(cast, case), topics={SafetyTopic.values[0]: "A word"})
    for kind, row in (("survivor", wrong), *_newest(case)):
        number = row.history.count()
        correction = asked(cast, case, row, number=number, kind=kind)
        approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    client = sign_in(cast.amina)
    for name in ("case-overview", "case-survivor", "case-safety", "case-history", "case-documents"):
        assert client.get(reverse(name, args=[case.uid])).status_code == 200, name


def _newest(case):
    return [
        (model._meta.model_name, access.within(model, case).latest("pk"))
        for model in (ContactInstruction, SafetyPlan, TraffickingProfile)
    ]


def test_new_keys_leave_the_marks_alone(cast, case, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    record = wrong_name(cast, case)
    correction = asked(cast, case, record)
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    marks = [one for one in raw(history_model_of(Survivor), "first_name", id=record.pk) if removal_in(one)]
    assert len(marks) == 2
    assert renew_keys_of_case(case_uid=case.uid, wait=0).is_done
    after = raw(history_model_of(Survivor), "first_name", id=record.pk)
    assert [one for one in after if removal_in(one)] == marks
    report = whole()
    assert report.problems == [] and report.corrected
    with open_gate(SectionsGate(["IDENTITY"])):
        assert record.history.latest("history_id").second_name == "Rightname"


def test_the_path_is_as_narrow_as_it_can_be(cast, case):
    """With the path open: a marker in the place of a ciphertext, and nothing else; without it, not even that."""
    record = wrong_name(cast, case)
    last = record.history.latest("history_id").pk
    marker = Removed(clock.now(), record.uid).marker
    table = history_model_of(Survivor)._meta.db_table

    def put(column, value):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE history_id = %s", [value, last])

    binary = connection.Database.Binary
    put("first_name", binary(marker))
    with protection.correcting():
        put("first_name", binary(marker + b"\x00"))
        put("first_name", binary(b"\x01" + marker[1:]))
        put("first_name", None)
        put("history_type", "-")
        put("history_user_id", None)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET first_name = %s WHERE history_id = %s", [binary(marker), last])
            transaction.set_rollback(True)


def test_pages_of_asking_and_deciding(cast, case, sign_in):
    record = wrong_name(cast, case)
    client = sign_in(cast.amina, is_fresh=True)
    url = reverse("case-version-correct", args=[case.uid, record.uid]) + "?kind=survivor&version=2"
    page = client.get(url)
    assert "First name" in page.text and "Wrongwoman" not in page.text
    assert client.post(url, {"version": "2", "reason": ""}).status_code == 422
    assert client.post(url, {"version": "2", "reason": "The file beside it"}).status_code == 302
    correction = access.for_the_house(Correction).get()
    assert "A second person decides." in client.get(reverse("case-record-versions", args=[case.uid, record.uid])).text
    decide = reverse("correction-decide", args=[correction.uid])
    assert client.get(decide).status_code == 404, "not hers to decide"
    bea = sign_in(cast.bea, is_fresh=True)
    assert decide in bea.get(reverse("decisions")).text
    assert "for you to decide as the second person" in bea.get(reverse("home"), follow=True).text
    page = bea.get(decide).text
    assert "The file beside it" in page and "First name" in page and "Wrongwoman" not in page and case.number in page
    assert bea.post(decide, {"decision": "DECLINE", "reason": ""}).status_code == 422
    assert bea.post(decide, {"decision": "APPROVE"}).status_code == 302
    assert access.for_the_house(Correction).get().state == "DONE"
    assert bea.get(decide).status_code == 404
    event = Event.objects.filter(verb="CORRECTION_DECIDED").latest("pk")
    assert event.detail.content["codes"]["version"] == 2 and "Wrong" not in str(event.detail.content)


def test_a_closed_case_is_corrected_too(cast, case):
    record = wrong_name(cast, case)
    make.closed(case, cast.amina)
    approve_correction(actor=cast.bea, now=clock.now(), correction_uid=asked(cast, case, record).uid)
    assert sum(removal_in(one) is not None for one in raw(history_model_of(Survivor), "first_name", id=record.pk)) == 2


def test_what_an_erasure_took_meanwhile_is_declined_and_no_more(cast, case):
    note = notes.add_note(**of(cast, case), privilege_class="ADVOCATE_CONFIDENTIAL", body="Wrong words")
    correction = asked(cast, case, note, 1, "note")
    row = access.for_the_house(Case).get(pk=case.pk)
    row.erased = {name: {"on": "2026-03-04", "order": "ER-7Q4K-29MX"} for name in ("ADVOCACY", "LEGAL")}
    with audit_context("test", "an erasure"):
        row.save(update_fields=["erased"])
        tell(Verb.CASE_CHANGED, actor=None, subject=row)
    CaseKey.objects.filter(case_uid=case.uid, retention_class__in=["ADVOCACY", "LEGAL"]).delete()
    keyring.forget()
    with pytest.raises(NothingToRemove), transaction.atomic():
        approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
    done = decline_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid, reason="It is gone")
    assert done.state == "DECLINED" and done.answer is None
