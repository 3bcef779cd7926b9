"""The whole matrix of addresses with the second wall: it changes no answer, and it holds where the door stands open."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from casemgmt.access import compiled
from casemgmt.access.sections import CASE_PERMISSIONS
from cases import access
from cases.access import door, orders, pages
from cases.models import Case, CaseUserPermission, Matter, Wall
from tests.cast import Cast
from tests.house.matrix import Records, addresses, content_of, given_away
from tests.house.test_url_matrix import PEOPLE
from tests.house.world import World, north, south, words_of, world  # noqa: F401  fixtures
from tests.operations.row_security_role import bound_by_policies

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Policies are a matter of PostgreSQL."),
]
FAR = datetime(2999, 1, 1, tzinfo=UTC)
Answers = dict[tuple[str, str, str], tuple[int, str]]


def _walk(cast: Cast, records: Records, sign_in: Callable[..., Client], people: Iterable[str]) -> Answers:
    """Every address for every person: the status and the words that can be read. What it changes is taken back."""
    found: Answers = {}
    with transaction.atomic():
        for key in people:
            person = getattr(cast, key)
            client = sign_in(person)
            for address in addresses():
                rule = address.rule
                if address.name == "no-such-page" or rule is None or rule.kind == "public":
                    continue
                if rule.kind == "roles" and not person.holds_role(*rule.detail):
                    continue  # refused before anything is read
                for method in ("get", "post"):
                    if address.name in LEAVING:
                        continue
                    with transaction.atomic():
                        response = getattr(client, method)(records.path(address))
                        found[key, address.name, method] = (response.status_code, _words(response))
                        transaction.set_rollback(True)
        transaction.set_rollback(True)
    return found


#: What ends the session with which we walk.
LEAVING = {"lock", "end-other-sessions", "end-session"}


def _words(response: Any) -> str:
    """What a reader sees of a page, without what is new each time."""
    body = content_of(response).decode(errors="replace").partition("\nContent-Type:")[0]
    body = re.sub(r"<(head|script|form)\b.*?>|<[^>]*>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "", body))


#: Whoever reads in a way of her own: a case, and one matter of it. Before a release everybody.
QUICKLY = ("amina", "chidi")


def _compare(cast: Cast, north: Records, sign_in: Callable[..., Client], people: Iterable[str]) -> int:  # noqa: F811
    without = _walk(cast, north, sign_in, people)
    with bound_by_policies():
        bound = _walk(cast, north, sign_in, people)
    differs = [(key, without[key][0], bound[key][0]) for key in without if without[key][0] != bound[key][0]]
    assert differs == []
    words = {key: (without[key][1], bound[key][1]) for key in without if without[key][1] != bound[key][1]}
    assert words == {}
    return len(without)


def test_the_matrix_gives_the_same_answers(cast: Cast, north: Records, south: Case, sign_in) -> None:  # noqa: F811
    assert _compare(cast, north, sign_in, QUICKLY) > 400


@pytest.mark.deep
def test_the_whole_matrix_gives_the_same_answers(cast: Cast, north: Records, south: Case, sign_in) -> None:  # noqa: F811
    assert _compare(cast, north, sign_in, PEOPLE) > 2000


@pytest.fixture
def open_door(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The door replaced by open querysets: everybody holds everything, and lists are of all cases."""
    everything = [codename for codename, _words in CASE_PERMISSIONS]

    def holdings(actor: Any, cases: Any, *, at: Any = None) -> dict[int, Any]:
        found = {}
        for one in cases:
            key = one if isinstance(one, int) else one.pk
            basis = access.Basis(actor.uid, "ASSIGNMENT", "CASEWORK", FAR, False)
            matters = dict.fromkeys(Matter._base_manager.filter(case_id=key).values_list("uid", flat=True), basis)
            found[key] = access.Holding(dict.fromkeys(everything, basis), matters, dict(matters))
        return found

    def rows(*_asked: Any) -> list[Any]:
        return [CaseUserPermission.objects.all()]

    monkeypatch.setattr(door, "holdings", holdings)
    monkeypatch.setattr(pages, "holdings", holdings)
    monkeypatch.setattr(orders, "holdings", holdings)
    monkeypatch.setattr(access, "holdings", holdings)
    monkeypatch.setattr(door, "_visible_case_ids", lambda *_asked: Case._base_manager.values("pk"))
    monkeypatch.setattr(door, "section_held", lambda *_asked: Q())
    for module in (door, pages):
        monkeypatch.setattr(module, "_standing_walls", lambda *_asked: Wall._base_manager.none())
    monkeypatch.setattr(pages, "_rows_of_principals", rows)
    compiled.forget()
    yield
    compiled.forget()  # what was written down behind an open door answers nobody else


# Not Jonas: both survivors of this world stay in his house, so that no case of it is foreign to him.
@pytest.mark.parametrize(
    "people",
    [QUICKLY, pytest.param(("gita", "hugo", "farid", "luis", "ines"), marks=pytest.mark.deep)],
    ids=["some", "others"],
)
def test_it_alone_refuses_every_foreign_row(
    people: Iterable[str], cast: Cast, world: World, north: Records, south: Case, sign_in, open_door: None  # noqa: F811
) -> None:  # fmt: skip
    foreign = world.south
    overview = reverse("case-overview", args=[south.uid])
    amina = sign_in(cast.amina)
    assert south.number in amina.get(overview).text  # the door does stand open
    assert south.number in amina.get(reverse("cases")).text
    wrong = []
    asked = 0
    with bound_by_policies():
        for key in people:
            client = sign_in(getattr(cast, key))
            for address in addresses():
                if address.rule is None or address.rule.kind in ("public", "roles") or address.name == "no-such-page":
                    continue
                response = client.get(foreign.path(address))
                said = given_away(response, words_of(south), asked=foreign.path(address))
                asked += 1
                if said or (address.is_of_a_case and response.status_code not in (404, 405)):
                    wrong.append((key, address.name, response.status_code, said))
        assert north.case.number in sign_in(cast.amina).get(reverse("cases")).text  # and her own are there
        assert south.number in sign_in(cast.dana).get(overview).text
    assert wrong == []
    assert asked > 200
