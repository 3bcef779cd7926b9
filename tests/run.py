"""``make test``: unit tests on both engines, then looks and journeys in a real browser; ``--deep`` runs what takes long.

Where PostgreSQL or Chromium cannot be started it says what was left out and how to install it; with CI=true that
is a failure. The last line sums up all suites: ``N passed, N failed``.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from tests import chromium, postgres
from tests.served import DEMO
from tests.steps import ROOT, Table, is_ci, run, say, title

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}


@dataclass(frozen=True)
class Suite:
    """Tests that run in one process of pytest, on one engine."""

    name: str
    engine: str
    arguments: tuple[str, ...]
    needs_browser: bool = False

    @property
    def missing(self) -> str:
        """What it needs and this machine cannot start; empty where all is there."""
        try:
            if self.engine == POSTGRESQL:
                postgres.throwaway_cluster()
            if self.needs_browser:
                chromium.demand()
        except (postgres.NoPostgres, chromium.NoChromium) as problem:
            return str(problem)
        return ""


@dataclass(frozen=True)
class Outcome:
    """How a suite went."""

    suite: Suite
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    left_out: str = ""


def suites(*, deep: bool) -> list[Suite]:
    """What runs. Tests marked ``once`` do not depend on the engine of the test run, or choose it by themselves."""
    # As many as there are processors: whoever waits for a server, a code or the disk leaves one to the browsers beside.
    processes = os.cpu_count() or 2
    parallel = ("-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder")
    kind = "deep" if deep else "not deep"
    mutants = "tests/cases/test_oracle_mutants.py"
    rest = (f"--ignore={mutants}", "tests") if deep else ("tests",)
    found = [
        Suite("unit tests", SQLITE, (*parallel, "-m", kind, *rest)),
        Suite("unit tests", POSTGRESQL, (*parallel, "-m", f"{kind} and not once", *rest)),
    ]
    if deep:
        # Each takes its own time, so that they are dealt one by one.
        dealt = ("-n", str(processes), "--dist", "load", "-m", kind, mutants)
        found += [Suite("planted bugs", engine, dealt) for engine in (SQLITE, POSTGRESQL)]
    if any((ROOT / "tests" / "journeys").glob("test_*.py")):
        looks, options = (
            "tests/journeys/test_looks.py",
            ("-m", kind, "-o", "addopts=--strict-markers -p no:cacheprovider"),
        )
        found.append(Suite("looks", SQLITE, (*options, looks), needs_browser=True))
        found += [
            Suite("journeys", engine, (*options, "tests/journeys", f"--ignore={looks}"), needs_browser=True)
            for engine in (SQLITE, POSTGRESQL)
        ]
    return found


def run_all(chosen: list[Suite], *, deep: bool, extra: list[str]) -> list[Outcome]:
    """Run the suites in two lanes: one engine's unit tests after the other's, and beside them one browser after the other.

    A journey waits for pages most of the time and uses what unit tests leave. The lane that speaks is the first; what
    the other one said follows, suite by suite.
    """
    lanes = [[one for one in chosen if one.needs_browser is browsers] for browsers in (False, True)]
    lanes = [lane for lane in lanes if lane]
    outcomes = []
    with ExitStack() as opened, ThreadPoolExecutor(max(1, len(lanes))) as pool:
        beside = [[(one, opened.enter_context(tempfile.TemporaryFile("w+"))) for one in lane] for lane in lanes[1:]]
        running = [pool.submit(run_lane, lane, deep=deep, extra=extra) for lane in beside]
        for suite in lanes[0] if lanes else []:
            title(f"{suite.name} on {NAMES[suite.engine]}")
            outcomes.append(told(run_suite(suite, deep=deep, extra=extra)))
        for lane, future in zip(beside, running, strict=True):
            for (suite, log), outcome in zip(lane, future.result(), strict=True):
                title(f"{suite.name} on {NAMES[suite.engine]}")
                log.seek(0)
                say(log.read())
                outcomes.append(told(outcome))
    return outcomes


def run_lane(lane: list[tuple[Suite, IO[str]]], *, deep: bool, extra: list[str]) -> list[Outcome]:
    """One suite after the other, each into its own log."""
    return [run_suite(suite, deep=deep, extra=extra, log=log) for suite, log in lane]


def told(outcome: Outcome) -> Outcome:
    """Say what was left out."""
    if outcome.left_out:
        say(f"LEFT OUT: {outcome.left_out}")
    return outcome


def run_suite(suite: Suite, *, deep: bool, extra: list[str], log: IO[str] | None = None) -> Outcome:
    """Run one suite and count what pytest wrote down. Its lines go to the screen, or into ``log``."""
    missing = suite.missing
    if missing:
        return Outcome(suite, failed=int(is_ci()), left_out=missing)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *suite.arguments, *extra]
        environment = {
            "HAVEN_TEST_ENGINE": suite.engine,
            "HAVEN_JOURNEY_ENGINE": suite.engine,
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        }
        code, seconds = run(command, environment=environment, log=log)
        return count(suite, report, code, seconds, may_be_empty=deep or bool(extra))


def count(suite: Suite, report: Path, code: int, seconds: float, *, may_be_empty: bool) -> Outcome:
    """The figures of one suite. A run that broke, or found no test where there must be some, counts as a failure."""
    total = failed = skipped = 0
    if report.exists():
        for part in ElementTree.parse(report).getroot().iter("testsuite"):  # written by our own pytest
            total += int(part.get("tests", 0))
            failed += int(part.get("failures", 0)) + int(part.get("errors", 0))
            skipped += int(part.get("skipped", 0))
    nothing_found = 5
    if code and not failed and not (code == nothing_found and may_be_empty):
        failed = 1
        total = max(total, 1)
    return Outcome(suite, max(0, total - failed - skipped), failed, skipped, seconds)


def conclude(outcomes: list[Outcome]) -> int:
    """The table, what was left out, and the closing line. Returns the exit code."""
    table = Table(("suite", "engine", "passed", "failed", "skipped", "seconds"))
    for one in outcomes:
        figures = (str(one.passed), str(one.failed), str(one.skipped), f"{one.seconds:.0f}")
        table.rows.append(
            (one.suite.name, NAMES[one.suite.engine], *(("left out", "", "", "") if one.left_out else figures))
        )
    title("what ran")
    table.show()
    say()
    for reason in dict.fromkeys(one.left_out for one in outcomes if one.left_out):
        say(f"Left out: {reason}" + (" With CI=true that is a failure." if is_ci() else ""))
    passed, failed, skipped = (sum(getattr(one, name) for one in outcomes) for name in ("passed", "failed", "skipped"))
    say(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    nothing_ran = not passed and not any(one.left_out for one in outcomes)
    return 1 if failed or nothing_ran else 0


def main(arguments: list[str]) -> int:
    """Run all suites, or those that ``--only`` names by a word of their name or engine."""
    parser = argparse.ArgumentParser(prog="python -m tests.run")
    parser.add_argument("--deep", action="store_true", help="what takes long, before a release")
    parser.add_argument("--only", default="", help="a word of the suite's name or engine")
    options, extra = parser.parse_known_args(arguments)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    began = time.monotonic()
    chosen = [one for one in suites(deep=options.deep) if options.only.lower() in f"{one.name} {one.engine}"]
    with tempfile.TemporaryDirectory(prefix="haven-run-") as shared:
        os.environ[DEMO] = shared
        outcomes = run_all(chosen, deep=options.deep, extra=extra)
    say(f"\nAll suites took {time.monotonic() - began:.0f} seconds.")
    return conclude(outcomes)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
