"""Every address leaves a line in the ledger, on GET and on POST, for whoever may open it and whoever may not.

Walks the resolver, so that an address of tomorrow is asked, too. What is expected comes from the code: a refusal names the
address that was asked for; anything else is the person's own event, by a verb that the view's own code or the case it opens
names, or PAGE_OPENED with the name of the page. Each event says on what right it rests.
"""

import copy
import os
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from audit.models import Event
from audit.pages import QUIET
from audit.presenting import BASIS_WORDS, GROUND_WORDS
from audit.verbs import Verb
from cases.choices.sharing import GrantKind
from tests.cast import Cast
from tests.house.matrix import Address, Records, addresses
from tests.house.world import World

pytestmark = [
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
    pytest.mark.sql,
]

#: Each of them with what only she may open; Dana is the stranger of the northern case.
OPENERS = ("amina", "kemi", "farid", "elif_", "chidi", "mara", "omar", "ines", "bea")
STRANGER = "dana"
#: What may say of itself that it is open to all: it has no person.
PUBLIC = frozenset({"healthz", "robots", "theme", "language"})
DENIALS = {Verb.ACCESS_HIDDEN.value, Verb.ACCESS_REFUSED.value}
GROUNDS = {*BASIS_WORDS, *GROUND_WORDS, *GrantKind.values, "WALL_DESK", "TEST"}


def arguments_of(address: Address, north: Records, world: World) -> dict[str, Any]:
    """Records of the northern case, or what belongs to a desk."""
    found = dict(north.arguments(address))
    for name in address.parameters:
        uid = world.uids.get(name.removesuffix("_uid"))
        if uid and not north.of(name) and not (name == "uid" and address.is_of_a_case):
            found[name] = uid
    return found


class Walk:
    """One person asks; after each answer her cookies and the database are as before."""

    def __init__(self, person: Any, client: Any) -> None:
        self.person, self.client = person, client
        self.cookies = copy.deepcopy(client.cookies)

    def ask(self, method: str, path: str) -> tuple[int, list[Event]]:
        """The status, and what was recorded."""
        self.client.cookies = copy.deepcopy(self.cookies)
        last = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        before = transaction.savepoint()
        try:
            response = getattr(self.client, method)(path)
            if response.streaming:
                b"".join(response.streaming_content)
            return response.status_code, list(Event.objects.filter(pk__gt=last).select_related("detail").order_by("pk"))
        finally:
            transaction.savepoint_rollback(before)


def is_asked(address: Address) -> bool:
    rule = address.rule
    return rule is not None and rule.kind != "public" and address.name != "no-such-page"


def faults_of(address: Address, method: str, status: int, events: list[Event], person: Any) -> list[str]:
    """What is wrong with the lines that one answer left."""
    if not events:
        return [] if address.name in QUIET else ["nothing was recorded"]
    found = []
    own = [one for one in events if one.actor_uid == person.uid]
    if not own:
        found.append("no event of the person who asked")
    for one in events:
        if one.outcome != "REFUSED" and not one.basis_kind:
            found.append(f"{one.verb} rests on nothing")
        if one.basis_kind and one.basis_kind not in GROUNDS:
            found.append(f"{one.verb} rests on {one.basis_kind}, for which there are no words")
        if one.source == "web" and one.basis_kind in ("TEST", "JOB", "COMMAND"):
            found.append(f"{one.verb} rests on {one.basis_kind}")
        if not one.address:
            found.append(f"{one.verb} has no address of a client")
    for one in own:
        codes = one.detail.content["codes"]
        if one.verb == Verb.PAGE_OPENED and (codes["route"], codes["method"]) != (address.name, method.upper()):
            found.append(f"PAGE_OPENED of {codes}")
    if status in (403, 404) and not any(one.verb in DENIALS | {Verb.PAGE_OPENED.value} for one in own):
        found.append("a refusal is not recorded as one")
    return found


#: In every run somebody who works with cases, and who watches the house; on PostgreSQL the rule is the same code.
FEW = OPENERS[:1] if os.environ.get("HAVEN_TEST_ENGINE") == "postgresql" else (OPENERS[0], OPENERS[3])


@pytest.mark.parametrize("people", [FEW, pytest.param(OPENERS, marks=pytest.mark.deep)], ids=["some", "all"])
def test_every_address_emits_its_event(
    people: tuple[str, ...], cast: Cast, world: World, north: Records, sign_in: Any
) -> None:
    wrong, opened = [], Counter[tuple[str, str]]()
    verbs: set[str] = set()
    for key in people:
        person = getattr(cast, key)
        walk = Walk(person, sign_in(person, is_fresh=True))
        for address in filter(is_asked, addresses()):
            path = reverse(address.name, kwargs=arguments_of(address, north, world))
            for method in ("get", "post"):
                status, events = walk.ask(method, path)
                verbs |= {one.verb for one in events}
                opened[address.name, method] += status not in (403, 404, 405)
                wrong += [(key, address.name, method, status, one)
                          for one in faults_of(address, method, status, events, person)]  # fmt: skip
    assert not wrong, "\n".join(map(str, wrong))
    by_nobody = [key for key in {name for name, _method in opened} if not opened[key, "get"] + opened[key, "post"]]
    assert people != OPENERS or len(by_nobody) < len(opened) / 6, sorted(by_nobody)
    assert {"CASE_VIEWED", "CASES_LISTED", "PAGE_OPENED", "ACCESS_HIDDEN"} <= verbs


def test_a_stranger_leaves_a_line_at_each_address_of_a_case(
    cast: Cast, north: Records, world: World, sign_in: Any
) -> None:
    """Names the case that was asked for, rests on nothing, and shows that it was refused."""
    person = getattr(cast, STRANGER)
    walk, wrong, asked = Walk(person, sign_in(person)), [], 0
    for address in filter(is_asked, addresses()):
        if not address.is_of_a_case:
            continue
        arguments = arguments_of(address, north, world)
        for method in ("get", "post"):
            status, events = walk.ask(method, reverse(address.name, kwargs=arguments))
            asked += 1
            denials = [one for one in events if one.outcome == "REFUSED" and one.actor_uid == person.uid]
            if status not in (404, 405) or len(denials) != 1 or denials[0].basis_kind:
                wrong.append((address.name, method, status, [one.verb for one in events]))
            elif arguments["uid"] not in (denials[0].subject_uid, denials[0].case_uid):
                wrong.append((address.name, method, "another subject", denials[0].subject_uid))
    assert not wrong, "\n".join(map(str, wrong))
    assert asked > 150


def test_the_quiet_pages_exist_and_are_ones_own() -> None:
    """A short list, each with its reason; nobody else's data is behind any of them."""
    rules = {address.name: address.rule for address in addresses()}
    for name, reason in QUIET.items():
        rule = rules[name]
        assert reason and rule is not None, name
        assert rule.kind == "personal" or name == "import-progress", name
    assert len(QUIET) <= 20
    assert {name for name, rule in rules.items() if rule and rule.kind == "public"} >= PUBLIC
