"""``python -m benchmarks.vault``: the vault and the search on both engines, told in ``docs/performance.md``.

Each engine is measured in a process of its own, against its peers in the same run; the page names the machine and the
versions, so that somebody else's figures can be laid beside it.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import number

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
#: Each in a process of its own: a town of a hundred thousand people leaves neither memory nor caches as they were.
NAMES = ("vault", "keys", "search")
PACKAGES = ("Django", "cryptography", "psycopg", "django-fernet-encrypted-fields", "django-cryptography-django5")
HEAD = """# How fast the vault is

Written by `python -m benchmarks.vault`; every figure was measured in one run beside its peer. Trust the ratios: seconds
belong to a machine, ratios to the code. A ratio of 0.37× to plain means that a row with five opened fields costs 2.7 times
the same row unencrypted.
"""


def main() -> int:
    """0 where every limit is kept on both engines."""
    told = {engine: measured(engine) for engine in ENGINES}
    PAGE.write_text(page(told))
    return int(any(figure["verdict"] == "MISSED" for run in told.values() for figure in run["figures"]))


def measured(engine: str) -> dict[str, Any]:
    """Measure on one engine and read what the runs kept. Raises where one kept nothing."""
    environment = {**os.environ, "HAVEN_TEST_ENGINE": engine}
    found: dict[str, Any] = {"figures": [], "load": []}
    for name in NAMES:
        before = set(RESULTS.glob("*.json"))
        subprocess.run([sys.executable, "-m", "benchmarks", name], cwd=ROOT, env=environment, check=False)
        (kept,) = set(RESULTS.glob("*.json")) - before
        told = json.loads(kept.read_text())
        found["figures"] += told["figures"]
        found["load"].append(told["load"][0])
    return found


def page(told: dict[str, dict[str, Any]]) -> str:
    """The page: machine, versions, and a table for each engine."""
    parts = [HEAD, f"Measured on {datetime.now(UTC):%-d %B %Y}: {machine()}.\n"]
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


def machine() -> str:
    """The processor and the versions that matter, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores ({names[0] if names else platform.machine()}), Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {versions}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
