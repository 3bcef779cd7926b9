"""What videos tell beside picture and sound is taken out, to the byte, and what cannot be taken out is said."""

import hashlib
import random
import struct
import tracemalloc
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases import access, opening
from cases.choices.documents import DocumentCategory
from cases.errors.files import FileIsDamaged
from cases.models import Document
from cases.video_metadata import without_places
from tests import make
from tests.cases import sample_files
from tests.cases.sample_recordings import EBML, PLACE, box, element, header, mp4, side_track, webm
from tests.cases.test_recordings import kept

MEDIA = random.Random(11).randbytes(200_000)
SECRETS = (PLACE, b"Shelter", b"52.1234", b"Phone", b"LOCATION", struct.pack(">I", 3_900_000_000))


class Reader(SimpleUploadedFile):
    """An upload in memory."""

    def __init__(self, content: bytes) -> None:
        super().__init__("a.bin", content)


def cleaned(content: bytes, *, pieces: int = 0) -> tuple[bytes, bool]:
    """What is left, read at once or in pieces, and whether something stays that may tell of a place."""
    found = without_places(Reader(content))
    if not pieces:
        return found.reader.read(), found.stays
    parts = []
    while part := found.reader.read(pieces):
        parts.append(part)
    return b"".join(parts), found.stays


def elements(content: bytes, at: int, end: int) -> list[int]:
    """The numbers of the elements of one level: they must fill it to the byte."""
    found = []
    while at < end:
        length = 9 - content[at].bit_length()
        number, at = int.from_bytes(content[at : at + length]), at + length
        length = 9 - content[at].bit_length()
        size = int.from_bytes(content[at : at + length]) & ((1 << 7 * length) - 1)
        at += length + size
        found.append(number)
    assert at == end
    return found


# ---- MP4 and QuickTime ----


@pytest.mark.parametrize("pieces", [0, 1, 7, 4096])
def test_only_what_plays_is_left_of_an_mp4(pieces):
    behind = box(b"uuid", PLACE) + box(b"skip", PLACE) + box(b"moof", box(b"mfhd", bytes(8)), box(b"udta", PLACE))
    content = mp4(media=MEDIA[:5000], behind=behind)
    left, stays = cleaned(content, pieces=pieces)
    assert len(left) == len(content) and not stays
    assert all(secret in content and secret not in left for secret in SECRETS if secret != b"LOCATION")
    assert MEDIA[:5000] in left and left[: content.index(b"free") + 4] == content[: content.index(b"free") + 4]
    for name in (b"udta", b"meta", b"gps ", b"uuid"):
        assert name not in left
    assert left.count(b"vide") == 1 and b"mvhd" in left and b"mfhd" in left
    assert cleaned(left)[0] == left and without_places(Reader(left)).was_changed is False, (
        "a second time, nothing is found"
    )


@pytest.mark.parametrize(("wide", "uniform"), [(False, 0), (True, 0), (False, 50)])
def test_a_recorded_path_is_emptied_with_its_track(wide, uniform):
    """An action camera's or a drone's path: the samples lie between picture and sound, and go byte by byte."""
    path = b"".join(b"52.5%03d,13.4%03d Shelter Road......................"[:50] % (n, n) for n in range(8))
    path = path.ljust(400, b".")[:400]
    media = MEDIA[:1000] + path[:150] + MEDIA[1000:3000] + path[150:400] + MEDIA[3000:5000]
    chunks = [(0, [50, 50, 50]), (0, [50] * 5)]
    start = len(mp4(media=b"", more=side_track(b"meta", chunks, wide=wide, uniform=uniform)))
    chunks = [(start + 1000, [50, 50, 50]), (start + 3150, [50] * 5)]
    content = mp4(media=media, more=side_track(b"meta", chunks, wide=wide, uniform=uniform))
    assert b"Shelter Road" in content[start:]
    left, stays = cleaned(content)
    assert not stays and b"Shelter" not in left and left.count(b"trak") == 1
    assert left[start:] == MEDIA[:1000] + bytes(150) + MEDIA[1000:3000] + bytes(250) + MEDIA[3000:5000]


@pytest.mark.parametrize(
    ("track", "behind"),
    [
        (side_track(b"text", [(0, [5])]), b""),  # subtitles belong to what is seen
        (side_track(b"meta", [(10, [50])]), b""),  # its samples are said to lie in the directions for playing
        (side_track(b"camm", [(0, [])]) .replace(b"stsz", b"stz2"), b""),  # a table in a form that is not read
        (side_track(b"camm", []) + box(b"mvex", bytes(8)), box(b"moof", box(b"mfhd", bytes(8)))),
        (box(b"trak", header(b"tkhd"), box(b"udta", PLACE)), b""),  # nobody says what it is
    ],
)  # fmt: skip
def test_what_cannot_be_taken_out_is_told(track, behind):
    content = mp4(more=track, behind=behind)
    left, stays = cleaned(content)
    assert stays and left.count(b"trak") == 2 and PLACE not in left and len(left) == len(content)


@pytest.mark.parametrize("samples", [1, 2_000_000_000])
def test_a_table_that_lies_breaks_nothing(samples):
    track = side_track(b"meta", [(0, [5])])
    at = track.index(b"stsz") + 12
    lying = track[:at] + struct.pack(">I", samples + 1) + track[at + 4 :]
    left, stays = cleaned(mp4(more=lying))
    assert stays and PLACE not in left


