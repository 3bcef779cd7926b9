"""The pages of a release: two short ones on a phone, what she reads before she signs, the signature, paper, taking it back."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.accounts.models import Organisation
from cases import access, release_words
from cases.actions.releases import Terms
from cases.actions.two_people import approve_access
from cases.choices.releases import InfoCategory
from cases.models import Document, Release, ReleaseSignature
from cases.opening import open_case
from cases.release_words import PART2_NOTICE, is_translated
from tests import make
from tests.accounts import signing_in
from tests.cases.releasing import drawn, release, sign_page, terms_page
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.walks


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast.amina)


def new(case):
    return reverse("release-new", args=[case.uid])


def page_of(case, one, name="release"):
    return reverse(name, args=[case.uid, one.uid])


def the_release() -> Release:
    return access.for_the_house(Release).get()


def documents():
    return access.for_the_house(Document)


class OpenQuestions(HTMLParser):
    """Reads a page as a person meets it: the questions that are not folded away, and which of them have an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.folds, self.in_main, self.select = 0, False, ""
        self.names: list[str] = []
        self.answered: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        name = facts.get("name") or ""
        self.in_main = self.in_main or tag == "main"
        self.folds += tag == "details"
        if not self.in_main or self.folds:
            return
        if tag in ("input", "select", "textarea") and facts.get("type") != "hidden" and name:
            self.names.append(name)
            self.select = name if tag == "select" else ""
            is_tick = facts.get("type") in ("checkbox", "radio")
            if "checked" in facts or (facts.get("value") and not is_tick):
                self.answered.add(name)
        if tag == "option" and "selected" in facts and facts.get("value"):
            self.answered.add(self.select)

    def handle_endtag(self, tag: str) -> None:
        self.folds -= tag == "details"
        self.in_main = self.in_main and tag != "main"


def without_folds(page: str) -> OpenQuestions:
    """The questions of a page that stand open."""
    found = OpenQuestions()
    found.feed(page)
    return found


def questions(page: str) -> list[str]:
    """Names of the questions that a person sees on a page without unfolding anything."""
    return list(dict.fromkeys(without_folds(page).names))


def empty_questions(page: str) -> list[str]:
    """Those of them that come without an answer."""
    answered = without_folds(page).answered
    return [name for name in questions(page) if name not in answered]


# ---- Three minutes on a phone ----


def test_the_usual_release_is_two_short_pages(client, cast, case):
    """Counted as she meets it: what is asked, and what must be touched at all."""
    matter = a_matter(cast, case)
    first = client.get(new(case)).content.decode()
    assert len(questions(first)) <= 10, questions(first)
    # The attorney, her words, the ticks; the one matter, purpose, language, end and signer stand there already.
    to_touch = [name for name in empty_questions(first) if name not in ("recipient", "excluded")]
    assert to_touch == ["attorney", "purpose_text", "categories"]
    answers = terms_page(
        attorney=str(cast.chidi.pk), matter=str(matter.uid), purpose="LEGAL_REPRESENTATION", recipient=None,
        categories=["IDENTITY", "SERVICES_DATES"],
    )  # fmt: skip
    second = client.post(new(case), answers)
    assert second.status_code == 200
    page = second.content.decode()
    assert len(questions(page)) <= 9, questions(page)
    assert {"risks_discussed", "not_conditioned", "revocable_explained", "signature"} <= set(empty_questions(page))
    assert not access.for_the_house(Release).exists(), "nothing is recorded before she has signed"
    done = client.post(new(case), sign_page(**answers))
    assert done.status_code == 302
    assert access.get_for(cast.chidi, case.uid)


def test_she_reads_who_sees_what_and_not_what_until_when_before_she_signs(client, case, clinic):
    page = client.post(new(case), terms_page(recipient=str(clinic.pk))).content.decode()
    until = timezone.localdate() + timedelta(days=20)
    for words in (
        clinic.name, "They will learn", "Name and date of birth", "They will not learn", "not to my brother",
        "Where I sleep is never shared", "Until", str(until.year), "I decide. If I say no, I get the same help.",
    ):  # fmt: skip
        assert words in page, words
    assert page.index("They will not learn") < page.index("<canvas")
    assert "<script>" not in page and "style=" not in page


