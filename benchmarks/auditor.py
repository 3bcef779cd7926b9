# ruff: noqa: PLC0415 (Django is set up first)
"""The auditor's workspace over very many events: each list, filter and page of home, and a copy with its peak memory.

    HAVEN_BENCH_EVENTS=1000000 [HAVEN_TEST_ENGINE=postgresql] [HAVEN_BENCH_WALK_ONLY=1] python -m benchmarks.auditor

Rows are made by the database itself (their macs are noise, so nothing here verifies them); leaves and tiles are real.
``HAVEN_BENCH_BYTES`` is the length of the canonical bytes (a real event has about 1,500).
"""

import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

EVENTS = int(os.environ.get("HAVEN_BENCH_EVENTS", "1000000"))
BYTES = int(os.environ.get("HAVEN_BENCH_BYTES", "1500"))
PEOPLE, CASES_EACH = 200, 50
_VERBS = (
    "CASE n % 100000 WHEN 77 THEN 'EMERGENCY_OPENED' ELSE CASE n % 1000 WHEN 3 THEN 'ACCESS_HIDDEN' WHEN 4 THEN "
    "'ACCESS_REFUSED' WHEN 5 THEN 'EXPORT_MADE' ELSE CASE WHEN n % 10 < 7 THEN 'CASE_VIEWED' WHEN n % 10 < 9 THEN "
    "'NOTE_ADDED' ELSE 'CASES_LISTED' END END END"
)


def fill(connection: Any) -> None:
    """Events over two years, each with its detail; every hundredth shows two other cases. No guard stands meanwhile."""
    from audit import protection

    protection.remove()
    is_pg = connection.vendor == "postgresql"
    pad = f"repeat('x', {BYTES})::bytea" if is_pg else f"zeroblob({BYTES})"
    series = (
        "generate_series(%s, %s) AS s(n)" if is_pg
        else "(WITH RECURSIVE s(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s)"
    )  # fmt: skip

    def uid(kind: str, number: str) -> str:
        if is_pg:
            return f"md5('{kind}' || ({number}))::uuid"
        return f"lower(printf('%%08x', {number}) || '{kind.encode().hex():0<24}')"

    verb, yes = f"({_VERBS})", "true" if is_pg else "1"
    no = "false" if is_pg else "0"
    at = "now() - ((%s - n) * interval '63 seconds') * (1000000.0 / %s)" if is_pg else (
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', printf('-%%d seconds', (%s - n) * 63.0 * (1000000.0 / %s)))"
    )  # fmt: skip
    people, cases = f"n * 7 %% {PEOPLE}", f"n * 13 %% {max(1, EVENTS // CASES_EACH)}"
    basis = '\'{"kind": "ASSIGNMENT", "grant": "7", "until": "2099-01-01T00:00:00+00:00", "purpose": "CASEWORK"}\''
    json = "::jsonb" if is_pg else ""
    kind = f"CASE WHEN n % 50000 = 9 THEN 'EMERGENCY' WHEN {verb} = 'CASE_VIEWED' THEN 'ASSIGNMENT' ELSE '' END"
    sql = f"""INSERT INTO audit_event (id, uid, stream, number, canonical, mac, salt, verb, outcome, source, at, recorded_at,
        actor_kind, actor_uid, on_behalf_of, subject_kind, subject_uid, case_uid, objects_touched, sections,
        is_privileged, basis, basis_kind, purpose, address, history_rows, changed_rows)
        SELECT n, {uid("event", "n")}, {uid("stream", "n %% 8")}, n, {pad}, {pad.replace(str(BYTES), "32")},
        {pad.replace(str(BYTES), "16")}, {verb.replace("%", "%%")},
        CASE WHEN n %% 1000 IN (3, 4) THEN 'REFUSED' ELSE 'OK' END, 'web', {at}, {at}, 'PERSON', {uid("person", people)},
        NULL, 'case', {uid("case", cases)}, {uid("case", cases)}, '[]'{json},
        CASE WHEN n %% 500 = 0 THEN ' SHELTER_OPS ' ELSE ' CARD IDENTITY ' END, {no}, {basis}{json},
        {kind.replace("%", "%%")}, '', '', '[]'{json}, CASE WHEN n %% 10 BETWEEN 7 AND 8 THEN 1 ELSE 0 END
        FROM {series}"""
    step = 200_000
    for start in range(1, EVENTS + 1, step):
        with connection.cursor() as cursor:
            last = min(start + step - 1, EVENTS)
            cursor.execute(sql, [EVENTS, EVENTS, EVENTS, EVENTS, start, last])
            cursor.execute(
                f"INSERT INTO audit_eventdetail (event_id, salt, content) SELECT n, {pad.replace(str(BYTES), '16')}, "
                f"'{{\"reason\": \"\", \"codes\": {{}}}}'{json} FROM {series}", [start, last],
            )  # fmt: skip
            cursor.execute(
                f"INSERT INTO audit_eventcase (event_id, case_uid) SELECT n, {uid('case', cases + ' + 1')} FROM {series} "
                "WHERE n %% 100 = 9", [start, last],
            )  # fmt: skip
    if is_pg:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_event")
            cursor.execute("ANALYZE audit_eventcase")
            cursor.execute("ANALYZE audit_eventdetail")
    assert yes


