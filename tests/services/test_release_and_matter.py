"""A release gives an attorney exactly one matter, and takes the organisation's sections back when it ends."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.formats import date_format

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from cases import access
from cases.actions.grants import give_access
from cases.actions.notes import add_note
from cases.actions.releases import Signing, Terms, record_release_for_attorney, withdraw_release
from cases.actions.two_people import approve_access
from cases.choices.releases import AUTHORITY_OF_TICK, InfoCategory
from cases.errors.releases import ReleaseEndsTooLate, ReleaseLacks, SignerCannot
from cases.models import AccessGrant, Case, Document, Due, Matter, Notice, Release
from services.actions.aftercare import begin_stay
from services.actions.legal import add_deadline, add_filing, add_hearing, open_matter
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

SIGNED = Signing(
    risks_discussed=True, not_conditioned=True, revocable_explained=True, named=[one.value for one in AUTHORITY_OF_TICK]
)
TERMS = Terms(categories=[InfoCategory.IDENTITY, InfoCategory.LEGAL_STATUS, InfoCategory.SERVICES_DATES])


def a_matter(cast: Cast, case: Case, title: str = "T visa") -> Matter:
    return open_matter(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, title=title, matter_type="T_VISA", jurisdiction="USCIS",
        stage="DRAFTING", opened_on=date(2026, 3, 3),
    )  # fmt: skip


def release(cast: Cast, case: Case, matter: Matter, **changes: object) -> Release:
    facts = {
        "actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "matter_uid": matter.uid, "attorney": cast.chidi,
        "purpose_text": "Her T visa application", "terms": TERMS, "signing": SIGNED,
        "expires_at": clock.now() + timedelta(days=90), **changes,
    }  # fmt: skip
    return record_release_for_attorney(**facts)


def test_the_attorney_gets_one_matter_and_the_released_sections(cast: Cast, case: Case) -> None:
    matter, other = a_matter(cast, case), a_matter(cast, case, "Restitution")
    elsewhere = make.case(cast.amina, cast.team_of("amina"))
    release(cast, case, matter)
    holding = access.get_matter_for(cast.chidi, matter.uid).case.holding
    assert holding is not None and set(holding.matters) == {matter.uid}
    assert holding.readable == [Section.CARD, Section.IDENTITY, Section.SERVICES]
    assert not any(holding.writes(section) for section in Section if section not in (Section.LEGAL, Section.LEGAL_FILE))
    with pytest.raises(Hidden):
        access.get_for(cast.chidi, elsewhere.uid)
    assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid]
    with pytest.raises(Refused):
        access.get_matter_for(cast.chidi, other.uid)
    assert list(access.records(Matter, access.get_for(cast.chidi, case.uid)).values_list("uid", flat=True)) == [
        matter.uid
    ]


def test_when_the_release_is_withdrawn_sections_close_at_once_and_the_file_stays(cast: Cast, case: Case) -> None:
    matter = a_matter(cast, case)
    given = release(cast, case, matter)
    note = add_note(
        actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=matter.uid, privilege_class="ATTORNEY_WORK_PRODUCT",
        body="Draft of the declaration",
    )  # fmt: skip
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    with pytest.raises(Hidden):
        access.get_for(cast.chidi, case.uid)
    opened = access.get_matter_for(cast.chidi, matter.uid)
    assert opened.case.holding is not None and opened.case.holding.readable == []
    filing = add_filing(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, title="I-914", receipt="", filed_on=date(2026, 3, 4)
    )
    assert note.matter_uid == filing.matter_uid == matter.uid
    assert access.drift() == []
    event = Event.objects.get(verb=Verb.RELEASE_WITHDRAWN)
    assert event.case_uid == case.uid and event.actor_uid == cast.amina.uid
    again = withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert again.pk == given.pk and Event.objects.filter(verb=Verb.RELEASE_WITHDRAWN).count() == 1


def test_r15_a_receipt_number_is_masked_and_shown_whole_only_where_that_is_recorded(cast, case, sign_in) -> None:
    matter = a_matter(cast, case)
    release(cast, case, matter)
    add_filing(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, title="Stamped copy", receipt="EAC2690012345",
        filed_on=date(2026, 3, 4),
    )  # fmt: skip
    client, page, whole = (
        sign_in(cast.chidi),
        reverse("matter", args=[matter.uid]),
        reverse("matter-numbers", args=[matter.uid]),
    )
    first = client.get(page).text
    assert "EAC2690012345" not in first and "••••••345" in first and whole in first
    assert not Event.objects.filter(verb=Verb.NUMBERS_SHOWN).exists()
    shown = client.post(whole).text
    assert "EAC2690012345" in shown and whole not in shown and f'name="next" value="{page}"' in shown
    told = Event.objects.get(verb=Verb.NUMBERS_SHOWN)
    assert (told.actor_uid, told.case_uid, told.subject_uid) == (cast.chidi.uid, case.uid, matter.uid)
    assert told.sections.split() == ["LEGAL_FILE"] and told.detail.shown()["fields"] == ["filing.receipt"]
    assert "EAC2690012345" not in client.get(page).text, "on that one page only"
    # Who holds the docket alone knows neither the filing nor how to ask for its number.
    assert "Stamped copy" not in sign_in(cast.amina).get(page).text
    assert sign_in(cast.amina).post(whole).status_code == 403
    assert sign_in(cast.dana).post(whole).status_code == 404
    assert Event.objects.filter(verb=Verb.NUMBERS_SHOWN).count() == 1


def test_the_release_ends_on_its_minute(cast: Cast, case: Case) -> None:
    matter = a_matter(cast, case)
    end = clock.now() + timedelta(days=5)
    release(cast, case, matter, expires_at=end)
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert access.get_for(cast.chidi, case.uid, read(Section.IDENTITY))
    with time_machine.travel(end, tick=False):
        with pytest.raises(Hidden):
            access.get_for(cast.chidi, case.uid)
        assert access.get_matter_for(cast.chidi, matter.uid)


def test_caseworkers_read_the_docket_and_never_the_file(cast: Cast, case: Case) -> None:
    matter = a_matter(cast, case)
    release(cast, case, matter)
    held = access.get_matter_for(cast.amina, matter.uid).case.holding
    assert held is not None and held.reads(Section.LEGAL, matter.uid) and not held.reads(Section.LEGAL_FILE, matter.uid)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"terms": Terms(categories=[])}, ReleaseLacks),
        ({"purpose_text": " "}, ReleaseLacks),
        ({"signing": Signing(risks_discussed=True, not_conditioned=False, revocable_explained=True)}, ReleaseLacks),
        (
            {
                "signing": Signing(
                    signer="PARENT_GUARDIAN", risks_discussed=True, not_conditioned=True, revocable_explained=True
                )
            },
            ReleaseLacks,
        ),
    ],
)
def test_what_a_release_must_have(cast: Cast, case: Case, changes: dict, error: type[Exception]) -> None:
    matter = a_matter(cast, case)
    before = AccessGrant._base_manager.count()
    with pytest.raises(error):
        release(cast, case, matter, **changes)
    assert AccessGrant._base_manager.count() == before and not Release._base_manager.exists()


def test_no_release_runs_longer_than_its_purpose(cast: Cast, case: Case) -> None:
    with pytest.raises(ReleaseEndsTooLate):
        release(cast, case, a_matter(cast, case), expires_at=clock.now() + timedelta(days=366))


def test_of_a_minor_nothing_leaves_with_one_signature(cast: Cast) -> None:
    minor = make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))
    matter = a_matter(cast, minor)
    with pytest.raises(SignerCannot):
        release(cast, minor, matter)
    both = replace(SIGNED, signer="PARENT_GUARDIAN", signer_name="Her aunt", guardian_is_not_abuser=True)
    release(cast, minor, matter, signing=both)
    assert access.waiting_grants().filter(case=minor).count() == 2
    with pytest.raises(Hidden):
        access.get_matter_for(cast.chidi, matter.uid)
    assert not Notice._base_manager.filter(person=cast.chidi, kind="MATTER_GIVEN").exists()
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=access.waiting_grants().get(release=None).uid)
    assert access.get_matter_for(cast.chidi, matter.uid)
    assert access.get_for(cast.chidi, minor.uid, read(Section.IDENTITY))
    assert Notice._base_manager.filter(person=cast.chidi, kind="MATTER_GIVEN").exists()


def test_what_needs_two_people_waits_and_the_rest_begins(cast: Cast, case: Case) -> None:
    matter = a_matter(cast, case)
    release(cast, case, matter, terms=Terms(categories=[InfoCategory.IDENTITY, InfoCategory.MEDICAL]))
    assert access.get_for(cast.chidi, case.uid, read(Section.IDENTITY))
    with pytest.raises(Refused):
        access.get_for(cast.chidi, case.uid, read(Section.HEALTH))
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=access.waiting_grants().get(case=case).uid)
    assert access.get_for(cast.chidi, case.uid, read(Section.HEALTH))


def test_the_pages_of_the_attorney(cast: Cast, case: Case, sign_in) -> None:
    matter = a_matter(cast, case)
    add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=clock.now().date() + timedelta(days=34),
        kind="AGENCY", title="File I-914", authority="8 CFR 214.204",
    )  # fmt: skip
    release(cast, case, matter)
    other = make.case(cast.amina, cast.team_of("amina"), first_name="Canarybird")
    client = sign_in(cast.chidi)
    home = client.get(reverse("attorney-home"))
    assert b"T visa" in home.content and b"File I-914" in home.content and str(other.uid).encode() not in home.content
    page = client.get(reverse("matter", args=[matter.uid]))
    assert page.status_code == 200 and b"34 days left" in page.content
    assert client.get(reverse("case-overview", args=[other.uid])).status_code == 404
    assert client.get(reverse("case-safety", args=[case.uid])).status_code == 403
    saved = client.post(
        reverse("file-note-new", args=[matter.uid]), {"privilege_class": "ATTORNEY_CLIENT", "body": "She told me so."}
    )
    assert saved.status_code == 302
    assert b"She told me so." in client.get(reverse("matter", args=[matter.uid])).content
    assert b"She told me so." not in sign_in(cast.amina).get(reverse("matter", args=[matter.uid])).content
    assert sign_in(cast.dana).get(reverse("matter", args=[matter.uid])).status_code == 404


def test_a_date_names_its_matter_where_there_are_several(cast: Cast, case: Case, sign_in) -> None:
    titles = {}
    for number, name in enumerate(("First of two", "Second of two")):
        matter = a_matter(cast, make.case(cast.amina, cast.team_of("amina")), title=name)
        give_access(
            actor=cast.bea, now=clock.now(), case_uid=matter.case.uid, kind="STAFF_COUNSEL", person=cast.luis,
            matter_uid=matter.uid,
        )  # fmt: skip
        add_deadline(
            actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=clock.now().date() + timedelta(days=5),
            kind="AGENCY", title=f"Paper {number}", authority="8 CFR 214.204",
        )  # fmt: skip
        titles[f"Paper {number}"] = name
    dues = sign_in(cast.luis).get(reverse("attorney-home")).context["dues"]
    assert {due["title"]: due["meta"].split(" · ")[1] for due in dues} == titles
    assert all(due["meta"].split(" · ")[0] for due in dues)  # whose it is


def test_papers_of_the_file_are_the_attorneys_and_stay_after_the_release(cast: Cast, case: Case, sign_in) -> None:
    matter = a_matter(cast, case)
    given = release(cast, case, matter)
    client = sign_in(cast.chidi)
    for section, text in (("LEGAL_FILE", "For her attorney alone"), ("LEGAL", "Shared with the caseworkers")):
        upload = SimpleUploadedFile(f"{section}.txt", text.encode(), content_type="text/plain")
        sent = client.post(
            reverse("paper-new", args=[matter.uid]), {"upload": upload, "category": "COURT", "section": section}
        )
        assert sent.status_code == 302, sent.content
    amina = sign_in(cast.amina).get(reverse("matter", args=[matter.uid])).content
    assert b"LEGAL.txt" in amina and b"LEGAL_FILE.txt" not in amina
    own = Document._base_manager.get(section="LEGAL_FILE")
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    url = reverse("matter-document", args=[matter.uid, own.uid])
    assert b"".join(client.get(url).streaming_content) == b"For her attorney alone"
    assert sign_in(cast.amina).get(url).status_code in (403, 404)
    assert sign_in(cast.dana).get(url).status_code == 404


def test_no_outsider_learns_of_a_shelter(cast: Cast, case: Case, sign_in) -> None:
    begin_stay(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        team=cast.team_of("jonas"),
        entered_on=date(2026, 3, 2),
        room="Quincunx",
    )
    release(cast, case, a_matter(cast, case))
    client = sign_in(cast.chidi)
    for name in ("case-overview", "case-aftercare", "case-sharing", "case-documents", "case-history"):
        page = client.get(reverse(name, args=[case.uid]))
        words = page.content.decode().lower()
        assert (
            page.status_code == 200 and "stay began" not in words and "quincunx" not in words and "jonas" not in words
        ), name
        assert cast.team_of("jonas").name.lower() not in words.replace("shelter house notes", ""), name


def test_a_hearing_stands_on_the_courts_clock_and_is_written_down_afterwards(cast: Cast, case: Case, sign_in) -> None:
    matter = a_matter(cast, case)
    starts = (clock.now() + timedelta(days=3)).replace(hour=14, minute=30, second=0, microsecond=0)
    hearing = add_hearing(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=starts, time_zone="America/New_York",
        hearing_type="MOTION", place="Room 4", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    client = sign_in(cast.amina)
    at_court = date_format(starts.astimezone(ZoneInfo("America/New_York")), "j M Y, H:i")
    assert at_court in client.get(reverse("matter", args=[matter.uid])).content.decode()
    done = reverse("hearing-done", args=[matter.uid, hearing.uid])
    assert client.post(done, {"outcome": "Adjourned"}).status_code == 422
    with time_machine.travel(starts + timedelta(hours=2)):
        later = sign_in(cast.amina)
        assert later.post(done, {"outcome": "Adjourned"}).status_code == 302
        assert b"Adjourned" in later.get(reverse("matter", args=[matter.uid])).content
    assert not Due._base_manager.filter(subject_uid=hearing.uid, done_at__isnull=True).exists()
    assert Event.objects.filter(verb=Verb.HEARING_DONE, subject_uid=hearing.uid).count() == 1
