"""Contacts at other organisations: kept by the house, put on a case, each with what a release lets anybody say."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.actions.contacts import SaidOfContact, change_contact, link_contact, unlink_contact
from cases.actions.releases import Terms, record_release, withdraw_release
from cases.contacts import AddressBookGate, book_of
from cases.errors.casework import CaseIsClosed
from cases.errors.contacts import ContactIsOff, ContactIsThere, ContactNeedsOne
from cases.models import CaseContact, HouseContact
from tests import make
from tests.cases.releasing import signing
from tests.cases.stored import dump

SHE = {"name": "Sergeant Crakeley", "role": "Officer", "at": "Ospreyholm police", "phone": "+1 202 555 0177"}
WORDS = ("Sergeant Crakeley", "Ospreyholm police", "555 0177", "took the first report at Dunlinby")


@pytest.fixture
def south(cast):
    return make.case(cast.dana, cast.team_of("dana"), first_name="Junia", second_name="Fieldfarer")


def put(actor, case, *, contact=None, **said):
    return link_contact(
        actor=actor, now=clock.now(), case_uid=case.uid, words="took the first report at Dunlinby",
        contact_uid=contact.uid if contact else None, said=None if contact else SaidOfContact(**{**SHE, **said}),
    )  # fmt: skip


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def test_put_on_a_case_once_by_its_form_and_sealed(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    said = {**SHE, "words": "took the first report at Dunlinby", "form_key": str(uuid4())}
    for _again in range(2):
        assert client.post(url("case-contact-new", case), said).status_code == 302
    contact, row = access.for_the_house(HouseContact).get(), access.for_the_house(CaseContact).get()
    assert contact.case_uid == cast.amina.organisation.uid and row.case_uid == case.uid
    page = client.get(url("case-contacts", case)).text
    assert all(word in page for word in WORDS)
    stored = dump()
    assert not [word for word in WORDS if word.encode() in stored]
    [event] = events("CASE_CONTACT_LINKED", case.uid)
    assert event.subject_uid == row.uid
    assert url("case-contacts", case) in client.get(url("case-overview", case)).text


def test_what_may_be_said_stands_beside_it(cast, case, sign_in):
    client, hugo = sign_in(cast.amina), cast.hugo.organisation
    put(cast.amina, case)
    put(cast.amina, case, name="Nurse Plovermere", partner=hugo)
    page = client.get(url("case-contacts", case)).text
    assert page.count("No release: nothing may be said") == 2
    release = record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=hugo, purpose="REFERRAL", purpose_text="A dentist",
        terms=Terms(categories=["IDENTITY"]), expires_at=clock.now() + timedelta(days=9), signing=signing(),
    )  # fmt: skip
    page = client.get(url("case-contacts", case)).text
    assert page.count("No release: nothing may be said") == 1 and "A release stands until" in page
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=release.uid, how="ORAL")
    assert client.get(url("case-contacts", case)).text.count("No release: nothing may be said") == 2


def test_chosen_from_the_houses_list_which_says_of_nobody_on_which_case(cast, case, south, sign_in):
    put(cast.amina, case)
    contact = access.for_the_house(HouseContact).get()
    dana = sign_in(cast.dana)
    page = dana.get(url("case-contact-new", south)).text
    assert "Sergeant Crakeley, Officer, Ospreyholm police" in page
    assert case.number not in page and str(case.uid) not in page and "Dunlinby" not in page
    sent = {"contact": str(contact.uid), "words": "", "form_key": str(uuid4())}
    assert dana.post(url("case-contact-new", south), sent).status_code == 302
    assert access.for_the_house(HouseContact).count() == 1
    with connection.cursor() as cursor:
        for model, unseen in ((HouseContact, [case.uid, south.uid]), (CaseContact, [contact.uid])):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            lines = ["".join(str(value).replace("-", "") for value in line) for line in cursor.fetchall()]
            assert lines and not [uid for uid in unseen for line in lines if uid.hex in line], model


def test_one_of_the_two_and_not_twice(cast, case, sign_in):
    row = put(cast.amina, case)
    contact = access.for_the_house(HouseContact).get()
    with pytest.raises(ContactIsThere):
        put(cast.amina, case, contact=contact)
    with pytest.raises(ContactNeedsOne):
        link_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, words="", said=SaidOfContact())
    both = sign_in(cast.amina).post(url("case-contact-new", case), {**SHE, "contact": str(contact.uid)})
    assert both.status_code == 422 and access.for_the_house(CaseContact).get() == row


def test_changed_for_the_whole_house_and_taken_off(cast, case, south, sign_in, events):
    row, client = put(cast.amina, case), sign_in(cast.amina)
    put(cast.dana, south, contact=access.for_the_house(HouseContact).get())
    page = client.get(url("case-contact-change", case, row.uid))
    assert "Sergeant Crakeley" in page.text
    said = {**SHE, "phone": "+1 202 555 0188", "words": "took the first report at Dunlinby"}
    for _again in range(2):
        assert client.post(url("case-contact-change", case, row.uid), said).status_code == 302
    assert len(events("CASE_CONTACT_CHANGED", case.uid)) == 1 and not events("CASE_CONTACT_CHANGED", south.uid)
    assert "555 0188" in sign_in(cast.dana).get(url("case-contacts", south)).text
    assert client.get(url("case-contact-end", case, row.uid)).status_code == 200
    assert client.post(url("case-contact-end", case, row.uid)).status_code == 302
    assert "No contact yet" in client.get(url("case-contacts", case)).text
    assert "555 0188" in sign_in(cast.dana).get(url("case-contacts", south)).text
    assert len(events("CASE_CONTACT_ENDED", case.uid)) == 1
    with pytest.raises(ContactIsOff):
        unlink_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, row_uid=row.uid)


def test_closed_to_strangers_the_clinic_the_auditor_and_outsiders(cast, case, sign_in):
    row = put(cast.amina, case)
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    for person, status in ((cast.dana, 404), (cast.elif_, 404), (cast.chidi, 404), (cast.gita, 403)):
        client = sign_in(person)
        for name, more in (("case-contacts", ()), ("case-contact-new", ()), ("case-contact-change", (row.uid,))):
            assert client.get(url(name, case, *more)).status_code == status, (person, name)
    with pytest.raises(Refused):
        put(cast.gita, case)
    with pytest.raises(Hidden):
        change_contact(
            actor=cast.dana, now=clock.now(), case_uid=case.uid, row_uid=row.uid, words="", said=SaidOfContact("X")
        )  # fmt: skip


def test_a_closed_case_takes_nobody_on_and_lets_go(cast, case):
    row = put(cast.amina, case)
    over = make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        put(cast.amina, over)
    unlink_contact(actor=cast.amina, now=clock.now(), case_uid=over.uid, row_uid=row.uid)


def test_the_book_opens_for_its_own_house_alone(cast, case):
    put(cast.amina, case)
    assert book_of(cast.hugo) == [] and len(book_of(cast.bea)) == 1
    with open_gate(AddressBookGate(cast.hugo.organisation.uid)), pytest.raises(SealedShut):
        _ = access.for_the_house(HouseContact).get().about
