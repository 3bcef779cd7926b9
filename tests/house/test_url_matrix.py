"""Every address carries a rule, and does what the rule says, for every person of the cast.

Walks the resolver, so that an address nobody thought of is found by name. What a person may open is compared
with ``access.explain``, which answers from the grants and not from the rows that the pages ask. Every answer (pages,
files, exports, addresses it sends to) is searched for the words of cases that its reader may not know of.
"""

import os
import re
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from casemgmt.access.sections import READ_MATTER, WRITE_MATTER, Section, read
from casemgmt.accounts.choices import Role
from cases import access
from cases.models import Case
from tests.cast import Cast
from tests.house.matrix import Address, Records, Row, addresses, any_arguments, given_away
from tests.house.world import World, words_of

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

#: The whole of what a stranger can reach. A new line here is a decision.
PUBLIC = {
    "healthz", "robots", "theme", "language", "sign-in", "account_login", "sign-out", "account_logout", "mfa_authenticate",
    "mfa_login_webauthn", "accept-invitation", "demo", "demo-sign-in",
    "calendar-feed",
}  # fmt: skip

PEOPLE = (
    "amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas", "kemi", "luis", "mara", "nadia", "omar",
    "petra",
)  # fmt: skip
#: Of them in every run: each way of holding something of the northern case, and strangers; everybody before a release.
QUICKLY = ("amina", "bea", "chidi", "dana", "gita", "kemi", "luis")
#: Of them on PostgreSQL: a colleague, an attorney and a stranger. The rule is the same code, and its rows come by SQL.
FEW = ("amina", "chidi", "dana")
EACH_RUN = FEW if os.environ.get("HAVEN_TEST_ENGINE") == "postgresql" else QUICKLY
IN_TURN = pytest.mark.parametrize(
    "people", [EACH_RUN, pytest.param(PEOPLE, marks=pytest.mark.deep)], ids=["some", "all"]
)
_ALWAYS = (*QUICKLY, "elif_", "farid", "mara", "omar")
ONE_BY_ONE = [key if key in _ALWAYS else pytest.param(key, marks=pytest.mark.deep) for key in PEOPLE]
#: Who is asked about the southern case, too: everybody who might be let in by mistake, and she whose case it is.
NEIGHBOURS = ("amina", "chidi", "dana", "gita", "kemi")


def test_every_address_carries_a_rule() -> None:
    bare = [address.name for address in addresses() if address.rule is None]
    assert bare == []


def test_the_public_addresses_are_the_short_list() -> None:
    public = {
        address.name for address in addresses()
        if (address.rule and address.rule.kind == "public") or not getattr(address.view, "login_required", True)
    }  # fmt: skip
    assert public == PUBLIC


def test_without_sign_in_everything_else_asks_for_it(client) -> None:
    for address in addresses():
        if (address.rule and address.rule.kind == "public") or not getattr(address.view, "login_required", True):
            continue
        if address.name == "no-such-page":
            path = "/does/not/exist/"
        else:
            path = reverse(address.name, kwargs=any_arguments(address))
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            assert response.status_code in (302, 303) and response.url.startswith("/sign-in/"), (
                address.name,
                method,
                response.status_code,
            )


class Known:
    """What one person may know: asked of ``explain`` once for each permission."""

    def __init__(self, person: Any, case: Case) -> None:
        self.person, self.case = person, case
        self.asked: dict[str, bool] = {}

    def may(self, permission: str) -> bool:
        if permission not in self.asked:
            self.asked[permission] = access.explain(self.person, self.case, permission).allowed
        return self.asked[permission]

    @property
    def card(self) -> bool:
        return self.may("read_card")

    def reads(self, row: Row) -> bool:
        """Whether a record of this section (and matter) is hers to read."""
        if row.section in (Section.LEGAL, Section.LEGAL_FILE) and row.matter_uid and self.may(READ_MATTER):
            return True
        return row.section != Section.LEGAL_FILE and self.may(read(row.section))

    def expected(self, address: Address) -> set[int]:
        """The answers that the rule of an address of this case allows."""
        rule = address.rule
        assert rule is not None
        if rule.kind == "guarded":
            return _expected(allowed=self.may(rule.detail[0]) and self.card, knows=self.card)
        reads = self.may(READ_MATTER) or (self.may("read_legal") and rule.detail[0] != WRITE_MATTER)
        writes = rule.detail[0] == WRITE_MATTER and (self.may(WRITE_MATTER) or self.may("write_legal"))
        return _expected(allowed=reads or writes, knows=self.card)


