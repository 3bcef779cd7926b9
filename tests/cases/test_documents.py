"""The Documents tab: sealing, downloading, withdrawing, and everything a file can be wrong with."""

import hashlib
import io
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section
from casemgmt.crypto.uploads import SealedSpool
from cases import access, files, opening
from cases.actions import documents as actions
from cases.actions.documents import seal_document, withdraw_document
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.errors.files import FileTooLarge, SectionNotForDocument
from cases.models import Document, TimelineEntry
from tests import make
from tests.cases import sample_files


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-documents", args=[case.uid])


def stored(document):
    return Path(settings.MEDIA_ROOT, document.stored_as)


def all_documents(case):
    return list(access.within(Document, case).order_by("pk"))


def sent(content, name="letter.txt", **fields):
    return {
        "upload": SimpleUploadedFile(name, content),
        "category": DocumentCategory.CORRESPONDENCE,
        "form_key": str(uuid4()),
        **fields,
    }


def test_a_caseworker_keeps_a_file_and_reads_it_back(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(tab, sent("Dear Zoraida, زينب 🙂\n".encode(), name="Brief für Zoë.txt"))
    assert answer.status_code == 302 and answer.url == tab
    [document] = all_documents(case)
    assert document.section == Section.ADVOCACY
    page = client.get(tab)
    assert "Brief für Zoë.txt" in page.text and "Visible to: Amina Rivers, Bea Meadows" in page.text
    file = client.get(reverse("case-document", args=[case.uid, document.uid]))
    assert b"".join(file.streaming_content) == "Dear Zoraida, زينب 🙂\n".encode()


def test_a_download_leaves_as_an_attachment_that_no_browser_runs_or_keeps(cast, case, sign_in):
    document = make.document(case, cast.amina, sample_files.PDF, name="order.exe", category=DocumentCategory.COURT)
    file = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid]))
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == 'attachment; filename="order.exe.pdf"'
    assert file["Content-Length"] == str(len(sample_files.PDF))
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Cache-Control"] == "no-store"
    assert file["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_the_ledger_knows_size_and_hash_before_the_first_byte_leaves(cast, case, sign_in):
    content = b"A letter.\n"
    document = make.document(case, cast.amina, content)
    sealed = Event.objects.get(verb="DOCUMENT_SEALED")
    digest = hashlib.sha256(content).hexdigest()
    assert sealed.detail.content["codes"] == {"sha256": digest, "bytes": len(content)}
    assert sealed.subject_uid == document.uid and sealed.section_codes == ["ADVOCACY"]
    file = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid]))
    taken = Event.objects.get(verb="DOCUMENT_DOWNLOADED")  # nothing was read from the answer yet
    assert taken.actor_uid == cast.amina.uid and taken.basis["kind"] == "ASSIGNMENT"
    assert taken.detail.content["codes"]["sha256"] == digest
    file.close()


def test_no_byte_of_name_or_content_lies_open(cast, case):
    document = make.document(case, cast.amina, b"She hides at the mill.\n" * 4000, name="mill.txt")
    on_disk = stored(document).read_bytes()
    assert b"mill" not in on_disk and len(on_disk) > 23 * 4000
    row = access.within(Document, case).values_list().get(uid=document.uid)
    assert "mill" not in repr(row) and "text/plain" not in repr(row)
    assert document.size_bucket == 131072 and stored(document).stat().st_mode & 0o077 in (0, 0o044)


def test_r17_a_photo_loses_its_place_and_the_original_stays_provable(cast, case, sign_in):
    photo = sample_files.jpeg()
    document = make.document(case, cast.amina, photo, name="arm.jpg", category=DocumentCategory.OTHER)
    file = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid]))
    kept = b"".join(file.streaming_content)
    assert sample_files.PLACE not in kept
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert document.about["original_sha256"] == hashlib.sha256(photo).hexdigest()
        assert document.about["sha256"] == hashlib.sha256(kept).hexdigest()


def test_evidence_says_that_it_is_never_previewed(cast, case, tab, sign_in):
    make.document(case, cast.amina, sample_files.png(), name="arm.png", category=DocumentCategory.EVIDENCE)
    page = sign_in(cast.amina).get(tab).text
    assert "Never previewed" in page and "<img" not in page