def test_what_hangs_behind_a_whole_video_is_emptied():
    content = mp4(behind=b"\x7f\xff\xff\xffGPS " + PLACE)
    left, _ = cleaned(content)
    assert PLACE not in left and left.endswith(bytes(8 + len(PLACE)))


# ---- WebM ----


@pytest.mark.parametrize("open_end", [False, True])
@pytest.mark.parametrize("pieces", [0, 1, 4096])
def test_only_what_plays_is_left_of_a_webm(open_end, pieces):
    """As a telephone writes it, and as a browser records it, with ends left open."""
    content = webm(media=MEDIA[:3000], open_end=open_end)
    left, stays = cleaned(content, pieces=pieces)
    assert len(left) == len(content) and not stays and left.count(MEDIA[:3000]) == 2
    assert all(secret in content and secret not in left for secret in (*SECRETS[:5], struct.pack(">q", 790_000_000)))
    assert cleaned(left)[0] == left and not without_places(Reader(left)).was_changed
    if not open_end:
        inside = len(EBML) + 4 + 9 - left[len(EBML) + 4].bit_length()
        before, after = elements(content, inside, len(content)), elements(left, inside, len(left))
        gone = {0x1254C367, 0x1941A469}
        assert after == [0xEC if number in gone else number for number in before] and gone <= set(before)


def test_a_track_that_is_neither_picture_nor_sound_is_told_in_webm():
    left, stays = cleaned(webm(kind=0x11))
    assert stays and PLACE not in left


@pytest.mark.parametrize(
    "broken",
    [
        EBML + bytes(60), EBML + element(0x18538067, open_end=True) + element(0x1254C367, PLACE, open_end=True),
        webm()[:-4], EBML + b"\x18\x53\x80\x67\x80" + b"\x15",
    ],
)  # fmt: skip
def test_a_webm_that_cannot_be_cleaned_is_refused(broken):
    with pytest.raises(FileIsDamaged):
        without_places(Reader(broken))


def test_a_recording_that_was_broken_off_is_kept():
    content = EBML + element(
        0x18538067, element(0x1254C367, PLACE), element(0x1F43B675, element(0xA3, MEDIA[:900]), width=4), open_end=True
    )
    left, _ = cleaned(content[:-100])
    assert PLACE not in left and len(left) == len(content) - 100


# ---- Whatever somebody sends ----


@pytest.mark.parametrize("make_one", [mp4, webm])
def test_damage_is_refused_or_harmless(make_one):
    """Any flipped byte: refused in our own words, or a file of the same length."""
    content, dice = make_one(media=b"m" * 200), random.Random(3)
    for place in range(len(content)):
        broken = bytearray(content)
        broken[place] ^= 1 << dice.randrange(8)
        try:
            left, _ = cleaned(bytes(broken))
        except FileIsDamaged:
            continue
        assert len(left) == len(broken)


@pytest.mark.parametrize("make_one", [mp4, webm])
def test_it_needs_no_more_memory_for_a_longer_video(make_one):
    content = make_one(media=MEDIA * 100)
    reader = Reader(content)
    tracemalloc.start()
    found = without_places(reader)
    digest = hashlib.sha256()
    while piece := found.reader.read(65536):
        digest.update(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.was_changed and peak < 2_000_000 < len(content)


# ---- On the pages ----


def test_a_webm_loses_its_place_on_the_way_in(cast, case, sign_in):
    content = webm()
    document = make.document(case, cast.amina, content, name="a.webm", category=DocumentCategory.VIDEO)
    client = sign_in(cast.amina)
    left = kept(client, case, document)
    assert PLACE in content and PLACE not in left and len(left) == len(content)
    page = client.get(reverse("case-document-page", args=[case.uid, document.uid])).text
    assert "hidden details removed" in page and "may tell where" not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.mp4", mp4()), ("a.webm", webm()), ("a.jpg", sample_files.jpeg())],
)
def test_evidence_is_kept_bit_for_bit_and_the_page_says_so(cast, case, sign_in, name, content):
    client, tab = sign_in(cast.amina), reverse("case-documents", args=[case.uid])
    assert "Evidence is kept exactly as it comes, with its hidden details" in client.get(tab).text
    form = {"upload": SimpleUploadedFile(name, content), "category": "EVIDENCE", "form_key": str(uuid4())}
    assert client.post(tab, form).status_code == 302
    [document] = access.within(Document, case)
    assert kept(client, case, document) == content
    for address in (tab, reverse("case-document-page", args=[case.uid, document.uid])):
        page = client.get(address).text
        assert "hidden details kept" in page and "hidden details removed" not in page
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert "original_sha256" not in document.about


def test_the_page_of_a_video_says_what_stays_in_it(cast, case, sign_in):
    content = mp4(more=side_track(b"text", [(0, [5])]))
    document = make.document(case, cast.amina, content, name="a.mp4", category=DocumentCategory.VIDEO)
    client = sign_in(cast.amina)
    page = client.get(reverse("case-document-page", args=[case.uid, document.uid])).text
    assert "may tell where it was taken" in page
    assert "May tell where" in client.get(reverse("case-documents", args=[case.uid])).text
