"""Texts of the house: a closed list of places and no template engine; letters filled from a case, read, and kept."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.session import for_house
from cases import access, texts
from cases.actions.configuring import add_code, add_text, change_text, end_text
from cases.actions.safety import set_alerts
from cases.actions.survivor import change_called, change_contact_details
from cases.choices.safety import AlertCode
from cases.errors.configuring import (
    LabelPointsToSomebody,
    NoteHasNoPlaces,
    PlaceIsUnknown,
    TextChangedMeanwhile,
    TextExists,
    TextIsOver,
    TextPointsToSomebody,
)
from cases.errors.survivor import RuleNotRead
from cases.letters import letter_text, write_letter
from cases.models import Document, TextTemplate
from cases.opening import open_case
from tests import make
from tests.cases.stored import dump

pytestmark = pytest.mark.usefixtures("ledger")

BODY = (
    "{{ office.name }}, {{today}}\n\n{{ her.name_for_letters }}\n{{ her.address }}\n\nAbout {{ case.number }}\n\n"
    "Dear {{ her.name }},\n\nyours, {{ my.name }} for {{ lead.name }}"
)


def letter(cast, name="To the clinic", body=BODY, language="en"):
    return add_text(actor=cast.farid, now=clock.now(), kind="LETTER", name=name, language=language, body=body)


def words(cast, body="What she asks for:", about="MEETING", language="en"):
    return add_text(
        actor=cast.farid, now=clock.now(), kind="NOTE", name="", about_code=about, language=language, body=body
    )


def written(person, case, text):
    found = access.get_for(person, case.uid)
    with open_case(person, found):
        return letter_text(person, found, text, clock.now())


# ---- Places ----


@pytest.mark.parametrize(("text", "found"), [
    ("Dear {{ her.name }},", []), ("{{today}}{{ today }}", []), ("a {single} brace", []),
    ("{{ her.ssn }}", [(1, "her.ssn")]), ("one\n{{ settings.SECRET_KEY }}", [(2, "settings.SECRET_KEY")]),
    ("{{ her.name|safe }}", [(1, "her.name|safe")]), ("{% load x %}", [(1, "{%")]), ("{{ her.name", [(1, "{{")]),
    ("{{ her.__class__ }}", [(1, "her.__class__")]), ("{{ {{ today }} }}", [(1, "{{ today"), (1, "}}")]),
])  # fmt: skip
def test_a_place_is_one_of_a_closed_list(text, found):
    assert texts.unknown_places(text) == found


def test_what_is_filled_in_is_never_looked_at_again():
    assert texts.filled("Dear {{ her.name }}", {"her.name": "{{ case.number }}", "case.number": "HV"}) == (
        "Dear {{ case.number }}"
    )
    assert texts.filled("Dear {{ her.name }}", {}) == f"Dear {texts.OPEN}"


def test_an_unknown_place_is_refused_beside_the_text_with_its_line(cast, sign_in):
    with pytest.raises(PlaceIsUnknown, match=r"Line 2: “her\.ssn”"):
        letter(cast, body="Dear\n{{ her.ssn }}")
    page = sign_in(cast.farid).post(
        reverse("text-new", args=["LETTER"]), {"name": "A", "language": "en", "body": "Dear\n{{ her.ssn }}"}
    )
    assert page.status_code == 422 and "Line 2" in page.text and "her.ssn" in page.text
    with for_house():
        assert not access.for_the_house(TextTemplate).exists()


# ---- Texts ----


def test_a_text_is_versioned_and_its_former_wordings_stay(cast, sign_in, events):
    first = letter(cast, body="Dear {{ her.name }}")
    second = change_text(actor=cast.farid, now=clock.now(), text_uid=first.uid, version=1, body="Hello {{ her.name }}")
    assert second.version == 2 and second.history.count() == 2
    with pytest.raises(TextChangedMeanwhile):
        change_text(actor=cast.farid, now=clock.now(), text_uid=first.uid, version=1, body="Third")
    told = [event.detail.shown()["codes"] for event in events("TEXT_SET")]
    assert told == [
        {"kind": "LETTER", "status": "en", "version": 1}, {"kind": "LETTER", "status": "en", "version": 2},
    ]  # fmt: skip
    assert {event.case_uid for event in events("TEXT_SET")} == {None}, "no case, though the key of the house seals it"
    assert b"her.name" not in dump(), "sealed, versions and all"
    page = sign_in(cast.farid).get(reverse("text-template", args=[first.uid])).text
    assert "Version 1" in page and "Dear {{ her.name }}" in page and "Hello {{ her.name }}" in page


def test_one_text_a_name_and_language_until_it_is_ended(cast, sign_in):
    first = letter(cast)
    with pytest.raises(TextExists):
        letter(cast)
    letter(cast, language="es")
    end_text(actor=cast.farid, now=clock.now(), text_uid=first.uid)
    with pytest.raises(TextIsOver):
        end_text(actor=cast.farid, now=clock.now(), text_uid=first.uid)
    letter(cast)
    assert sign_in(cast.farid).get(reverse("text-template", args=[first.uid])).status_code == 404


def test_words_of_a_note_in_the_readers_language_of_its_type_or_what_it_counts_as(cast, case, sign_in):
    with pytest.raises(NoteHasNoPlaces):
        words(cast, body="{{ her.name }}")
    words(cast)
    words(cast, body="Lo que pide:", language="es")
    add_code(
        actor=cast.farid, now=clock.now(), list_name="NOTE_TYPE", code="TEA", counts_as="MEETING",
        facts={"label": "Tea together"},
    )  # fmt: skip
    assert texts.words_to_begin("TEA") == "What she asks for:"
    assert texts.words_to_begin("VISIT") == "" == texts.words_to_begin("NOTHING")
    with translation.override("es"):
        assert texts.words_to_begin("MEETING") == "Lo que pide:"
    client = sign_in(cast.amina)
    address = reverse("case-note-add", args=[case.uid])
    assert "Tea together" in client.get(address).text
    typed = {"body": "Half a thought", "note_type": "MEETING", "privilege_class": "SAFETY_NOTE", "offer": "1"}
    assert "Half a thought\n\nWhat she asks for:" in client.post(address, typed).text
    assert "Half a thought\n\nWhere:" in client.post(address, {**typed, "note_type": "VISIT"}).text


@pytest.mark.parametrize("name", ["amina", "bea", "kemi", "elif", "chidi", "dana"])
def test_nobody_else_writes_them(cast, name, sign_in):
    one = letter(cast)
    client, person = sign_in(getattr(cast, name)), getattr(cast, name)
    for address in (
        reverse("text-templates"), reverse("text-new", args=["LETTER"]), reverse("text-template", args=[one.uid]),
        reverse("text-end", args=[one.uid]),
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    for act in (
        lambda: add_text(actor=person, now=clock.now(), kind="LETTER", name="B", language="en", body="x"),
        lambda: change_text(actor=person, now=clock.now(), text_uid=one.uid, version=1, body="x"),
        lambda: end_text(actor=person, now=clock.now(), text_uid=one.uid),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    "body",
    ["About HV-7Q4K-29MX", "Her number is A123456789", "123-45-6789", "case 1f0c9a3e-77aa-4b1c-9d2e-0a1b2c3d4e5f"],
)
def test_a_letter_that_was_sent_to_somebody_is_no_template(cast, body):
    """The text lies unsealed: what points to one person or case is refused."""
    with pytest.raises(TextPointsToSomebody):
        letter(cast, body=body)
    with pytest.raises(TextPointsToSomebody):
        words(cast, body=body)
    with pytest.raises(TextPointsToSomebody):
        letter(cast, name=body, body="Dear {{ her.name }}")
    letter(cast, body="Call 202-555-0100 or write to office@example.org")
    with pytest.raises(LabelPointsToSomebody):
        add_code(
            actor=cast.farid, now=clock.now(), list_name="NOTE_TYPE", code="X", counts_as="VISIT", facts={"label": body}
        )


# ---- Letters ----


def test_a_letter_is_filled_from_the_case_in_its_language(cast, case):
    text = written(cast.amina, case, letter(cast))
    assert case.number in text and "Zoraida Quillfeather" in text and "Dear Zoraida," in text
    assert f"yours, {cast.amina.name} for {cast.amina.name}" in text and "{{" not in text
    change_called(
        actor=cast.amina, now=clock.now(), case_uid=case.uid,
        called={"x_WantedName": "Zora", "x_LegalName": "Zoraida Q. Feather", "x_ForcedName": "Candy"},
    )  # fmt: skip
    text = written(cast.amina, case, letter(cast, name="Again"))
    assert "Zoraida Q. Feather\n" in text and "Dear Zora," in text and "Candy" not in text
    with translation.override("es"):
        month = date_format(timezone.localdate(), "F")
    assert f" de {month} de " in written(cast.amina, case, letter(cast, language="es", body="{{ today }}"))


def test_r13_no_address_where_none_may_be_written(cast, case):
    change_contact_details(
        actor=cast.amina, now=clock.now(), case_uid=case.uid,
        contact={"prs_MailingStreet": "5 Plum Row", "prs_MailingCity": "Elmtown"},
    )  # fmt: skip
    one = letter(cast)
    assert "5 Plum Row\nElmtown" in written(cast.amina, case, one)
    set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=[AlertCode.ADDRESS_CONFIDENTIAL])
    text = written(cast.amina, case, one)
    assert "Plum Row" not in text and f"In care of {case.organisation.name}" in text
    change_contact_details(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, contact={"x_SafeMailingAddress": "P.O. Box 12"}
    )
    assert "P.O. Box 12" in written(cast.amina, case, one)


def test_what_the_writer_may_not_read_stays_a_line(cast, case, monkeypatch):
    one = letter(cast)
    monkeypatch.setattr(access.Holding, "reads", lambda _self, _section: False)
    text = written(cast.amina, case, one)
    assert "Zoraida" not in text and f"Dear {texts.OPEN}," in text and case.number in text


def test_by_the_pages_it_is_read_changed_and_kept_with_its_rule(cast, case, sign_in, events):
    one = letter(cast)
    amina = sign_in(cast.amina)
    assert reverse("case-letters", args=[case.uid]) in amina.get(reverse("case-documents", args=[case.uid])).text
    assert "To the clinic" in amina.get(reverse("case-letters", args=[case.uid])).text
    address = reverse("case-letter-new", args=[case.uid]) + f"?text={one.uid}"
    ended = amina.get(reverse("case-letter-new", args=[case.uid]) + "?text=x")
    assert ended.status_code == 302 and ended.url == reverse("case-letters", args=[case.uid])
    page = amina.get(address).text
    assert "Zoraida Quillfeather" in page and "Text on weekday mornings only." in page and "555 0123" not in page
    assert "stands against a letter by post" in page, "she asked for text messages"
    sent = {
        "name": "Appointment", "goes_to": "HER", "section": "IDENTITY", "body": "Dear Zora,\nsee you at ten & be well.",
    }  # fmt: skip
    wrong = amina.post(address, sent)
    assert wrong.status_code == 422 and "Read her rule first" in wrong.text and "see you at ten &amp;" in wrong.text
    assert not events("LETTER_WRITTEN")
    assert amina.post(address, {**sent, "name": "A12345678", "has_read": "on"}).status_code == 422
    key = "7d9f0b62-3f0e-4a53-9a8b-5b0d7f2a9c11"
    first = amina.post(address, {**sent, "has_read": "on", "form_key": key})
    assert (
        first.status_code == 302 and amina.post(address, {**sent, "has_read": "on", "form_key": key}).status_code == 302
    )
    (told,) = events("LETTER_WRITTEN")
    assert told.case_uid == case.uid and told.detail.shown()["codes"] == {"version": 1, "language": "en"}
    with for_house():
        (document,) = access.for_the_house(Document).filter(case__uid=case.uid)
    assert document.section == "IDENTITY" and len(events("DOCUMENT_SEALED")) == 1
    page = amina.get(first.url).text
    assert "Appointment.txt" in page and "Letter" in page
    assert b"see you at ten" not in dump(), "sealed as every document is"
    paper = amina.get(reverse("case-document-print", args=[case.uid, document.uid])).text
    assert "Dear Zora,\nsee you at ten &amp; be well." in paper and events("DOCUMENT_DOWNLOADED")


def test_nobody_writes_one_where_she_may_not(cast, case, sign_in, clinician):
    one = letter(cast)
    pages = [reverse("case-letters", args=[case.uid]), reverse("case-letter-new", args=[case.uid]) + f"?text={one.uid}"]
    for name, status in (("dana", 404), ("elif", 404), ("farid", 404), ("gita", 403)):
        client = sign_in(getattr(cast, name))
        assert [client.get(page).status_code for page in pages] == [status, status], name
    with pytest.raises(RuleNotRead):
        write_letter(
            actor=cast.amina, now=clock.now(), case=case, text=one, name="a", body="b", section="ADVOCACY", goes_to="HER",
            has_read=False,
        )  # fmt: skip
    amina = sign_in(cast.amina)
    document = make.document(case, cast.amina, name="scan.pdf", content=b"%PDF-1.4\n%%EOF\n")
    assert amina.get(reverse("case-document-print", args=[case.uid, document.uid])).status_code == 404
    kept = make.document(case, cast.amina)
    paper = reverse("case-document-print", args=[case.uid, kept.uid])
    assert amina.get(paper).status_code == 200
    assert sign_in(cast.dana).get(paper).status_code == 404
    make.closed(case, cast.amina)
    assert amina.get(pages[0]).status_code == 403
    assert pages[0] not in amina.get(reverse("case-documents", args=[case.uid])).text
