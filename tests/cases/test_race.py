"""On a real PostgreSQL: no write is committed after the access it rests on has ended (docs/access.md, lock order).

Real transactions on two connections, in a throwaway copy of the tests' databases: the ledger lets nobody empty it.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from audit import clock
from audit.context import audit_context
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.permissions import permission_id
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.actions import roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment, User
from casemgmt.crypto import keyring
from cases import access
from cases.actions import conflicts, grants, merging, notes, walls
from cases.conflicts import Found
from cases.errors import CaseError
from cases.errors.merging import AlreadyMerged
from cases.errors.walls import ConflictIsAnswered
from cases.models import Case, CaseMerge, CaseUserPermission, Note, PossibleConflict, PossibleMatch, Wall
from tests import make, postgres
from tests.cast import Cast

pytestmark = pytest.mark.postgresql
#: How long the one who came first keeps the lock while the other is waiting for it.
A_WHILE = 0.3


@pytest.fixture(scope="module")
def cast(django_db_blocker: Any) -> Iterator[Cast]:
    """The cast in two databases of its own, in which rows are really committed."""
    if connections["default"].vendor != "postgresql":
        pytest.skip("Two writers at once are a matter of PostgreSQL; SQLite has one at a time.")
    with django_db_blocker.unblock():
        connections.close_all()
        keyring.forget()
        names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
        for alias in names:
            connections[alias].settings_dict["NAME"] = f"race_{token_hex(4)}"
            postgres.create_database(connections[alias].settings_dict["NAME"])
        try:
            for alias in reversed(names):
                call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            Cast.make()
            yield Cast()
        finally:
            connections.close_all()
            keyring.forget()
            for alias, name in names.items():
                postgres.drop_database(connections[alias].settings_dict["NAME"])
                connections[alias].settings_dict["NAME"] = name


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    with audit_context("test", "a race"):
        yield make.case(cast.amina, cast.team_of("amina"))


class Runner(threading.Thread):
    """One of the two, on a connection of its own. ``error`` is what it ended with."""

    error: Exception | None = None

    def __init__(self, act: Callable[[], Any], order: list[str], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.act, self.order = act, order
        self.start()

    def run(self) -> None:
        try:
            with audit_context("test", "a race"):
                self.act()
            self.order.append(self.name)
        except (Hidden, Refused, CaseError, DatabaseError) as error:
            self.error = error
        finally:
            connections.close_all()


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any], inside: threading.Event) -> list[Runner]:
    """Start the second while the first holds the case: ``inside`` tells when. Both must come to an end."""
    order: list[str] = []
    runners = [Runner(first, order, "first")]
    assert inside.wait(10)
    runners.append(Runner(second, order, "second"))
    for runner in runners:
        runner.join(20)
        assert not runner.is_alive(), "the two wait for each other"
    assert order[:1] == ["first"], [runner.error for runner in runners]
    return runners


def slowly(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> threading.Event:
    """Let an action stand still in its middle, after the lock, for as long as the other needs to come and wait."""
    inside, real = threading.Event(), getattr(module, name)

    def slow(*arguments: Any, **named: Any) -> Any:
        result = real(*arguments, **named)
        inside.set()
        threading.Event().wait(A_WHILE)
        return result

    monkeypatch.setattr(module, name, slow)
    return inside


def test_a_revocation_waits_for_the_write_that_came_first(cast: Cast, case: Case, monkeypatch) -> None:
    inside = slowly(monkeypatch, notes, "add_line")
    writer, revoker = one_after_the_other(_write(cast, case), _revoke(cast, case), inside)
    assert writer.error is None and revoker.error is None
    told = Event.objects.filter(case_uid=case.uid, verb__in=["NOTE_ADDED", "ACCESS_REVOKED"]).order_by("pk")
    assert list(told.values_list("verb", flat=True)) == ["NOTE_ADDED", "ACCESS_REVOKED"]


def test_a_write_that_waited_for_a_revocation_is_not_committed(cast: Cast, case: Case, monkeypatch) -> None:
    inside = slowly(monkeypatch, grants, "record")
    _revoker, writer = one_after_the_other(_revoke(cast, case), _write(cast, case), inside)
    assert isinstance(writer.error, Hidden)
    assert not access.within(Note, case).exists()


def test_a_write_that_began_before_a_wall_and_waited_for_it_is_not_committed(
    cast: Cast, case: Case, monkeypatch
) -> None:
    write = _write(cast, case)  # its moment lies before the wall's
    inside = slowly(monkeypatch, walls, "record")
    _supervisor, writer = one_after_the_other(_wall(cast, case), write, inside)
    assert isinstance(writer.error, Hidden)
    assert not access.within(Note, case).exists()


def test_two_rounds_write_a_possible_conflict_once(cast: Cast, case: Case, monkeypatch) -> None:
    found = [Found(case.pk, cast.amina.pk, "FAMILY_NAME", 7)]
    inside = slowly(monkeypatch, conflicts, "record")
    both = [lambda: conflicts.note_conflicts(actor=None, now=clock.now(), found=found, gone=[])] * 2
    for runner in one_after_the_other(*both, inside):
        assert runner.error is None
    assert access.within(PossibleConflict, case).count() == 1


def test_two_officers_answer_a_possible_conflict_once(cast: Cast, case: Case, monkeypatch) -> None:
    roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.ines, role=Role.PRIVACY_OFFICER)
    found = [Found(case.pk, cast.amina.pk, "FAMILY_NAME", 7)]
    conflicts.note_conflicts(actor=None, now=clock.now(), found=found, gone=[])
    uid = access.within(PossibleConflict, case).get().uid
    inside = slowly(monkeypatch, conflicts, "record")
    first, second = (
        lambda who=who, answer=answer: conflicts.answer_conflict(
            actor=who, now=clock.now(), conflict_uid=uid, answer=answer, reason="Looked at in a race"
        )
        for who, answer in ((cast.kemi, "NO_CONFLICT"), (cast.ines, "KEPT_APART"))
    )
    kept, refused = one_after_the_other(first, second, inside)
    assert kept.error is None and isinstance(refused.error, ConflictIsAnswered)
    assert access.within(PossibleConflict, case).get().answer == "NO_CONFLICT"
    assert not access.within(Wall, case).exists()


def _write(cast: Cast, case: Case, by: User | None = None) -> Callable[[], Any]:
    now = clock.now()
    return lambda: notes.add_note(
        actor=by or cast.amina, now=now, case_uid=case.uid, privilege_class="SERVICES_NOTE", body="Written in a race"
    )


def _revoke(cast: Cast, case: Case) -> Callable[[], Any]:
    viewer = next(one for one in access.who_can_see(case) if one.grant.person_id == cast.amina.pk)
    return lambda: grants.revoke_access(actor=cast.bea, now=clock.now(), grant_uid=viewer.grant.uid)


def _wall(cast: Cast, case: Case) -> Callable[[], Any]:
    return lambda: walls.place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.amina)


def _meeting(first: Callable[[], Any], second: Callable[[], Any]) -> list[Runner]:
    """Two transactions that each write one half of what may not meet, the second while the first is still open."""
    inside = threading.Event()

    def held_open() -> None:
        with transaction.atomic():
            first()
            inside.set()
            threading.Event().wait(A_WHILE)

    def at_once() -> None:
        with transaction.atomic():
            second()

    return one_after_the_other(held_open, at_once, inside)


@pytest.mark.parametrize("access_first", [True, False])
def test_a_role_that_watches_the_house_and_access_do_not_pass_each_other(
    cast: Cast, case: Case, access_first: bool
) -> None:
    """Neither transaction sees the other's row; the row of the person makes the second one wait, look, and be refused."""
    person, grant, now = cast.ines, access.every_grant().get(case=case, person=cast.amina), clock.now()

    def give() -> None:
        CaseUserPermission.objects.create(
            user=person, permission_id=permission_id("cases", "case", READ_CARD), content_object=case, grant=grant,
            valid_from=now, expires_at=now + timedelta(hours=1),
        )  # fmt: skip

    def appoint() -> None:
        RoleAssignment.objects.create(user=person, role=Role.INTERNAL_AUDITOR, starts_at=now)

    runners = _meeting(give, appoint) if access_first else _meeting(appoint, give)
    assert runners[0].error is None and "do not meet in one person" in str(runners[1].error)
    rows = CaseUserPermission.objects.filter(user=person)
    assert (rows.count(), person.holds_role(Role.INTERNAL_AUDITOR)) == (int(access_first), not access_first)
    rows.delete()
    for one in RoleAssignment.objects.filter(user=person, role=Role.INTERNAL_AUDITOR):
        one.ends_at = one.starts_at
        one.save()


