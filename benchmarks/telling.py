"""A page of ``docs/`` that a measurement writes: both engines, each in processes of their own, with machine and versions.

Somebody else's figures can be laid beside it.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import number

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Page:
    """What is measured for a page and how it begins.

    ``names``: each is measured in a process of its own, because what one leaves in memory and caches changes the next; two
    in one string share a process and its world. ``environment``: the size of what is measured.
    """

    path: Path
    head: str
    names: tuple[str, ...]
    packages: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def write(page: Page) -> int:
    """Measure on both engines and write the page. 0 where every limit is kept."""
    told = {engine: measured(page, engine) for engine in ENGINES}
    page.path.write_text(text_of(page, told))
    return int(any(figure["verdict"] == "MISSED" for run in told.values() for figure in run["figures"]))


def measured(page: Page, engine: str) -> dict[str, Any]:
    """Measure on one engine and read what the runs kept. Raises where one kept nothing."""
    environment = {**os.environ, **page.environment, "HAVEN_TEST_ENGINE": engine}
    found: dict[str, Any] = {"figures": [], "load": []}
    for name in page.names:
        before = set(RESULTS.glob("*.json"))
        subprocess.run([sys.executable, "-m", "benchmarks", *name.split()], cwd=ROOT, env=environment, check=False)
        (kept,) = set(RESULTS.glob("*.json")) - before
        told = json.loads(kept.read_text())
        found["figures"] += told["figures"]
        found["load"].append(told["load"][0])
    return found


def text_of(page: Page, told: dict[str, dict[str, Any]]) -> str:
    """The page: machine, versions, and a table for each engine."""
    parts = [page.head, f"Measured on {datetime.now(UTC):%-d %B %Y}: {machine(page.packages)}.\n"]
    for engine, run in told.items():
        missed = sum(figure["verdict"] == "MISSED" for figure in run["figures"])
        kept = "every limit kept" if not missed else f"{missed} of the limits missed"
        parts.append(f"## {ENGINES[engine]}: {kept}\n\nLoad while it ran: {max(run['load']):.1f}.\n")
        parts.append("| figure | measured | peer | ratio | limit | |\n|---|---|---|---|---|---|")
        parts[-1] += "".join("\n| " + " | ".join(cells(figure)) + " |" for figure in run["figures"]) + "\n"
    return "\n".join(parts)


def cells(figure: dict[str, Any]) -> list[str]:
    """One line of a table."""
    peer = "" if figure["peer_value"] is None else f"{number(figure['peer_value'])} {figure['unit']} {figure['peer']}"
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f}×"
    sign = "≤" if figure["at_most"] else "≥"
    unit = "×" if figure["of"] == "ratio" else f" {figure['unit']}"
    limit = "" if figure["limit"] is None else f"{sign} {figure['limit']:g}{unit}"
    return [figure["name"], f"{number(figure['measured'])} {figure['unit']}", peer, ratio, limit, figure["verdict"]]


def machine(packages: tuple[str, ...]) -> str:
    """The processor and the versions that matter, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{os.cpu_count()} cores ({names[0] if names else platform.machine()}), Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {versions}"
    )
