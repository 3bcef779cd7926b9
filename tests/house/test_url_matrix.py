"""Every address carries a rule, and does what the rule says, for every person of the cast.

Walks the resolver, so that an address nobody thought of is found by name. What a person may open is compared
with ``access.explain``, which answers from the grants and not from the rows that the pages ask.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit import clock
from casemgmt.access.rules import Rule
from casemgmt.access.sections import READ_MATTER, WRITE_MATTER
from cases import access
from cases.actions.grants import give_access
from cases.choices import GrantKind
from cases.models import Case, Matter
from tests import make
from tests.cast import Cast
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

#: The whole of what a stranger can reach. A new line here is a decision.
PUBLIC = {
    "healthz", "robots", "theme", "language", "sign-in", "account_login", "sign-out", "account_logout", "mfa_authenticate",
    "mfa_login_webauthn", "accept-invitation", "demo", "demo-sign-in",
}  # fmt: skip

PEOPLE = ("amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas", "kemi", "luis")


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver with its view."""

    name: str
    route: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def rule(self) -> Rule | None:
        return getattr(self.view, "access_rule", None)


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[Address]:
    """All patterns below the resolver, flattened."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(pattern.name or route, route, tuple(pattern.pattern.converters), pattern.callback)


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
            path = reverse(address.name, kwargs=_any_arguments(address))
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            assert response.status_code in (302, 303) and response.url.startswith("/sign-in/"), (
                address.name,
                method,
                response.status_code,
            )


def _any_arguments(address: Address) -> dict[str, Any]:
    """Something that fits each parameter and names nothing that exists."""
    codes = {"case_code": "S-0000-0000", "person_code": "P-0000-0000"}
    found = {name: uuid4() for name in address.parameters if name.endswith("uid") or name == "about"}
    for name in set(address.parameters) - set(found):
        found[name] = next((code for kind, code in codes.items() if f"<{kind}:{name}>" in address.route), "x")
    return found


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


def test_role_by_case_by_address(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    """Where the rule says yes the page opens (or asks for another method or a form); else 404 to strangers, 403 to colleagues."""
    wrong = []
    for key in PEOPLE:
        person = getattr(cast, key)
        client = sign_in(person)
        knows = access.explain(person, case).allowed
        holds = access.explain(person, case, READ_MATTER).allowed
        for address in addresses():
            rule = address.rule
            if rule is None or rule.kind not in ("guarded", "guarded_matter") or set(address.parameters) != {"uid"}:
                continue
            for method in ("get", "post"):
                uid = case.uid if rule.kind == "guarded" else matter.uid
                status = getattr(client, method)(reverse(address.name, args=[uid])).status_code
                if rule.kind == "guarded":
                    allowed = access.explain(person, case, rule.detail[0]).allowed
                    expected = _expected(allowed=allowed and knows, knows=knows)
                else:
                    by_section = access.explain(person, case, "read_legal").allowed and rule.detail[0] != WRITE_MATTER
                    writes = (
                        access.explain(person, case, WRITE_MATTER).allowed
                        or access.explain(person, case, "write_legal").allowed
                    )
                    allowed = holds or by_section or (rule.detail[0] == WRITE_MATTER and writes)
                    expected = _expected(allowed=allowed, knows=knows)
                if status not in expected:
                    wrong.append((key, address.name, method, status, sorted(expected)))
    assert wrong == []


def _expected(*, allowed: bool, knows: bool) -> set[int]:
    # A page that opens may still refuse the section that its form writes to, or want another method.
    if allowed:
        return {200, 302, 400, 403, 405, 422}
    return {403, 405} if knows else {404, 405}


def test_a_foreign_uid_and_none_give_the_same_bytes(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    client = sign_in(cast.dana)
    for address in addresses():
        rule = address.rule
        if rule is None or rule.kind not in ("guarded", "guarded_matter") or set(address.parameters) != {"uid"}:
            continue
        uid: UUID = case.uid if rule.kind == "guarded" else matter.uid
        theirs, nobodys = (client.get(reverse(address.name, args=[one])) for one in (uid, uuid4()))
        assert theirs.status_code == nobodys.status_code and theirs.content == nobodys.content, address.name
