"""Small pictures: drawn elsewhere, sealed like their document, and none of evidence."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from audit.models import Event
from cases import files, previews
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from tests import make
from tests.cases import sample_files


def photo(kind="JPEG", size=(900, 600), orientation=1):
    """A real picture with a place in its EXIF; its left half red."""
    image, made = Image.new("RGB", size, "white"), io.BytesIO()
    image.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    details = Image.Exif()
    details[0x0112], details[0x010E] = orientation, sample_files.PLACE.decode()
    image.save(made, kind, exif=details)
    return made.getvalue()


@pytest.fixture
def picture(cast, case):
    return make.document(case, cast.amina, photo(), name="arm.jpg", category=DocumentCategory.IDENTITY_DOCUMENT)


def place_of(document):
    return Path(settings.MEDIA_ROOT, f"{document.stored_as}.preview")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_jpeg_without_details(kind):
    small = previews.make(photo(kind))
    with Image.open(io.BytesIO(small)) as image:
        assert image.format == "JPEG" and image.size == (640, 427) and not image.getexif()
        red = image.getpixel((10, 200))
        assert red[0] > 150 and red[1] < 60
    assert b"Shelter" not in small


def test_a_picture_that_was_taken_upright_is_shown_upright():
    with Image.open(io.BytesIO(previews.make(photo(orientation=6)))) as image:
        assert image.size == (427, 640)
        assert image.getpixel((200, 10))[1] < 60, "the red half is above"


def bomb(side, bits=8):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(20_000_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content", [bomb(100_000), bomb(7_700, 16), sample_files.jpeg(), b"", b"\xff\xd8\xff\xe0 no picture"]
)
def test_a_bomb_or_a_broken_picture_has_none(content):
    assert previews.make(content) == b""


def test_a_document_whose_picture_cannot_be_drawn_is_kept_all_the_same(cast, case, sign_in):
    document = make.document(case, cast.amina, bomb(100_000), name="a.png", category=DocumentCategory.OTHER)
    client = sign_in(cast.amina)
    assert client.get(reverse("case-document", args=[case.uid, document.uid])).status_code == 200
    assert client.get(reverse("case-document-preview", args=[case.uid, document.uid])).status_code == 404
    assert "<img" not in client.get(reverse("case-document-page", args=[case.uid, document.uid])).text


def test_it_shows_on_the_page_of_the_document_and_is_recorded(cast, case, picture, sign_in):
    client = sign_in(cast.amina)
    address = reverse("case-document-preview", args=[case.uid, picture.uid])
    assert f'src="{address}"' in client.get(reverse("case-document-page", args=[case.uid, picture.uid])).text
    assert "<img" not in client.get(reverse("case-documents", args=[case.uid])).text
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg" and answer.content.startswith(b"\xff\xd8\xff")
    assert answer["Cache-Control"] == "no-store" and answer["Content-Security-Policy"].startswith("sandbox")
    event = Event.objects.filter(verb="CASE_VIEWED", actor_uid=cast.amina.uid).order_by("-pk").first()
    assert event.detail.content["fields"] == ["document.preview"] and event.section_codes == [picture.section]


def test_it_lies_sealed_and_opens_only_as_itself(cast, case, picture, sign_in):
    on_disk = place_of(picture).read_bytes()
    assert b"\xff\xd8\xff" not in on_disk[:200] and b"JFIF" not in on_disk
    place_of(picture).write_bytes(Path(settings.MEDIA_ROOT, picture.stored_as).read_bytes())
    answer = sign_in(cast.amina).get(reverse("case-document-preview", args=[case.uid, picture.uid]))
    assert answer.status_code == 500 and "cannot be read" in answer.text


def test_a_lost_one_is_drawn_anew(cast, case, picture, sign_in):
    before = files.open_preview(picture)
    place_of(picture).unlink()
    answer = sign_in(cast.amina).get(reverse("case-document-preview", args=[case.uid, picture.uid]))
    assert answer.content == before and files.open_preview(picture) == before


def test_evidence_has_none(cast, case, sign_in):
    document = make.document(case, cast.amina, photo(), name="arm.jpg", category=DocumentCategory.EVIDENCE)
    client = sign_in(cast.amina)
    assert not place_of(document).exists()
    assert client.get(reverse("case-document-preview", args=[case.uid, document.uid])).status_code == 404
    page = client.get(reverse("case-document-page", args=[case.uid, document.uid])).text
    assert "<img" not in page and "Never previewed" in page


def test_only_who_holds_the_section_sees_it(cast, case, sign_in):
    document = make.document(case, cast.amina, photo(), name="arm.jpg", category=DocumentCategory.CORRESPONDENCE)
    address = reverse("case-document-preview", args=[case.uid, document.uid])
    assert sign_in(cast.dana).get(address).status_code == 404
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    assert sign_in(cast.gita).get(address).status_code == 403
    assert sign_in(cast.amina).post(address).status_code == 405
