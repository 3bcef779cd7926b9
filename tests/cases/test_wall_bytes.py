"""Whoever stands behind a wall finds the bytes and the statements of a case that does not exist, at every address."""

from contextlib import ExitStack
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from cases.actions.grants import give_access
from cases.actions.walls import restrict_case
from cases.choices.sharing import GrantKind
from tests import make
from tests.cases.test_matching import shapes
from tests.cases.walling import sees, wall
from tests.house.test_url_matrix import addresses

pytestmark = pytest.mark.walks


# ---- What whoever is behind one finds ----


def measured(client: Any, path: str, method: str = "get") -> tuple[int, bytes, list[str]]:
    """Status, bytes and shapes of the statements of one request."""
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = getattr(client, method)(path)
    return answer.status_code, answer.content, shapes([query["sql"] for one in seen for query in one.captured_queries])


@pytest.fixture
def closed_off(cast, case):
    """Cases that Bea cannot open: none at all, walled in three ways, restricted, a stranger's."""
    whom = {"person": {"person": cast.bea}, "team": {"team": cast.team_of("bea")}}
    found = {"nothing": cast.bea.uid, "stranger": make.case(cast.dana, cast.team_of("dana")).uid}
    for name, against in whom.items():
        one = make.case(cast.amina, cast.team_of("amina"))
        wall(one, cast.kemi, **against)
        found[name] = one.uid
    hers = make.case(cast.dana, cast.team_of("dana"))
    give_access(
        actor=cast.dana, now=clock.now(), case_uid=hers.uid, kind=GrantKind.ASSIGNMENT, team=cast.team_of("bea")
    )
    assert sees(cast.bea, hers)
    restrict_case(actor=cast.dana, now=clock.now(), case_uid=hers.uid, is_restricted=True)
    return {**found, "restricted": hers.uid}


def guarded_names() -> list[str]:
    """Every address of one case."""
    return [
        address.name for address in addresses()
        if address.rule and address.rule.kind == "guarded" and address.parameters == ("uid",)
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "of"), [("get", "person"), ("get", "restricted"), ("post", "person")])
def test_bytes_and_statements_are_those_of_a_case_that_does_not_exist(cast, closed_off, sign_in, method, of):
    """At every address. The clock stands, because a session says now and then that it is alive."""
    client, names = sign_in(cast.bea), guarded_names()
    assert len(names) > 30 and "case-restrict" in names and "case-requests" in names
    with time_machine.travel(timezone.now(), tick=False):
        for _once_and_again in range(2):  # keys that are opened once are open
            client.get(reverse("case-overview", args=[closed_off["nothing"]]))
        for name in names:
            walled, nothing = (
                measured(client, reverse(name, args=[closed_off[which]]), method) for which in (of, "nothing")
            )
            # The method is looked at before the case: there both are told the same, too.
            assert walled == nothing and walled[0] in (404, 405), (name, method)


@pytest.mark.sql
def test_whatever_kind_of_wall_it_is(cast, closed_off, sign_in):
    client = sign_in(cast.bea)
    with time_machine.travel(timezone.now(), tick=False):
        for _once_and_again in range(2):
            client.get(reverse("case-overview", args=[closed_off["nothing"]]))
        for name in ("case-overview", "case-sharing", "case-history", "case-print"):
            answers = [measured(client, reverse(name, args=[uid])) for uid in closed_off.values()]
            assert len(answers) == 5 and all(answer == answers[0] for answer in answers), name
