"""Several files in one form: each is kept by itself, and what is wrong with one stands beside its name."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from cases import access, opening
from cases.models import Document
from tests import make
from tests.cases import sample_files


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-documents", args=[case.uid])


def file(name, content=b"A letter.\n"):
    return SimpleUploadedFile(name, content)


def sent(*uploads, **fields):
    return {"upload": list(uploads), "category": "CORRESPONDENCE", "form_key": str(uuid4()), **fields}


def names(cast, case):
    opened = access.get_for(cast.amina, case.uid)
    with opening.open_case(cast.amina, opened):
        return sorted(document.name for document in access.records(Document, opened))


def test_three_files_are_three_documents_with_an_event_each(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(tab, sent(file("a.txt"), file("b.txt", b"Another.\n"), file("c.txt", b"Third.\n")))
    assert answer.status_code == 302 and names(cast, case) == ["a.txt", "b.txt", "c.txt"]
    assert Event.objects.filter(verb="DOCUMENT_SEALED").count() == 3
    assert "3 documents are kept, encrypted." in client.get(tab).text


def test_one_that_cannot_be_kept_keeps_none_of_the_others_away(cast, case, tab, sign_in):
    wrong = sent(
        file("a.txt"), file("run.exe", sample_files.PROGRAM), file("empty.txt", b""), file("b.txt", b"More.\n")
    )
    client = sign_in(cast.amina)
    answer = client.post(tab, wrong)
    assert answer.status_code == 422 and names(cast, case) == ["a.txt", "b.txt"]
    assert "run.exe: Haven does not keep files of this type." in answer.text
    assert "empty.txt: This file is empty." in answer.text
    assert "2 documents are kept" in answer.text


def test_a_file_too_large_says_so_by_its_name(cast, case, tab, sign_in, settings):
    settings.DOCUMENT_MAX_BYTES, settings.DOCUMENT_MAX_BYTES_BY_CATEGORY = 1000, {}
    answer = sign_in(cast.amina).post(tab, sent(file("long.txt", b"x" * 1001), file("a.txt")))
    assert answer.status_code == 422 and "long.txt: This file is" in answer.text
    assert names(cast, case) == ["a.txt"]


@pytest.mark.sql
def test_the_same_form_again_keeps_nothing_twice_and_brings_what_was_left_behind(cast, case, tab, sign_in):
    client, key = sign_in(cast.amina), str(uuid4())
    client.post(tab, sent(file("a.txt"), file("run.exe", sample_files.PROGRAM), form_key=key))
    assert (
        client.post(tab, sent(file("a.txt"), file("run.txt", b"A program in words.\n"), form_key=key)).status_code
        == 302
    )
    assert names(cast, case) == ["a.txt", "run.txt"]


def test_the_script_sends_them_one_by_one_under_one_key_and_one_message_says_it(cast, case, tab, sign_in):
    client, key = sign_in(cast.amina), str(uuid4())
    for name, header in (("a.txt", "more"), ("b.txt", "1")):
        answer = client.post(tab, sent(file(name, name.encode()), form_key=key), headers={"Haven-Upload": header})
        assert answer.status_code == 204 and answer["Haven-Location"] == tab
    assert names(cast, case) == ["a.txt", "b.txt"]
    assert client.get(tab).text.count("kept, encrypted.") == 1


def test_a_photo_of_the_phones_camera_needs_no_file_beside_it(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    page = client.get(tab).text
    assert 'capture="environment"' in page and "multiple" in page
    photo = sent(photo=SimpleUploadedFile("IMG_1.jpg", sample_files.jpeg()), category="OTHER")
    del photo["upload"]
    assert client.post(tab, photo).status_code == 302 and names(cast, case) == ["IMG_1.jpg"]
    answer = client.post(tab, {"category": "OTHER"})
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_a_stranger_keeps_nothing(cast, case, tab, sign_in):
    assert sign_in(cast.dana).post(tab, sent(file("a.txt"), file("b.txt"))).status_code == 404
    assert not access.within(Document, case).exists()
