"""Proceedings that several cases share: public facts under a key of their own, seen through one's own case alone (vault.md §3)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.models import CaseKey
from cases import access
from cases.actions.proceedings import CourtFacts, HerSide, change_proceeding, join_proceeding, leave_proceeding
from cases.errors.proceedings import AlreadyJoined, ProceedingIsLeft
from cases.models import CaseProceeding, Due, Proceeding, TimelineEntry
from cases.proceedings import PublicGate
from cases.sweeping import sweep_keys
from tests import make
from tests.cases.stored import dump
from tests.cases.walling import wall

COURT = {"court": "Ospreyholm District Court", "docket": "CR-2026/0417", "charge": "18 USC 1589"}
WORDS = ("Ospreyholm", "CR-2026/0417", "18 USC 1589", "saw the ledger of Dunlinby")


@pytest.fixture
def south(cast):
    return make.case(cast.dana, cast.team_of("dana"), first_name="Junia", second_name="Fieldfarer")


def soon(days=20):
    return timezone.localdate() + timedelta(days=days)


def joined(actor, case, *, statement=None, role="VICTIM", **facts):
    return join_proceeding(
        actor=actor, now=clock.now(), case_uid=case.uid, facts=CourtFacts(**{**COURT, **facts}),
        side=HerSide(role=role, statement=statement),
    )  # fmt: skip


def went_on(actor, case, row, **facts):
    return change_proceeding(
        actor=actor, now=clock.now(), case_uid=case.uid, row_uid=row.uid, facts=CourtFacts(**{"charge": "18 USC 1589", **facts}),
        side=HerSide(),
    )  # fmt: skip


def left(actor, case, row):
    return leave_proceeding(actor=actor, now=clock.now(), case_uid=case.uid, row_uid=row.uid)


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def dues(case):
    return [due.due_on for due in access.for_the_house(Due).filter(case=case, kind="HEARING", done_at__isnull=True)]


def test_written_down_once_by_its_form_and_sealed_by_keys_of_its_own(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    said = {
        **COURT, "stage": "CHARGED", "outcome": "OPEN", "next_on": str(soon()), "next_what": "Arraignment", "role": "WITNESS",
        "cooperation": "UNDECIDED", "statement": "saw the ledger of Dunlinby", "form_key": str(uuid4()),
    }  # fmt: skip
    for _again in range(2):
        assert client.post(url("case-proceeding-new", case), said).status_code == 302
    row, shared = access.for_the_house(CaseProceeding).get(), access.for_the_house(Proceeding).get()
    page = client.get(url("case-proceedings", case)).text
    assert all(word in page for word in WORDS) and "Arraignment" in page and "Witness" in page
    assert dues(case) == [soon()]
    stored = dump()
    assert not [word for word in WORDS if word.encode() in stored]
    assert CaseKey.objects.filter(case_uid=shared.uid).count() == 1 and shared.case_uid == shared.uid != case.uid
    [event] = events("PROCEEDING_JOINED", case.uid)
    assert event.subject_uid == row.uid
    assert str(shared.uid) not in page
    day = client.get(reverse("day"))
    assert "Arraignment" in day.text or case.number in day.text


def test_no_plain_column_leads_from_a_proceeding_to_a_case_or_back(cast, case, south):
    joined(cast.amina, case)
    joined(cast.dana, south)
    shared = access.for_the_house(Proceeding).get()
    with connection.cursor() as cursor:
        for model, unseen in (
            (Proceeding, [case.uid, south.uid]), (Proceeding.history.model, [case.uid, south.uid]),
            (CaseProceeding, [shared.uid]), (CaseProceeding.history.model, [shared.uid]),
        ):  # fmt: skip
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            lines = ["".join(str(value).replace("-", "") for value in line) for line in cursor.fetchall()]
            assert lines and not [uid for uid in unseen for line in lines if uid.hex in line], model


def test_shared_by_two_cases_and_no_page_of_one_tells_of_the_other(cast, case, south, sign_in, events):
    joined(cast.amina, case, statement="saw the ledger of Dunlinby", charge="18 USC 1589")
    row = joined(cast.dana, south, court="ospreyholm  district court", docket="cr 2026 0417", charge="", role="WITNESS")
    assert access.for_the_house(Proceeding).count() == 1
    dana = sign_in(cast.dana)
    page = dana.get(url("case-proceedings", south)).text
    assert "18 USC 1589" in page, "public facts are everybody's"
    for client, one, other, hers in ((dana, south, case, "Dunlinby"), (sign_in(cast.amina), case, south, "Fieldfarer")):
        for name in ("case-proceedings", "case-overview", "case-history", "case-timeline", "case-legal"):
            shown = client.get(url(name, one))
            assert shown.status_code == 200
            for word in (other.number, str(other.uid), hers):
                if not (one == case and word == "Dunlinby"):
                    assert word not in shown.text, (name, word)
    went_on(cast.dana, south, row, next_on=soon(9), next_what="Trial")
    assert dues(case) == dues(south) == [soon(9)]
    assert "Trial" in sign_in(cast.amina).get(url("case-proceedings", case)).text
    # Amina's case was brought up to date, and its history does not say through whom.
    [event] = events("PROCEEDING_FOLLOWED")
    assert event.case_uid == case.uid and event.actor_uid == cast.dana.uid
    history = sign_in(cast.amina).get(url("case-history", case)).text
    assert cast.dana.name not in history and "brought the dates" not in history
    lines = access.for_the_house(TimelineEntry).filter(kind="PROCEEDING_JOINED")
    assert sorted(line.case_id for line in lines) == sorted([case.pk, south.pk])


def test_whether_it_is_known_here_nobody_is_told(cast, case, south, sign_in):
    joined(cast.amina, case)
    client, said = sign_in(cast.dana), []
    for docket in (COURT["docket"], "CR-2026/9999"):
        sent = {
            **COURT,
            "docket": docket,
            "stage": "REPORTED",
            "outcome": "OPEN",
            "role": "BOTH",
            "cooperation": "UNDECIDED",
        }
        answer = client.post(url("case-proceeding-new", south), {**sent, "form_key": str(uuid4())})
        page = client.get(answer.url).text
        said.append(
            (answer.status_code, answer.url, "Written down. Its hearings stand on the lists of this case." in page)
        )
    assert said[0] == said[1] and said[0][2]


def test_not_twice_and_left_alone(cast, case, south, events):
    mine, hers = joined(cast.amina, case, next_on=soon()), joined(cast.dana, south)
    with pytest.raises(AlreadyJoined):
        joined(cast.amina, case)
    left(cast.amina, case, mine)
    assert dues(case) == [] and dues(south) == [soon()]
    with pytest.raises(ProceedingIsLeft):
        left(cast.amina, case, mine)
    went_on(cast.dana, south, hers, next_on=soon(5))
    assert dues(case) == [] and dues(south) == [soon(5)]
    assert len(events("PROCEEDING_LEFT")) == 1 and not events("PROCEEDING_FOLLOWED", case.uid)
    went_on(cast.dana, south, hers, next_on=None)
    assert dues(south) == []


def test_her_statement_is_read_with_what_happened_and_by_nobody_of_another_case(cast, case, sign_in):
    joined(cast.amina, case, statement="saw the ledger of Dunlinby")
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    luis = sign_in(cast.luis)
    page = luis.get(url("case-proceedings", case))
    assert page.status_code == 200 and "Ospreyholm" in page.text and "Dunlinby" not in page.text
    with pytest.raises(Refused):
        join_proceeding(
            actor=cast.luis, now=clock.now(), case_uid=case.uid, facts=CourtFacts(court="A", docket="1"),
            side=HerSide(statement="x"),
        )  # fmt: skip


def test_the_gate_of_a_page_opens_public_facts_and_never_the_cases_behind(cast, case):
    joined(cast.amina, case)
    shared = access.for_the_house(Proceeding).get()
    with open_gate(PublicGate([shared.uid])):
        assert shared.facts["docket"] == COURT["docket"]
        with pytest.raises(Refused):
            _ = access.for_the_house(Proceeding).get().sides
    with open_gate(PublicGate([])), pytest.raises(SealedShut):
        _ = access.for_the_house(Proceeding).get().facts


def test_closed_to_strangers_the_clinic_counsel_of_a_matter_and_behind_a_wall(cast, case, south, sign_in):
    row = joined(cast.amina, case)
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    for person, status in ((cast.dana, 404), (cast.elif_, 404), (cast.chidi, 404), (cast.gita, 403)):
        client = sign_in(person)
        for name, more in (
            ("case-proceedings", ()),
            ("case-proceeding-new", ()),
            ("case-proceeding-change", (row.uid,)),
        ):
            assert client.get(url(name, case, *more)).status_code == status, (person, name)
    with pytest.raises(Hidden):
        left(cast.dana, case, row)
    with pytest.raises(Hidden):
        left(cast.dana, south, row)
    wall(case, cast.bea, person=cast.amina, reason="")
    assert sign_in(cast.amina).get(url("case-proceedings", case)).status_code == 404


def test_changed_and_left_by_their_pages(cast, case, sign_in, events):
    row = joined(cast.amina, case)
    client = sign_in(cast.amina)
    page = client.get(url("case-proceeding-change", case, row.uid))
    assert "18 USC 1589" in page.text and COURT["docket"] in page.text and 'name="docket"' not in page.text
    said = {
        "charge": "18 USC 1590",
        "stage": "VERDICT",
        "outcome": "CONVICTION",
        "role": "BOTH",
        "cooperation": "DECLINED",
    }
    assert client.post(url("case-proceeding-change", case, row.uid), said).status_code == 302
    page = client.get(url("case-proceedings", case)).text
    assert all(word in page for word in ("18 USC 1590", "Conviction", "Both", "She does not want to"))
    assert len(events("PROCEEDING_CHANGED", case.uid)) == 1
    assert client.post(url("case-proceeding-change", case, row.uid), said).status_code == 302
    assert len(events("PROCEEDING_CHANGED", case.uid)) == 1, "what is the same writes nothing"
    assert client.get(url("case-proceeding-leave", case, row.uid)).status_code == 200
    assert client.post(url("case-proceeding-leave", case, row.uid)).status_code == 302
    assert "No proceeding is written down" in client.get(url("case-proceedings", case)).text
    assert client.get(url("case-proceeding-change", case, row.uid)).status_code == 404


def test_its_keys_are_nobodys_orphans(cast, case):
    joined(cast.amina, case)
    shared = access.for_the_house(Proceeding).get()
    CaseKey.objects.filter(case_uid=shared.uid).update(created_at=clock.now() - timedelta(days=3))
    sweep_keys(now=clock.now())
    assert CaseKey.objects.filter(case_uid=shared.uid).exists()
