"""'Verify this file': the ledger's number against the stored file or a copy, said in words and recorded."""

import hashlib
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from casemgmt.crypto import keyring
from casemgmt.crypto.files import store_sealed
from casemgmt.crypto.models import CaseKey
from cases import access, files
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.models import Document
from cases.verifying import Comparison, verify_document
from tests import make
from tests.cases import sample_files

CONTENT = b"A letter of the court.\n" * 5000


@pytest.fixture
def document(cast, case):
    return make.document(case, cast.amina, CONTENT)


@pytest.fixture
def verify(cast, case, sign_in):
    client = sign_in(cast.amina)

    def send(document, copy=None):
        fields = {} if copy is None else {"copy": SimpleUploadedFile("copy.txt", copy)}
        return client.post(reverse("case-document-verify", args=[case.uid, document.uid]), fields, follow=True)

    return send


def recorded():
    return [event.detail.content["codes"] for event in Event.objects.filter(verb="DOCUMENT_VERIFIED").order_by("pk")]


def test_the_stored_file_and_a_copy_are_the_same(verify, document):
    digest = hashlib.sha256(CONTENT).hexdigest()
    for copy, kind in ((None, "STORED"), (CONTENT, "COPY")):
        assert "The same, byte for byte" in verify(document, copy).text
        assert recorded()[-1] == {"result": "SAME", "kind": kind, "sha256": digest}


def test_a_copy_with_one_other_byte_is_different_and_kept_nowhere(verify, document, case):
    before = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    large = CONTENT * 40  # above what stays in memory
    for copy in (CONTENT[:-1] + b"!", CONTENT + b"\n", large):
        page = verify(document, copy)
        assert "Different" in page.text and page.status_code == 200
    assert [codes["result"] for codes in recorded()] == ["DIFFERENT"] * 3
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*")) == before and len(access.within(Document, case)) == 1
    assert [path for path in Path(settings.HAVEN_HOME, "tmp").iterdir() if path.suffix != ".lock"] == []


def test_the_photo_as_it_was_sent_is_recognised(verify, cast, case):
    sent = sample_files.jpeg()
    document = make.document(case, cast.amina, sent, name="a.jpg", category=DocumentCategory.OTHER)
    assert "The same as the file that was sent" in verify(document, sent).text
    assert recorded()[-1]["result"] == "SAME_AS_SENT"


def test_a_changed_stored_file_cannot_be_read(verify, document):
    path = Path(settings.MEDIA_ROOT, document.stored_as)
    path.write_bytes(path.read_bytes()[:-1])
    assert "cannot be read" in verify(document).text
    assert Event.objects.get(verb="DOCUMENT_VERIFIED").outcome == "FAILED"
    assert "The same, byte for byte" in verify(document, CONTENT).text, "a copy can still be compared"


def test_the_number_is_the_ledgers_and_not_the_records(cast, case, document):
    """Somebody with the keys could seal another file in its place and write its number into the record."""
    forged = b"another letter"
    Path(settings.MEDIA_ROOT, document.stored_as).unlink()
    bound = {"case_uid": case.uid, "section": document.section, "file_uid": document.uid}
    store_sealed(files.storage(), document.stored_as, io.BytesIO(forged), **bound)
    document.about = {"content_type": "text/plain", "sha256": hashlib.sha256(forged).hexdigest(), "size": len(forged)}
    assert verify_document(cast.amina, access.get_for(cast.amina, case.uid), document.uid) == Comparison.DIFFERENT


def test_what_was_erased_is_said(cast, case, document):
    CaseKey.objects.filter(case_uid=case.uid).delete()
    keyring.forget()
    opened = access.get_for(cast.amina, case.uid)
    assert verify_document(cast.amina, opened, document.uid) == Comparison.ERASED


def test_only_who_reads_it_may_compare(cast, case, document, sign_in):
    address = reverse("case-document-verify", args=[case.uid, document.uid])
    page = reverse("case-document-page", args=[case.uid, document.uid])
    assert sign_in(cast.dana).post(address).status_code == 404 and sign_in(cast.dana).get(page).status_code == 404
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    assert sign_in(cast.gita).post(address).status_code == 403 and sign_in(cast.gita).get(page).status_code == 403
    assert sign_in(cast.amina).get(address).status_code == 405
    assert not recorded()
