"""What leaves the organisation asks once more who is there: when the page is opened, never after she has signed."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.accounts.stepup import FLOWS_MARK, MOST_FLOWS
from cases import access
from cases.actions.disclosures import Report, record_process, record_report
from cases.actions.partners import give_partner_access
from cases.choices.documents import DocumentCategory
from cases.models import Disclosure, Release
from tests import make
from tests.accounts import signing_in
from tests.accounts.signing_in import code_of, give_app
from tests.cases.releasing import drawn, release, sign_page, terms_page
from tests.services.test_papers import paper
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.walks

fresh = partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


@pytest.fixture
def unlocked(settings):
    """The screen does not lock by itself while the clock is moved on."""
    settings.HAVEN_IDLE_LOCK_SECONDS = 10 * 60 * 60


@pytest.fixture
def addresses(cast, case, clinic) -> dict[str, tuple[Any, str]]:
    """Every page by which something leaves: by name, whose it is and where."""
    now = clock.now()
    given = release(cast.amina, case, clinic)
    report = record_report(
        actor=cast.kemi, now=now, case_uid=case.uid,
        report=Report("CHILD_ABUSE", "New York", "A law", "A register", timezone.localdate(), timezone.localdate()),
    )  # fmt: skip
    process = record_process(
        actor=cast.kemi, now=now, case_uid=case.uid, kind="COURT_ORDER", issuer="A court", reference="1", scope="Dates",
        received_on=timezone.localdate(),
    )  # fmt: skip
    [grant] = give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=given.uid, person=cast.hugo
    )
    of_case, of_release = [case.uid], [case.uid, given.uid]
    found = {
        "release-new": of_case, "release-renew": of_release, "release-print": of_release, "disclosure-new": of_release,
        "partner-access-new": of_case, "access-attest": [case.uid, grant.uid], "case-account": of_case, "case-print": of_case,
        "report-given": [report.uid], "process-given": [process.uid], "totals-new": [],
    }  # fmt: skip
    desk = ("report-given", "process-given", "totals-new")
    return {name: (cast.kemi if name in desk else cast.amina, reverse(name, args=uids)) for name, uids in found.items()}


def asks(answer: Any) -> bool:
    return answer.status_code in (302, 303) and answer.url.startswith("/account/confirm/")


def test_every_such_page_asks_first_and_opens_with_one_proof(cast, addresses, sign_in):
    clients = {person: (sign_in(person), fresh(person)) for person, _path in addresses.values()}
    for name, (person, path) in addresses.items():
        stale, proven = clients[person]
        assert asks(stale.get(path)), name
        assert proven.get(path).status_code == 200, name
        if name not in ("release-print", "case-account", "case-print"):
            assert asks(stale.post(path, {"how": "LETTER"})), name


def test_who_may_not_is_turned_away_before_anything_is_asked(cast, addresses, clinician, sign_in):
    for name, (_person, path) in addresses.items():
        assert sign_in(cast.dana).get(path).status_code == 404, name
        if name != "case-print":  # her own part of the case she may print
            assert sign_in(clinician).get(path).status_code in (403, 404), name


def test_taking_back_asks_nothing_at_all(cast, case, clinic, sign_in):
    given = release(cast.amina, case, clinic)
    path = reverse("release-withdraw", args=[case.uid, given.uid])
    client = sign_in(cast.amina)
    assert client.get(path).status_code == 200 and client.post(path, {"how": "ORAL"}).status_code == 302
    assert access.for_the_house(Release).get().withdrawn_at is not None


def test_after_the_proof_one_is_on_the_page_again(cast, case, sign_in):
    secret, client = give_app(cast.amina), sign_in(cast.amina)
    path = reverse("release-new", args=[case.uid])
    asked = client.get(path)
    back = client.post(asked.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
    assert back.url == path and client.get(path).status_code == 200


# ---- She reads, an interpreter reads aloud, she signs ----


def test_signing_half_an_hour_later_asks_nothing_more(cast, case, clinic, unlocked):
    client, path = fresh(cast.amina), reverse("release-new", args=[case.uid])
    assert client.get(path).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert asks(client.get(reverse("case-print", args=[case.uid]))), "the proof itself is over"
        assert client.post(path, terms_page(recipient=str(clinic.pk))).status_code == 200
        assert client.post(path, sign_page(recipient=str(clinic.pk))).status_code == 302
    assert access.for_the_house(Release).count() == 1


def test_what_is_sent_after_the_hour_is_kept_and_goes_on_after_the_proof(cast, case, clinic, unlocked):
    secret, client = give_app(cast.amina), fresh(cast.amina)
    path = reverse("release-new", args=[case.uid])
    client.get(path)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        late = client.post(path, sign_page(recipient=str(clinic.pk), purpose_text="A bed by the canal"))
        assert late.status_code == 303 and asks(late) and not access.for_the_house(Release).exists()
        [kept] = cast.amina.held_forms.all()
        back = client.post(late.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
        assert back.url == reverse("held-form", args=[kept.uid])
        page = client.get(back.url)
        assert "A bed by the canal" in page.text
        again: dict[str, list[Any]] = {}
        for name, value in page.context["fields"]:
            again.setdefault(name, []).append(value)
        answered = client.post(path, {**again, "held_form": str(kept.uid)})
        assert answered.status_code == 422 and "The signature is missing" in answer_text(answered)
        assert "A bed by the canal" in answer_text(answered), "and nothing of what was agreed is typed again"
        assert client.post(path, {**again, "signature": drawn()}).status_code == 302
    assert access.for_the_house(Release).count() == 1


def answer_text(answer: Any) -> str:
    return answer.content.decode()


def test_a_page_that_was_opened_stands_for_itself_alone(cast, case, clinic, unlocked):
    """Neither another case, nor another session, nor another person goes on by it."""
    other = make.case(cast.amina, cast.team_of("amina"))
    client = fresh(cast.amina)
    client.get(reverse("release-new", args=[case.uid]))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        facts = terms_page(recipient=str(clinic.pk))
        assert asks(client.post(reverse("release-new", args=[other.uid]), facts))
        assert asks(signing_in.sign_in(cast.amina).post(reverse("release-new", args=[case.uid]), facts))
        assert client.post(reverse("release-new", args=[case.uid]), facts).status_code == 200


def test_the_session_names_no_case_and_forgets(cast, case):
    client, cases = fresh(cast.amina), [case]
    cases += [make.case(cast.amina, cast.team_of("amina")) for _number in range(MOST_FLOWS)]
    for one in cases:
        client.get(reverse("release-new", args=[one.uid]))
    kept = client.session[FLOWS_MARK]
    assert len(kept) == MOST_FLOWS
    assert str(case.uid) not in repr(dict(client.session)) and case.uid.hex not in repr(dict(client.session))


def test_without_the_page_a_form_is_kept_and_asked_about(cast, case, clinic, sign_in):
    given = release(cast.amina, case, clinic)
    path = reverse("disclosure-new", args=[case.uid, given.uid])
    answer = sign_in(cast.amina).post(path, {"how": "LETTER", "categories": ["CONTACT"]})
    assert asks(answer) and "%2Faccount%2Fkept%2F" in answer.url
    assert not access.for_the_house(Disclosure).exists()


def test_a_reason_typed_for_an_emergency_is_kept_when_the_proof_is_over(cast, case, sign_in):
    answer = sign_in(cast.dana).post(
        reverse("emergency"), {"number": case.number, "reason": "She stands at the river and calls for help"}
    )
    assert asks(answer)
    [kept] = cast.dana.held_forms.all()
    assert "stands at the river" in sign_in(cast.dana).get(reverse("held-form", args=[kept.uid])).text


# ---- Papers ----


def test_an_outsider_takes_a_paper_of_the_house_along_only_after_a_proof(cast, case, sign_in):
    matter = a_matter(cast, case)
    to_attorney(cast, case, matter)
    ours = paper(
        cast.amina, matter, b"The notice to appear.", "notice.txt", section="LEGAL", category=DocumentCategory.COURT
    )
    own = paper(cast.chidi, matter, b"A draft of his.", "draft.txt")
    stale, proven = sign_in(cast.chidi), fresh(cast.chidi)
    path = reverse("matter-document", args=[matter.uid, ours.uid])
    asked = stale.get(path)
    assert asks(asked) and reverse("matter", args=[matter.uid]).replace("/", "%2F") in asked.url, "back to the button"
    assert b"".join(proven.get(path).streaming_content) == b"The notice to appear."
    assert stale.get(reverse("matter-document-page", args=[matter.uid, ours.uid])).status_code == 200, "looking is free"
    mine = stale.get(reverse("matter-document", args=[matter.uid, own.uid]))
    assert b"".join(mine.streaming_content) == b"A draft of his.", "his own file is his"
    inside = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, ours.uid]))
    assert b"".join(inside.streaming_content) == b"The notice to appear.", "within the house nothing leaves"


def test_a_file_that_is_not_there_is_not_asked_about(cast, case, sign_in):
    matter = a_matter(cast, case)
    to_attorney(cast, case, matter)
    client = sign_in(cast.chidi)
    assert client.get(reverse("matter-document", args=[matter.uid, matter.uid])).status_code == 404
    upload = SimpleUploadedFile("x.txt", b"x")
    assert client.post(reverse("matter-document", args=[matter.uid, matter.uid]), {"x": upload}).status_code == 405
