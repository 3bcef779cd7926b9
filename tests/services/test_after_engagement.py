"""After an engagement: thirty days in which an attorney reads her own file, and writes nothing (access.md §3)."""

from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils.formats import date_format

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import WRITE_MATTER, Section, read
from casemgmt.accounts.actions.absences import rest
from casemgmt.accounts.choices import AbsenceKind, Role
from cases import access
from cases.actions.due import stamp_everything_due
from cases.actions.notes import add_note
from cases.actions.organisations import end_agreement
from cases.actions.people import record_leaving
from cases.actions.two_people import approve_access
from cases.actions.walls import lift_wall, place_wall
from cases.choices.walls import NOTICE_FROZEN
from cases.errors.refusals import EngagementHasEnded
from cases.models import AccessGrant, Case, Due, Matter, MatterUserPermission, Note, Notice
from cases.windows import AFTER_ENGAGEMENT
from services.actions.legal import add_deadline
from tests import make
from tests.cases.walling import newcomer
from tests.cast import Cast
from tests.services.engaging import DAY, SECOND, at, ended, events_of, may
from tests.services.test_release_and_matter import SIGNED, a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

BOTH = replace(SIGNED, signer="PARENT_GUARDIAN", signer_name="Her aunt", guardian_is_not_abuser=True)


# ---- Thirty days ----


def test_engagements_of_an_earlier_release_get_the_days_as_well(cast: Cast, engagement: AccessGrant) -> None:
    rows = MatterUserPermission.objects.filter(grant=engagement)
    given = set(rows.values_list("permission__codename", "expires_at"))
    rows.update(expires_at=engagement.expires_at)
    assert len(access.drift()) == 1
    migration = import_module("cases.migrations.0006_attorneys_keep_their_file")
    migration.lengthen(apps, None)
    assert set(rows.values_list("permission__codename", "expires_at")) == given and access.drift() == []
    migration.lengthen(apps, None)
    assert access.drift() == []
    migration.shorten(apps, None)
    assert {end for _name, end in rows.values_list("permission__codename", "expires_at")} == {engagement.expires_at}


def test_running_then_over_then_closed(cast: Cast, case: Case, matter: Matter, engagement: AccessGrant) -> None:
    end = engagement.expires_at
    with at(end - SECOND):
        assert may(cast, case) == (True, True)
    with at(end):
        assert may(cast, case) == (True, False)
        assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid]
        with pytest.raises(Hidden):
            access.get_for(cast.chidi, case.uid)
        [viewer] = [one for one in access.who_can_see(case) if one.grant.person_id == cast.chidi.pk]
        assert viewer.sections == [Section.LEGAL_FILE] and viewer.written == [] and viewer.ended_on == end
        assert viewer.until == end + AFTER_ENGAGEMENT
    with at(end + AFTER_ENGAGEMENT - SECOND):
        assert may(cast, case) == (True, False) and access.ended_matters(cast.chidi) == []
    with at(end + AFTER_ENGAGEMENT):
        assert may(cast, case) == (False, False) and access.visible_matters(cast.chidi) == []
        assert [one.ended_on for one in access.ended_matters(cast.chidi)] == [end + AFTER_ENGAGEMENT]


def test_ended_sooner_the_days_are_counted_from_then(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    day = clock.now() + timedelta(days=50)
    with at(day):
        assert may(cast, case) == (True, True)
        ended(cast, engagement)
        assert may(cast, case) == (True, False)
        assert access.holdings(cast.chidi, [case])[case.pk].readable == [], "what the release opened has closed"
        [event] = events_of("ACCESS_REVOKED", case)
        assert event.actor_uid == cast.amina.uid
        assert [one.person for one in Notice._base_manager.filter(kind="ENGAGEMENT_OVER")] == [cast.chidi]
    with at(day + DAY):
        ended(cast, engagement)
        assert may(cast, case) == (True, False) and len(events_of("ACCESS_REVOKED", case)) == 1, (
            "a second time changes nothing"
        )
    with at(day + AFTER_ENGAGEMENT - SECOND):
        assert may(cast, case) == (True, False)
    with at(day + AFTER_ENGAGEMENT):
        assert may(cast, case) == (False, False)
        then = access.sections_seen(case, day + DAY)
        assert list(then[cast.chidi]) == [Section.LEGAL_FILE], "asked later, the days are known"
        assert cast.chidi not in access.sections_seen(case, day + AFTER_ENGAGEMENT)


@pytest.mark.parametrize("is_over", [False, True], ids=["while it runs", "in its days"])
def test_a_wall_freezes_the_file_and_the_firm_is_told(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant, is_over: bool
) -> None:
    boss = newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    if is_over:
        ended(cast, engagement)
    with at(clock.now() + 3 * DAY):
        wall = place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.chidi, reason="A conflict")
        assert may(cast, case) == (False, False)
        with pytest.raises(Hidden):
            access.get_matter_for(cast.chidi, matter.uid)
        told = Notice._base_manager.get(kind=NOTICE_FROZEN)
        assert told.person == boss and told.case is None, "that a file rests, not which"
    with at(clock.now() + 5 * DAY):
        lift_wall(actor=cast.bea, now=clock.now(), wall_uid=wall.uid)
        assert may(cast, case) == (True, not is_over), "nothing of it was lost"


