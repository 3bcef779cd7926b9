"""A small ledger that is attacked: four streams, records with histories, three heads, events that are not sealed yet.

Two heads left the house, into a file and to a witness; the third and the tail after it did not.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.test import override_settings

from audit import clock, streams
from audit.anchoring import file, witnesses
from audit.anchoring.serving import Door
from audit.anchoring.witness import Witness
from audit.context import audit_context
from audit.log import Ref, record
from audit.models import Checkpoint, Event, SeenHead, Stream
from audit.sealing import keys, rows
from audit.sealing.sealer import Sealer
from audit.verify import verify_all
from tests.audit.kept.models import Folder
from tests.audit.people import Person

#: What a copy of the database holds; those that point to others come last.
TABLES = (
    "kept_folder", "kept_historicalfolder", "audit_stream", "audit_event", "audit_eventdetail", "audit_eventcase",
    "audit_leaf", "audit_tile", "audit_checkpoint", "audit_anchor", "audit_seenhead", "audit_change",
)  # fmt: skip
NAME = "witness.example.org"


@dataclass
class Scene:
    """The ledger and what lies elsewhere. Sizes of its heads: ``first`` and ``anchored`` left the house, ``newest`` did not."""

    folder: Path
    amina: Person = field(default_factory=lambda: Person("Amina"))
    bea: Person = field(default_factory=lambda: Person("Bea"))
    base: int = 0
    first: int = 0
    anchored: int = 0
    newest: int = 0
    old_copy: dict[str, Any] = field(default_factory=dict)
    chains: list[streams.Chain] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def connect(self, count: int) -> None:
        """So many connections more, each with a stream of its own."""
        self.chains += [streams.Chain(connections["default"]) for _ in range(count)]

    def write(self, count: int) -> None:
        """Events of all connections in turn, some with a record and its history."""
        real = connections["default"]
        kept = getattr(real, streams.ATTRIBUTE, None)
        with audit_context("test", "a scene"):
            for number in range(count):
                setattr(real, streams.ATTRIBUTE, self.chains[number % len(self.chains)])
                if number % 10:
                    case = Ref("case", uuid.uuid4(), uuid.uuid4())
                    record("CASE_CHANGED", actor=self.amina, subject=case, reason="words", refs=[Folder(), Folder()])
                else:
                    record("CASE_CHANGED", actor=self.amina, subject=Folder.objects.create())
        setattr(real, streams.ATTRIBUTE, kept)

    def seal(self) -> int:
        with audit_context("test", "a scene"):
            return Sealer().seal_all().size

    def copy(self) -> dict[str, Any]:
        """The database as it is now, as a backup would hold it."""
        copied = {}
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                copied[table] = ([column[0] for column in cursor.description], cursor.fetchall())
        return copied

    def put_back(self, copied: dict[str, Any]) -> None:
        """The whole database is what the copy holds. Needs the guards off."""
        with connection.cursor() as cursor:
            for table in reversed(TABLES):
                cursor.execute(f'DELETE FROM "{table}"')
            for table in TABLES:
                columns, stored = copied[table]
                names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [_plain(row) for row in stored])

    def stream_of(self, chain: int) -> Stream:
        return Stream.objects.get(uid=self.chains[chain].uid)

    def last_of(self, chain: int) -> Event:
        return Event.objects.filter(stream=self.chains[chain].uid).latest("number")

    def tail(self) -> list[Event]:
        """What waits to be sealed, by id."""
        return list(Event.objects.filter(leaf__isnull=True).order_by("pk"))


def _plain(row: tuple[Any, ...]) -> list[Any]:
    """As the database takes them back: PostgreSQL gives JSON as text here."""
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]


def build(folder: Path) -> Scene:
    """Write and seal; give two heads away. Runs in the caller's transaction."""
    scene = Scene(folder)
    (folder / "keys").write_text("")
    scene.base = Event.objects.count()
    scene.connect(4)
    scene.write(max(40, 270 - scene.base))
    scene.first = scene.seal()
    (folder / "keys").write_text(keys.key_file())
    with outside(scene):
        _give_away(scene)
        scene.old_copy = scene.copy()
        scene.write(30)
        scene.anchored = scene.seal()
        _give_away(scene)
    scene.write(30)
    scene.newest = scene.seal()
    scene.connect(1)
    scene.write(20)
    return scene


def _give_away(scene: Scene) -> None:
    head = rows.head()
    assert head is not None
    file.append(head.note, clock.now())
    for witness in witnesses.listed():
        assert witness.submit(head) is not None
    SeenHead(auditor_uid=uuid.uuid4(), size=head.size, root=head.root, at=clock.now()).save(force_insert=True)


@contextmanager
def outside(scene: Scene) -> Iterator[None]:
    """The file and the witness are set, and the witness listens, on a port of its own."""
    witness = Witness(scene.folder / "witness", NAME, scene.folder / "keys", scene.alarms.append)
    door = Door(("127.0.0.1", 0), witness)
    thread = threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{door.server_address[1]} {witness.verifier}"
    try:
        with override_settings(ANCHOR_FILE=str(scene.folder / "heads.jsonl"), WITNESSES=[address]):
            yield
    finally:
        door.shutdown()
        door.server_close()
        thread.join()
        witness.close()


def told(*, of_guards: bool = True) -> list[str]:
    """What verification finds."""
    problems = verify_all().problems
    return problems if of_guards else [one for one in problems if not one.startswith("The guard ")]


def heads() -> list[int]:
    return list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
