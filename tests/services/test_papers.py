"""Papers of a matter for an attorney who holds nothing else of the case: all they may open works, everything else is shut."""

from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access
from cases.actions.quarantine import quarantine_document
from cases.actions.releases import withdraw_release
from cases.choices.documents import DocumentCategory
from cases.models import Case, Document, Matter, Task
from tests import make
from tests.accounts import signing_in
from tests.cases import sample_files, sample_recordings
from tests.cases.test_previews import photo
from tests.cast import Cast
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.walks,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]

PAGES = ("page", "play", "preview", "verify", "withdraw", "quarantine")


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def matter(cast: Cast, case: Case) -> Matter:
    """Chidi's matter, after the release ended: nothing of the case itself is open to him."""
    held = a_matter(cast, case)
    given = release(cast, case, held)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    return held


def paper(person, matter: Matter, content: bytes, name: str, *, section: str = "LEGAL_FILE", **facts) -> Document:
    where = {"case_uid": None, "matter_uid": matter.uid, "section": section}
    return make.document(
        matter.case, person, content, name=name, **where, **{"category": DocumentCategory.COURT, **facts}
    )


def at(matter: Matter, document: Document, door: str = "") -> str:
    return reverse(f"matter-document{'-' + door if door else ''}", args=[matter.uid, document.uid])


def test_a_picture_a_video_and_the_comparison_work_for_who_holds_only_the_matter(cast, case, matter, sign_in) -> None:
    client, recording = sign_in(cast.chidi), sample_recordings.mp4()
    picture = paper(cast.chidi, matter, photo(), "arm.jpg")
    video = paper(cast.chidi, matter, recording, "talk.mp4", category=DocumentCategory.VIDEO)
    assert client.get(reverse("case-documents", args=[case.uid])).status_code == 404

    home = client.get(reverse("matter", args=[matter.uid])).text
    for document in (picture, video):
        assert f'href="{at(matter, document, "page")}"' in home and f'href="{at(matter, document)}"' in home
    page = client.get(at(matter, picture, "page")).text
    assert f'src="{at(matter, picture, "preview")}"' in page and f"/cases/{case.uid}" not in page
    small = client.get(at(matter, picture, "preview"))
    assert small.status_code == 200 and small["Content-Type"] == "image/jpeg" and small.content[:2] == b"\xff\xd8"

    page = client.get(at(matter, video, "page")).text
    assert f'src="{at(matter, video, "play")}"' in page and "<video" in page
    whole = b"".join(client.get(at(matter, video)).streaming_content)
    part = client.get(at(matter, video, "play"), HTTP_RANGE="bytes=8-99")
    assert part.status_code == 206 and part.content == whole[8:100]
    assert Event.objects.filter(verb="DOCUMENT_DOWNLOADED", subject_uid=video.uid, actor_uid=cast.chidi.uid).exists()

    answer = client.post(at(matter, video, "verify"), {"copy": SimpleUploadedFile("a.mp4", whole)}, follow=True)
    assert answer.redirect_chain[-1][0] == at(matter, video, "page") and "The same, byte for byte" in answer.text
    assert (
        "Different"
        in client.post(at(matter, video, "verify"), {"copy": SimpleUploadedFile("a", b"x")}, follow=True).text
    )
    event = Event.objects.filter(verb="DOCUMENT_VERIFIED").first()
    assert event.actor_uid == cast.chidi.uid and event.basis_kind == "PRO_BONO"


def test_every_link_of_his_pages_opens(cast, matter, sign_in) -> None:
    """Whatever these pages point to is there for who sees them."""
    client = sign_in(cast.chidi)
    document = paper(cast.chidi, matter, photo(), "arm.jpg")
    for address in (
        reverse("matter", args=[matter.uid]),
        *(at(matter, document, x) for x in ("page", "quarantine", "withdraw")),
    ):
        page = client.get(address)
        assert page.status_code == 200
        found = {part.split('"')[0] for part in page.text.split('href="')[1:]}
        for link in sorted(one for one in found if one.startswith(("/matters/", "/cases/"))):
            assert client.get(link).status_code == 200, f"{address} → {link}"


def test_quarantine_through_the_matter(cast, case, matter, sign_in) -> None:
    client = sign_in(cast.chidi)
    document = paper(cast.chidi, matter, photo(), "arm.jpg")
    address = at(matter, document, "quarantine")
    assert "cannot be undone" in client.get(address).text
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"understood": "on"})["Location"] == reverse("matter", args=[matter.uid])
    assert "In quarantine" in client.get(reverse("matter", args=[matter.uid])).text
    page = client.get(at(matter, document, "page")).text
    assert "In quarantine since" in page and "<img" not in page and "Compare" not in page
    for door in ("", "play", "preview"):
        answer = client.get(at(matter, document, door))
        assert answer.status_code == 410 and "quarantine" in answer.text
        assert reverse("matter", args=[matter.uid]) in answer.text, "the way back is the matter"
    assert client.post(at(matter, document, "verify"), {}).status_code == 422
    assert Event.objects.get(verb="DOCUMENT_QUARANTINED").actor_uid == cast.chidi.uid
    assert access.within(Task, case).get().assigned_to == cast.bea


