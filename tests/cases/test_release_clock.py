"""A release's life with a moving clock: the warning on the worker's home, its end, and what ends and stays with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from audit.context import audit_context
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section, read
from cases import access
from cases.actions.delegation import delegate_access, lendable
from cases.actions.due import stamp_everything_due
from cases.actions.grants import give_access
from cases.actions.notes import add_note
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms, withdraw_release
from cases.choices.sharing import GrantKind, Purpose
from cases.models import AccessGrant, Case, Matter, Notice, Release
from cases.windows import AFTER_ENGAGEMENT, ENGAGEMENT_LIMIT
from tests.cases.releasing import release
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.sql

SECOND = timedelta(seconds=1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything at one instant; the schedule has had its turn."""
    with time_machine.travel(moment, tick=False):
        with audit_context("job", "a test"):
            stamp_everything_due()
        yield


def sees(person, case) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def warned(person) -> bool:
    return Notice._base_manager.filter(person=person, kind="RELEASE_ENDS").exists()


@pytest.fixture
def matter(cast, case) -> Matter:
    return a_matter(cast, case)


@pytest.mark.parametrize(
    ("purpose", "days", "warned_before"),
    [(Purpose.REFERRAL, 28, 7), (Purpose.SERVICE_COORDINATION, 80, 20), (Purpose.LEGAL_REPRESENTATION, 170, 30)],
)
def test_the_warning_is_on_her_home_in_the_last_quarter_and_at_most_thirty_days_before(
    cast, case, sign_in, purpose, days, warned_before
):
    given = release(cast.amina, case, cast.hugo.organisation, purpose=purpose, days=days)
    home = reverse("day")

    def told() -> tuple[bool, bool, bool]:
        """The notice of the day, the line on her home, and the amber on the case."""
        client = sign_in(cast.amina)
        page = client.get(home).content.decode()
        ribbon = client.get(reverse("case-overview", args=[case.uid])).content.decode()
        news = page.partition('id="notices-heading"')[2].partition("</section>")[0]
        return warned(cast.amina), "Release ends" in news, "Renew it with the survivor in time" in ribbon

    with at(given.expires_at - timedelta(days=warned_before + 1)):
        assert told() == (False, False, False)
    with at(given.expires_at - timedelta(days=warned_before) + timedelta(hours=1)):
        assert told() == (True, True, True)
        page = sign_in(cast.amina).get(home).content.decode()
        assert f"Release to {given.recipient.name} ends" in page
        assert reverse("case-sharing", args=[case.uid]) in page, "and the way to renew it"
    with at(given.expires_at + timedelta(days=1)):
        overview = sign_in(cast.amina).get(reverse("case-overview", args=[case.uid])).content.decode()
        assert "The last release has ended" in overview


def test_r4_its_end_closes_every_part_of_the_house_at_that_instant_and_the_file_stays(cast, case, matter):
    """The attorney: open parts close, her own file is hers until the engagement ends."""
    given = to_attorney(cast, case, matter)
    began = AccessGrant._base_manager.filter(person=cast.chidi, parent__isnull=True).get()
    with at(given.expires_at - SECOND):
        assert sees(cast.chidi, case) and access.get_for(cast.chidi, case.uid, read(Section.SERVICES))
    with at(given.expires_at):
        assert not sees(cast.chidi, case)
        with pytest.raises(Hidden):
            access.get_for(cast.chidi, case.uid)
        held = access.get_matter_for(cast.chidi, matter.uid).case.holding
        assert held is not None and held.readable == [] and matter.uid in held.writable_matters
        add_note(
            actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=matter.uid, privilege_class="ATTORNEY_WORK_PRODUCT",
            body="After the end",
        )  # fmt: skip
        assert access.drift() == []
    with at(began.valid_from + ENGAGEMENT_LIMIT - SECOND):
        assert access.get_matter_for(cast.chidi, matter.uid)
    with at(began.valid_from + ENGAGEMENT_LIMIT):
        held = access.get_matter_for(cast.chidi, matter.uid).case.holding
        assert held is not None and not held.writes(Section.LEGAL_FILE, matter.uid), "then she reads it for a while"
    with at(began.valid_from + ENGAGEMENT_LIMIT + AFTER_ENGAGEMENT), pytest.raises(Hidden):
        access.get_matter_for(cast.chidi, matter.uid)


def test_her_word_does_the_same_in_one_transaction(cast, case, matter):
    given = to_attorney(cast, case, matter)
    with at(clock.now() + timedelta(days=10)):
        assert sees(cast.chidi, case)
        withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
        assert not sees(cast.chidi, case) and access.get_matter_for(cast.chidi, matter.uid)
        assert access.drift() == []


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_everybody_of_the_partner_goes_at_once_and_nobody_of_the_house(cast, case, how):
    """Two accesses on one release, one of which waited and was approved: all of them end together."""
    given = release(
        cast.amina, case, cast.hugo.organisation, terms=Terms(categories=["IDENTITY", "CONTACT"]), days=20,
    )  # fmt: skip
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=given.uid, person=cast.hugo
    )
    give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    moment = given.expires_at if how == "expired" else clock.now() + timedelta(days=3)
    with at(moment - SECOND):
        assert sees(cast.hugo, case)
    with at(moment):
        if how == "withdrawn":
            withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="WRITTEN")
        assert not sees(cast.hugo, case)
        assert sees(cast.gita, case) and sees(cast.amina, case) and access.drift() == []


def test_what_rests_on_a_release_is_not_lent_and_what_is_lent_goes_with_what_it_was_lent_of(cast, case, matter):
    """One hop, never of what a survivor's signature gave to one person; and the end of the first ends the second."""
    to_attorney(cast, case, matter)
    assert lendable(cast.chidi, at=clock.now()) == []
    now = clock.now()
    hers = AccessGrant._base_manager.get(person=cast.amina, case=case, kind="ASSIGNMENT")
    lent = delegate_access(
        actor=cast.amina, now=now, colleague=cast.dana, until=now + timedelta(days=20), case_uids=[case.uid]
    )
    assert lent.parent_id == hers.pk and lendable(cast.dana, at=clock.now()) == []
    with at(now + timedelta(days=10)):
        assert sees(cast.dana, case)
    with at(now + timedelta(days=20)):
        assert not sees(cast.dana, case) and sees(cast.amina, case)


def test_a_renewed_release_warns_for_its_own_end_only(cast, case):
    former = release(cast.amina, case, cast.hugo.organisation, days=20)
    with at(former.expires_at - timedelta(days=4)):
        assert warned(cast.amina)
        renewed = release(
            cast.amina,
            case,
            cast.hugo.organisation,
            days=24,
            purpose=Purpose.SERVICE_COORDINATION,
            renews_uid=former.uid,
        )
        assert access.for_the_house(Release).get(pk=former.pk).withdrawn_how == "RENEWED"
    with at(former.expires_at + timedelta(days=1)):
        left = Notice._base_manager.filter(person=cast.amina, kind="RELEASE_ENDS").count()
        assert left == 1, "the former one is over and says nothing more"
    with at(renewed.expires_at - timedelta(days=5)):
        assert Notice._base_manager.filter(person=cast.amina, kind="RELEASE_ENDS").count() == 2
