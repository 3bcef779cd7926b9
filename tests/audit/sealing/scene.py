"""What tests of the seal share: events to seal, and a look at what an outsider would see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from audit import protection
from audit.context import audit_context
from audit.log import record
from audit.models import Checkpoint, Event, Leaf
from audit.sealing import keys, notes, rows, tiles, tree
from audit.sealing.entries import entry_of, leaf_of
from audit.sealing.rows import Rows
from audit.sealing.sealer import Sealer
from audit.verbs import Verb


def note(count: int = 1) -> list[Event]:
    """So many events, as the house would write them."""
    with audit_context("test", "testing"):
        return [record(Verb.JOB_RUN, actor=None, detail={"job": "sealing"}) for _ in range(count)]


def seal(sealer: Sealer | None = None, **how: Any) -> Any:
    """Seal all there is."""
    with audit_context("test", "testing"):
        return (sealer or Sealer()).seal_all(**how)


def demand_whole() -> int:
    """Everything is sealed once, each leaf is provable under the signed head, and each head grew from the one before."""
    checkpoints = list(Checkpoint.objects.order_by("size"))
    verifiers = [key.verifier for key in keys.listed()]
    heads = [notes.open_checkpoint(one.note, keys.origin(), verifiers)[0] for one in checkpoints]
    assert [(one.size, bytes(one.root)) for one in checkpoints] == [(head.size, head.root) for head in heads]
    leaves = list(Leaf.objects.order_by("position").select_related("event"))
    assert [leaf.position for leaf in leaves] == list(range(heads[-1].size))
    assert {leaf.event_id for leaf in leaves} == set(Event.objects.values_list("pk", flat=True))
    hashes = [leaf_of(bytes(leaf.event.canonical), bytes(leaf.event.mac)) for leaf in leaves]
    assert [bytes(leaf.hash) for leaf in leaves] == hashes
    first = leaves[0].event
    assert tree.leaf_hash(entry_of(bytes(first.canonical), bytes(first.mac))) == hashes[0]
    for head in heads:
        assert head.root == tree.root_of(hashes[: head.size])
        proof = tiles.prove_consistency(Rows(), head.size, heads[-1].size)
        assert tree.verify_consistency(head.size, heads[-1].size, head.root, heads[-1].root, proof)
    for position in {0, len(hashes) // 2, len(hashes) - 1}:
        proof = tiles.prove_inclusion(Rows(), position, heads[-1].size)
        assert rows.prove_inclusion(position, checkpoints[-1]) == proof
        assert tree.verify_inclusion(hashes[position], position, heads[-1].size, proof, heads[-1].root)
    return len(leaves)


@contextmanager
def unguarded() -> Iterator[Callable[..., None]]:
    """An insider who owns the database: the guards are off, any statement runs, and afterwards they are on again."""
    connection.check_constraints()
    protection.remove()

    def run(statement: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)

    try:
        yield run
    finally:
        connection.check_constraints()
        protection.install()
