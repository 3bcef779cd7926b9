"""Videos and sound: kept up to the limit of their kind, without places, and played range by range."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from cases import access, handing_out, opening
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.errors.files import FileIsDamaged, FileTypeRefused, NotARecording
from cases.file_types import M4A, MP3, MP4, OGG, QUICKTIME, WAV, WEBM, recognise
from cases.models import Document
from cases.video_metadata import without_places
from tests import make
from tests.cases import sample_recordings

pytestmark = pytest.mark.walks

MEDIA = random.Random(7).randbytes(300_000)
VIDEO = sample_recordings.mp4(media=MEDIA)


@pytest.fixture
def video(cast, case):
    return make.document(case, cast.amina, VIDEO, name="talk.mp4", category=DocumentCategory.VIDEO)


@pytest.fixture
def address(case, video):
    return reverse("case-document-play", args=[case.uid, video.uid])


def kept(client, case, document):
    answer = client.get(reverse("case-document", args=[case.uid, document.uid]))
    return b"".join(answer.streaming_content)


def stored(document):
    return Path(live.MEDIA_ROOT, document.stored_as)


def downloads():
    return Event.objects.filter(verb="DOCUMENT_DOWNLOADED")


# ---- What it is ----


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (sample_recordings.mp4(), MP4), (sample_recordings.mp4(b"qt  "), QUICKTIME), (sample_recordings.mp4(b"M4A "), M4A),
        (sample_recordings.WEBM, WEBM), (sample_recordings.OGG, OGG), (sample_recordings.WAV, WAV), (sample_recordings.MP3, MP3),
        (b"\xff\xfb\x90\x64" + bytes(60), MP3),
    ],
)  # fmt: skip
def test_a_recording_is_known_by_its_content(content, kind):
    assert recognise(SimpleUploadedFile("x.pdf", content)) == kind


@pytest.mark.parametrize(
    "content", [sample_recordings.MATROSKA, sample_recordings.mp4(b"heic"), b"\xff\xfe" + bytes(60)]
)
def test_what_no_browser_plays_is_not_kept(content):
    with pytest.raises(FileTypeRefused):
        recognise(SimpleUploadedFile("x.mp4", content))


def test_a_video_loses_place_and_dates_and_nothing_else(cast, case, video, sign_in):
    content = kept(sign_in(cast.amina), case, video)
    assert len(content) == len(VIDEO) and sample_recordings.PLACE in VIDEO
    assert b"Shelter" not in content and content.endswith(MEDIA)
    assert (3_900_000_000).to_bytes(4, "big") not in content and b"udta" not in content and b"meta" not in content
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert video.about["original_sha256"] == hashlib.sha256(VIDEO).hexdigest()
        assert video.about["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_video_without_metadata_stays_as_it_is():
    plain = sample_recordings.box(b"ftyp", b"isom" + bytes(8)) + sample_recordings.box(b"mdat", MEDIA)
    upload = SimpleUploadedFile("a.mp4", plain)
    found = without_places(upload)
    assert (found.reader, found.was_changed, found.stays) == (upload, False, False)


@pytest.mark.parametrize(
    "broken",
    [
        sample_recordings.box(b"ftyp", b"isom" + bytes(8)) + b"\x00\x00\x00\x04moov",
        sample_recordings.box(b"ftyp", b"isom" + bytes(8)) + b"\x7f\x00\x00\x00moov" + bytes(20),
        sample_recordings.box(b"ftyp", b"isom" + bytes(8)) + b"\x00\x00\x00\x01moov" + bytes(2),
        sample_recordings.box(b"ftyp", b"isom" + bytes(8)) + sample_recordings.box(b"free") * 200_001,
    ],
)
def test_a_video_that_cannot_be_cleaned_is_refused(broken):
    with pytest.raises(FileIsDamaged):
        without_places(SimpleUploadedFile("a.mp4", broken))


# ---- How large ----


def test_each_kind_has_its_own_limit(cast, case, sign_in, settings):
    settings.DOCUMENT_MAX_BYTES = 20_000
    settings.DOCUMENT_MAX_BYTES_BY_CATEGORY = {"VIDEO": 400_000, "EVIDENCE": 300_000}
    tab, client = reverse("case-documents", args=[case.uid]), sign_in(cast.amina)
    assert "Evidence: at most" in client.get(tab).text and "Video or sound recording: at most" in client.get(tab).text

    def send(content, category, name="a.mp4"):
        form = {"upload": SimpleUploadedFile(name, content), "category": category, "form_key": str(uuid4())}
        return client.post(tab, form)

    assert send(VIDEO, "VIDEO").status_code == 302
    for category, size in (("EVIDENCE", 300_000), ("OTHER", 20_000)):
        answer = send(VIDEO, category)
        assert answer.status_code == 422 and "can be kept of this kind" in answer.text
        assert f'<option value="{category}" selected>' in answer.text and 'id="id_upload_error"' in answer.text
        assert send(b"a" * size, category, "a.txt").status_code == 302
    assert send(b"a" * 500_000, "VIDEO", "a.txt").status_code == 422
    assert len(access.within(Document, case)) == 3


def test_a_letter_is_no_video(cast, case, sign_in):
    with pytest.raises(NotARecording):
        make.document(case, cast.amina, b"A letter", category=DocumentCategory.VIDEO)


# ---- Ranges ----


def test_one_range_of_a_video(cast, case, video, address, sign_in):
    client = sign_in(cast.amina)
    whole = kept(client, case, video)
    size = len(whole)
    for header, first, last in (
        ("bytes=0-99", 0, 99), ("bytes=100000-100000", 100_000, 100_000), ("bytes=16380-40000", 16_380, 40_000),
        (f"bytes={size - 7}-", size - 7, size - 1), ("bytes=-5", size - 5, size - 1), ("bytes=0-", 0, size - 1),
        ("bytes=5-999999999", 5, size - 1), ("bytes=-999999999", 0, size - 1),
    ):  # fmt: skip
        answer = client.get(address, HTTP_RANGE=header)
        assert answer.status_code == 206 and answer.content == whole[first : last + 1], header
        assert answer["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert answer["Content-Length"] == str(last - first + 1)
    assert answer["Content-Type"] == "video/mp4" and answer["Accept-Ranges"] == "bytes"
    assert answer["Cache-Control"] == "no-store" and answer["X-Content-Type-Options"] == "nosniff"


def test_a_long_range_is_answered_piece_by_piece(cast, case, video, address, sign_in, monkeypatch):
    monkeypatch.setattr(handing_out, "LONGEST_PART", 50_000)
    client, found = sign_in(cast.amina), b""
    while not found or len(found) < len(VIDEO):
        answer = client.get(address, HTTP_RANGE=f"bytes={len(found)}-")
        assert answer.status_code == 206 and 0 < len(answer.content) <= 50_000
        found += answer.content
    assert found == kept(client, case, video)


def test_a_range_that_does_not_exist(cast, video, address, sign_in):
    client = sign_in(cast.amina)
    for header in (f"bytes={len(VIDEO)}-", "bytes=-0", "bytes=999999999999-"):
        answer = client.get(address, HTTP_RANGE=header)
        assert answer.status_code == 416 and answer["Content-Range"] == f"bytes */{len(VIDEO)}" and not answer.content


@pytest.mark.parametrize("header", ["", "bytes=5-2", "bytes=0-1,5-6", "items=0-5", "bytes=-", "bytes=a-b"])
def test_what_is_no_single_range_gets_the_whole(cast, case, video, address, sign_in, header):
    client = sign_in(cast.amina)
    answer = client.get(address, HTTP_RANGE=header)
    assert answer.status_code == 200 and answer["Content-Length"] == str(len(VIDEO))
    assert b"".join(answer.streaming_content) == kept(client, case, video)


def test_if_range_with_another_tag_gets_the_whole(cast, video, address, sign_in):
    client = sign_in(cast.amina)
    tag = client.get(address, HTTP_RANGE="bytes=0-1")["ETag"]
    assert tag == f'"{video.uid.hex}"'
    assert client.get(address, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE=tag).status_code == 206
    assert client.get(address, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"other"').status_code == 200


def test_every_range_passes_the_door(cast, case, video, address, sign_in):
    assert sign_in(cast.dana).get(address, HTTP_RANGE="bytes=0-1").status_code == 404
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    assert sign_in(cast.gita).get(address, HTTP_RANGE="bytes=0-1").status_code == 403
    assert sign_in(cast.amina).post(address).status_code == 405
    assert not downloads().exists()


def test_a_letter_has_no_ranges_and_no_player(cast, case, sign_in):
    letter = make.document(case, cast.amina)
    address = reverse("case-document-play", args=[case.uid, letter.uid])
    assert sign_in(cast.amina).get(address, HTTP_RANGE="bytes=0-1").status_code == 404


def test_one_viewing_is_one_event(cast, video, address, sign_in, monkeypatch):
    client = sign_in(cast.amina)
    for first in range(0, 200_000, 40_000):
        assert client.get(address, HTTP_RANGE=f"bytes={first}-{first + 1000}").status_code == 206
    assert downloads().count() == 1
    assert sign_in(cast.bea).get(address, HTTP_RANGE="bytes=0-1").status_code == 206
    assert downloads().count() == 2, "another person's viewing is another one"
    monkeypatch.setattr(handing_out, "VIEWING", timedelta(0))
    assert client.get(address, HTTP_RANGE="bytes=0-1").status_code == 206
    assert downloads().count() == 3, "later, it is a new one"


@pytest.mark.parametrize("place", [0, 70, 200_000, -3])
def test_a_changed_video_is_refused_at_the_first_range(cast, video, address, sign_in, place):
    content = bytearray(stored(video).read_bytes())
    content[place] ^= 1
    stored(video).write_bytes(bytes(content))
    answer = sign_in(cast.amina).get(address, HTTP_RANGE="bytes=100000-100010")
    assert answer.status_code == 500 and "cannot be read" in answer.text and "Content-Range" not in answer
    assert Event.objects.filter(verb="DECRYPTION_REFUSED", subject_uid=video.uid).exists() and not downloads().exists()


@pytest.mark.parametrize("keep", [100, 59 + 5 * 16_400, -1])
def test_a_video_cut_while_it_is_viewed_is_refused_at_the_next_range(cast, video, address, sign_in, keep):
    client = sign_in(cast.amina)
    assert client.get(address, HTTP_RANGE="bytes=0-10").status_code == 206
    stored(video).write_bytes(stored(video).read_bytes()[:keep])
    assert client.get(address, HTTP_RANGE="bytes=0-10").status_code == 500


def test_a_chunk_changed_while_it_is_viewed_never_leaves(cast, video, address, sign_in):
    client = sign_in(cast.amina)
    assert client.get(address, HTTP_RANGE="bytes=0-10").status_code == 206
    content = bytearray(stored(video).read_bytes())
    chunk = 3 + 56 + 5 * 16_400
    content[chunk : chunk + 16_400], content[chunk + 16_400 : chunk + 32_800] = (
        content[chunk + 16_400 : chunk + 32_800], content[chunk : chunk + 16_400],
    )  # fmt: skip
    stored(video).write_bytes(bytes(content))
    assert client.get(address, HTTP_RANGE="bytes=80000-120000").status_code == 500
    assert client.get(address, HTTP_RANGE="bytes=0-10").status_code == 206


def test_the_page_of_a_video_plays_it_under_the_policy(cast, case, video, address, sign_in):
    answer = sign_in(cast.amina).get(reverse("case-document-page", args=[case.uid, video.uid]))
    assert f'src="{address}"' in answer.text and "<video" in answer.text and "<script>" not in answer.text
    assert "media-src 'self'" in answer["Content-Security-Policy"]
