"""A wall tells nothing in a list either: bytes and statements are those of a house in which the case never was."""

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
from cases.actions.indexing import fill
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind
from cases.models import Case
from tests import make
from tests.cases.test_matching import shapes, without_what_is_random

#: Every list in which a case of hers stands, with its filters and orders.
LISTS = (
    "/cases/", "/cases/?status=ACTIVE", "/cases/?sort=ACTIVITY", "/cases/?sort=DEADLINE", "/day/", "/tasks/", "/team/",
)  # fmt: skip


def measured(client: Any, path: str, posted: dict[str, str] | None = None) -> tuple[int, str, list[str]]:
    """Status, bytes and shapes of the statements; a search is followed to its page."""
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = client.get(path) if posted is None else client.post(path, posted, follow=True)
    sent = shapes([query["sql"] for one in seen for query in one.captured_queries])
    return answer.status_code, without_what_is_random(answer.content.decode()), sent


@pytest.fixture
def dana(cast, sign_in):
    """Dana with a case of her own, so that her lists are not empty, and her keys open."""
    make.case(cast.dana, cast.team_of("dana"), first_name="Odette", second_name="Millbrook")
    client = sign_in(cast.dana)
    for path in LISTS:
        client.get(path)
    return client


def hidden_from(cast: Any, *, walled: bool) -> Case:
    """A case of Amina's that Dana is assigned to and walled from; or one that she never had to do with."""
    case = make.case(cast.amina, cast.team_of("amina"), first_name="Perpetua", second_name="Sallowby")
    if walled:
        give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
        place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.dana)
    return case


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("walled", [True, False])
def test_no_list_changes_by_a_byte_or_a_statement(cast, dana, path, walled):
    with time_machine.travel(timezone.now(), tick=False):
        before = [measured(dana, path) for _twice in range(2)][-1]
        hidden_from(cast, walled=walled)
        after = [measured(dana, path) for _twice in range(2)][-1]
    assert after[0] == before[0] and after[1] == before[1]
    assert after[2] == before[2]


@pytest.mark.parametrize("way", ["scan", "index"])
@pytest.mark.parametrize("term", ["Sallowby", "Perpetua Sallowby", "number"])
def test_no_search_either(cast, dana, settings, way, term):
    """Looked for by name and by number: walled, a stranger's, and nobody's answer the same."""
    settings.CASE_SEARCH = way
    fill(reason="a test")
    found = {}
    with time_machine.travel(timezone.now(), tick=False):
        for which in ("nothing", "stranger", "walled"):
            case = None if which == "nothing" else hidden_from(cast, walled=which == "walled")
            sought = "HV-2222-2222" if case is None else case.number
            posted = {"q": sought if term == "number" else term}
            answers = [measured(dana, reverse("case-search"), posted) for _twice in range(2)]
            page = answers[-1][1].replace(sought, "…")
            found[which] = (answers[-1][0], page, answers[-1][2])
    for which in ("stranger", "walled"):
        assert found[which][0] == found["nothing"][0] and found[which][1] == found["nothing"][1], which
    assert found["walled"][2] == found["stranger"][2]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.sql
def test_the_counts_of_the_list_do_not_count_it(cast, dana, count):
    before = measured(dana, "/cases/")[1]
    with time_machine.travel(timezone.now(), tick=False):
        for _number in range(count):
            hidden_from(cast, walled=True)
        assert measured(dana, "/cases/")[1] == before
