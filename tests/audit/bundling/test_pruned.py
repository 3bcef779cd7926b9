"""A bundle of a ledger of which events were pruned: they are there as leaves, and the whole still holds."""

import json
import uuid

import pytest
from django.db import transaction

from audit.models import Leaf
from audit.pruning import prune_batch
from tests.audit.sealing.scene import note, seal

from .scene import bundle, unpacked, verify

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def test_what_was_pruned_leaves_its_leaf(cast, tmp_path):
    """A bundle of everything is made and holds: whoever reads it sees that something stood there, and no more."""
    note(60)
    seal()
    gone = [Leaf.objects.get(position=position).event for position in (40, 41, 44)]
    with transaction.atomic():
        order = uuid.UUID(int=9)
        prune_batch(
            [event.pk for event in gone],
            actor=None,
            order=order,
            number="RT-TEST",
            batch=1,
            approved_by=uuid.UUID(int=8),
        )
    bundle(tmp_path / "all.zip", getattr(cast, "elif"))
    folder = unpacked(tmp_path / "all.zip")
    entries = [json.loads(line) for line in (folder / "entries.jsonl").read_text().splitlines()]
    pruned = [one for one in entries if one.get("withheld") == "PRUNED"]
    assert [one["position"] for one in pruned] == [40, 41, 44]
    assert all(set(one) == {"position", "leaf", "withheld"} for one in pruned)
    status, words = verify(folder)
    assert status == 0, words