def _expected(*, allowed: bool, knows: bool) -> set[int]:
    # A page that opens may still refuse the section that its form writes to, want another method, or a fresh second factor.
    if allowed:
        return {200, 302, 303, 400, 403, 405, 409, 422}
    return {403, 405} if knows else {404, 405}


def ask(client: Client, method: str, path: str, words: list[str]) -> tuple[int, list[str]]:
    """The status, and which of the words came back."""
    response = getattr(client, method)(path)
    return response.status_code, given_away(response, words, asked=path)


@pytest.mark.sql
@IN_TURN
def test_role_by_case_by_address(
    people: tuple[str, ...], cast: Cast, world: World, north: Records, south: Case, sign_in
) -> None:
    """Where the rule says yes the page opens (or asks for another method or a form); else 404 to strangers, 403 to colleagues."""
    wrong = []
    asked: Counter[str] = Counter()
    closed = {one.name for one in addresses() if one.is_of_a_case and set(one.parameters) == {"uid"}}
    foreign = world.south
    for key in people:
        person = getattr(cast, key)
        client, known, known_south = sign_in(person), Known(person, north.case), Known(person, south)
        words = [] if known_south.card else words_of(south)
        for address in addresses():
            if not address.is_of_a_case or set(address.parameters) != {"uid"}:
                continue
            for method in ("get", "post"):
                status, said = ask(client, method, north.path(address), words)
                asked[method] += 1
                if status not in (403, 404, 405):
                    closed.discard(address.name)
                if status not in known.expected(address) or said:
                    wrong.append((key, address.name, method, status, said, sorted(known.expected(address))))
            if key in NEIGHBOURS and address.rule is not None and address.rule.kind == "guarded":
                status, said = ask(client, "get", foreign.path(address), words)
                asked["foreign"] += 1
                if status not in known_south.expected(address) or said:
                    wrong.append((key, "south", address.name, status, said))
    assert not wrong, "\n".join(map(str, wrong))
    # Given with a flag, and to nobody here; what opens to none of the few is opened by others.
    assert closed == {"case-location"} or (people == FEW and "case-location" in closed)
    assert min(asked.values()) > len(set(people) & set(NEIGHBOURS)) * 30, asked


@pytest.mark.walks
def test_other_methods_open_nothing(cast: Cast, north: Records, sign_in) -> None:
    """PUT, PATCH, DELETE and TRACE find no view anywhere, whoever asks; HEAD and OPTIONS say no more than GET."""
    wrong = []
    for key in ("amina", "dana"):
        client = sign_in(getattr(cast, key))
        for address in addresses():
            if address.name == "no-such-page" or (address.rule and address.rule.kind == "public"):
                continue
            if address.name.startswith(("account_", "mfa_")):
                continue  # pages of the sign-in package about oneself take PUT as they take POST
            path = north.path(address)
            for method in ("put", "patch", "delete", "trace"):
                status = getattr(client, method)(path).status_code
                if status not in (302, 303, 403, 404, 405):
                    wrong.append((key, address.name, method, status))
            if address.is_of_a_case and key == "dana":
                status = client.head(path).status_code
                if status not in (404, 405):
                    wrong.append((key, address.name, "head", status))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("key", ["dana", "chidi"])
