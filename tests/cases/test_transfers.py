"""After a transfer the sender keeps a closed record that its supervisors alone read (access.md §3)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, read
from cases import access
from cases.actions.delegation import delegate_access
from cases.actions.grants import give_access
from cases.actions.notes import add_note
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms, withdraw_release
from cases.actions.transfers import close_after_transfer
from cases.choices.sharing import GrantKind
from cases.errors.casework import CaseAlreadyClosed, CaseIsClosed, ClosedBeforeOpened, DayHasNotCome, OpenServicesRemain
from cases.errors.sharing import NothingIsTransferred, NotTheSupervisor
from cases.keeping import kept_until
from cases.models import AccessGrant, Case
from services.actions.legal import close_matter
from tests import make
from tests.cases.releasing import release
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney


@pytest.fixture
def matter(cast, case):
    return a_matter(cast, case)


@pytest.fixture
def transferred(cast, case, matter):
    """A case with everybody on it, of which the clinic has taken over the work."""
    now = clock.now()
    give_access(actor=cast.amina, now=now, case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    give_access(actor=cast.amina, now=now, case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas"))
    give_access(actor=cast.amina, now=now, case_uid=case.uid, kind=GrantKind.STAFF_COUNSEL, person=cast.luis)
    to_attorney(cast, case, matter)
    # A closed case has no open services, so the matter is over; the attorney keeps what is hers.
    close_matter(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, outcome="GRANTED", closed_on=timezone.localdate()
    )
    given = release(
        cast.amina, case, cast.hugo.organisation, terms=Terms(categories=["IDENTITY", "TRAFFICKING_HISTORY"])
    )
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="TRANSFER", release_uid=given.uid, person=cast.hugo
    )
    return case


def closed(person, case, **changes):
    return close_after_transfer(
        actor=person, now=clock.now(), case_uid=case.uid, **{"closed_on": timezone.localdate(), **changes}
    )


def sees(person, case):
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def test_the_house_loses_it_but_for_the_supervisor_and_nothing_is_deleted(cast, transferred, matter, events):
    case = transferred
    closed(cast.bea, case)
    assert [key for key in ("amina", "bea", "gita", "jonas", "luis") if sees(getattr(cast, key), case)] == ["bea"]
    assert sees(cast.hugo, case) and access.get_for(cast.hugo, case.uid, read(Section.IDENTITY)), "the partner works on"
    assert access.get_matter_for(cast.chidi, matter.uid), "an attorney keeps her file"
    kept = access.for_the_house(Case).get(pk=case.pk)
    assert (kept.status, kept.lead, kept.closed_on) == ("CLOSED_REFERRED", cast.bea, timezone.localdate())
    assert access.get_for(cast.bea, case.uid, read(Section.ADVOCACY)) and access.drift() == []
    [event] = events("CASE_CLOSED", case.uid)
    assert event.detail.content["codes"] == {"kind": "TRANSFER"}
    assert len(events("ACCESS_REVOKED", case.uid)) == 5, "four that were open, and one that waited"


def test_what_waited_for_a_second_person_never_begins(cast, transferred):
    assert access.waiting_grants().filter(case=transferred).exists()
    closed(cast.bea, transferred)
    assert not access.waiting_grants().filter(case=transferred).exists()
    assert not access.get_for(cast.hugo, transferred.uid).holding.may("read_narrative")


def test_what_was_lent_ends_with_it(cast, transferred):
    delegate_access(
        actor=cast.amina, now=clock.now(), colleague=cast.dana, until=clock.now() + timedelta(days=5),
        case_uids=[transferred.uid],
    )  # fmt: skip
    assert sees(cast.dana, transferred)
    closed(cast.bea, transferred)
    assert not sees(cast.dana, transferred) and access.drift() == []


def test_it_is_read_and_not_written(cast, transferred):
    closed(cast.bea, transferred)
    with pytest.raises((CaseIsClosed, Refused)):
        add_note(actor=cast.bea, now=clock.now(), case_uid=transferred.uid, privilege_class="SERVICES_NOTE", body="x")
    with pytest.raises(CaseIsClosed):
        give_access(actor=cast.bea, now=clock.now(), case_uid=transferred.uid, kind="ASSIGNMENT", person=cast.amina)
    with pytest.raises(CaseAlreadyClosed):
        closed(cast.bea, transferred)


def test_only_after_a_transfer_and_only_a_supervisor_of_the_case(cast, case):
    with pytest.raises(NothingIsTransferred):
        closed(cast.bea, case)
    given = release(cast.amina, case, cast.hugo.organisation)
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=given.uid, person=cast.hugo
    )
    with pytest.raises(NothingIsTransferred):
        closed(cast.bea, case)
    with pytest.raises(NotTheSupervisor):
        closed(cast.amina, case)
    with pytest.raises(Hidden):
        closed(cast.dana, case)
    assert not access.for_the_house(Case).get(pk=case.pk).is_closed


def test_not_once_she_has_taken_it_back(cast, transferred):
    hers = AccessGrant._base_manager.filter(kind="TRANSFER").first().release
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=hers.uid, how="ORAL")
    with pytest.raises(NothingIsTransferred):
        closed(cast.bea, transferred)


def test_an_open_matter_is_handed_over_or_closed_first(cast, transferred):
    a_matter(cast, transferred, "Asylum")
    with pytest.raises(OpenServicesRemain):
        closed(cast.bea, transferred)


def test_the_day_fits(cast, transferred):
    with pytest.raises(ClosedBeforeOpened):
        closed(cast.bea, transferred, closed_on=transferred.opened_on - timedelta(days=1))
    with pytest.raises(DayHasNotCome):
        closed(cast.bea, transferred, closed_on=timezone.localdate() + timedelta(days=2))


def test_the_record_of_the_services_is_kept_for_years(cast, transferred, settings):
    closed(cast.bea, transferred)
    case = access.for_the_house(Case).get(pk=transferred.pk)
    today = timezone.localdate()
    until = kept_until(case, ["SERVICES"], ground="HER_REQUEST", today=today)
    assert until is not None and until.year == today.year + 3
    assert kept_until(case, ["SERVICES"], ground="HER_REQUEST", today=until) is None
    assert kept_until(case, ["SERVICES"], ground="ORDER", today=today) is None
    assert kept_until(case, ["ADVOCACY"], ground="HER_REQUEST", today=today) is None
    settings.TRANSFERS_KEPT_YEARS = 0
    assert kept_until(case, ["SERVICES"], ground="HER_REQUEST", today=today) is None


def test_a_case_that_closed_otherwise_is_kept_no_longer_for_that(cast):
    case = make.case(cast.amina, cast.team_of("amina"))
    make.closed(case, cast.amina)
    case = access.for_the_house(Case).get(pk=case.pk)
    assert kept_until(case, ["SERVICES"], ground="HER_REQUEST", today=timezone.localdate()) is None


def test_the_page_says_who_loses_it_and_is_reached_from_the_sharing_tab(cast, transferred, sign_in):
    case, path = transferred, reverse("case-transferred", args=[transferred.uid])
    bea, amina = sign_in(cast.bea), sign_in(cast.amina)
    sharing = reverse("case-sharing", args=[case.uid])
    assert path in bea.get(sharing).text and path not in amina.get(sharing).text
    page = bea.get(path).text
    for words in (cast.amina.name, cast.gita.name, cast.luis.name, "Only its supervisors read it"):
        assert words in page, words
    assert cast.hugo.name not in page[page.index("These accesses end") : page.index("Last day")]
    assert "Not yet" in amina.get(path).text
    refused = amina.post(path, {"closed_on": timezone.localdate().isoformat()})
    assert refused.status_code == 422 and "Only a supervisor" in refused.text
    assert sign_in(cast.dana).get(path).status_code == 404 and sign_in(cast.gita).get(path).status_code == 403
    assert bea.delete(path).status_code == 405
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0021"
    for _time in range(2):
        sent = bea.post(path, {"closed_on": timezone.localdate().isoformat(), "form_key": key})
        assert sent.status_code == 302
    shown = bea.get(reverse("case-overview", args=[case.uid])).text
    assert "Closed after referral" in shown and amina.get(reverse("case-overview", args=[case.uid])).status_code == 404
    assert path not in bea.get(sharing).text


def test_when_the_release_ends_the_partner_s_access_ends_and_the_record_stays(cast, transferred):
    closed(cast.bea, transferred)
    with time_machine.travel(clock.now() + timedelta(days=40)):
        assert not sees(cast.hugo, transferred) and sees(cast.bea, transferred)