def seal(connection: Any) -> None:
    """A leaf for each event with its true hash, the tiles over them, and one signed checkpoint."""
    from audit import clock
    from audit.models import Checkpoint, Leaf, Tile
    from audit.sealing import keys
    from audit.sealing.entries import leaf_of
    from audit.sealing.tiles import TileWriter

    writer = TileWriter()
    with connection.cursor() as cursor:
        for start in range(0, EVENTS, 20_000):
            cursor.execute(
                "SELECT id, canonical, mac FROM audit_event WHERE id > %s AND id <= %s ORDER BY id",
                [start, start + 20_000],
            )
            rows = [(pk, leaf_of(bytes(canonical), bytes(mac))) for pk, canonical, mac in cursor.fetchall()]
            Leaf.objects.bulk_create(
                [Leaf(position=pk - 1, event_id=pk, hash=leaf) for pk, leaf in rows], batch_size=5000
            )
            Tile.objects.bulk_create(
                [Tile(level=one.level, index=one.index, root=one.root, data=one.data)
                 for one in writer.extend(leaf for _pk, leaf in rows)]
            )  # fmt: skip
    root = writer.root()
    note = keys.sign(writer.size, root)
    Checkpoint(
        size=writer.size,
        root=root,
        edge=b"".join(writer.edge()),
        note=str(getattr(note, "whole", note)),
        sealed_at=clock.now(),
        settled=EVENTS,
        top=EVENTS,
    ).save(force_insert=True)


def timed(words: str, work: Callable[[], Any]) -> Any:
    """Say the second of two times; the first warms up."""
    work()
    begun = time.perf_counter()
    found = work()
    print(f"{words:60} {1000 * (time.perf_counter() - begun):9.1f} ms", flush=True)
    return found


