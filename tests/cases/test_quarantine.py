"""A suspected child image: nobody opens it from then on; counsel is told; the duty stands on a list."""

from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, files
from cases.access import get_for
from cases.actions.quarantine import quarantine_document
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.errors.files import DocumentIsQuarantined
from cases.models import Document, Notice, Task
from cases.verifying import verify_document
from tests import make
from tests.accounts import signing_in
from tests.cases import sample_files
from tests.cases.test_previews import photo


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def document(cast, case):
    return make.document(case, cast.amina, photo(), name="secret-name.jpg", category=DocumentCategory.OTHER)


def put(person, case, document):
    return quarantine_document(actor=person, now=clock.now(), case_uid=case.uid, document_uid=document.uid)


def pages(case, document):
    return {
        name: reverse(name, args=[case.uid, document.uid])
        for name in ("case-document", "case-document-play", "case-document-preview")
    }


def test_nobody_opens_it_any_more_not_even_who_kept_it(cast, case, document, sign_in):
    client = sign_in(cast.amina)
    assert client.get(pages(case, document)["case-document-preview"]).status_code == 200
    address = reverse("case-document-quarantine", args=[case.uid, document.uid])
    assert "cannot be undone" in client.get(address).text
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"understood": "on"}).status_code == 302
    before = Event.objects.filter(verb__in=["DOCUMENT_DOWNLOADED", "CASE_VIEWED"]).count()
    for person in (cast.amina, cast.bea):
        other = sign_in(person)
        for name, page in pages(case, document).items():
            for headers in ({}, {"HTTP_RANGE": "bytes=0-1"}):
                answer = other.get(page, **headers)
                assert answer.status_code == 410 and not answer.streaming and "quarantine" in answer.text, name
    assert Event.objects.filter(verb__in=["DOCUMENT_DOWNLOADED", "CASE_VIEWED"]).count() == before
    page = sign_in(cast.amina).get(reverse("case-document-page", args=[case.uid, document.uid])).text
    assert "In quarantine since" in page and "<img" not in page and "download>" not in page and "Compare" not in page


def test_the_small_picture_goes_and_the_file_stays_as_it_is(cast, case, document, django_capture_on_commit_callbacks):
    path = Path(settings.MEDIA_ROOT, document.stored_as)
    before = path.read_bytes()
    assert Path(f"{path}.preview").exists()
    with django_capture_on_commit_callbacks(execute=True):
        put(cast.amina, case, document)
    assert path.read_bytes() == before and not Path(f"{path}.preview").exists()


def test_counsel_and_supervisor_are_told_without_content_and_one_has_the_duty(cast, case, document, events):
    make.colleague(case, cast.amina, cast.luis, GrantKind.STAFF_COUNSEL)
    put(cast.amina, case, document)
    [event] = events("DOCUMENT_QUARANTINED", case.uid)
    assert event.subject_uid == document.uid and event.basis
    told = Notice._base_manager.filter(about_uid=document.uid, kind="DOCUMENT_QUARANTINED")
    assert {notice.person.name for notice in told} == {cast.luis.name, cast.bea.name}
    task = access.within(Task, case).get()
    assert task.assigned_to == cast.luis and 0 <= (task.due_on - clock.now().date()).days <= 2
    assert access.holdings(cast.luis, [case.pk])[case.pk].reads(task.section)


def test_without_counsel_on_the_case_others_learn_that_something_waits_and_not_where(cast, case, document):
    put(cast.amina, case, document)
    notice = Notice._base_manager.get(about_uid=document.uid, person=cast.luis)
    assert notice.case is None
    assert access.within(Task, case).get().assigned_to == cast.bea


def test_a_reader_who_may_not_write_may_do_it_on_a_closed_case_too(cast, case, document):
    make.closed(case, cast.amina)
    put(cast.bea, case, document)
    with pytest.raises(DocumentIsQuarantined):
        put(cast.amina, case, document)


def test_it_can_neither_be_withdrawn_nor_compared(cast, case, document, sign_in):
    put(cast.amina, case, document)
    client = sign_in(cast.amina)
    with pytest.raises(DocumentIsQuarantined):
        verify_document(cast.amina, get_for(cast.amina, case.uid), document.uid)
    verify = reverse("case-document-verify", args=[case.uid, document.uid])
    assert client.post(verify, {"copy": SimpleUploadedFile("a.jpg", photo())}).status_code == 422
    withdraw = reverse("case-document-withdraw", args=[case.uid, document.uid])
    assert client.post(withdraw, {"why_withdrawn": "x"}).status_code == 302
    document.refresh_from_db()
    assert document.withdrawn_at is None and not Event.objects.filter(verb="DOCUMENT_VERIFIED").exists()


def test_a_stranger_and_a_colleague_cannot(cast, case, document, sign_in):
    address = reverse("case-document-quarantine", args=[case.uid, document.uid])
    assert sign_in(cast.dana).post(address, {"understood": "on"}).status_code == 404
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    assert sign_in(cast.gita).post(address, {"understood": "on"}).status_code == 403
    document.refresh_from_db()
    assert document.quarantined_at is None


def test_a_printed_case_leaves_it_out(cast, case, document, sign_in):
    page = sign_in(cast.amina)
    make.document(case, cast.amina, name="letter-name.txt")
    put(cast.amina, case, document)
    printed = page.get(reverse("case-print", args=[case.uid])).text
    documents = printed[printed.index("Documents") :].split("Timeline")[0]
    assert "letter-name" in documents and "secret-name" not in documents


def test_an_upload_with_the_tick_is_in_quarantine_from_its_first_moment(cast, case, sign_in):
    client, picture = sign_in(cast.amina), sample_files.jpeg()
    form = {
        "upload": SimpleUploadedFile("a.jpg", picture),
        "category": "OTHER",
        "unopened": "on",
        "form_key": str(uuid4()),
    }
    assert client.post(reverse("case-documents", args=[case.uid]), form).status_code == 302
    [document] = access.within(Document, case)
    assert document.quarantined_at is not None and document.quarantined_by == cast.amina
    assert not Path(settings.MEDIA_ROOT, f"{document.stored_as}.preview").exists()
    assert b"".join(files.open_pieces(document)) == picture, (
        "left as it came, with its hidden details: it may be evidence"
    )
    assert client.get(pages(case, document)["case-document"]).status_code == 410
