"""Newer versions of a document, and papers that end by themselves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access, opening
from cases.actions.document_ends import RENEW_DAYS, set_end
from cases.actions.documents import seal_version, withdraw_document
from cases.actions.due import stamp_everything_due
from cases.choices.casework import DueKind
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.errors.files import NotTheNewestVersion, VersionTakesNoFile
from cases.models import Document, Due, Notice
from tests import make


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-documents", args=[case.uid])


def address(case, document, door="version"):
    return reverse(f"case-document-{door}" if door else "case-document", args=[case.uid, document.uid])


def newer(case, actor, document, content=b"The renewed card.\n", name="card-2.txt", why="It was renewed", **facts):
    opened = access.get_for(actor, case.uid)
    return seal_version(
        actor=actor, now=clock.now(), upload=SimpleUploadedFile(name, content), case=opened, document=document, why=why, **facts
    )  # fmt: skip


def sent(**fields):
    return {
        "upload": SimpleUploadedFile("card-2.txt", b"New.\n"),
        "why_new": "It was renewed",
        "form_key": str(uuid4()),
        **fields,
    }


def dues(case):
    rows = access.for_the_house(Due).filter(case=case, done_at=None, kind__startswith="DOCUMENT_")
    return dict(rows.values_list("kind", "due_on"))


def test_the_list_shows_the_newest_and_its_page_all_with_who_when_and_why(cast, case, tab, sign_in):
    first = make.document(case, cast.amina, name="card-1.txt", category=DocumentCategory.IDENTITY_DOCUMENT)
    client = sign_in(cast.amina)
    answer = client.post(address(case, first), sent())
    second = access.within(Document, case).get(version=2)
    assert answer.status_code == 302 and answer.url == address(case, second, "page")
    assert (second.first_uid, second.section, second.matter_uid) == (first.uid, first.section, None)
    listed = client.get(tab).text
    assert "card-2.txt" in listed and "Version 2" in listed and "card-1.txt" not in listed
    page = client.get(answer.url).text
    assert "card-1.txt" in page and "It was renewed" in page and address(case, first, "page") in page
    assert "Amina Rivers" in page
    file = client.get(address(case, first, ""))
    assert b"".join(file.streaming_content) == b"A plain letter.\n"
    event = Event.objects.get(verb="DOCUMENT_SEALED", subject_uid=second.uid)
    assert event.detail.content["codes"]["version"] == 2
    older = client.get(address(case, first, "page")).text
    assert address(case, first) not in older  # a newer one is added to the newest


def test_why_there_is_a_newer_one_is_sealed(cast, case):
    second = newer(case, cast.amina, make.document(case, cast.amina), why="Because of the Lapwing hearing")
    row = access.within(Document, case).values_list().get(uid=second.uid)
    assert "Lapwing" not in repr(row)
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert second.about["why_new"] == "Because of the Lapwing hearing"


def test_two_at_once_make_one_newer_version(cast, case):
    first = make.document(case, cast.amina)
    second = newer(case, cast.amina, first)
    with pytest.raises(NotTheNewestVersion):
        newer(case, cast.amina, first)
    assert newer(case, cast.amina, second).number == 3
    assert access.within(Document, case).count() == 3


@pytest.mark.sql
def test_the_database_knows_one_document_a_version(cast, case):
    second = newer(case, cast.amina, make.document(case, cast.amina))
    third = newer(case, cast.amina, second)
    third.version = 2
    with pytest.raises(IntegrityError):
        third.save(update_fields=["version"])


def test_a_withdrawn_version_gives_its_place_back_and_its_number_to_nobody(cast, case, tab, sign_in):
    first = make.document(
        case, cast.amina, name="card-1.txt", category=DocumentCategory.IDENTITY_DOCUMENT,
        expires_on=timezone.localdate() + timedelta(days=20),
    )  # fmt: skip
    second = newer(case, cast.amina, first, expires_on=timezone.localdate() + timedelta(days=400))
    withdraw_document(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=second.uid, why="The wrong card"
    )
    listed = sign_in(cast.amina).get(tab).text
    assert "card-1.txt" in listed
    assert dues(case) == {DueKind.DOCUMENT_ENDS: timezone.localdate() + timedelta(days=20)}
    with pytest.raises(VersionTakesNoFile):
        newer(case, cast.amina, second)
    assert newer(case, cast.amina, first).number == 3


def test_a_newer_version_is_for_who_may_write_there(cast, case, sign_in):
    document = make.document(case, cast.amina)
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    for door in ("version", "expiry"):
        assert sign_in(cast.dana).get(address(case, document, door)).status_code == 404
        assert sign_in(cast.dana).post(address(case, document, door), sent()).status_code == 404
        assert sign_in(cast.gita).post(address(case, document, door), sent()).status_code == 403
        assert sign_in(cast.bea).post(address(case, document, door), sent()).status_code == 403
        assert sign_in(cast.elif_).get(address(case, document, door)).status_code in (403, 404)
    assert access.within(Document, case).count() == 1


def test_a_closed_case_takes_no_newer_version(cast, case, sign_in):
    document = make.document(case, cast.amina)
    make.closed(case, cast.amina)
    assert "This case is closed" in sign_in(cast.amina).post(address(case, document), sent()).text
    assert access.within(Document, case).count() == 1


def test_a_double_click_keeps_one_newer_version(cast, case, sign_in):
    document, key = make.document(case, cast.amina), str(uuid4())
    for _ in range(2):
        assert sign_in(cast.amina).post(address(case, document), sent(form_key=key)).status_code == 302
    assert access.within(Document, case).count() == 2


# ---- The last day ----


def test_a_paper_that_ends_comes_on_the_lists_ninety_and_thirty_days_before(cast, case, tab, sign_in):
    end = timezone.localdate() + timedelta(days=134)
    make.document(case, cast.amina, name="card.txt", category=DocumentCategory.IDENTITY_DOCUMENT, expires_on=end)
    assert dues(case) == {DueKind.DOCUMENT_ENDS: end, DueKind.DOCUMENT_RENEW: end - timedelta(days=RENEW_DAYS)}
    page = sign_in(cast.amina).get(tab).text
    assert f'datetime="{end.isoformat()}"' in page and "ends in 134 days" in page
    row = access.for_the_house(Due).filter(kind=DueKind.DOCUMENT_ENDS).values_list().get()
    assert "card.txt" not in repr(row)


@pytest.mark.parametrize(("days", "count"), [(30, 1), (31, 0)])
def test_its_end_is_told_once_thirty_days_before(cast, case, days, count):
    end = timezone.localdate() + timedelta(days=days)
    make.document(case, cast.amina, category=DocumentCategory.IDENTITY_DOCUMENT, expires_on=end)
    stamp_everything_due()
    stamp_everything_due()
    told = Notice._base_manager.filter(person=cast.amina, kind__startswith="DOCUMENT_")
    assert list(told.values_list("kind", flat=True)) == ["DOCUMENT_ENDS"] * count


def test_a_newer_version_takes_the_old_end_off_the_lists(cast, case):
    today = timezone.localdate()
    first = make.document(case, cast.amina, expires_on=today + timedelta(days=20))
    newer(case, cast.amina, first, expires_on=today + timedelta(days=1000))
    assert dues(case) == {
        DueKind.DOCUMENT_ENDS: today + timedelta(days=1000), DueKind.DOCUMENT_RENEW: today + timedelta(days=910),
    }  # fmt: skip


def test_the_last_day_can_be_changed_and_taken_off(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    client, end = sign_in(cast.amina), timezone.localdate() + timedelta(days=10)
    answer = client.post(address(case, document, "expiry"), {"expires_on": end.isoformat(), "form_key": str(uuid4())})
    assert answer.status_code == 302 and dues(case) == {DueKind.DOCUMENT_ENDS: end}
    assert Event.objects.get(verb="DOCUMENT_CHANGED").subject_uid == document.uid
    assert "ends in 10 days" in client.get(tab).text
    client.post(address(case, document, "expiry"), {"expires_on": "", "form_key": str(uuid4())})
    assert dues(case) == {} and "ends in" not in client.get(tab).text


def test_what_has_ended_is_said_kindly_and_leaves_no_row(cast, case, tab, sign_in):
    document = make.document(case, cast.amina)
    set_end(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=document.uid,
        expires_on=timezone.localdate() - timedelta(days=3),
    )  # fmt: skip
    page = sign_in(cast.amina).get(tab).text
    assert "has ended; a new one may be needed" in page and "overdue" not in page
    assert dues(case) == {}


def test_withdrawing_takes_the_end_off_the_lists(cast, case):
    document = make.document(case, cast.amina, expires_on=timezone.localdate() + timedelta(days=200))
    assert dues(case)
    withdraw_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=document.uid, why="Twice")
    assert dues(case) == {}
