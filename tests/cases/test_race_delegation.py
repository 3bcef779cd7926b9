"""On a real PostgreSQL: lending and taking away the same access at once leaves nothing lent that nobody holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions import delegation, emergency, grants, reviews, walls
from cases.actions.walls import place_wall
from cases.errors.guarding import NothingFoundInEmergency, NothingToDelegate
from cases.errors.reviews import ReviewIsOpen
from cases.models import Case, CaseUserPermission
from tests.cases.test_race import case, cast, one_after_the_other, slowly
from tests.cast import Cast

__all__ = ["case", "cast"]

pytestmark = pytest.mark.postgresql


def _lend(cast: Cast) -> Callable[[], Any]:
    now = clock.now()
    return lambda: delegation.delegate_access(
        actor=cast.amina, now=now, colleague=cast.dana, until=now + timedelta(days=3)
    )


def _revoke(cast: Cast, case: Case) -> Callable[[], Any]:
    grant = access.grants_with_grounds().get(person=cast.amina, case=case, parent__isnull=True)
    return lambda: grants.revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)


def in_force(cast: Cast, case: Case) -> int:
    rows = CaseUserPermission.objects.filter(user=cast.dana, content_object=case, expires_at__gt=clock.now())
    return rows.count()


def test_what_is_being_lent_is_taken_away_with_what_it_rests_on(cast: Cast, case: Case, monkeypatch) -> None:
    revoke = _revoke(cast, case)
    inside = slowly(monkeypatch, delegation, "write_grant")
    lender, revoker = one_after_the_other(_lend(cast), revoke, inside)
    assert lender.error is None and revoker.error is None
    assert in_force(cast, case) == 0 and access.drift() == []
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)


def test_what_was_taken_away_while_one_waited_is_not_lent(cast: Cast, case: Case, monkeypatch) -> None:
    lend = _lend(cast)
    inside = slowly(monkeypatch, grants, "record")
    _revoker, lender = one_after_the_other(_revoke(cast, case), lend, inside)
    assert isinstance(lender.error, NothingToDelegate)
    assert in_force(cast, case) == 0 and access.drift() == []


def test_two_who_begin_a_review_at_once_begin_one(cast: Cast, case: Case, monkeypatch) -> None:
    team, now = case.team, clock.now()
    inside = slowly(monkeypatch, reviews, "record")
    _first, second = one_after_the_other(
        lambda: reviews.begin_review(actor=cast.kemi, now=clock.now(), team=team),
        lambda: reviews.begin_review(actor=cast.omar, now=now, team=team),
        inside,
    )
    assert isinstance(second.error, ReviewIsOpen)


def test_an_emergency_that_waited_for_a_wall_opens_nothing(cast: Cast, case: Case, monkeypatch) -> None:
    number, now = case.number, clock.now()
    inside = slowly(monkeypatch, walls, "record")
    _waller, taker = one_after_the_other(
        lambda: place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana),
        lambda: emergency.take_emergency_access(actor=cast.dana, now=now, number=number, reason="She called from the street."),
        inside,
    )  # fmt: skip
    assert isinstance(taker.error, NothingFoundInEmergency)
    assert in_force(cast, case) == 0
