"""Running the steps of ``make test`` and ``make check``, and saying at the end what ran, for how long, and how it went."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def is_ci() -> bool:
    """Whether nobody watches: what is missing then fails instead of being left out."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def say(line: str = "") -> None:
    """Print at once, so that lines of child processes come in their order."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def title(words: str) -> None:
    """A heading in the log."""
    say(f"\n── {words} " + "─" * max(0, 100 - len(words)))


def run(
    command: list[str], *, environment: dict[str, str] | None = None, quiet: bool = False, log: IO[str] | None = None
) -> tuple[int, float]:
    """Run a command in the project's root. Returns (exit code, seconds).

    A quiet one speaks only when it fails; with a ``log`` it speaks there.
    """
    began = time.monotonic()
    speaks_to = subprocess.PIPE if quiet else log
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, check=False,
        stdout=speaks_to, stderr=None if speaks_to is None else subprocess.STDOUT, text=True,
    )  # fmt: skip
    if quiet and done.returncode:
        say(done.stdout)
    return done.returncode, time.monotonic() - began


@dataclass
class Table:
    """Rows of words under a heading, in columns as wide as they need."""

    heading: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def show(self) -> None:
        """Print it."""
        everything = [self.heading, *self.rows]
        widths = [max(len(row[column]) for row in everything) for column in range(len(self.heading))]
        say()
        for row in everything:
            say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
