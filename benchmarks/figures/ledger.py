"""What remembering costs: one event, and the history of many rows changed at once."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from unittest import mock

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit import clock, protection
from audit.action import action
from audit.context import audit_context
from audit.log import Ref, record
from audit.verbs import Verb
from benchmarks.measure import Figure, median, ratio_of, timed
from benchmarks.peers.models import BareFolder, HistoryFolder, LoggedFolder
from benchmarks.world import World
from casemgmt.accounts.models import User
from tests.audit.kept.models import Folder

EVENTS = 200
ROUNDS = 15
FOLDERS = 500
SAVES = 50
#: What one set-based change may cost beside the bare update, and how much faster it must be than the library's helper.
BARE_TIMES, HELPER_TIMES = 6.0, 5.0


def figures(world: World) -> Iterator[Figure]:
    """Inside one transaction, so that the disk is not what is measured. The peers stand without guards of ours."""
    ours = [guarded for guarded in protection.manifest() if not guarded.table.startswith("peers_")]
    with mock.patch.object(protection, "manifest", lambda: ours):
        protection.install()
    yield from _one_event(world)
    yield from _saves(world)
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


def _saves(world: World) -> Iterator[Figure]:
    """One ``save()`` of a plain record: bare, by what others install for it, and as the house does it."""
    amina = world.people["amina"]
    turns = iter(range(10**9))

    def saving(model: Any) -> Callable[[], None]:
        with audit_context("test", "measuring"), transaction.atomic():
            row = model()
            row.save()

        def run() -> None:
            with audit_context("test", "measuring"), transaction.atomic():
                for _ in range(SAVES):
                    row.risk = next(turns)
                    row.save(update_fields=["risk"])

        return run

    ours = Folder()

    @action
    def change(*, actor: User, now: datetime) -> None:
        ours.risk = next(turns)
        ours.save(update_fields=["risk"])
        record(Verb.CASE_CHANGED, actor=actor, subject=Ref("folder", ours.uid), fields=["folder.risk"])

    def with_event() -> None:
        with audit_context("test", "measuring"), transaction.atomic():
            for _ in range(SAVES):
                change(actor=amina, now=clock.now())

    @action
    def make(*, actor: User, now: datetime) -> None:
        ours.save()
        record(Verb.CASE_CHANGED, actor=actor, subject=Ref("folder", ours.uid))

    with audit_context("test", "measuring"):
        make(actor=amina, now=clock.now())
    runs = (saving(BareFolder), saving(LoggedFolder), saving(HistoryFolder), saving(Folder), with_event)
    bare, *others = timed(*runs, rounds=ROUNDS)
    names = (
        "a save by django-auditlog alone", "a save by simple-history alone", "a save with history, guarded and in the net",
        "a save as an action, with history and event",
    )  # fmt: skip
    for name, times in zip(names, others, strict=True):
        yield Figure(
            name=f"ledger: {name}", measured=median(times) / SAVES * 1e6, unit="µs", peer="plain Django",
            peer_value=median(bare) / SAVES * 1e6, ratio=ratio_of(times, bare),
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

    def by_the_helper() -> None:
        risk = next(turns)
        with transaction.atomic():
            rows = list(HistoryFolder.objects.filter(status="MEASURED"))
            for row in rows:
                row.risk = risk
            bulk_update_with_history(rows, HistoryFolder, ["risk"])

    runs = (acting(in_sets), bare, history_alone, acting(one_by_one), by_the_helper)
    sets, update, history, loop, helper = timed(*runs, rounds=ROUNDS, warm=1)
    yield Figure(
        name="ledger: the library's own bulk helper", measured=median(helper) * 1000, unit="ms",
        peer="our set-based history", peer_value=median(history) * 1000, ratio=ratio_of(helper, history),
        limit=HELPER_TIMES, of="ratio", at_most=False,
    )  # fmt: skip
    for name, times, peer, theirs, most in (
        ("history of 500 rows, set-based", history, "bare update", update, BARE_TIMES),
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
    with audit_context("test", "measuring"):
        bulk_create_with_history([HistoryFolder(status="MEASURED") for _ in range(FOLDERS)], HistoryFolder)
