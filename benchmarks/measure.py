"""Measuring: pairs that run in turn, medians, and figures that know their limit."""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

Run = Callable[[], Any]


@dataclass
class Figure:
    """One line of the table. ``limit`` speaks of ``of``: the measured value, or its ratio to the peer."""

    name: str
    measured: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    limit: float | None = None
    of: str = "measured"
    at_most: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``ok``, ``MISSED``, or nothing where there is no limit."""
        if self.limit is None:
            return ""
        value = self.ratio if self.of == "ratio" else self.measured
        assert value is not None  # a limit of a ratio has a peer
        return "ok" if (value <= self.limit if self.at_most else value >= self.limit) else "MISSED"

    @property
    def said_limit(self) -> str:
        """The limit in short: ``≤ 100 ms``, ``≥ 0.85×``."""
        if self.limit is None:
            return ""
        return f"{'≤' if self.at_most else '≥'} {number(self.limit)}{'×' if self.of == 'ratio' else ' ' + self.unit}"

    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        peer = "" if self.peer_value is None else f"{number(self.peer_value)} {self.unit} {self.peer}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}×"
        return (self.name, f"{number(self.measured)} {self.unit}", peer, ratio, self.said_limit, self.verdict)

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        return {**asdict(self), "verdict": self.verdict}


def number(value: float) -> str:
    """Three figures at most."""
    if value == int(value) and abs(value) < 1_000_000:
        return f"{int(value)}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


@contextmanager
def without_collector() -> Iterator[None]:
    """A collection in the middle of a short run would be counted for whoever happens to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Times(list[float]):
    """Wall times of one thing, and beside them what our own process, and those it started and ended, computed meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.computed: list[float] = []

    def take(self, run: Run) -> None:
        """Run once and remember how long it took."""
        cpu, start = _computed(), time.perf_counter()
        run()
        self.append(time.perf_counter() - start)
        self.computed.append(_computed() - cpu)


def _computed() -> float:
    """Processor seconds of this process and of its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def seconds(run: Run) -> float:
    """Wall time of one run."""
    times = Times()
    times.take(run)
    return times[0]


def in_turn(*runs: Run, rounds: int, warm: int = 2) -> list[Times]:
    """Times of several things, run in turn (A B A B …), so that a slow moment of the machine hits all alike."""
    times = [Times() for _ in runs]
    for run in runs:
        for _ in range(warm):
            run()
    with without_collector():
        for _ in range(rounds):
            for place, run in enumerate(runs):
                times[place].take(run)
    return times


def computed(*runs: Run, rounds: int, warm: int = 2) -> list[list[float]]:
    """As ``in_turn``, counting what our own process computes: for work in memory, whoever else is busy."""
    return [times.computed for times in in_turn(*runs, rounds=rounds, warm=warm)]


def timed(*runs: Run, rounds: int, warm: int = 2) -> list[Any]:
    """For work in the database inside one transaction: what is computed where the database is part of our process,
    and the clock where it is a server."""
    return (computed if connection.vendor == "sqlite" else in_turn)(*runs, rounds=rounds, warm=warm)


def ratio_of(ours: list[float], theirs: list[float]) -> float:
    """The median of the pairwise ratios."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def p95(times: list[float]) -> float:
    """The value that nineteen of twenty stay below."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


median = statistics.median


def queries(run: Run) -> list[str]:
    """The statements one run sends, on both databases. The fewest of three: now and then a page notes its session."""
    return min((_captured(run) for _ in range(3)), key=len)


def _captured(run: Run) -> list[str]:
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        run()
        return [query["sql"] for one in seen for query in one.captured_queries]
