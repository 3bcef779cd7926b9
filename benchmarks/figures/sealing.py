"""What sealing costs, how fast a whole ledger is verified, and how large and quick a proof is (docs/ledger.md)."""

import random
from collections.abc import Iterator

from django.db import connection

from audit.context import audit_context
from audit.models import Leaf
from audit.report import Report
from audit.sealing import rows, tree
from audit.sealing.sealer import Sealer
from audit.sealing.verifying import verify_seal
from audit.verify import verify_streams
from benchmarks.ledger import build
from benchmarks.measure import Figure, Times, median, p95, seconds, without_collector

SEALED_A_SECOND, VERIFIED_A_SECOND = 10_000, 80_000
PROOF_BYTES, PROOF_MS = 1024, 1.0
PROOFS = 500
#: How often the whole is verified; the median counts.
ROUNDS = 3


def figures() -> Iterator[Figure]:
    """Everything in databases of our own, really committed."""
    written = build()
    with audit_context("test", "measuring"):
        took = seconds(lambda: Sealer().seal_all())
    yield Figure(
        name=f"seal: sealing {written:,} events, streams checked", measured=written / took, unit="events/s",
        limit=SEALED_A_SECOND, at_most=False,
    )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_leaf, audit_tile, audit_checkpoint")
    times = Times()
    for _ in range(ROUNDS):
        report = Report()
        times.take(lambda report=report: verify_seal(report))
        assert report.is_whole and report.leaves == written, report.problems[:3]
    yield Figure(
        name="seal: verifying streams, leaves, tiles, roots and signatures", measured=written / median(times),
        unit="events/s", limit=VERIFIED_A_SECOND, at_most=False,
    )  # fmt: skip
    yield Figure(
        name="seal: the same, by what our own processes computed, added up",
        measured=written / median(times.computed),
        unit="events/s",
    )
    report = Report()
    took = seconds(lambda: report.problems.extend(verify_streams().problems))
    assert report.is_whole, report.problems[:3]
    yield Figure(name="seal: every commitment against its column, too", measured=written / took, unit="events/s")
    yield from _proofs()


def _proofs() -> Iterator[Figure]:
    """Inclusion of events all over the ledger under the newest head: read, and then verified as an outsider does."""
    head = rows.head()
    dice = random.Random(7)
    places = [dice.randrange(head.size) for _ in range(PROOFS)]
    leaves = dict(Leaf.objects.filter(position__in=places).values_list("position", "hash"))
    times, largest = Times(), 0
    with without_collector():
        for place in places:
            proof: list[bytes] = []
            times.take(lambda place=place, proof=proof: proof.extend(rows.prove_inclusion(place, head)))
            largest = max(largest, sum(map(len, proof)))
            assert tree.verify_inclusion(bytes(leaves[place]), place, head.size, proof, bytes(head.root))
    yield Figure(name="seal: an inclusion proof, the largest", measured=largest, unit="bytes", limit=PROOF_BYTES)
    yield Figure(name="seal: an inclusion proof, median", measured=median(times) * 1000, unit="ms", limit=PROOF_MS)
    yield Figure(name="seal: an inclusion proof, p95", measured=p95(times) * 1000, unit="ms")