def test_a_stranger_gets_404_everywhere(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    client = sign_in(cast.dana)
    for address in (
        tab,
        reverse("case-document", args=[case.uid, document.uid]),
        reverse("case-document-withdraw", args=[case.uid, document.uid]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(tab, sent(b"x")).status_code == 404


def test_a_colleague_without_the_section_neither_sees_nor_opens_it(cast, case, tab, sign_in):
    document = make.document(case, cast.amina, name="secret-name.txt")
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    client = sign_in(cast.gita)
    page = client.get(tab)
    assert page.status_code == 200 and "secret-name" not in page.text
    assert client.get(reverse("case-document", args=[case.uid, document.uid])).status_code == 403
    assert client.get(reverse("case-document-withdraw", args=[case.uid, document.uid])).status_code == 403
    assert not Event.objects.filter(verb="DOCUMENT_DOWNLOADED").exists()
    assert Event.objects.filter(verb="ACCESS_REFUSED", actor_uid=cast.gita.uid).exists()


def test_a_reader_who_may_not_write_is_not_offered_a_form(cast, case, tab, sign_in):
    make.document(case, cast.amina)
    client = sign_in(cast.bea)  # a supervisor reads; of sections with documents she writes only DUTIES
    assert "letter.txt" in client.get(tab).text
    answer = client.post(tab, sent(b"x"))
    assert answer.status_code == 422 and len(all_documents(case)) == 1
    with pytest.raises(Refused):
        make.document(case, cast.bea)


def test_a_clinicians_paper_stays_in_her_section(cast, case, tab, sign_in):
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    client = sign_in(cast.gita)
    assert client.post(tab, sent(b"Lab.", name="lab.txt", category=DocumentCategory.MEDICAL)).status_code == 302
    assert all_documents(case)[0].section == Section.HEALTH
    assert "lab.txt" not in sign_in(cast.amina).get(tab).text


def test_a_kind_cannot_be_put_where_it_does_not_belong(cast, case, tab, sign_in):
    wrong = sent(b"x", category=DocumentCategory.CONSENT, section=Section.ADVOCACY)
    assert sign_in(cast.amina).post(tab, wrong).status_code == 422
    with pytest.raises(SectionNotForDocument):
        make.document(case, cast.amina, category=DocumentCategory.CONSENT, section=Section.ADVOCACY)
    assert all_documents(case) == []


def test_other_methods_are_refused(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    client = sign_in(cast.amina)
    assert {getattr(client, method)(tab).status_code for method in ("put", "patch", "delete")} == {405}
    assert client.post(reverse("case-document", args=[case.uid, document.uid])).status_code == 405


def test_a_closed_case_takes_no_document_and_still_shows_them(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    answer = client.post(tab, sent(b"x"))
    assert answer.status_code == 422 and "This case is closed" in answer.text
    assert len(all_documents(case)) == 1
    assert client.get(reverse("case-document", args=[case.uid, document.uid])).status_code == 200


@pytest.mark.sql
def test_a_double_click_keeps_one_document(cast, case, tab, sign_in):
    client, key = sign_in(cast.amina), str(uuid4())
    for _ in range(2):
        assert client.post(tab, sent(b"x", form_key=key)).status_code == 302
    assert len(all_documents(case)) == 1
    assert Event.objects.filter(verb="DOCUMENT_SEALED").count() == 1


WRONG_FILES = [
    (b"", "This file is empty."),
    (sample_files.PROGRAM, "Haven does not keep files of this type."),
    (sample_files.PAGE, "Haven does not keep files of this type."),
    (sample_files.LOCKED_WORD, "protected with a password"),
    (sample_files.OLD_WORD, "old Word or Excel format"),
    (sample_files.office(extra=("word/vbaProject.bin",)), "holds a program"),
    (sample_files.jpeg()[:30], "damaged"),
]


def test_a_wrong_file_is_refused_beside_the_field_and_the_rest_is_kept(cast, case, tab, sign_in):
    client, chosen = sign_in(cast.amina), {"category": DocumentCategory.OTHER, "section": Section.SAFETY}
    for content, sentence in WRONG_FILES:
        answer = client.post(tab, sent(content, name="plan.pdf", **chosen))
        assert answer.status_code == 422 and sentence in answer.text
        assert 'id="id_upload_error"' in answer.text
        assert '<option value="OTHER" selected>' in answer.text and '<option value="SAFETY" selected>' in answer.text
    assert all_documents(case) == []


def test_a_file_of_26_megabytes_is_refused_in_words_and_leaves_nothing_behind(cast, case, tab, sign_in):
    before = set(Path(settings.HAVEN_HOME, "files").rglob("*"))
    answer = sign_in(cast.amina).post(tab, sent(b"a" * (26 * 1024 * 1024), category=DocumentCategory.OTHER))
    assert answer.status_code == 422
    assert "This file is 26.0\xa0MB; at most 25.0\xa0MB can be kept of this kind." in answer.text
    assert '<option value="OTHER" selected>' in answer.text
    assert all_documents(case) == []
    assert set(Path(settings.HAVEN_HOME, "files").rglob("*")) == before
    assert [path for path in Path(settings.HAVEN_HOME, "tmp").iterdir() if path.suffix != ".lock"] == []


def test_what_is_beyond_the_limit_never_reaches_the_disk(cast, case, tab, sign_in, settings, monkeypatch):
    settings.DOCUMENT_MAX_BYTES, settings.DOCUMENT_MAX_BYTES_BY_CATEGORY = 3 * 1024 * 1024, {}
    written = []
    write = SealedSpool.write
    monkeypatch.setattr(SealedSpool, "write", lambda spool, piece: written.append(len(piece)) or write(spool, piece))
    answer = sign_in(cast.amina).post(tab, sent(b"a" * (9 * 1024 * 1024)))
    assert answer.status_code == 422 and "This file is 9.0\xa0MB; at most 3.0\xa0MB can be kept." in answer.text
    assert sum(written) < 4 * 1024 * 1024


def test_a_form_that_is_far_too_long_is_answered_in_words(cast, case, sign_in):
    address, words = reverse("case-statement", args=[case.uid]), "a" * (3 * 1024 * 1024)
    checked = Client(enforce_csrf_checks=True)  # then it is the CSRF check that reads the form first
    checked.cookies = sign_in(cast.amina).cookies
    checked.get(address)
    for client in (checked, sign_in(cast.amina)):
        answer = client.post(address, {"statement": words})
        assert answer.status_code == 413 and "too large" in answer.text


def test_the_action_itself_refuses_what_is_too_large(cast, case, settings):
    settings.DOCUMENT_MAX_BYTES = 10
    with pytest.raises(FileTooLarge):
        make.document(case, cast.amina, b"12345678901")


def test_a_large_file_survives_the_way_through_the_spool(cast, case, tab, sign_in):
    content = b"line of a long statement\n" * 200_000  # 5 MB: above what is kept in memory
    client = sign_in(cast.amina)
    assert client.post(tab, sent(content)).status_code == 302
    [document] = all_documents(case)
    file = client.get(reverse("case-document", args=[case.uid, document.uid]))
    assert hashlib.sha256(b"".join(file.streaming_content)).digest() == hashlib.sha256(content).digest()
    assert [path for path in Path(settings.HAVEN_HOME, "tmp").iterdir() if path.suffix != ".lock"] == []


def test_a_changed_or_cut_file_is_never_served_not_even_in_part(cast, case, sign_in):
    document = make.document(case, cast.amina, b"x" * 100_000)
    sealed, client = stored(document).read_bytes(), sign_in(cast.amina)
    changed = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in (0, 5, 60_000, len(sealed) - 1)
    ]
    cut = [sealed[:length] for length in (0, 2, 40, 70_000, -1)]
    for damaged in changed + cut:
        stored(document).write_bytes(damaged)
        answer = client.get(reverse("case-document", args=[case.uid, document.uid]))
        assert answer.status_code == 500 and not answer.streaming
        assert "cannot be read" in answer.text and "letter" not in answer.text
    events = Event.objects.filter(verb="DECRYPTION_REFUSED", subject_uid=document.uid, outcome="FAILED")
    assert events.count() == len(changed + cut)
    assert not Event.objects.filter(verb="DOCUMENT_DOWNLOADED").exists()


def test_a_lost_file_and_another_documents_file_are_not_served(cast, case, sign_in):
    one, other = make.document(case, cast.amina, b"one"), make.document(case, cast.amina, b"two")
    stored(one).write_bytes(stored(other).read_bytes())
    stored(other).unlink()
    client = sign_in(cast.amina)
    for document in (one, other):
        assert client.get(reverse("case-document", args=[case.uid, document.uid])).status_code == 500


@pytest.mark.sql
def test_no_file_stays_if_the_record_is_not_saved(cast, case, monkeypatch):
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))

    def fail(**_facts):
        raise RuntimeError("no line today")

    monkeypatch.setattr(actions, "add_line", fail)
    with pytest.raises(RuntimeError):
        make.document(case, cast.amina)
    assert [path for path in set(Path(settings.MEDIA_ROOT).rglob("*")) - before if path.is_file()] == []
    assert all_documents(case) == []


def test_a_withdrawn_document_is_kept_marked_and_no_longer_handed_to_readers(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    client = sign_in(cast.amina)
    address = reverse("case-document-withdraw", args=[case.uid, document.uid])
    assert client.get(address).status_code == 200
    assert client.post(address, {"why_withdrawn": ""}).status_code == 422
    assert client.post(address, {"why_withdrawn": "Wrong case"}).status_code == 302
    assert Event.objects.get(verb="DOCUMENT_WITHDRAWN").subject_uid == document.uid
    assert "Wrong case" in client.get(tab).text
    download = reverse("case-document", args=[case.uid, document.uid])
    assert client.get(download).status_code == 200
    assert sign_in(cast.bea).get(download).status_code == 410
    assert stored(document).exists()
    assert client.post(address, {"why_withdrawn": "Again"}).status_code == 422


def test_what_happened_stands_on_the_timeline_for_those_who_hold_the_section(cast, case):
    document = make.document(case, cast.amina)
    entry = access.within(TimelineEntry, case).get(kind="DOCUMENT_SEALED")
    assert entry.section == document.section and entry.subject_uid == document.uid


def test_a_bucket_says_little_about_a_size():
    assert [files.size_bucket(size) for size in (1, 1024, 1025, 3_000_000)] == [1024, 1024, 2048, 4194304]


@pytest.mark.sql
def test_a_document_needs_a_case_or_a_matter(cast, case):
    upload = SimpleUploadedFile("a.txt", b"a")
    with pytest.raises(Hidden):
        seal_document(actor=cast.amina, now=clock.now(), upload=upload, category=DocumentCategory.OTHER)
    with pytest.raises(Refused):
        document = make.document(case, cast.amina)
        make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
        withdraw_document(actor=cast.gita, now=clock.now(), case_uid=case.uid, document_uid=document.uid, why="x")


def test_opening_pieces_needs_nothing_but_the_record(cast, case):
    document = make.document(case, cast.amina, b"abc")
    assert b"".join(files.open_pieces(document)) == b"abc"
    assert io.BytesIO(stored(document).read_bytes()).read() != b"abc"


def test_the_pages_script_is_told_where_to_go_on(cast, case, tab, sign_in):
    """It shows how far a file is, and may not follow a redirect: the next page's message would be used up unseen."""
    client = sign_in(cast.amina)
    form = {"upload": SimpleUploadedFile("a.txt", b"x"), "category": "CORRESPONDENCE", "form_key": str(uuid4())}
    answer = client.post(tab, form, headers={"Haven-Upload": "1"})
    assert answer.status_code == 204 and answer["Haven-Location"] == tab and not answer.content
    assert "The document is kept, encrypted." in client.get(tab).text
    wrong = client.post(tab, {**form, "category": "", "form_key": str(uuid4())}, headers={"Haven-Upload": "1"})
    assert wrong.status_code == 422 and "<main" in wrong.text
    assert sign_in(cast.dana).post(tab, form, headers={"Haven-Upload": "1"}).status_code == 404
