"""On a real PostgreSQL: writers hammer on a case while its access ends, by a revocation, a wall, a release taken back.

What ``test_race`` shows once, slowed down so that the order is certain, is here left to chance, over and over.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from cases import access
from cases.actions import releases
from cases.models import AccessGrant, Case, Note, Release
from tests import make
from tests.cases import releasing
from tests.cases.test_race import Runner, case, cast, one_after_the_other, slowly
from tests.cases.test_race import _revoke as revoke
from tests.cases.test_race import _wall as wall
from tests.cases.test_race import _write as write_note
from tests.cast import Cast

__all__ = ["case", "cast"]

pytestmark = pytest.mark.postgresql
WRITERS = 4
#: What ends an access in the ledger.
ENDINGS = ("ACCESS_REVOKED", "WALL_PLACED", "RELEASE_WITHDRAWN")


def test_a_write_that_waited_for_the_end_of_a_release_is_not_committed(cast: Cast, case: Case, monkeypatch) -> None:
    release, write = _released(cast, case), write_note(cast, case, by=cast.chidi)
    inside = slowly(monkeypatch, releases, "record")
    withdraw = partial(
        releases.withdraw_release, actor=cast.amina, now=clock.now(), release_uid=release.uid, how="ORAL"
    )
    _caseworker, writer = one_after_the_other(withdraw, write, inside)
    assert isinstance(writer.error, Hidden)
    assert not access.within(Note, case).exists()


@pytest.mark.parametrize("rounds", [6, pytest.param(40, marks=pytest.mark.deep)])
@pytest.mark.parametrize("ending", ["revoke", "wall", "withdraw"])
def test_in_no_race_is_a_write_committed_late(cast: Cast, case: Case, ending: str, rounds: int) -> None:
    """Four writers hammer on a case, while its access ends somewhere in between; over and over, and nothing is slowed."""
    late, in_time = 0, 0
    for _round in range(rounds):
        writer = cast.chidi if ending == "withdraw" else cast.amina
        fresh = make.case(cast.amina, cast.team_of("amina"))
        end = {
            "revoke": lambda one=fresh: revoke(cast, one),
            "wall": lambda one=fresh: wall(cast, one),
            "withdraw": lambda one=fresh: partial(
                releases.withdraw_release,
                actor=cast.bea,
                now=clock.now(),
                release_uid=_released(cast, one).uid,
                how="ORAL",
            ),
        }[ending]()
        order: list[str] = []
        writers = [Runner(_until_refused(cast, fresh, writer), order, "writer") for _number in range(WRITERS)]
        threading.Event().wait(0.02)
        writers.append(Runner(end, order, "ending"))
        for runner in writers:
            runner.join(30)
            assert not runner.is_alive(), "the two wait for each other"
        told = Event.objects.filter(case_uid=fresh.uid, verb__in=["NOTE_ADDED", *ENDINGS]).order_by("pk")
        verbs = list(told.values_list("verb", flat=True))
        ended = next(place for place, verb in enumerate(verbs) if verb in ENDINGS)
        late += verbs[ended:].count("NOTE_ADDED")
        in_time += ended
    assert late == 0
    assert in_time >= rounds, "there was nothing to be late"


def _until_refused(cast: Cast, case: Case, writer: User) -> Callable[[], Any]:
    def write() -> None:
        for _time in range(200):
            write_note(cast, case, by=writer)()

    return write


def _released(cast: Cast, case: Case) -> Release:
    """Her release to the attorney, who may write of her services by it: an access for this test alone."""
    release = releasing.release(cast.amina, case, cast.chidi.organisation)
    grant = AccessGrant(
        case=case, person=cast.chidi, kind="ASSIGNMENT", purpose="CASEWORK", permissions=["read_card", "write_services"],
        granted_by=cast.bea, granted_at=clock.now(), valid_from=clock.now(), expires_at=release.expires_at, release=release,
    )  # fmt: skip
    grant.save()
    access.materialise(access.grants_with_grounds().get(pk=grant.pk), is_new=True)
    return release