def test_a_script_learns_no_more_than_a_page(key: str, cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Fragments, JSON, files: asked as scripts ask, every address of a case gives the answer of the page."""
    client = sign_in(getattr(cast, key))
    words = [] if key == "dana" else words_of(south)
    as_script = {"HX-Request": "true", "X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
    wrong = []
    for address in addresses():
        if address.is_of_a_case and set(address.parameters) == {"uid"}:
            path = north.path(address)
            page, fragment = client.get(path), client.get(path, headers=as_script)
            if page.status_code != fragment.status_code or given_away(fragment, words, asked=path):
                wrong.append((address.name, page.status_code, fragment.status_code))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.walks
@IN_TURN
def test_pages_of_roles(people: tuple[str, ...], cast: Cast, north: Records, south: Case, sign_in) -> None:
    """A page for roles opens for holders of one of them; everybody else hears that there is no such page."""
    wrong = []
    for key in people:
        person = getattr(cast, key)
        client, held = sign_in(person), person.roles_now()
        words = [] if Known(person, south).card else words_of(south)
        for address in addresses():
            rule = address.rule
            if rule is None or rule.kind != "roles":
                continue
            for method in ("get", "post") if key in NEIGHBOURS else ("get",):
                status, said = ask(client, method, north.path(address), words)
                if not held & {str(role) for role in rule.detail} and status not in (404, 405):
                    wrong.append((key, address.name, method, status))
                elif status >= 500 or (said and not _is_of_the_whole_house(address, person)):
                    wrong.append((key, address.name, method, status, said))
    assert not wrong, "\n".join(map(str, wrong))


#: Desks that name cases of all teams to whoever holds one of these roles, by their rule.
WHOLE_HOUSE = {
    **dict.fromkeys(
        (
            "erasure",
            "holds",
            "duties",
            "given-out",
            "breaches",
            "walls",
            "decisions",
            "emergency-openings",
            "release-checks",
        ),
        (Role.PRIVACY_OFFICER, Role.DIRECTOR),
    ),
    "match-queue": (Role.INTAKE_COORDINATOR,),
    "possible-conflicts": (Role.PRIVACY_OFFICER,),
}


def _is_of_the_whole_house(address: Address, person: Any) -> bool:
    return address.name in WHOLE_HOUSE and person.holds_role(*WHOLE_HOUSE[address.name])


@pytest.mark.sql
@IN_TURN
def test_lists_are_what_explain_says(people: tuple[str, ...], cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Lists, homes, counts and exports: as sets, exactly or at most the cases that each reader may know of."""
    wrong = []
    everything = {case.number: case for case in (north.case, south)}
    for key in people:
        person = getattr(cast, key)
        client = sign_in(person)
        knows = {number for number, case in everything.items() if Known(person, case).card}
        through_a_matter = {number for number, case in everything.items() if Known(person, case).may(READ_MATTER)}
        assert _numbers(client.get(f"{reverse('cases')}?status=ANY")) == knows, key
        for address in addresses():
            if address.parameters or address.rule is None or address.rule.kind == "public":
                continue
            if address.name in ("no-such-page", "ui") or _is_of_the_whole_house(address, person):
                continue  # "ui" shows every part of a page once, with made-up numbers
            if address.rule.kind == "roles" and not person.holds_role(*address.rule.detail):
                continue
            shown = _numbers(client.get(reverse(address.name)))
            if not shown <= knows | through_a_matter:
                wrong.append((key, address.name, shown))
    assert not wrong, "\n".join(map(str, wrong))


def test_exports_and_prints_carry_no_other_case(cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Every file that leaves is read to its end, and searched."""
    made = 0
    for key in ("amina", "bea", "dana"):
        client = sign_in(getattr(cast, key), is_fresh=True)
        words = [] if key == "dana" else words_of(south)
        for profile in ("HTCDS_CORE_STRICT", "HTCDS_FULL", "ROUND_TRIP"):
            response = client.post(reverse("export"), {"profile": profile, "make": "1"})
            said = given_away(response, words)
            made += response.streaming
            assert said == [], (key, profile, said)
        response = client.get(reverse("case-print", args=[north.case.uid]))
        assert (response.status_code == 404) == (key == "dana") and given_away(response, words) == []
    assert made >= 2
    everything = sign_in(cast.dana, is_fresh=True).post(
        reverse("export"), {"profile": "HTCDS_CORE_STRICT", "make": "1"}
    )
    assert given_away(everything, ["outhwrenna"]) == ["outhwrenna"]  # the search does find what is there


def _numbers(response: Any) -> set[str]:
    return set(re.findall(r"HV-\w{4}-\w{4}", b"".join(response).decode(errors="replace")))


@pytest.mark.sql
def test_a_foreign_uid_and_none_give_the_same_bytes(cast: Cast, north: Records, sign_in) -> None:
    client = sign_in(cast.dana)
    for address in addresses():
        rule = address.rule
        if rule is None or rule.kind not in ("guarded", "guarded_matter") or set(address.parameters) != {"uid"}:
            continue
        uid: UUID | None = north.case.uid if rule.kind == "guarded" else north.matter_uid
        theirs, nobodys = (client.get(reverse(address.name, args=[one])) for one in (uid, uuid4()))
        assert theirs.status_code == nobodys.status_code and theirs.content == nobodys.content, address.name