def test_two_coordinators_merge_a_pair_once(cast: Cast, case: Case, monkeypatch) -> None:
    """Each with another file to go on: both lock the two files in the order of their keys, and the second sees the first."""
    twin = make.case(cast.amina, cast.team_of("amina"))
    match = PossibleMatch(case=twin, other=case, likeness="NAME", found_at=clock.now())
    match.save()
    for person in (cast.amina, cast.bea):
        if not person.holds_role(Role.INTAKE_COORDINATOR):
            roles.assign_role(actor=cast.farid, now=clock.now(), user=person, role=Role.INTAKE_COORDINATOR)
    inside = slowly(monkeypatch, merging, "join_sides")
    first, second = (
        lambda who=who, kept=kept: merging.merge_cases(
            actor=who, now=clock.now(), match_uid=match.uid, kept_uid=kept.uid, keeps_open=False
        )
        for who, kept in ((cast.amina, case), (cast.bea, twin))
    )
    joined, refused = one_after_the_other(first, second, inside)
    assert joined.error is None and isinstance(refused.error, AlreadyMerged)
    merge = access.for_the_house(CaseMerge).get(match=match)
    assert (merge.case_id, merge.state, merge.merged_by_id) == (case.pk, "MERGED", cast.amina.pk)
    assert not access.for_the_house(Case).get(pk=case.pk).is_closed
