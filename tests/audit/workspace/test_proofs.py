"""Proofs of very many events at once: the same as those that are made one by one, and found with few questions."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.context import audit_context
from audit.models import Checkpoint, Event, Leaf
from audit.reader import Reader
from audit.sealing import rows, tiles, tree
from audit.sealing.proving import fits_leaf, proof_of
from audit.workspace import proofs
from audit.workspace.copies import Copy
from audit.workspace.proofs import Prover
from audit.workspace.walking import Chosen
from tests.audit.sealing.scene import note, seal
from tests.audit.sealing.test_tree import Memory, leaves_of

#: Around the ends of tiles of the first and of the second level.
SIZES = (1, 2, 7, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_049, 131_072, 150_000)


@pytest.mark.once
@pytest.mark.parametrize("size", SIZES)
def test_a_proof_is_the_one_that_the_tree_gives(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order from the end, as a copy goes, and then here and there; with so few kept tiles that they are read again."""
    monkeypatch.setattr(proofs, "MOST_TILES", 4)
    leaves = leaves_of(size)
    source = Memory(leaves)
    root = source.writer.root()
    prover = Prover(Checkpoint(size=size, root=root))
    prover.source = source
    places = sorted(
        {place for near in (0, 255, 256, size // 2, size - 300, size - 1) for place in range(near, near + 4)}
    )
    places = [place for place in reversed(places) if 0 <= place < size]
    for place in [*places, *places[::3]]:
        path = [bytes.fromhex(step) for step in prover.path(place)]
        assert path == tiles.prove_inclusion(source, place, size)
        assert tree.verify_inclusion(leaves[place], place, size, path, root)
        prover._forget()
    assert len(prover.kept) <= 4 and len(prover.above) <= 4


@pytest.mark.once
def test_every_proof_of_a_whole_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 3,000 leaves; and every tile is asked for once."""
    leaves = leaves_of(3_000)
    source = Memory(leaves)
    prover = Prover(Checkpoint(size=3_000, root=source.writer.root()))
    prover.source = source
    for place in reversed(range(3_000)):
        path = [bytes.fromhex(step) for step in prover.path(place)]
        assert tree.verify_inclusion(leaves[place], place, 3_000, path, source.writer.root())
    asked = [place for wanted in source.asked for place in wanted]
    assert len(asked) == len(set(asked)) == 3_000 // 256 + 1 + 1


@pytest.mark.django_db(databases=["default", "keystore"])
def test_a_copy_proves_every_event_it_holds(cast) -> None:
    """Events over several tiles, late ones among them, and some that were not sealed when the copy began."""
    note(500)
    seal()
    late = note(3)
    note(300)
    seal()
    unsealed = {str(event.uid) for event in note(2)}
    head = rows.head()
    auditor = getattr(cast, "elif")
    with audit_context("test", "a copy"):
        made = Copy(Reader(auditor), Chosen(), "JSONL")
        first, *told, last = [json.loads(line) for line in b"".join(made).decode().splitlines()]
        made.close()
    assert (first["kind"], first["size"], first["root"]) == ("head", head.size, bytes(head.root).hex())
    assert (last["kind"], last["events"]) == ("end", len(told))
    assert {line["shown"]["event"] for line in told if line["proof"] is None} == unsealed
    events = {str(event.uid): event for event in Event.objects.select_related("detail")}
    assert str(late[0].uid) in {line["shown"]["event"] for line in told}
    for line in told:
        proof = line["proof"]
        if proof is None:
            continue
        assert proof == {
            key: value for key, value in proof_of(events[line["shown"]["event"]], head).items() if key in proof
        }
        assert set(proof) == {"position", "leaf", "mac", "entry", "path"} and fits_leaf(proof)
        path = [bytes.fromhex(step) for step in proof["path"]]
        leaf = bytes.fromhex(proof["leaf"])
        assert tree.verify_inclusion(leaf, proof["position"], head.size, path, bytes(head.root))
        assert json.loads(proof["entry"])["id"] == line["shown"]["event"]


@pytest.mark.django_db(databases=["default", "keystore"])
def test_a_batch_costs_two_questions(cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for the leaves, one for all tiles that are not kept; and for its neighbours only the first."""
    note(600)
    seal()
    asked: list[str] = []
    fetch = rows.fetch
    monkeypatch.setattr(rows, "fetch", lambda sql, *more, **how: asked.append(sql) or fetch(sql, *more, **how))
    prover = Prover(rows.head())
    for low, high, questions in ((300, 600, 1), (20, 40, 1), (10, 20, 0)):
        asked.clear()
        events = list(Event.objects.filter(leaf__position__gte=low, leaf__position__lt=high))
        with CaptureQueriesContext(connection) as leaves:
            assert len(prover.prove_all(events)) == high - low
        assert len(asked) == questions
        assert len([query for query in leaves if "event_id" in query["sql"]]) == 1


@pytest.mark.django_db(databases=["default", "keystore"])
def test_a_tile_that_is_missing_is_no_proof(cast) -> None:
    note(600)
    seal()
    prover = Prover(rows.head())
    prover.head = Checkpoint(size=prover.head.size + 700, root=uuid.uuid4().bytes)
    event = Event.objects.get(pk=Leaf.objects.get(position=rows.head().size - 1).event_id)
    with pytest.raises(KeyError):
        prover.prove_all([event])