def test_an_upload_with_the_tick_is_in_quarantine_at_once(cast, case, matter, sign_in) -> None:
    client, picture = sign_in(cast.chidi), sample_files.jpeg()
    form = {
        "upload": SimpleUploadedFile("a.jpg", picture),
        "category": "OTHER",
        "section": "LEGAL_FILE",
        "unopened": "on",
    }
    page = client.get(reverse("paper-new", args=[matter.uid])).text
    assert 'name="unopened"' in page and "Hidden details" in page
    assert client.post(reverse("paper-new", args=[matter.uid]), form).status_code == 302
    [document] = access.within(Document, case)
    assert document.quarantined_at is not None
    assert not Path(settings.MEDIA_ROOT, f"{document.stored_as}.preview").exists()


def test_he_withdraws_his_own_paper(cast, matter, sign_in) -> None:
    client = sign_in(cast.chidi)
    document = paper(cast.chidi, matter, b"A draft.", "draft.txt")
    assert client.post(at(matter, document, "withdraw"), {}).status_code == 422
    assert client.post(at(matter, document, "withdraw"), {"why_withdrawn": "Replaced"}).status_code == 302
    assert "1 withdrawn paper" in client.get(reverse("matter", args=[matter.uid])).text
    assert "Replaced" in client.get(at(matter, document, "page")).text
    assert Event.objects.get(verb="DOCUMENT_WITHDRAWN").actor_uid == cast.chidi.uid


def test_everything_else_of_the_case_is_shut(cast, case, matter, sign_in) -> None:
    """Papers of the case, of another matter of hers, and of another case; and each page for those who hold nothing."""
    letter = make.document(case, cast.amina, b"A letter")
    second = paper(cast.amina, a_matter(cast, case, "Second"), b"x", "b.txt", section="LEGAL")
    elsewhere = make.case(cast.amina, cast.team_of("amina"))
    foreign = paper(cast.amina, a_matter(cast, elsewhere), b"x", "c.txt", section="LEGAL")
    own = paper(cast.chidi, matter, photo(), "arm.jpg")
    shared = paper(cast.amina, matter, photo(), "leg.jpg", section="LEGAL")
    client = sign_in(cast.chidi)
    for document in (letter, second, foreign):
        for door in ("", *PAGES):
            call = client.post if door == "verify" else client.get
            assert call(at(matter, document, door)).status_code == 404, (document.name, door)
    for person, refusal in ((cast.dana, 404), (cast.amina, 403)):
        other = sign_in(person)
        for door in ("", *PAGES):
            call = other.post if door == "verify" else other.get
            assert call(at(matter, own, door)).status_code == refusal, (person.name, door)
    amina = sign_in(cast.amina)
    for door, status in (("page", 200), ("preview", 200), ("play", 200), ("quarantine", 200)):
        assert amina.get(at(matter, shared, door)).status_code == status
    assert client.get(at(matter, shared, "page")).status_code == 200
    assert client.get(at(matter, shared, "verify")).status_code == 405
    # A case's own document is not served under a matter's address, not even to who may open it in the case.
    assert amina.get(at(matter, letter)).status_code == 404 and amina.get(at(matter, letter, "page")).status_code == 404


def test_what_caseworkers_withdrew_is_not_named_to_an_outsider(cast, case, sign_in) -> None:
    held = a_matter(cast, case)
    release(cast, case, held)
    document = make.document(case, cast.amina, category=DocumentCategory.IDENTITY_DOCUMENT, name="passport.txt")
    client, page = sign_in(cast.chidi), reverse("case-document-page", args=[case.uid, document.uid])
    assert "passport.txt" in client.get(page).text
    quarantine_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=document.uid)
    assert client.get(page).status_code == 404
    assert sign_in(cast.amina).get(page).status_code == 200


def test_an_attorney_renews_a_paper_of_her_own_file_and_nothing_else_of_the_case(cast, case, matter, sign_in) -> None:
    own, letter = paper(cast.chidi, matter, b"A draft.", "draft.txt"), make.document(case, cast.amina)
    client = sign_in(cast.chidi)
    sent = {"upload": SimpleUploadedFile("signed.txt", b"Signed."), "why_new": "She signed it"}
    assert client.post(at(matter, own, "version"), sent).status_code == 302
    newer = access.within(Document, case).get(version=2)
    assert (newer.section, newer.matter_uid, newer.first_uid) == ("LEGAL_FILE", matter.uid, own.uid)
    page = client.get(reverse("matter", args=[matter.uid])).text
    assert "signed.txt" in page and "draft.txt" not in page
    assert "draft.txt" in client.get(at(matter, newer, "page")).text
    for door in ("version", "expiry"):
        assert client.post(at(matter, letter, door), sent).status_code == 404
        assert sign_in(cast.dana).post(at(matter, own, door), sent).status_code == 404


def test_several_papers_at_once_each_with_its_own_sentence(cast, case, matter, sign_in) -> None:
    sent = {
        "upload": [SimpleUploadedFile("a.txt", b"One."), SimpleUploadedFile("run.exe", sample_files.PROGRAM)],
        "category": "COURT", "section": "LEGAL_FILE",
    }  # fmt: skip
    address = reverse("paper-new", args=[matter.uid])
    answer = sign_in(cast.chidi).post(address, sent)
    assert answer.status_code == 422 and "run.exe: Haven does not keep files of this type." in answer.text
    [kept] = access.within(Document, case).filter(uploaded_by=cast.chidi)
    assert kept.section == "LEGAL_FILE" and kept.matter_uid == matter.uid
    assert sign_in(cast.dana).post(address, sent).status_code == 404