def test_given_by_mistake_the_file_closes_at_once(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    ended(cast, engagement, with_own_file=True)
    assert may(cast, case) == (False, False)


def test_in_its_days_the_file_can_be_closed_too(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    ended(cast, engagement)
    with at(clock.now() + DAY):
        ended(cast, engagement, with_own_file=True)
        assert may(cast, case) == (False, False)


def test_who_leaves_in_these_days_has_nothing_open(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    ended(cast, engagement)
    with at(clock.now() + DAY):
        record_leaving(actor=cast.farid, now=clock.now(), person=cast.chidi)
        cast.chidi.refresh_from_db()
        assert not cast.chidi.is_active and may(cast, case) == (False, False)
        assert AccessGrant._base_manager.get(pk=engagement.pk).revoked_at == clock.now()


def test_a_locked_account_reads_nothing_meanwhile(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    ended(cast, engagement)
    rest(actor=cast.bea, now=clock.now(), user=cast.chidi, kind=AbsenceKind.LOCKED)
    cast.chidi.refresh_from_db()
    assert may(cast, case) == (False, False)


def test_the_end_of_an_agreement_leaves_the_file_and_the_account(
    cast: Cast, case: Case, engagement: AccessGrant
) -> None:
    ended(cast, engagement)
    with at(clock.now() + DAY):
        end_agreement(actor=cast.kemi, now=clock.now(), organisation=cast.chidi.organisation)
        cast.chidi.refresh_from_db()
        assert cast.chidi.is_active and may(cast, case) == (True, False)


def test_given_anew_in_these_days_she_works_on(cast: Cast, case: Case, matter: Matter, engagement: AccessGrant) -> None:
    ended(cast, engagement)
    with at(clock.now() + DAY):
        release(cast, case, matter)
        assert may(cast, case) == (True, True)
        held = access.get_matter_for(cast.chidi, matter.uid).case.holding
        assert held is not None and held.only_reads_until(matter.uid) is None


def test_what_never_began_leaves_nothing(cast: Cast) -> None:
    """Of a minor everything waits for a second person: taken back before that, there is no file to keep."""
    young = make.case(cast.amina, cast.team_of("amina"), birth_date=date.today() - timedelta(days=16 * 365))
    release(cast, young, a_matter(cast, young), signing=BOTH)
    [waiting] = [one for one in access.waiting_grants().filter(case=young) if one.parent_id is None]
    ended(cast, waiting)
    assert may(cast, young) == (False, False)
    assert AccessGrant._base_manager.get(pk=waiting.pk).revoked_at is not None


def test_the_end_stands_on_her_list_two_weeks_ahead(cast: Cast, case: Case, engagement: AccessGrant) -> None:
    due = Due._base_manager.get(kind="ENGAGEMENT", subject_uid=engagement.uid)
    assert due.assigned_to == cast.chidi and due.due_on == engagement.expires_at.astimezone(cast.chidi.zone).date()
    for days, told in ((16, False), (13, True)):
        with at(engagement.expires_at - timedelta(days=days)), audit_context("job", "a test"):
            stamp_everything_due()
            assert Notice._base_manager.filter(kind="ENGAGEMENT", person=cast.chidi).exists() == told
    with at(engagement.expires_at - 9 * DAY):
        ended(cast, engagement)
    due.refresh_from_db()
    assert due.done_at is not None


def test_a_minor_s_engagement_is_on_the_list_once_it_was_approved(cast: Cast) -> None:
    young = make.case(cast.amina, cast.team_of("amina"), birth_date=date.today() - timedelta(days=16 * 365))
    release(cast, young, a_matter(cast, young), signing=BOTH)
    assert not Due._base_manager.filter(case=young, kind="ENGAGEMENT").exists()
    [waiting] = [one for one in access.waiting_grants().filter(case=young) if one.parent_id is None]
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)
    assert Due._base_manager.get(case=young, kind="ENGAGEMENT").assigned_to == cast.chidi


# ---- Pages ----


def test_her_home_and_the_page_of_the_matter_say_until_when(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant, sign_in
) -> None:
    ended(cast, engagement)
    closes = AccessGrant._base_manager.get(pk=engagement.pk).expires_at + AFTER_ENGAGEMENT
    until = date_format(closes.astimezone(cast.chidi.zone).date(), "j F Y")
    client = sign_in(cast.chidi)
    home = client.get(reverse("attorney-home")).text
    assert "Ended: your file is here until" in home and until in home and reverse("matter", args=[matter.uid]) in home
    assert "No matter is yours" not in home and "Access ended" not in home
    page = client.get(reverse("matter", args=[matter.uid])).text
    assert "Open to read only, until" in page and until in page and reverse("matter-file", args=[matter.uid]) in page
    assert "second day" in page and "••••••O-1" in page and "Answer the letter" in page
    for act in (
        "file-note-new",
        "filing-new",
        "paper-new",
        "deadline-new",
        "hearing-new",
        "matter-stage",
        "matter-close",
    ):
        assert reverse(act, args=[matter.uid]) not in page, act
    why = client.get(reverse("matter-why", args=[matter.uid])).text
    assert "Your engagement ended on" in why and until in why and "You read and write" not in why
    assert client.get(reverse("case-overview", args=[case.uid])).status_code == 404


def test_the_page_of_a_matter_that_runs_says_what_comes_after(cast: Cast, matter: Matter, sign_in) -> None:
    client = sign_in(cast.chidi)
    assert "Open to read only" not in client.get(reverse("matter", args=[matter.uid])).text
    assert "After that day your own file stays open" in client.get(reverse("matter-why", args=[matter.uid])).text


def test_every_write_is_refused_in_kind_words(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant, sign_in
) -> None:
    """Each form of the matter, sent as if the page had still been open, and the act behind it."""
    deadline = add_deadline(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, due_on=date(2027, 4, 9), kind="AGENCY", title="Next",
        authority="Letter",
    )  # fmt: skip
    paper = make.document(case, cast.chidi, b"Hers", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")
    ended(cast, engagement)
    client, before = sign_in(cast.chidi), Event.objects.filter(verb=Verb.ACCESS_REFUSED).count()
    writes = [
        ("file-note-new", {"body": "Too late", "privilege_class": "ATTORNEY_WORK_PRODUCT"}), ("filing-new", {}),
        ("paper-new", {}), ("deadline-new", {}), ("hearing-new", {}), ("matter-stage", {"stage": "FILED"}),
        ("matter-close", {}), ("deadline-met", {"deadline_uid": deadline.uid}),
        ("deadline-confirm", {"deadline_uid": deadline.uid}), ("matter-document-withdraw", {"document_uid": paper.uid}),
    ]  # fmt: skip
    for name, sent in writes:
        inside = {key: value for key, value in sent.items() if key.endswith("_uid")}
        response = client.post(reverse(name, kwargs={"uid": matter.uid, **inside}), sent)
        assert response.status_code == 403 and "your file is open to read" in response.text, name
    assert Event.objects.filter(verb=Verb.ACCESS_REFUSED).count() == before + len(writes)
    with pytest.raises(EngagementHasEnded):
        add_note(
            actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=matter.uid,
            privilege_class="ATTORNEY_WORK_PRODUCT", body="Too late",
        )  # fmt: skip
    assert Note._base_manager.filter(matter=matter).count() == 1


def test_the_page_that_ends_it_offers_both_ways_in_words(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant, sign_in
) -> None:
    client, page = sign_in(cast.amina), reverse("access-revoke", args=[case.uid, engagement.uid])
    text = client.get(page).text
    assert "End the engagement now" in text and "End it and close the file, too" in text and "stays open" in text
    assert client.post(page).status_code == 302 and may(cast, case) == (True, False)
    sharing = client.get(reverse("case-sharing", args=[case.uid])).text
    assert "the own file is open to read only" in sharing
    text = client.get(page).text
    assert "Close the file now" in text and "End the engagement now" not in text
    assert client.post(page, {"with_own_file": "1"}).status_code == 302 and may(cast, case) == (False, False)
    assert access.get_for(cast.amina, case.uid, read(Section.LEGAL))


def test_a_refusal_elsewhere_keeps_its_own_words(cast: Cast, case: Case, matter: Matter) -> None:
    """Only an attorney whose engagement is over reads of that: a caseworker without the file is simply refused."""
    with pytest.raises(Refused) as refused:
        access.get_matter_for(cast.amina, matter.uid, WRITE_MATTER)
    assert not isinstance(refused.value, EngagementHasEnded)