def pages(connection: Any) -> None:
    """Each way through the list, first page and a page from the middle; rare things that lie far back."""
    from django.db.models import Q
    from django.utils import timezone

    from audit import clock
    from audit.models import Event
    from audit.verbs import DENIALS, READINGS
    from audit.workspace import digest, walking
    from audit.workspace.badge import badge
    from audit.workspace.walking import Chosen, walk

    one = Event.objects.get(pk=EVENTS // 2)
    now = clock.now()
    middle = EVENTS // 2
    ways = {
        "all": Chosen(),
        "one person": Chosen(person_uid=one.actor_uid),
        "one case": Chosen(case_uid=one.case_uid),
        "all readings": Chosen(verbs=tuple(READINGS)),
        "denials (1 in 500)": Chosen(verbs=tuple(DENIALS)),
        "emergency accesses (1 in 100,000)": Chosen(verbs=("EMERGENCY_OPENED",)),
        "right EMERGENCY (1 in 50,000)": Chosen(basis_kind="EMERGENCY"),
        "refused": Chosen(outcome="REFUSED"),
        "changes": Chosen(others=(Q(changed_rows__gt=0),)),
        "one section (1 in 500, no index)": Chosen(others=(Q(sections__contains=" SHELTER_OPS "),)),
        "one week a year ago": Chosen(start=now - timedelta(days=365), end=now - timedelta(days=358)),
        "person, verb and a month": Chosen(
            person_uid=one.actor_uid,
            verbs=("CASE_VIEWED",),
            start=now - timedelta(days=400),
            end=now - timedelta(days=370),
        ),
        "case and person": Chosen(case_uid=one.case_uid, person_uid=one.actor_uid),
        "nobody's": Chosen(person_uid=uuid.uuid4()),
        "a purpose nobody has (no index)": Chosen(others=(Q(purpose="NOTHING"),)),
    }
    for words, chosen in ways.items():
        found = timed(f"{words}: first page", lambda chosen=chosen: walk(chosen, size=51))
        print(
            f"{'':10}{len(found.events)} found, {'to the end' if found.is_end else f'looked back to id {found.reached:,}'}"
        )
        timed(f"{words}: from the middle, older", lambda chosen=chosen: walk(chosen, before=middle, size=51))
        timed(f"{words}: from the middle, newer", lambda chosen=chosen: walk(chosen, after=middle, size=51))
    if os.environ.get("HAVEN_BENCH_WALK_ONLY"):
        return
    begun = time.perf_counter()
    done = digest.digest(most=10**6)
    seconds = time.perf_counter() - begun
    print(f"digest of {done:,} events: {seconds:.1f} s, {done / seconds:,.0f} events/s")
    since = timezone.localdate() - timedelta(days=30)
    timed("figures of home (thirty days)", lambda: digest.tallies(since))
    timed("different cases read (thirty days)", lambda: digest.cases_read(since, 10_000))
    from audit import pseudonyms

    timed("a case by its name", lambda: digest.find_case(pseudonyms.of_case(one.case_uid)))
    timed("integrity badge", badge)
    assert walking.FIRST_WINDOW


def plans(connection: Any) -> None:
    """What the database says it does."""
    from audit.workspace.walking import Chosen, pieces_of

    for words, chosen in (
        ("person", Chosen(person_uid=uuid.UUID(int=1))), ("refused", Chosen(outcome="REFUSED")),
        ("right", Chosen(basis_kind="EMERGENCY")), ("case", Chosen(case_uid=uuid.UUID(int=1))),
    ):  # fmt: skip
        for piece in pieces_of(chosen):
            rows = piece.filter(pk__gte=1, pk__lte=20_000).order_by("-pk").values_list("pk", flat=True)[:51]
            print(words, "|", rows.explain().replace("\n", "\n         "), flush=True)


def copy(form: str) -> None:
    """One copy of everything, to nowhere: how long, how large, how much memory at most."""
    from audit.context import audit_context
    from audit.reader import Reader
    from audit.workspace.copies import Copy
    from audit.workspace.walking import Chosen

    class Auditor:
        uid, is_anonymous = uuid.UUID(int=3), False

        def holds_role(self, *_roles: str) -> bool:
            return True

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, size, early = time.perf_counter(), 0, before
    with audit_context("test", "measuring"):
        made = Copy(Reader(Auditor()), Chosen(), form)
        for number, piece in enumerate(made):
            size += len(piece)
            if number == 20:
                early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        made.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = time.perf_counter() - begun
    print(
        f"{form}: {EVENTS:,} events, {size / 1e6:,.0f} MB in {seconds:.0f} s ({EVENTS / seconds:,.0f}/s); peak memory "
        f"{peak / 1024:.0f} MB, of that before the copy {before / 1024:.0f}, after 10,000 events {early / 1024:.0f}",
        flush=True,
    )


def main() -> None:
    """Make everything, or (in a process of its own) one copy of what was made."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if len(sys.argv) > 1:
        copy(sys.argv[1])
        return
    if connection.vendor == "postgresql":
        from tests import postgres

        for name in ("haven", "keystore"):
            postgres.create_database(name)
    for alias in ("keystore", "default"):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    for words, work in (("rows made", fill), ("sealed", seal)):
        if work is seal and os.environ.get("HAVEN_BENCH_WALK_ONLY"):
            continue
        begun = time.perf_counter()
        work(connection)
        print(f"{words}: {time.perf_counter() - begun:.0f} s", flush=True)
    plans(connection)
    pages(connection)
    from audit import protection

    protection.install()
    for form in ("CSV", "JSONL"):
        if not (os.environ.get("HAVEN_BENCH_NO_COPY") or os.environ.get("HAVEN_BENCH_WALK_ONLY")):
            subprocess.run([sys.executable, "-m", "benchmarks.auditor", form], check=True)


if __name__ == "__main__":
    main()