def test_one_can_go_back_and_change_something_without_losing_it(client, case, clinic):
    back = client.post(new(case), {**terms_page(recipient=str(clinic.pk)), "back": "1"})
    page = back.content.decode()
    assert back.status_code == 200 and "not to my brother" in page and "Go on to read and sign" in page
    assert "errsum" not in page


def test_wrong_answers_stand_beside_their_fields_on_the_page_they_belong_to(client, case, clinic):
    first = client.post(
        new(case), terms_page(recipient="", purpose_text="everything", expires_on="", signer="DECEASED")
    )
    page = first.content.decode()
    assert first.status_code == 422
    for words in (
        "Choose who may know", "too wide", "Choose the day on which it ends", "Nobody can sign for a person who has died",
    ):  # fmt: skip
        assert words in page, words
    second = client.post(new(case), sign_page(recipient=str(clinic.pk), not_conditioned="", signature=""))
    page = second.content.decode()
    assert second.status_code == 422 and "<canvas" in page and "The signature is missing" in page
    late = client.post(
        new(case),
        sign_page(recipient=str(clinic.pk), expires_on=(timezone.localdate() + timedelta(days=40)).isoformat()),
    )
    page = late.content.decode()
    assert late.status_code == 422 and "may not run that long" in page and "<canvas" not in page
    assert not access.for_the_house(Release).exists() and not documents().exists()


def test_a_state_with_a_rule_lets_the_end_stay_empty(client, case, clinic):
    sent = client.post(
        new(case), sign_page(recipient=str(clinic.pk), expires_on="", state="US-WA", purpose="SERVICE_COORDINATION")
    )
    assert sent.status_code == 302
    assert timezone.localdate(the_release().expires_at) == timezone.localdate() + timedelta(days=90)


# ---- The signature ----


def test_a_signature_on_the_screen_is_sealed_like_a_document(client, cast, case, clinic):
    assert client.post(new(case), sign_page(recipient=str(clinic.pk))).status_code == 302
    [paper] = documents()
    assert paper.section == "DUTIES"
    with open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        [row] = access.within(ReleaseSignature, case)
        assert row.document_id == paper.pk and row.facts["evidence"] == "SCREEN" and len(row.facts["sha256"]) == 64
        assert paper.about["sha256"] == row.facts["sha256"]
    got = client.get(reverse("case-document", args=[case.uid, paper.uid]))
    assert b"".join(got.streaming_content).startswith(b"\x89PNG")
    assert Event.objects.filter(verb=Verb.DOCUMENT_SEALED, case_uid=case.uid).exists()
    assert "Look at the signature" in client.get(page_of(case, the_release())).content.decode()


def test_on_paper_in_the_file_there_is_none_but_the_place(client, case, clinic):
    paper = {"recipient": str(clinic.pk), "evidence": "PAPER", "signature": ""}
    missing = client.post(new(case), sign_page(**paper))
    assert missing.status_code == 422 and "Say where the signed paper is kept." in missing.content.decode()
    assert client.post(new(case), sign_page(**paper, kept_where="blue binder")).status_code == 302
    assert not documents().exists() and "blue binder" in client.get(page_of(case, the_release())).content.decode()


def test_a_program_is_no_signature_and_nothing_stays(client, case, clinic):
    bad = SimpleUploadedFile("signature.png", b"MZ\x90\x00 this is a program", content_type="image/png")
    assert client.post(new(case), sign_page(recipient=str(clinic.pk), signature=bad)).status_code == 422
    assert not access.for_the_house(Release).exists() and not documents().exists()


def test_a_minor_and_her_guardian_both_sign(client, cast, clinic):
    minor = make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))
    both = {
        "recipient": str(clinic.pk), "signer": "PARENT_GUARDIAN", "signer_name": "Her aunt",
        "guardian_is_not_abuser": "on",
    }  # fmt: skip
    page = client.post(new(minor), terms_page(recipient=str(clinic.pk), signer="PARENT_GUARDIAN")).content.decode()
    assert page.count("<canvas") == 2
    assert client.post(new(minor), sign_page(**both)).status_code == 422
    assert client.post(new(minor), sign_page(**both, other_signature=drawn())).status_code == 302
    assert documents().count() == access.for_the_house(ReleaseSignature).count() == 2
    assert client.post(new(minor), sign_page(recipient=str(clinic.pk))).status_code == 422, "not alone"


