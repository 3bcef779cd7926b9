"""A picture of her face: only while her release for photos stands, small, without a word of the camera, by a recorded click."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.partners import give_partner_access
from cases.actions.portraits import keep_photo, remove_photo, show_photo
from cases.actions.releases import Terms, withdraw_release
from cases.actions.safety import set_alerts
from cases.errors.portraits import NoMediaRelease, NotAPicture, PhotoOfMinor
from cases.models import Portrait
from tests import make
from tests.cases.canary_words import CAMERA, PHOTO
from tests.cases.releasing import release
from tests.cases.stored import dump


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def allowed(cast, case, *, actor=None, **changes):
    """Her release that names photos."""
    terms = Terms(categories=["IDENTITY", "PHOTO_MEDIA"])
    return release(actor or cast.amina, case, cast.hugo.organisation, terms=terms, **changes)


def face(content=PHOTO, name="face.jpg"):
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def keep(actor, case, **changes):
    facts = {"upload": face(), **changes}
    return keep_photo(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


def show(actor, case, portrait):
    return show_photo(actor=actor, now=clock.now(), case_uid=case.uid, portrait_uid=portrait.uid)


def test_without_a_release_for_photos_none_is_kept_and_the_page_says_the_way(cast, case, sign_in):
    client = sign_in(cast.amina)
    release(cast.amina, case, cast.hugo.organisation)
    page = client.get(url("case-photo", case))
    assert page.status_code == 200 and "She has not allowed photos" in page.text
    assert url("case-sharing", case) in page.text and 'type="file"' not in page.text
    assert "photo-heading" not in client.get(url("case-survivor", case)).text
    refused = client.post(url("case-photo", case), {"upload": face()})
    assert refused.status_code == 422 and not access.for_the_house(Portrait).exists()
    with pytest.raises(NoMediaRelease):
        keep(cast.amina, case)


def test_kept_small_without_a_word_of_the_camera_and_shown_by_a_click(cast, case, sign_in, events):
    allowed(cast, case)
    client = sign_in(cast.amina)
    key = str(uuid4())
    for _again in range(2):
        assert client.post(url("case-photo", case), {"upload": face(), "form_key": key}).status_code == 302
    [portrait] = access.for_the_house(Portrait).filter(case=case)
    path = url("case-photo-picture", case, portrait.uid)
    for name in ("case-survivor", "case-overview", "case-documents", "case-summary", "case-timeline", "case-history"):
        assert path not in client.get(url(name, case)).text, name
    assert not events("PHOTO_SHOWN", case.uid)
    assert path in client.post(url("case-photo-show", case)).text
    answer = client.get(path)
    assert answer["Content-Type"] == "image/jpeg" and answer["Cache-Control"] == "no-store"
    small = Image.open(io.BytesIO(answer.content))
    assert max(small.size) <= 640 and not small.getexif() and CAMERA.encode() not in answer.content
    [shown] = events("PHOTO_SHOWN", case.uid)
    assert shown.subject_uid == portrait.uid and len(events("PHOTO_KEPT", case.uid)) == 1
    assert answer.content[200:260] not in dump(), "sealed, also in the versions"
    printed = sign_in(cast.amina, is_fresh=True).get(url("case-print", case))
    assert printed.status_code == 200 and path not in printed.text
    [kept] = events("PHOTO_KEPT", case.uid)
    assert "/9j/" not in client.post(url("case-history-event", case, kept.uid)).text, "no version shows a picture"


@pytest.mark.parametrize("how", ["withdrawn", "over", "minor"])
def test_hidden_at_once_when_she_takes_it_back_or_it_ends(cast, case, sign_in, how):
    signed = allowed(cast, case, days=2)
    portrait = keep(cast.amina, case)
    assert show(cast.amina, case, portrait).startswith(b"\xff\xd8")
    later = clock.now()
    if how == "withdrawn":
        withdraw_release(actor=cast.amina, now=clock.now(), release_uid=signed.uid, how="ORAL")
    elif how == "over":
        later += timedelta(days=3)
    else:
        make_young(cast.amina, case)
    with time_machine.travel(later):
        client = sign_in(cast.amina)
        path = url("case-photo-picture", case, portrait.uid)
        assert client.get(path).status_code == 404
        page = client.post(url("case-photo-show", case))
        assert page.status_code == 200 and path not in page.text and "is not shown" in page.text
        with pytest.raises((NoMediaRelease, PhotoOfMinor)):
            keep(cast.amina, case)
        # It can be removed all the same.
        assert client.post(url("case-photo", case), {"remove": "1"}).status_code == 302
        assert access.for_the_house(Portrait).get().removed_at is not None


def make_young(actor, case):
    set_alerts(actor=actor, now=clock.now(), case_uid=case.uid, codes=["MINOR"])


def test_a_picture_is_replaced_and_removed_and_emptied(cast, case, sign_in, events):
    allowed(cast, case)
    first = keep(cast.amina, case)
    second = keep(cast.amina, case)
    with pytest.raises(Hidden):
        show(cast.amina, case, first)
    assert show(cast.amina, case, second)
    remove_photo(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    assert access.for_the_house(Portrait).filter(case=case, removed_at__isnull=False).count() == 2
    assert len(events("PHOTO_REMOVED", case.uid)) == 1
    with pytest.raises(Hidden):
        show(cast.amina, case, second)
    with pytest.raises(Hidden):
        remove_photo(actor=cast.amina, now=clock.now(), case_uid=case.uid)


def test_no_other_file_and_no_damaged_one(cast, case, sign_in):
    allowed(cast, case)
    with pytest.raises(NotAPicture):
        keep(cast.amina, case, upload=SimpleUploadedFile("face.txt", b"a plain letter"))
    refused = sign_in(cast.amina).post(url("case-photo", case), {"upload": face(b"\xff\xd8\xff\xe0broken")})
    assert refused.status_code == 422 and not access.for_the_house(Portrait).exists()


def test_strangers_auditors_outsiders_and_colleagues_without_releases(cast, case, sign_in):
    signed = allowed(cast, case)
    portrait = keep(cast.amina, case)
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=signed.uid, person=cast.hugo
    )
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    path = url("case-photo-picture", case, portrait.uid)
    for person, status in ((cast.dana, 404), (cast.elif_, 404), (cast.gita, 403), (cast.hugo, 403)):
        client = sign_in(person)
        assert client.get(path).status_code == status, person
        assert client.get(url("case-photo", case)).status_code == status, person
        if status == 403:
            assert "photo-heading" not in client.get(url("case-survivor", case)).text
            with pytest.raises(Refused):
                show(person, case, portrait)
    assert sign_in(cast.amina).get(url("case-photo-show", case)).status_code == 405
    other = make.case(cast.amina, cast.team_of("amina"))
    assert sign_in(cast.amina).get(url("case-photo-picture", other, portrait.uid)).status_code == 404
