"""Who could see a case on that date: what the door said then, asked again after everything has changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from audit import clock
from audit.context import demo_context
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.actions.people import deactivate_person
from casemgmt.accounts.actions.teams import end_membership
from casemgmt.accounts.models import User
from cases import access
from cases.actions.grants import give_access, revoke_access
from cases.actions.walls import place_wall, restrict_case
from cases.choices.sharing import GrantKind
from cases.models import Case
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

PERMISSIONS = (READ_CARD, read(Section.IDENTITY), read(Section.HEALTH), read(Section.SHELTER_OPS))
Seen = dict[tuple[datetime, str], set[str]]


def _story(cast: Cast) -> tuple[Case, list[tuple[datetime, Callable[[datetime], object]]]]:
    """A case opened a hundred days ago, and what happened to its access since."""
    start = clock.now() - timedelta(days=100)
    with demo_context():
        case = make.case(cast.amina, cast.team_of("amina"), now=start)
    uid = case.uid
    given: dict[str, object] = {}

    def give(actor: User, name: str, kind: str, **whom: object) -> Callable[[datetime], object]:
        def act(now: datetime) -> None:
            given[name] = give_access(actor=actor, now=now, case_uid=uid, kind=kind, **whom)  # type: ignore[arg-type]

        return act

    amina, bea, dana = cast.amina, cast.bea, cast.dana
    membership = dana.memberships.get()
    acts: list[Callable[[datetime], object]] = [
        give(amina, "south", GrantKind.ASSIGNMENT, team=cast.team_of("dana")),
        give(bea, "gita", GrantKind.CLINICAL, person=cast.gita, until=start + timedelta(days=45)),
        lambda now: place_wall(actor=bea, now=now, case_uid=uid, person=cast.nadia),
        give(amina, "shelter", GrantKind.RESIDENCE, team=cast.team_of("jonas")),
        lambda now: restrict_case(actor=amina, now=now, case_uid=uid, is_restricted=True),
        lambda now: restrict_case(actor=amina, now=now, case_uid=uid, is_restricted=False),
        lambda now: end_membership(actor=cast.farid, now=now, membership=membership),
        lambda now: revoke_access(actor=bea, now=now, grant_uid=given["shelter"].uid),  # type: ignore[attr-defined]
        lambda now: deactivate_person(actor=cast.farid, now=now, user=cast.amina),
    ]
    return case, [(start + timedelta(days=10 * number), act) for number, act in enumerate(acts, start=1)]


def test_the_answer_for_a_past_moment_is_what_the_door_said_then(cast: Cast) -> None:
    case, acts = _story(cast)
    said: Seen = {}
    for at, act in acts:
        for moment in (at - timedelta(microseconds=1), at):
            with demo_context():
                if moment == at:
                    act(at)
                for permission in PERMISSIONS:
                    said[moment, permission] = {
                        person.email
                        for person in User.objects.all()
                        if access.visible(Case, person, permission, at=moment).filter(pk=case.pk).exists()
                    }
    case.refresh_from_db()
    for (moment, permission), then in said.items():
        now = {person.email for person in access.who_could_see(case, permission, moment)}
        assert now == then, (moment, permission)
    assert len({frozenset(one) for one in said.values()}) >= 6  # the story did change the answers