@pytest.mark.sql
def test_a_form_that_is_sent_twice_makes_one_release_and_one_document(client, case, clinic):
    key = "7c5e1f0a-2f1e-4d0a-9a55-0c4e5ad2f001"
    for _time in range(2):
        assert client.post(new(case), sign_page(recipient=str(clinic.pk), form_key=key)).status_code == 302
    assert access.for_the_house(Release).count() == documents().count() == 1


# ---- Shown, printed, in her language ----


def test_what_is_left_out_by_her_wish_stands_wherever_the_release_is_shown(client, case, clinic):
    client.post(new(case), sign_page(recipient=str(clinic.pk)))
    given = the_release()
    for address in (
        reverse("case-sharing", args=[case.uid]), page_of(case, given), page_of(case, given, "release-print"),
        page_of(case, given, "release-withdraw"), reverse("case-print", args=[case.uid]),
    ):  # fmt: skip
        assert "not to my brother" in client.get(address).content.decode(), address


def test_the_print_is_in_english_with_a_plain_word_where_no_catalogue_is(client, case, clinic):
    client.post(new(case), sign_page(recipient=str(clinic.pk), language="tl"))
    page = client.get(page_of(case, the_release(), "release-print")).content.decode()
    assert "This text does not exist in Tagalog yet" in page
    assert 'lang="en"' in page and "Permission to share information about me" in page
    event = Event.objects.get(verb=Verb.RELEASE_PRINTED)
    assert event.subject_uid == the_release().uid and "release.terms" in event.detail.content["fields"]


def test_the_release_speaks_her_language_whatever_the_worker_speaks(client, case, clinic):
    client.cookies["django_language"] = "en"
    client.post(new(case), sign_page(recipient=str(clinic.pk), language="es"))
    for name in ("release", "release-print"):
        page = client.get(page_of(case, the_release(), name)).content.decode()
        text = page[page.index('<div class="release-text') :]
        assert 'lang="es"' in text and "Consentimiento para compartir información sobre mí" in text
        assert "Sabrán" in text and "Puedo retirarlo en cualquier momento" in text and "They will learn" not in text
        assert "This text does not exist in" not in page
        assert '<html lang="en"' in page and "Sign out" in page
    assert all(is_translated(language) for language in ("en", "es")) and not is_translated("tl")


def test_substance_use_carries_its_notice_everywhere(client, cast, case, clinic):
    given = release(cast.amina, case, clinic, terms=Terms(categories=[InfoCategory.SUBSTANCE_USE]))
    for address in (
        reverse("case-sharing", args=[case.uid]), page_of(case, given), page_of(case, given, "release-print"),
        page_of(case, given, "release-withdraw"),
    ):  # fmt: skip
        assert PART2_NOTICE in client.get(address).content.decode(), address
    other = release(cast.amina, case, clinic)
    assert PART2_NOTICE not in client.get(page_of(case, other)).content.decode()


def test_an_outsider_reads_the_notice_on_every_page_that_may_carry_it(cast, case, sign_in):
    to_attorney(
        cast, case, a_matter(cast, case), terms=Terms(categories=[InfoCategory.IDENTITY, InfoCategory.SUBSTANCE_USE])
    )
    chidi = sign_in(cast.chidi)
    places = [reverse(name, args=[case.uid]) for name in ("case-overview", "case-documents", "case-print")]
    assert not any(PART2_NOTICE in chidi.get(place).content.decode() for place in places), (
        "a second person is still asked"
    )
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=access.waiting_grants().get(case=case).uid)
    assert all(PART2_NOTICE in chidi.get(place).content.decode() for place in places)
    assert PART2_NOTICE not in sign_in(cast.amina).get(places[0]).content.decode()


