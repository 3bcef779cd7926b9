"""What remembering costs: one event, and the history of many rows changed at once."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection, transaction

from audit import clock
from audit.action import action
from audit.context import audit_context
from audit.log import Ref, record
from audit.verbs import Verb
from benchmarks.measure import Figure, median, ratio_of, timed
from benchmarks.peers.models import BareFolder
from benchmarks.world import World
from casemgmt.accounts.models import User
from tests.audit.kept.models import Folder

EVENTS = 200
ROUNDS = 15
FOLDERS = 500


def figures(world: World) -> Iterator[Figure]:
    """Inside one transaction, so that the disk is not what is measured."""
    yield from _one_event(world)
    yield from _history(world)


def _one_event(world: World) -> Iterator[Figure]:
    """An event as a case page writes it, against two rows of an ordinary table written by ``save()``."""
    amina, case_uid = world.people["amina"], uuid.uuid4()
    subject = Ref("case", case_uid, case_uid)
    basis = {
        "grant": str(uuid.uuid4()),
        "kind": "ASSIGNMENT",
        "purpose": "CASEWORK",
        "until": "2099-01-01T00:00:00+00:00",
    }

    def events() -> None:
        with audit_context("test", "measuring"), transaction.atomic():
            for _ in range(EVENTS):
                record(
                    Verb.CASE_VIEWED, actor=amina, subject=subject, basis=basis, sections=["CARD", "IDENTITY"],
                    fields=["case.alias", "survivor.first_name"],
                )  # fmt: skip

    def bare() -> None:
        with transaction.atomic():
            for _ in range(EVENTS):
                BareFolder().save(force_insert=True)
                BareFolder().save(force_insert=True)

    ours, theirs = timed(events, bare, rounds=ROUNDS)
    yield Figure(
        name="ledger: one event in a running transaction", measured=median(ours) / EVENTS * 1e6, unit="µs",
        peer="two ordinary rows", peer_value=median(theirs) / EVENTS * 1e6, ratio=ratio_of(ours, theirs),
    )  # fmt: skip


def _history(world: World) -> Iterator[Figure]:
    """One audited change of many rows, against the bare update and against a loop of saves."""
    amina = world.people["amina"]
    _fill(amina)
    turns = iter(range(10**9))

    @action
    def in_sets(*, actor: User, now: datetime) -> None:
        Folder.objects.audited_update(risk=next(turns))
        record(Verb.CASE_CHANGED, actor=actor, subject=Ref("folder", uuid.uuid4()))

    @action
    def one_by_one(*, actor: User, now: datetime) -> None:
        risk = next(turns)
        for folder in Folder.objects.all():
            folder.risk = risk
            folder.save(update_fields=["risk"])
        record(Verb.CASE_CHANGED, actor=actor, subject=Ref("folder", uuid.uuid4()))

    def bare() -> None:
        with transaction.atomic():
            BareFolder.objects.filter(status="MEASURED").update(risk=next(turns))

    def history_alone() -> None:
        with audit_context("test", "measuring"), transaction.atomic():
            Folder.objects.audited_update(risk=next(turns))

    def acting(run: Callable[..., None]) -> Callable[[], None]:
        def inside() -> None:
            with audit_context("test", "measuring"):
                run(actor=amina, now=clock.now())

        return inside

    sets, update, history, loop = timed(acting(in_sets), bare, history_alone, acting(one_by_one), rounds=ROUNDS, warm=1)
    limit = 4.5 if connection.vendor == "postgresql" else 3.2
    for name, times, peer, theirs, most in (
        ("history of 500 rows, set-based", history, "bare update", update, limit),
        ("the same with its event and digests", sets, "bare update", update, None),
        ("the same with its event and digests", sets, "loop of saves", loop, 0.5),
    ):
        yield Figure(
            name=f"ledger: {name}", measured=median(times) * 1000, unit="ms", peer=peer, peer_value=median(theirs) * 1000,
            ratio=ratio_of(times, theirs), limit=most, of="ratio",
        )  # fmt: skip


def _fill(amina: User) -> None:
    """The same folders in both tables."""

    @action
    def make_folders(*, actor: User, now: datetime) -> None:
        Folder.objects.audited_bulk_create([Folder() for _ in range(FOLDERS)])
        record(Verb.CASE_CHANGED, actor=actor, subject=Ref("folder", uuid.uuid4()))

    with audit_context("test", "measuring"):
        make_folders(actor=amina, now=clock.now())
    BareFolder.objects.bulk_create([BareFolder(status="MEASURED") for _ in range(FOLDERS)])
