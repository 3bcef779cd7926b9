"""Every address carries a rule, and does what the rule says, for every person of the cast.

Walks the resolver, so that an address nobody thought of is found by name. What a person may open is compared
with ``access.explain``, which answers from the grants and not from the rows that the pages ask. Every answer (pages,
files, exports, addresses it sends to) is searched for the words of cases that its reader may not know of.
"""

import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from casemgmt.access.sections import READ_MATTER, WRITE_MATTER
from cases import access
from cases.actions.grants import give_access
from cases.actions.notes import add_note
from cases.actions.reviews import begin_review
from cases.actions.tasks import add_task
from cases.choices.sharing import GrantKind
from cases.models import Case, Matter
from services.actions import aftercare, legal, reintegration
from tests import make
from tests.cast import Cast
from tests.house.matrix import Address, Records, addresses, any_arguments, given_away
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

#: The whole of what a stranger can reach. A new line here is a decision.
PUBLIC = {
    "healthz", "robots", "theme", "language", "sign-in", "account_login", "sign-out", "account_logout", "mfa_authenticate",
    "mfa_login_webauthn", "accept-invitation", "demo", "demo-sign-in",
}  # fmt: skip

PEOPLE = ("amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas", "kemi", "luis")
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


@pytest.fixture
def case(cast: Cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def matter(cast: Cast, case: Case) -> Matter:
    matter = a_matter(cast, case)
    release(cast, case, matter)
    now = clock.now()
    give_access(actor=cast.amina, now=now, case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    give_access(actor=cast.amina, now=now, case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas"))
    give_access(
        actor=cast.amina,
        now=now,
        case_uid=case.uid,
        kind=GrantKind.STAFF_COUNSEL,
        person=cast.luis,
        matter_uid=matter.uid,
    )
    return matter


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


@pytest.fixture
def south(cast: Cast) -> Case:
    """A case of Dana's team, with something of everything, of which nobody in the North may learn a word."""
    dana, today = cast.dana, date.today()
    case = make.case(dana, cast.team_of("dana"), first_name="Southwrenna", second_name="Canarydale")
    now = clock.now()
    add_note(actor=dana, now=now, case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body="Southwrenna walks")
    add_task(actor=dana, now=now, case_uid=case.uid, title="Southwrenna's ladder", due_on=today, assigned_to=dana)
    make.document(case, dana, b"Southwrenna's letter", name="southwrenna.txt")
    aftercare.record_service(
        actor=dana, now=now, case_uid=case.uid, given_on=today, service="CASE_MGMT", quantity=Decimal(30),
        outcome="PROVIDED", mode="IN_PERSON", remark="Southwrenna's tea",
    )  # fmt: skip
    reintegration.set_goal(
        actor=dana, now=now, case_uid=case.uid, title="Southwrenna's bakery", area="LIVELIHOOD", target_on=today
    )
    matter = legal.open_matter(
        actor=dana, now=now, case_uid=case.uid, title="Southwrenna's visa", matter_type="T_VISA", jurisdiction="USCIS",
        stage="DRAFTING", opened_on=today,
    )  # fmt: skip
    legal.add_deadline(
        actor=dana, now=now, matter_uid=matter.uid, due_on=today + timedelta(days=9), kind="AGENCY", title="Southwrenna's day",
        authority="8 CFR 214.11",
    )  # fmt: skip
    return case


@pytest.fixture
def north(cast: Cast, case: Case, matter: Matter) -> Records:
    """Amina's case with something of everything."""
    amina, now, today = cast.amina, clock.now(), date.today()
    add_note(actor=amina, now=now, case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body="She walks")
    add_task(actor=amina, now=now, case_uid=case.uid, title="A ladder", due_on=today, assigned_to=amina)
    make.document(case, amina)
    reintegration.set_goal(
        actor=amina, now=now, case_uid=case.uid, title="A bakery", area="LIVELIHOOD", target_on=today
    )
    begin_review(actor=None, now=now, team=case.team)
    return Records(access.for_the_house(Case).get(pk=case.pk), matter.uid)


def words_of(case: Case) -> list[str]:
    """What must not reach anybody who may not know of the southern case."""
    return [case.number, str(case.uid), "outhwrenna", "Canarydale"]


def ask(client: Client, method: str, path: str, words: list[str]) -> tuple[int, list[str]]:
    """The status, and which of the words came back."""
    response = getattr(client, method)(path)
    return response.status_code, given_away(response, words, asked=path)


def test_role_by_case_by_address(cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Where the rule says yes the page opens (or asks for another method or a form); else 404 to strangers, 403 to colleagues."""
    wrong = []
    asked: Counter[str] = Counter()
    foreign = Records(south)
    for key in PEOPLE:
        person = getattr(cast, key)
        client, known, known_south = sign_in(person), Known(person, north.case), Known(person, south)
        words = [] if known_south.card else words_of(south)
        for address in addresses():
            if not address.is_of_a_case or set(address.parameters) != {"uid"}:
                continue
            for method in ("get", "post"):
                status, said = ask(client, method, north.path(address), words)
                asked[method] += 1
                if status not in known.expected(address) or said:
                    wrong.append((key, address.name, method, status, said, sorted(known.expected(address))))
            if key in NEIGHBOURS and address.rule is not None and address.rule.kind == "guarded":
                status, said = ask(client, "get", foreign.path(address), words)
                asked["foreign"] += 1
                if status not in known_south.expected(address) or said:
                    wrong.append((key, "south", address.name, status, said))
    assert wrong == []
    assert min(asked.values()) > len(NEIGHBOURS) * 30, asked


def test_records_inside_a_case(cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Notes, tasks, files, dates … by their own uid: by the rule of their case, and never under another case's address."""
    wrong = []
    crossed = Records(south)
    nested = [one for one in addresses() if one.is_of_a_case and len(one.parameters) > 1]
    for key in ("amina", "chidi", "dana", "gita", "hugo", "farid"):
        person = getattr(cast, key)
        client, known = sign_in(person), Known(person, north.case)
        words = [] if Known(person, south).card else words_of(south)
        for address in nested:
            for method in ("get", "post"):
                status, said = ask(client, method, north.path(address), words)
                # A record of a section (or of another kind of case) that is not there for this reader is a 404 or 410, too.
                allowed = known.expected(address) | ({404, 410} if known.card or known.may(READ_MATTER) else set())
                if status not in allowed or said:
                    wrong.append((key, address.name, method, status, said))
            mixed = {**crossed.arguments(address), "uid": north.arguments(address)["uid"]}
            if mixed == north.arguments(address) or key not in ("amina", "dana"):
                continue
            status, said = ask(client, "get", reverse(address.name, kwargs=mixed), words_of(south))
            if (status == 200 and "part" not in mixed) or said:
                wrong.append((key, "crossed", address.name, status, said))
    assert wrong == []
    assert len(nested) >= 30


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
    assert wrong == []


def test_pages_of_roles(cast: Cast, north: Records, south: Case, sign_in) -> None:
    """A page for roles opens for holders of one of them; everybody else hears that there is no such page."""
    wrong = []
    for key in PEOPLE:
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
    assert wrong == []


def _is_of_the_whole_house(address: Address, person: Any) -> bool:
    """The privacy desk and the intake coordinator's queue name cases of all teams, by their rule."""
    return address.name in ("erasure", "holds", "match-queue") and person.organisation.is_ours


def test_lists_are_what_explain_says(cast: Cast, north: Records, south: Case, sign_in) -> None:
    """Lists, homes, counts and exports: as sets, exactly or at most the cases that each reader may know of."""
    everything = {case.number: case for case in (north.case, south)}
    for key in PEOPLE:
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
            assert shown <= knows | through_a_matter, (key, address.name, shown)


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


def test_a_foreign_uid_and_none_give_the_same_bytes(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    client = sign_in(cast.dana)
    for address in addresses():
        rule = address.rule
        if rule is None or rule.kind not in ("guarded", "guarded_matter") or set(address.parameters) != {"uid"}:
            continue
        uid: UUID = case.uid if rule.kind == "guarded" else matter.uid
        theirs, nobodys = (client.get(reverse(address.name, args=[one])) for one in (uid, uuid4()))
        assert theirs.status_code == nobodys.status_code and theirs.content == nobodys.content, address.name
