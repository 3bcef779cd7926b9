"""Which case is meant: two people, a fresh proof, a day, and walls."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit import clock, pseudonyms
from audit.models import Event, Identification
from audit.verbs import Verb
from audit.workspace import identifying
from casemgmt.access.errors import Hidden, Refused
from cases.actions.walls import place_wall
from tests import make

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

REASON = "The survivor asked who had read her case in March."
PAGE = "/reports/which-case/"


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def ask(client, case, **given):
    asked = {"code": pseudonyms.of_case(case.uid).lower(), "purpose": "HER_REQUEST", "reason": REASON}
    return client.post(PAGE, asked | {"form_key": uuid.uuid4()} | given)


def decide(client, answer="allow"):
    asked = Identification.objects.latest("pk")
    return client.post(reverse("which-case-decide", args=[asked.uid]), {"answer": answer})


def show(client):
    return client.get(reverse("which-case-show", args=[Identification.objects.latest("pk").uid]))


def test_asked_by_one_allowed_by_another_and_shown(cast, case, sign_in) -> None:
    kemi, omar = sign_in(cast.kemi, is_fresh=True), sign_in(cast.omar, is_fresh=True)
    assert ask(kemi, case).status_code == 302
    assert show(kemi).status_code == 404  # nobody has agreed yet
    waits = omar.get(PAGE).text
    assert REASON in waits and pseudonyms.of_case(case.uid) in waits and case.number not in waits
    assert cast.kemi.name in waits, "whoever decides must know who asks"
    assert decide(kemi).status_code == 403  # never by oneself
    assert decide(omar).status_code == 302
    shown = show(kemi)
    assert shown.status_code == 200 and case.number in shown.text
    assert show(omar).status_code == 404  # only to whoever asked
    verbs = list(
        Event.objects.filter(case_uid=case.uid, verb__startswith="CASE_IDENTIF").values_list("verb", flat=True)
    )
    assert verbs == ["CASE_IDENTIFY_ASKED", "CASE_IDENTIFY_DECIDED", "CASE_IDENTIFIED"]
    assert Event.objects.get(verb=Verb.CASE_IDENTIFY_ASKED).detail.shown()["reason"] == REASON


def test_declined_and_over(cast, case, sign_in) -> None:
    kemi, omar = sign_in(cast.kemi, is_fresh=True), sign_in(cast.omar, is_fresh=True)
    ask(kemi, case)
    decide(omar, "decline")
    assert show(kemi).status_code == 404 and "Declined by" in kemi.get(PAGE).text
    assert decide(omar).status_code == 404  # once is enough
    ask(kemi, case)
    asked = Identification.objects.latest("pk")
    identifying.decide_which_case(
        actor=cast.omar, now=clock.now(), identification_uid=asked.uid, is_allowed=True, reason=""
    )
    later = clock.now() + identifying.OPEN_FOR
    assert identifying.is_open(Identification.objects.get(pk=asked.pk), later - timedelta(seconds=1))
    assert not identifying.is_open(Identification.objects.get(pk=asked.pk), later + timedelta(seconds=1))


def test_a_fresh_proof_comes_first(cast, case, sign_in) -> None:
    kemi, omar = sign_in(cast.kemi), sign_in(cast.omar)
    ask(kemi, case)
    assert decide(omar).status_code == 303 and Identification.objects.get().decided_at is None
    decide(sign_in(cast.omar, is_fresh=True))
    assert show(kemi).status_code == 302
    assert not Event.objects.filter(verb=Verb.CASE_IDENTIFIED).exists()


def test_who_is_walled_off_hears_of_no_such_case(cast, case, sign_in) -> None:
    place_wall(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.kemi, reason="her aunt", kind="KNOWS_SURVIVOR"
    )
    answer = ask(sign_in(cast.kemi, is_fresh=True), case)
    assert answer.status_code == 422 and "knows no case of this name" in answer.text
    assert not Identification.objects.exists()
    asked = identifying.ask_which_case(
        actor=cast.kemi, now=clock.now(), case_uid=case.uid, purpose="HINT", reason=REASON
    )
    identifying.decide_which_case(
        actor=cast.omar, now=clock.now(), identification_uid=asked.uid, is_allowed=True, reason=""
    )
    assert show(sign_in(cast.kemi, is_fresh=True)).status_code == 404


def test_bad_input_is_told(cast, case, sign_in) -> None:
    kemi = sign_in(cast.kemi, is_fresh=True)
    for given, words in (
        ({"code": "S-0000-0000"}, "knows no case of this name"),
        ({"reason": "because"}, "Write a sentence"),
        ({"purpose": "CURIOUS"}, ""),
    ):
        answer = ask(kemi, case, **given)
        assert answer.status_code == 422 and words in answer.text
    assert not Identification.objects.exists()


def test_who_comes_in(cast, case, sign_in) -> None:
    for person in (cast.amina, cast.bea, cast.elif_, cast.farid, cast.chidi):
        client = sign_in(person, is_fresh=True)
        assert client.get(PAGE).status_code == 404 and ask(client, case).status_code == 404
    omar = sign_in(cast.omar, is_fresh=True)
    assert omar.get(PAGE).status_code == 200
    assert ask(omar, case).status_code == 404  # a director decides, and does not ask


def test_the_rules_hold_without_the_pages(cast, case) -> None:
    asked = identifying.ask_which_case(
        actor=cast.kemi, now=clock.now(), case_uid=case.uid, purpose="HINT", reason=REASON
    )
    with pytest.raises(Refused):
        identifying.decide_which_case(
            actor=cast.kemi, now=clock.now(), identification_uid=asked.uid, is_allowed=True, reason=""
        )
    with pytest.raises(Hidden):
        identifying.show_which_case(actor=cast.kemi, now=clock.now(), identification_uid=asked.uid)
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.decided_by_uid, asked.decided_at, asked.is_allowed = cast.kemi.uid, clock.now(), False
        asked.save()
    from django.db import DatabaseError

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_identification SET purpose = 'HINT', case_uid = uid")
