"""Contacts before cases, and inquiries by third parties: no name, no link, and after 90 days only a number."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto import shredding
from casemgmt.crypto.errors import ContentErased, SealedShut
from casemgmt.crypto.models import CaseKey
from casemgmt.operations import schedule
from cases.actions import reducing
from cases.actions.callers import decide_contact, hold_contact, hold_inquiry, record_contact, record_inquiry
from cases.actions.reducing import reduce_old_callers
from cases.callers import open_records
from cases.choices.callers import NOTICE_INQUIRY
from cases.errors.callers import ContactIsDecided, ReasonMissing
from cases.models import Case, Contact, Draft, HouseCount, Inquiry, Notice
from cases.sweeping import sweep_keys
from tests.cases.stored import dump
from tests.cases.test_matching import shapes, without_what_is_random

LIST, NEW, INQUIRIES = reverse("callers"), reverse("caller-new"), reverse("inquiries")
FACTS = {"need": "SAFETY_NOW", "language": "es", "minutes": 12, "offered": ["LISTENED"], "safety": "YES"}
ASKED = {"way": "DOOR", "answer": "SCRIPT", "safety": "NO", "who": "Mr Grebeley", "organisation": "Ruddyshelduck & Co",
         "about": "Zoraida Quillfeather"}  # fmt: skip


def called(person: Any, **changes: Any) -> Contact:
    facts: dict[str, Any] = {"facts": FACTS, "words": "whispers because of the Goldeneye", "outcome": "OPEN"}
    return record_contact(actor=person, now=clock.now(), at=clock.now(), **{**facts, **changes})


def asked(person: Any, **facts: Any) -> Inquiry:
    return record_inquiry(
        actor=person,
        now=clock.now(),
        at=clock.now(),
        kind="FRIEND",
        facts={**ASKED, **facts},
        words="stood by the Smew",
    )


def typed(**changes: str) -> dict[str, Any]:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    said = {"at": now, "need": "LEGAL_QUESTION", "safety": "NO", "language": "ar", "minutes": "9", "offered": ["RIGHTS"],
            "words": "asks about the Goosander", "outcome": "OPEN", "reason": "", "form_key": str(uuid4())}  # fmt: skip
    return {**said, **changes}


def inquiry(**changes: str) -> dict[str, Any]:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    said = {"at": now, "kind": "POLICE", "way": "PHONE", "answer": "SCRIPT", "safety": "NO", "who": "", "organisation": "",
            "about": "", "words": "", "form_key": str(uuid4())}  # fmt: skip
    return {**said, **changes}


# ---- An anonymous contact ----


def test_a_contact_asks_for_no_name_and_is_sealed(cast, sign_in, events):
    client = sign_in(cast.amina)
    page = client.get(NEW).text
    assert 'name="words"' in page and not [one for one in ("first_name", "phone", "address") if f'name="{one}"' in page]
    sent = typed()
    for _again in range(2):
        assert client.post(NEW, sent).status_code == 302
    [made] = Contact._base_manager.all()
    stored = dump()
    assert b"Goosander" not in stored and b"LEGAL_QUESTION" not in stored
    [event] = events("CALLER_RECORDED")
    assert (event.subject_uid, event.case_uid, event.actor_uid) == (made.uid, None, cast.amina.uid)
    shown = client.get(reverse("caller", args=[made.uid])).text
    assert "Goosander" in shown and "A legal question" in shown and "Arabic" in shown
    assert "A legal question" in client.get(LIST).text
    assert [event.detail.content["codes"]["count"] for event in events("CALLERS_READ")] == [1, 1]
    with pytest.raises(SealedShut):
        str(made.words)


def test_what_is_missing_stands_beside_its_field_and_nothing_typed_is_lost(cast, sign_in):
    client = sign_in(cast.amina)
    page = client.post(NEW, typed(need="", outcome="DECLINED"))
    assert page.status_code == 422 and "asks about the Goosander" in page.text
    assert "Choose why we could not take this on." in page.text and "Choose an answer." in page.text
    assert not Contact._base_manager.exists()


def test_only_who_takes_people_in_reads_and_writes_contacts(cast, sign_in):
    made = called(cast.amina)
    pages = [LIST, NEW, reverse("caller", args=[made.uid])]
    for person in (cast.elif_, cast.farid, cast.chidi, cast.gita, cast.luis, cast.kemi, cast.hugo, cast.jonas):
        client = sign_in(person)
        assert {client.get(page).status_code for page in pages} == {404}
        assert client.post(reverse("caller-take-in", args=[made.uid])).status_code == 404
        with pytest.raises(Refused):
            called(person)
        with pytest.raises(Hidden):
            decide_contact(actor=person, now=clock.now(), contact_uid=made.uid, outcome="HELPED")
    assert sign_in(cast.dana).get(pages[2]).status_code == 200
    client = sign_in(cast.amina)
    assert client.get(reverse("caller", args=[uuid4()])).status_code == 404
    assert (
        client.delete(LIST).status_code == 405
        and client.get(reverse("caller-take-in", args=[made.uid])).status_code == 405
    )


def test_what_came_of_it_is_said_once(cast, sign_in, events):
    made = called(cast.amina)
    page = reverse("caller", args=[made.uid])
    assert sign_in(cast.dana).post(page, {"outcome": "DECLINED", "reason": ""}).status_code == 422
    assert sign_in(cast.dana).post(page, {"outcome": "DECLINED", "reason": "NO_PLACE"}).status_code == 302
    made.refresh_from_db()
    assert (made.outcome, made.decline_reason) == ("DECLINED", "NO_PLACE") and made.decided_at
    [event] = events("CALLER_DECIDED")
    assert (event.detail.content["codes"]["before"], event.detail.content["codes"]["after"]) == ("OPEN", "DECLINED")
    with pytest.raises(ContactIsDecided):
        decide_contact(actor=cast.amina, now=clock.now(), contact_uid=made.uid, outcome="HELPED")
    with pytest.raises(ReasonMissing):
        called(cast.amina, outcome="HELPED", reason="NO_PLACE")
    with pytest.raises(ValueError, match="follows from her intake"):
        called(cast.amina, outcome="INTAKE")


def test_a_contact_becomes_an_intake_in_one_step_and_nowhere_stands_of_which_case(cast, sign_in, events):
    made, client = called(cast.amina), sign_in(cast.amina)
    begun = client.post(reverse("caller-take-in", args=[made.uid]), follow=True)
    assert begun.redirect_chain[-1][0] == reverse("intake-form", args=[made.uid])
    assert '<option value="es" selected' in begun.text and "Goldeneye" not in begun.text
    made.refresh_from_db()
    assert made.outcome == "OPEN"  # an intake that is begun is not one that is done
    sent = {"contact_channel": "NONE", "language": "es", "consent_state": "PENDING", "status": "ACTIVE",
            "opened_on": timezone.localdate().isoformat(), "team": str(cast.team_of("amina").uid),
            "form_key": str(uuid4())}  # fmt: skip
    assert client.post(reverse("intake-form", args=[made.uid]), sent).status_code == 302
    made.refresh_from_db()
    assert made.outcome == "INTAKE" and not Draft._base_manager.exists()
    case = Case._base_manager.get()
    assert made.uid not in (case.uid, case.case_uid)
    [event] = events("CALLER_DECIDED")
    assert event.case_uid is None and str(case.uid) not in str(event.objects_touched)
    assert "Take her in" not in client.get(reverse("caller", args=[made.uid])).text


# ---- Somebody asks about a person ----


def measured(client: Any, about: str) -> tuple[int, str, list[str]]:
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = client.post(INQUIRIES, inquiry(about=about), follow=True)
    sent = shapes([query["sql"] for one in seen for query in one.captured_queries])
    return answer.status_code, without_what_is_random(answer.text).replace(about, "ABOUT"), sent


@pytest.mark.sql
def test_the_page_is_the_same_for_somebody_who_is_helped_here_and_for_a_stranger(cast, case, sign_in):
    client, answers = sign_in(cast.jonas), []
    measured(client, "Warm Up")
    for about in ("Zoraida Quillfeather", "Yolanda Nobodyatalls"):
        Inquiry._base_manager.all().delete()
        answers.append(measured(client, about))
    assert answers[0] == answers[1] and answers[0][0] == 200


def test_an_inquiry_is_sealed_linked_with_no_case_and_shows_what_to_say(cast, case, sign_in, events):
    client = sign_in(cast.jonas)
    assert "can neither confirm nor deny that anybody is or was helped here" in client.get(INQUIRIES).text
    sent = inquiry(about="Zoraida Quillfeather", who="Mr Grebeley", words="came with the Smew")
    for _again in range(2):
        assert client.post(INQUIRIES, sent).status_code == 302
    [made] = Inquiry._base_manager.all()
    assert b"Grebeley" not in dump() and made.case_uid == made.uid
    [event] = events("INQUIRY_RECORDED")
    assert (
        event.case_uid is None and event.subject_uid == made.uid and event.detail.content["codes"]["kind"] == "POLICE"
    )
    assert not Notice._base_manager.filter(kind=NOTICE_INQUIRY).exists()


def test_writers_read_their_own_of_seven_days_and_three_desks_read_all(cast, sign_in):
    asked(cast.jonas)
    for key in ("bea", "mara", "kemi", "jonas"):
        assert "Grebeley" in sign_in(getattr(cast, key)).get(INQUIRIES).text, key
    for key in ("amina", "gita", "luis", "ines"):
        page = sign_in(getattr(cast, key)).get(INQUIRIES)
        assert page.status_code == 200 and "Grebeley" not in page.text, key
    for key in ("elif_", "farid", "chidi", "hugo", "petra"):
        client = sign_in(getattr(cast, key))
        assert client.get(INQUIRIES).status_code == client.post(INQUIRIES, inquiry()).status_code == 404, key
        assert INQUIRIES not in client.get("/", follow=True).text
        with pytest.raises(Refused):
            asked(getattr(cast, key))
    assert INQUIRIES in sign_in(cast.amina).get("/", follow=True).text
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False):
        assert "Grebeley" not in sign_in(cast.jonas).get(INQUIRIES).text
        assert "Grebeley" in sign_in(cast.bea).get(INQUIRIES).text


def test_danger_is_told_to_supervisors_without_a_word_of_it(cast, sign_in):
    asked(cast.jonas, safety="YES")
    told = Notice._base_manager.filter(kind=NOTICE_INQUIRY)
    assert cast.bea in [one.person for one in told] and {one.case_id for one in told} == {None}
    assert {one.person.organisation_id for one in told} == {cast.jonas.organisation_id}
    page = sign_in(cast.bea).get(reverse("team"))
    assert "Somebody asked about a person, and it may mean danger" in page.text and "Grebeley" not in page.text


# ---- After 90 days ----


def old(**changes: Any) -> Any:
    return time_machine.travel(clock.now() + timedelta(days=90, minutes=1), tick=False)


def test_after_90_days_only_counts_stay_and_no_key_opens_an_old_copy(cast, events):
    """domain.md §11: screened-out and denied inquiries are reduced to counts 90 days after the decision."""
    gone = [called(cast.amina, outcome="DECLINED", reason="NO_PLACE"), called(cast.amina), asked(cast.jonas)]
    kept = [called(cast.amina, outcome="HELPED"), asked(cast.jonas)]
    hold_contact(actor=cast.bea, now=clock.now(), contact_uid=kept[0].uid, is_held=True)
    hold_inquiry(actor=cast.kemi, now=clock.now(), inquiry_uid=kept[1].uid, is_held=True)
    copies = {row.uid: type(row)._base_manager.get(pk=row.pk) for row in gone}
    month = timezone.localdate().replace(day=1)
    assert reduce_old_callers() == 0
    with old():
        assert reduce_old_callers() == 3 and reduce_old_callers() == 0
        assert {row.uid for model in (Contact, Inquiry) for row in model._base_manager.all()} == {
            row.uid for row in kept
        }
        assert set(HouseCount._base_manager.values_list("month", "kind", "code", "number")) == {
            (month, "CONTACT", "DECLINED:NO_PLACE", 1), (month, "CONTACT", "OPEN", 1), (month, "INQUIRY", "FRIEND", 1),
        }  # fmt: skip
        assert not CaseKey._base_manager.filter(case_uid__in=list(copies)).exists()
        assert {stone.case_uid for stone in shredding.tombstones(list(copies))} == set(copies)
        for copy in copies.values():
            with pytest.raises(ContentErased), open_records(cast.amina, [copy]):
                str(copy.words)
        hold_contact(actor=cast.bea, now=clock.now(), contact_uid=kept[0].uid, is_held=False)
        assert reduce_old_callers() == 1
    assert len(events("CALLERS_REDUCED")) == 4 and len(events("CALLER_HELD")) == 3


def test_a_contact_that_was_decided_later_is_kept_90_days_from_then(cast):
    made = called(cast.amina)
    with time_machine.travel(clock.now() + timedelta(days=60), tick=False):
        decide_contact(actor=cast.amina, now=clock.now(), contact_uid=made.uid, outcome="HELPED")
    with old():
        assert reduce_old_callers() == 0 and Contact._base_manager.exists()


def test_a_crash_between_counting_and_shredding_counts_once(cast, monkeypatch):
    called(cast.amina)

    def crash(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError("the power went")

    with old():
        monkeypatch.setattr(reducing.shredding, "destroy", crash)
        with pytest.raises(RuntimeError):
            reduce_old_callers()
        monkeypatch.undo()
        assert reduce_old_callers() == 1
    assert HouseCount._base_manager.get().number == 1 and not Contact._base_manager.exists()


def test_only_supervisors_and_privacy_officers_keep_for_the_law(cast, sign_in):
    made, other = called(cast.amina), asked(cast.jonas)
    with pytest.raises(Refused):
        hold_contact(actor=cast.amina, now=clock.now(), contact_uid=made.uid, is_held=True)
    with pytest.raises(Refused):
        hold_inquiry(actor=cast.jonas, now=clock.now(), inquiry_uid=other.uid, is_held=True)
    assert sign_in(cast.mara).post(reverse("inquiry-hold", args=[other.uid]), {"hold": "on"}).status_code == 404
    bea = sign_in(cast.bea)
    for name, row in (("caller-hold", made), ("inquiry-hold", other)):
        page = bea.post(reverse(name, args=[row.uid]), {"hold": "on"}, follow=True)
        assert "Kept past its 90 days" in page.text
        row.refresh_from_db()
        assert row.held_by == cast.bea


def test_counts_of_what_is_kept_and_of_what_is_gone_stand_together(cast, sign_in):
    called(cast.amina, outcome="DECLINED", reason="NO_PLACE")
    called(cast.amina)
    with old():
        reduce_old_callers()
        called(cast.amina)
        text = sign_in(cast.amina).get(LIST).text
        assert "No place free: 1</bdi>" in text and text.count("Open: may call again: 1</bdi>") == 2


def test_keys_of_contacts_are_not_swept_as_orphans_and_the_job_is_scheduled(cast):
    made = called(cast.amina)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        sweep_keys(now=clock.now())
    assert CaseKey._base_manager.filter(case_uid=made.uid).count() == 1
    assert reduce_old_callers in [job.run for job in schedule.SCHEDULE]


def test_another_organisations_contacts_and_counts_are_nobody_elses(cast, sign_in):
    made, month = called(cast.amina), timezone.localdate().replace(day=1)
    other = cast.hugo.organisation
    assert other != cast.amina.organisation
    Contact._base_manager.filter(pk=made.pk).update(organisation=other)
    HouseCount._base_manager.create(organisation=other, month=month, kind="CONTACT", code="HELPED", number=7)
    client = sign_in(cast.amina)
    assert client.get(reverse("caller", args=[made.uid])).status_code == 404
    page = client.get(LIST).text
    assert "No contact yet" in page and "By month" not in page
