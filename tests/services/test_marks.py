"""What somebody outside takes along carries her name; what is her own, and evidence, leave as they are."""

import hashlib
import io
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from audit.models import Event
from casemgmt.operations.demo import papers
from cases import marking
from cases.choices.documents import DocumentCategory
from tests import make
from tests.accounts import signing_in
from tests.cases import sample_files
from tests.cases.test_previews import photo
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]
ORDER = papers.pdf("An order", "It is so ordered.")


@pytest.fixture
def sign_in():
    """What leaves the house asks for a second factor shown lately."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def matter(cast, case):
    held = a_matter(cast, case)
    release(cast, case, held)
    return held


def paper(person, matter, content, name="order.pdf", *, section="LEGAL", category=DocumentCategory.COURT):
    where = {"case_uid": None, "matter_uid": matter.uid, "section": section}
    return make.document(matter.case, person, content, name=name, category=category, **where)


def taken(client, matter, document, door="matter-document"):
    answer = client.get(reverse(door, args=[matter.uid, document.uid]))
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.get("Content-Length", str(len(content))) == str(len(content))
    return content


def codes(document):
    return (
        Event.objects.filter(verb="DOCUMENT_DOWNLOADED", subject_uid=document.uid).latest("pk").detail.content["codes"]
    )


@pytest.mark.parametrize("door", ["matter-document", "matter-document-play"])
def test_every_page_of_a_pdf_says_for_whom_when_and_of_what(cast, case, matter, sign_in, door):
    document = paper(cast.amina, matter, ORDER)
    copy = taken(sign_in(cast.chidi), matter, document, door)
    for page in PdfReader(io.BytesIO(copy)).pages:
        text = page.extract_text()
        assert text.count(f"For {cast.chidi.name}") == 2 and case.number in text and "confidential" in text
        assert "It is so ordered." in text
    told = codes(document)
    assert told["kind"] == "MARKED" and told["marked"] == hashlib.sha256(copy).hexdigest()
    assert told["sha256"] == hashlib.sha256(ORDER).hexdigest()


def test_colleagues_and_the_stored_file_have_no_mark(cast, case, matter, sign_in):
    document = paper(cast.amina, matter, ORDER)
    taken(sign_in(cast.chidi), matter, document)
    file = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid]))
    assert b"".join(file.streaming_content) == ORDER
    assert "kind" not in codes(document)


@pytest.mark.parametrize("section", ["LEGAL", "LEGAL_FILE"])
def test_what_she_brought_herself_leaves_as_it_came(cast, matter, sign_in, section):
    document = paper(cast.chidi, matter, ORDER, section=section)
    client = sign_in(cast.chidi)
    assert taken(client, matter, document) == ORDER and "kind" not in codes(document)
    assert "carries your name" not in client.get(reverse("matter-document-page", args=[matter.uid, document.uid])).text


def test_evidence_leaves_byte_for_byte_and_its_page_says_so(cast, matter, sign_in):
    document = paper(cast.amina, matter, ORDER, category=DocumentCategory.EVIDENCE)
    client = sign_in(cast.chidi)
    assert taken(client, matter, document) == ORDER and codes(document)["kind"] == "UNMARKED"
    page = client.get(reverse("matter-document-page", args=[matter.uid, document.uid])).text
    assert "Evidence leaves byte for byte as it came" in page


def test_a_picture_and_its_small_one_carry_the_mark(cast, matter, sign_in):
    document = paper(cast.amina, matter, photo(), "arm.jpg")
    client = sign_in(cast.chidi)
    with Image.open(io.BytesIO(taken(client, matter, document))) as whole:
        assert whole.width == 900 and whole.height > 600
    small = client.get(reverse("matter-document-preview", args=[matter.uid, document.uid])).content
    with Image.open(io.BytesIO(small)) as shown:
        assert shown.width == 640 and shown.height > 427
    own = paper(cast.chidi, matter, photo(), "own.jpg")
    with Image.open(
        io.BytesIO(client.get(reverse("matter-document-preview", args=[matter.uid, own.uid])).content)
    ) as shown:
        assert shown.height == 427


def test_what_takes_no_mark_leaves_without_and_the_event_says_so(cast, matter, sign_in):
    letter, broken = (
        paper(cast.amina, matter, b"A letter.\n", "letter.txt"),
        paper(cast.amina, matter, sample_files.PDF),
    )
    client = sign_in(cast.chidi)
    for document, content in ((letter, b"A letter.\n"), (broken, sample_files.PDF)):
        assert taken(client, matter, document) == content and codes(document)["kind"] == "UNMARKED"
    page = client.get(reverse("matter-document-page", args=[matter.uid, letter.uid])).text
    assert "A file of this type leaves without a mark" in page


def test_a_copy_that_turns_up_is_recognised(cast, case, matter, sign_in):
    document = paper(cast.amina, matter, ORDER)
    copy = taken(sign_in(cast.chidi), matter, document)
    verify = reverse("case-document-verify", args=[case.uid, document.uid])
    answer = sign_in(cast.amina).post(verify, {"copy": SimpleUploadedFile("found.pdf", copy)}, follow=True)
    assert "a copy of this file that was handed out with a mark" in answer.text
    answer = sign_in(cast.amina).post(verify, {"copy": SimpleUploadedFile("found.pdf", copy + b" ")}, follow=True)
    assert "Different" in answer.text


def test_names_in_other_letters_are_written_in_those_that_every_viewer_draws(cast, case, matter):
    chidi = cast.chidi
    chidi.name = "Шидi (Őrs) زينب"
    document = paper(cast.amina, matter, ORDER)
    words = marking.words_for(chidi, case, document)
    assert words.isascii() and "(Ors)" in words
    assert (
        PdfReader(io.BytesIO(marking.mark(ORDER, "application/pdf", words))).pages[0].extract_text().count(words) == 2
    )


def test_whoever_holds_only_the_matter_reads_no_number_of_the_case(cast, case, matter, sign_in):
    document = paper(cast.amina, matter, ORDER)
    case.holding = None
    words = marking.words_for(cast.chidi, case, document)
    assert case.number not in words and document.uid.hex[:8].upper() in words
