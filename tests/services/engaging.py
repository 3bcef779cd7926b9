"""An attorney at work on one matter, for tests of her own file: everything through the real actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import time_machine

from audit import clock
from audit.models import Event
from casemgmt.access.sections import READ_MATTER, WRITE_MATTER, Section
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.notes import add_note
from cases.models import AccessGrant, Case, Matter
from services.actions.legal import add_deadline, add_filing, add_hearing
from tests import make
from tests.cast import Cast
from tests.services.test_release_and_matter import a_matter, release

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
FORMULA = '=HYPERLINK("https://example.org","Receipt")'


def at_work(cast: Cast, case: Case) -> Matter:
    """A matter that her attorney has, with a note, a filing, a deadline, a hearing and two papers."""
    found = a_matter(cast, case)
    release(cast, case, found)
    add_note(
        actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=found.uid, privilege_class="ATTORNEY_WORK_PRODUCT",
        body="Draft of the declaration, second day.",
    )  # fmt: skip
    add_filing(
        actor=cast.chidi,
        now=clock.now(),
        matter_uid=found.uid,
        title=FORMULA,
        receipt="DEMO-1",
        filed_on=date(2026, 3, 4),
    )
    add_deadline(
        actor=cast.chidi, now=clock.now(), matter_uid=found.uid, due_on=date(2027, 3, 9), kind="AGENCY", title="Answer the letter",
        authority="Letter of the agency",
    )  # fmt: skip
    add_hearing(
        actor=cast.chidi, now=clock.now(), matter_uid=found.uid, starts_at=datetime(2027, 5, 4, 14, tzinfo=clock.now().tzinfo),
        time_zone="America/New_York", hearing_type="USCIS_INTERVIEW", place="Room 3", must_attend=True, interpreter_needed=True,
    )  # fmt: skip
    make.document(case, cast.chidi, b"A draft of her own.", case_uid=None, matter_uid=found.uid, section="LEGAL_FILE")
    make.document(case, cast.amina, b"A letter of the agency.", case_uid=None, matter_uid=found.uid, section="LEGAL")
    return found


def engagement_in(cast: Cast, matter: Matter) -> AccessGrant:
    """Her access to the matter itself."""
    return AccessGrant._base_manager.get(person=cast.chidi, matter=matter, release=None)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def ended(cast: Cast, engagement: AccessGrant, **how: Any) -> AccessGrant:
    """The lead ends it."""
    return revoke_access(actor=cast.amina, now=clock.now(), grant_uid=engagement.uid, **how)


def may(cast: Cast, case: Case) -> tuple[bool, bool]:
    """Whether the attorney may read and write the file, as the door, the backend and the explanation say alike."""
    matter = Matter.objects.all().admitted_by_the_door().select_related("case").get(case=case)
    held = access.holdings(cast.chidi, [case]).get(case.pk)
    found = {
        READ_MATTER: held is not None and held.reads(Section.LEGAL_FILE, matter.uid),
        WRITE_MATTER: held is not None and held.writes(Section.LEGAL_FILE, matter.uid),
    }
    for permission, answer in found.items():
        assert cast.chidi.has_perm(f"cases.{permission}", matter) == answer, permission
        assert access.explain(cast.chidi, case, permission).allowed == answer, permission
    assert access.drift() == []
    return found[READ_MATTER], found[WRITE_MATTER]


def events_of(verb: str, case: Case) -> list[Event]:
    """What the ledger says of a case, oldest first."""
    return list(Event.objects.filter(verb=verb, case_uid=case.uid).order_by("pk"))