def test_right_to_left_is_told_by_the_text():
    told = release_words.Told(
        discloser="A", recipient="B", purpose="REFERRAL", purpose_text="x", categories=["IDENTITY"],
        until=timezone.localdate(), method="WRITTEN", language="ar", signers=["CLIENT"],
    )  # fmt: skip
    text = release_words.text_of(told)
    assert (text.code, text.direction, text.untranslated) == ("ar", "rtl", "")
    text = release_words.text_of(replace(told, language="so"))
    assert (text.code, text.direction, text.untranslated) == ("en", "ltr", "Somali")


# ---- Renewed, taken back ----


def test_renewing_starts_with_the_former_and_is_signed_anew(client, cast, case):
    matter = a_matter(cast, case)
    former = to_attorney(cast, case, matter)
    address = page_of(case, former, "release-renew")
    page = client.get(address).content.decode()
    assert "Her T visa application" in page and re.search(r'value="SERVICES_DATES"[^>]*checked', page)
    again = client.post(address, sign_page(purpose_text="Her T visa application", categories=["SERVICES_DATES"]))
    assert again.status_code == 302
    new_one = access.for_the_house(Release).get(renews=former)
    assert (new_one.recipient_person_id, new_one.matter_id, new_one.purpose) == (
        cast.chidi.pk, matter.pk, "LEGAL_REPRESENTATION",
    )  # fmt: skip
    shown = client.get(page_of(case, former)).content.decode()
    assert "The release that took its place" in shown and "Renewed" in shown
    assert client.get(address).status_code == 302, "once"


def test_one_tap_takes_it_back_and_the_open_page_of_the_attorney_is_closed_at_the_next_click(
    client, cast, case, sign_in
):
    matter = a_matter(cast, case)
    given = to_attorney(cast, case, matter)
    chidi = sign_in(cast.chidi)
    services = reverse("case-aftercare", args=[case.uid])
    assert chidi.get(services).status_code == 200
    assert client.post(page_of(case, given, "release-withdraw"), {"how": "ORAL"}).status_code == 302
    assert chidi.get(services).status_code == 404
    assert chidi.get(reverse("case-overview", args=[case.uid])).status_code == 404
    mine = chidi.get(reverse("matter", args=[matter.uid]))
    assert mine.status_code == 200 and "Sharing has ended" in mine.content.decode()
    shown = client.get(page_of(case, given)).content.decode()
    assert "She said so on" in shown and "Withdrawn" in shown


@pytest.mark.sql
def test_expiry_needs_nobody(client, cast, case, sign_in):
    given = to_attorney(cast, case, a_matter(cast, case), expires_at=clock.now() + timedelta(days=3))
    with time_machine.travel(given.expires_at):
        assert sign_in(cast.chidi).get(reverse("case-overview", args=[case.uid])).status_code == 404


# ---- Who may ----


@pytest.mark.parametrize("name", ["release", "release-print", "release-renew", "release-withdraw", "disclosure-new"])
def test_strangers_colleagues_and_foreign_releases(cast, case, clinic, clinician, sign_in, name):
    given = release(cast.amina, case, clinic)
    address = page_of(case, given, name)
    assert sign_in(cast.dana).get(address).status_code == 404
    assert sign_in(clinician).get(address).status_code == 403
    mine = make.case(cast.dana, cast.team_of("dana"))
    assert sign_in(cast.dana).get(page_of(mine, given, name)).status_code == 404
    assert sign_in(cast.amina).delete(address).status_code == 405
    assert sign_in(cast.amina).get(address).status_code == 200


def test_organisations_of_the_house_are_no_recipients(client, case):
    ours = Organisation.objects.filter(is_ours=True).first()
    sent = client.post(new(case), terms_page(recipient=str(ours.pk)))
    assert sent.status_code == 422


def test_the_ledger_says_who_recorded_it_and_no_word_of_it(client, cast, case, clinic):
    client.post(new(case), sign_page(recipient=str(clinic.pk)))
    event = Event.objects.get(verb=Verb.RELEASE_RECORDED)
    assert event.actor_uid == cast.amina.uid and "not to my brother" not in repr(event.detail.content)
