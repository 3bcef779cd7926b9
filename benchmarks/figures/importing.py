"""Bringing in a large case sheet: seconds and memory, in a process of its own that uses the same databases.

The peer is the intake alone: what the same cases cost when somebody takes them in one by one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connections, transaction

from audit.context import audit_context
from benchmarks.measure import Figure, median, seconds
from benchmarks.world import World, say
from tests import make
from tests.cases.htcds import sheets

ROWS = int(os.environ.get("HAVEN_BENCH_ROWS", "5000"))
INTAKES = 50
MEMORY_LIMIT_MB = 512


def figures(world: World) -> Iterator[Figure]:
    """One import, whole."""
    team = world.cast.team_of("dana")
    dana = world.cast.dana
    with audit_context("test", "measuring"), transaction.atomic():
        intakes = [seconds(lambda: make.case(dana, team)) for _ in range(INTAKES)]
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.xlsx"
        sheet.write_bytes(sheets.official(sheets.people(ROWS)))
        say(f"  importing {ROWS} rows")
        told = _import(sheet)
    yield Figure(
        name=f"import: {ROWS} rows, read, understood and taken", measured=told["seconds"] / ROWS * 1000, unit="ms a row",
        peer="an intake", peer_value=median(intakes) * 1000, ratio=told["seconds"] / ROWS / median(intakes), more=told,
    )  # fmt: skip
    yield Figure(name=f"import: {ROWS} rows in all", measured=told["seconds"], unit="s", more=told)
    yield Figure(
        name="import: memory of the process at its highest", measured=told["peak_mb"], unit="MB", peer="before it began",
        peer_value=told["before_mb"], ratio=told["peak_mb"] / told["before_mb"], limit=MEMORY_LIMIT_MB, more=told,
    )  # fmt: skip


def _import(sheet: Path) -> dict[str, float]:
    """Run the command on the same databases, and read what it tells in its last line."""
    names = {alias: str(connections[alias].settings_dict["NAME"]) for alias in ("default", "keystore")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importer", str(sheet), json.dumps(names)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told
