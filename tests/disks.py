"""Real file systems that are full soon: a tmpfs of a few megabytes, mounted for one test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount ``size`` bytes at a folder until the block ends. Left out where this account may not mount anything."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={size},mode=0700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "haven-test", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
