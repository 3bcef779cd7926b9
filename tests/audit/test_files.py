"""Check a file: a SHA-256 from outside, answered by the ledger alone, without a name, a number of a case or of a file."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock, pseudonyms
from audit.models import Event
from audit.verbs import Verb
from cases.actions.documents import withdraw_document
from cases.actions.grants import give_access
from cases.actions.quarantine import quarantine_document
from cases.choices.documents import DocumentCategory
from services.actions.legal import open_matter
from tests import make
from tests.audit.test_pages import code_of, elif_of, make_external, text_of
from tests.cases import sample_files
from tests.cases.erasing import erase

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

LETTER = b"A letter that a court holds, too.\n"
NUMBER = hashlib.sha256(LETTER).hexdigest()


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def letter(cast, case):
    return make.document(case, cast.amina, LETTER, name="letter-of-layla.txt")


@pytest.fixture
def ask(cast, sign_in):
    client = sign_in(elif_of(cast))
    return lambda written: client.post(reverse("audit-files"), {"checksum": written})


def what(answer) -> list[tuple[str, str, str]]:
    return [(line.what, line.who, line.case_code) for line in answer.context["lines"]]


def last_trace() -> Event:
    return Event.objects.filter(verb="LEDGER_READ").select_related("detail").order_by("-pk").first()


def test_a_hit_says_when_and_by_whom_and_never_of_whom(cast, case, letter, ask, sign_in) -> None:
    address = reverse("case-document-verify", args=[case.uid, letter.uid])
    sign_in(cast.bea).post(address, {"copy": SimpleUploadedFile("copy.txt", LETTER + b"!")})
    answer = ask(NUMBER)
    assert answer.status_code == 200 and "A file with this SHA-256 was kept here" in answer.text
    code = code_of(case)
    assert what(answer) == [
        ("Stored a document", cast.amina.name, code), ("Compared a file with the ledger", cast.bea.name, code),
    ]  # fmt: skip
    assert "Different" in answer.text
    for secret in ("letter-of-layla", case.number, str(case.uid), str(letter.uid), letter.uid.hex):
        assert secret not in answer.text
    trace = last_trace()
    assert trace.actor_uid == elif_of(cast).uid and trace.detail.content["codes"]["result"] == "FOUND"
    assert trace.cases_touched.get().case_uid == case.uid
    assert NUMBER not in repr(trace.detail.content) and trace.detail.content["codes"]["page"] == "FILES"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER.upper(), f"  {NUMBER[:32]} {NUMBER[32:]}\n", " ".join(re.findall("." * 8, NUMBER)), f"SHA-256 {NUMBER}",
        ":".join(re.findall("..", NUMBER)), f"sha256:{NUMBER}",
    ],
)  # fmt: skip
def test_it_is_forgiving_of_how_the_number_is_written(letter, ask, written) -> None:
    assert "was kept here" in ask(written).text


def test_a_miss(cast, letter, ask) -> None:
    answer = ask("0" * 64)
    assert answer.status_code == 200 and "knows no file with this SHA-256" in answer.text
    assert "was kept here." not in answer.text and code_of(letter.case) not in answer.text
    assert last_trace().detail.content["codes"]["result"] == "NOT_FOUND" and not last_trace().objects_touched


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "Enter the SHA-256"), ("   ", "Enter the SHA-256"), (NUMBER[:-1], "this has 63"), (NUMBER + "0", "this has 65"),
        (NUMBER[:-1] + "g", "only the digits"), ("letter.txt", "only the digits"),
    ],
)  # fmt: skip
def test_bad_input_is_said_beside_the_field(letter, ask, written, words) -> None:
    answer = ask(written)
    assert answer.status_code == 422
    beside = answer.text.partition('id="id_checksum_error"')[2].partition("</div>")[0]
    assert words in beside and "What the ledger says" not in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_photo_is_known_as_it_was_sent_and_as_it_is_kept(cast, case, ask, sign_in) -> None:
    photo = sample_files.jpeg()
    document = make.document(case, cast.amina, photo, name="a.jpg", category=DocumentCategory.OTHER)
    kept = b"".join(sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid])).streaming_content)
    assert kept != photo
    assert "was sent here" in ask(hashlib.sha256(photo).hexdigest()).text
    as_kept = ask(hashlib.sha256(kept).hexdigest()).text
    assert "was kept here" in as_kept and "was sent here" not in as_kept


def test_a_copy_that_was_something_else_is_told(cast, case, letter, ask, sign_in) -> None:
    other = b"Another letter"
    address = reverse("case-document-verify", args=[case.uid, letter.uid])
    sign_in(cast.amina).post(address, {"copy": SimpleUploadedFile("copy.txt", other)})
    answer = ask(hashlib.sha256(other).hexdigest())
    assert "knows no file" in answer.text and [line.who for line in answer.context["compared"]] == [cast.amina.name]


def test_an_erasure_is_told_where_it_took_the_file(cast, case, letter, ask, settings) -> None:
    settings.ERASURE_COOLING_DAYS = 0
    kept_elsewhere = make.document(case, cast.amina, b"Passport", category=DocumentCategory.IDENTITY_DOCUMENT)
    assert kept_elsewhere.section != letter.section
    erase(cast, case, "ADVOCACY")
    words = [line[0] for line in what(ask(NUMBER))]
    assert words == ["Stored a document", Verb.ERASURE_DONE.label.capitalize()]
    others = what(ask(hashlib.sha256(b"Passport").hexdigest()))
    assert [line[0] for line in others] == ["Stored a document"], "another part of the case was not erased"


def test_quarantine_and_withdrawal_are_told(cast, case, letter, ask) -> None:
    twin = make.document(case, cast.amina, LETTER)
    withdraw_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=twin.uid, why="Twice")
    quarantine_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=letter.uid)
    answer = ask(NUMBER)
    assert answer.context["known"].kept == 2 and "2 files, byte for byte" in answer.text
    words = [line[0] for line in what(answer)]
    assert words == ["Stored a document"] * 2 + ["Withdrew a document", "Put a document into quarantine, unopened"]
    assert "Twice" not in answer.text


def test_privileged_files_are_not_looked_through(cast, case, ask) -> None:
    """That an attorney's file holds a certain paper is privileged itself: hit or miss, the answer is the miss."""
    matter = open_matter(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, title="T visa", matter_type="T_VISA", jurisdiction="",
        stage="DRAFTING", opened_on=clock.now().date(),
    )  # fmt: skip
    give_access(
        actor=cast.bea,
        now=clock.now(),
        case_uid=case.uid,
        kind="STAFF_COUNSEL",
        person=cast.luis,
        matter_uid=matter.uid,
    )
    paper = make.document(case, cast.luis, LETTER, case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")
    sealed = Event.objects.get(verb="DOCUMENT_SEALED", subject_uid=paper.uid)
    assert sealed.is_privileged and sealed.detail.content["codes"]["sha256"] == NUMBER
    secret, empty = ask(NUMBER), ask("0" * 64)
    assert "knows no file with this SHA-256" in secret.text and code_of(case) not in secret.text

    def comparable(answer) -> str:
        digits = " ".join(answer.context["digest"])
        # What is different by nature: the token of the form, and how many events (our own questions) wait for a seal.
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(answer)).replace(digits, "")
        return re.sub(r'<p class="row integrity">.*?</p>', "", page)

    for answer, number in ((secret, NUMBER), (empty, "0" * 64)):
        assert number in answer.text
    assert comparable(secret).replace(NUMBER, "") == comparable(empty).replace("0" * 64, "")


def test_an_external_auditor_reads_whether_and_how_many(cast, letter, ask) -> None:
    make_external(elif_of(cast))
    answer = ask(NUMBER)
    assert "was kept here" in answer.text and "1 file, byte for byte" in answer.text
    for told in (pseudonyms.of_person(cast.amina.uid), cast.amina.name, "S-"):
        assert told not in answer.text
    assert answer.context["lines"] == []


def test_only_auditors_ask_and_only_by_post(cast, letter, sign_in) -> None:
    address = reverse("audit-files")
    for person in (cast.amina, cast.bea, cast.farid, cast.kemi, cast.chidi):
        client = sign_in(person)
        assert client.get(address).status_code == 404 and client.post(address, {"checksum": NUMBER}).status_code == 404
    client = sign_in(elif_of(cast))
    assert client.put(address).status_code == 405
    page = client.get(f"{address}?checksum={NUMBER}")
    assert page.status_code == 200 and "What the ledger says" not in page.text
    home = client.get(reverse("auditor-home")).text
    assert home.count(f'href="{address}"') == 2
