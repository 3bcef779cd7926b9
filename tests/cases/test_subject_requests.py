"""What she asks for by data protection law: one calendar month, extended once, decided on grounds, safely in her hands."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access, clocks, holds
from cases.actions.erasure import ask_erasure
from cases.actions.subject_requests import Decided, decide_request, extend_request, note_delivered, record_request
from cases.desk import reading_own
from cases.errors.duties import RequestIsDecided, RequestLacks
from cases.errors.erasing import HoldStands
from cases.models import Due, HouseDue, SubjectRequest, Task
from tests import make
from tests.accounts import signing_in
from tests.cases.test_disclosures import today

CLOSED_TO = ["amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas", "luis"]


@pytest.fixture
def sign_in():
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


def a_request(actor, case, kind="ACCESS", **changes):
    facts = {
        "kind": kind,
        "words": "What do you write about me?",
        "received_on": clocks.house_day(clock.now()),
        **changes,
    }
    return record_request(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


def decide(actor, row, decision="GRANTED", verified="IN_PERSON", **facts):
    return decide_request(
        actor=actor, now=clock.now(), case_uid=row.case.uid, request_uid=row.uid, decided=Decided(decision, verified, **facts)
    )  # fmt: skip


def holding(case):
    return "SUBJECT_REQUEST" in {one.kind for one in holds.provisional_holds(case)}


def test_gdpr_12_3_due_in_a_month_extended_once_by_two_while_it_runs(kemi, case):
    row = a_request(kemi, case)
    assert row.due_on == clocks.months_after(row.received_on, 1)
    facts = {"actor": kemi, "case_uid": case.uid, "request_uid": row.uid, "why": "It is long"}
    row = extend_request(**facts, now=clock.now())
    assert row.extended_to == clocks.months_after(row.received_on, 3)
    assert access.for_the_house(Due).get(subject_uid=row.uid).due_on == row.extended_to
    with pytest.raises(RequestLacks):
        extend_request(**facts, now=clock.now())
    late = a_request(kemi, case, received_on=today() - timedelta(days=40))
    assert clocks.of_request(late, clock.now())[0].words == "Late"
    with pytest.raises(RequestLacks):
        extend_request(**{**facts, "request_uid": late.uid}, now=clock.now())


def test_what_she_sees_is_redacted_and_ends_in_her_hands(cast, kemi, case):
    row = a_request(kemi, case)
    [task] = access.for_the_house(Task)
    assert (task.assigned_to, task.section) == (cast.amina, "DUTIES")
    with pytest.raises(RequestLacks) as lack:
        note_delivered(actor=kemi, now=clock.now(), case_uid=case.uid, request_uid=row.uid, via="IN_PERSON")
    assert lack.value.what == "undecided"
    with pytest.raises(RequestLacks) as lack:
        decide(kemi, row)
    assert lack.value.what == "is_redacted"
    row = decide(kemi, row, is_redacted=True)
    assert row.over_at is None and holding(case)
    for _time in range(2):
        row = note_delivered(actor=kemi, now=clock.now(), case_uid=case.uid, request_uid=row.uid, via="READ_TO_HER")
    with reading_own(row):
        assert row.decision["via"] == "READ_TO_HER"
    assert row.delivered_at and not holding(case)
    kinds = [one.detail.content["codes"]["kind"] for one in Event.objects.filter(verb=Verb.SUBJECT_REQUEST_FOLLOWED)]
    assert sorted(kinds) == ["DECIDED", "DELIVERED"]
    for model in (Due, HouseDue):
        assert not access.for_the_house(model).filter(subject_uid=row.uid, done_at=None).exists()


def test_nobody_gets_anything_before_it_is_sure_that_it_is_she(kemi, case):
    row = a_request(kemi, case)
    with pytest.raises(RequestLacks) as lack:
        decide(kemi, row, verified="NOT_SURE", is_redacted=True)
    assert lack.value.what == "verified"
    with pytest.raises(RequestLacks) as lack:
        decide(kemi, row, "REFUSED", verified="NOT_SURE")
    assert lack.value.what == "ground"
    row = decide(kemi, row, "REFUSED", verified="NOT_SURE", ground="NOT_HERSELF")
    assert row.over_at is not None and not holding(case)
    with pytest.raises(RequestIsDecided):
        decide(kemi, row, is_redacted=True)


def test_gdpr_17_her_wish_to_erase_is_decided_before_anything_is_erased(cast, kemi, case):
    row = a_request(kemi, case, "ERASE")
    order = {
        "actor": kemi,
        "case_uid": case.uid,
        "classes": ["ADVOCACY"],
        "ground": "HER_REQUEST",
        "reference": "",
        "reason": "x",
    }
    with pytest.raises(HoldStands):
        ask_erasure(**order, now=clock.now())
    decide(kemi, row)
    assert ask_erasure(**order, now=clock.now()).classes == ["ADVOCACY"]


def test_by_its_pages(cast, kemi, case, sign_in):
    client = sign_in(kemi)
    asked = {"number": case.number, "kind": "ERASE", "received_on": today().isoformat(), "words": "Take my story away"}
    assert client.post(reverse("subject-request-new"), {**asked, "words": ""}).status_code == 422
    sent = client.post(reverse("subject-request-new"), asked)
    page = client.get(sent.url).content.decode()
    assert "Take my story away" in page and "day" in page and reverse("erasure-ask") not in page
    assert "Take my story away" not in client.get(reverse("duties")).content.decode(), "the list says the kind alone"
    assert client.post(f"{sent.url}extend/", {"reason": "A court has it"}).status_code == 302
    refused = client.post(f"{sent.url}decide/", {"decision": "PARTLY", "verified": "DOCUMENT"})
    assert refused.status_code == 422 and 'id="id_ground_error"' in refused.content.decode()
    good = {"decision": "PARTLY", "verified": "DOCUMENT", "ground": "LEGAL_DUTY", "words": "Consents stay six years"}
    assert client.post(f"{sent.url}decide/", good).status_code == 302
    page = client.get(sent.url).content.decode()
    assert "Done in time" in page and "Consents stay six years" in page and reverse("erasure-ask") in page
    amina = sign_in(cast.amina)
    assert "Take my story away" in amina.get(reverse("case-disclosures", args=[case.uid])).content.decode()


@pytest.mark.parametrize("key", CLOSED_TO)
def test_it_is_closed_to_everybody_else(cast, case, kemi, sign_in, key):
    row = a_request(kemi, case)
    client = sign_in(getattr(cast, key))
    for step in ("", "-extend", "-decide", "-delivered"):
        assert client.get(reverse(f"subject-request{step}", args=[row.uid])).status_code == 404, step
    with pytest.raises(Hidden):
        a_request(getattr(cast, key), case)


def test_counsel_on_the_case_keeps_it_too(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    row = a_request(cast.luis, case)
    assert sign_in(cast.luis).get(reverse("subject-request", args=[row.uid])).status_code == 200


@pytest.mark.parametrize("changes", [{"over_at": "now"}, {"decided_at": "now"}, {"extended_to": "received"}])
def test_the_database_holds_the_rules(kemi, case, changes):
    row = a_request(kemi, case)
    for name, value in changes.items():
        setattr(row, name, clock.now() if value == "now" else row.received_on)
    with audit_context("test", "past every action"), pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert SubjectRequest._base_manager.count() == 1
