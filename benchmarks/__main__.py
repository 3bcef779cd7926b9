"""``python -m benchmarks [name …]``: measure, print one table, keep the figures in ``benchmarks/results/``.

Names: pages, served, door, access, vault, keys, ledger, writers, sealing, search, import, start; without one, all.
``python -m benchmarks.ledger`` is ledger, writers and sealing in one run. HAVEN_TEST_ENGINE=postgresql measures there;
HAVEN_BENCH_CASES, HAVEN_BENCH_ROWS, HAVEN_BENCH_PEOPLE, HAVEN_BENCH_ACCESS and HAVEN_BENCH_EVENTS change the size of the
world, of the imported sheet, of the town that is searched, of the house in which access is measured, and of the ledger that
is sealed (the last two: 1000000 on request).
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

NAMES = (
    "vault",
    "keys",
    "pages",
    "served",
    "door",
    "ledger",
    "search",
    "import",
    "start",
    "access",
    "writers",
    "sealing",
)
RESULTS = Path(__file__).resolve().parent / "results"
HEAD = ("figure", "measured", "peer", "ratio", "limit", "")


def main(default: tuple[str, ...] = NAMES) -> int:
    """0 where every limit is kept, 1 where one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*NAMES, []], help="what to measure; everything, if nothing is named"
    )
    chosen = parser.parse_args().names or list(default)
    if "writers" in chosen:
        os.environ["HAVEN_TEST_DURABLE"] = "1"  # what many writers do at once is decided by the disk
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["HAVEN_TEST_AUTOVACUUM"] = "1"
    django.setup()
    from benchmarks.run import measure  # noqa: PLC0415  models exist only now

    figures = list(measure(chosen))
    rows = [figure.row() for figure in figures]
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    for row in (HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    missed = [figure for figure in figures if figure.verdict == "MISSED"]
    engine = os.environ.get("HAVEN_TEST_ENGINE", "sqlite")
    print(f"\n{len(figures)} figures on {engine}, {len(missed)} missed")
    keep(engine, [figure.as_json() for figure in figures])
    return 1 if missed else 0


def keep(engine: str, figures: list[dict]) -> None:
    """One file a run."""
    RESULTS.mkdir(exist_ok=True)
    moment = datetime.now(UTC)
    told = {
        "at": moment.isoformat(),
        "engine": engine,
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "figures": figures,
    }
    (RESULTS / f"{moment:%Y%m%dT%H%M%SZ}-{engine}.json").write_text(json.dumps(told, indent=1, default=str))


if __name__ == "__main__":
    sys.exit(main())
