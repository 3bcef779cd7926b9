"""What no committed file may hold: paths of one machine, hosts in a lock, packages without hashes."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
#: In pieces, so that this file does not hold them.
PLACES = tuple("/".join(("", *parts, "")) for parts in (("work",), ("root",), ("opt", "pypi"), ("opt", "wheels")))
#: A place is a place only where a path begins.
PLACE = re.compile(r"(?<![\w.}])(?:" + "|".join(map(re.escape, PLACES)) + ")")

pytestmark = pytest.mark.once


def committed() -> list[Path]:
    """Every file that git knows, or would know; all files where this is no clone."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and not {".venv", "var", ".git"} & set(path.parts)]
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The text of a file; nothing for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_path_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in committed()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if PLACE.search(line)
    ]
    assert not found, "absolute paths of one machine: " + ", ".join(found)


def test_places_are_recognised():
    assert PLACE.search(f"open('{PLACES[0]}main/x')")
    assert PLACE.search(f"file://{PLACES[2]}simple") or PLACE.search(f" {PLACES[2]}simple")
    assert not PLACE.search("how they work/live/travel")
    assert not PLACE.search("grassroot/x")


@pytest.mark.parametrize("name", [*LOCKS, "requirements.in", "requirements-dev.in"])
def test_requirements_name_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for word in ("://", "index-url", "find-links", "--trusted-host", "file:", "git+"):
        assert word not in text, f"{name} names {word}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_hashes(name):
    found = packages(name)
    assert len(found) > 20
    for package, (version, hashes) in found.items():
        assert version, f"{package} has no version"
        assert hashes, f"{package} has no hash"


def test_both_locks_agree():
    small, large = (packages(name) for name in LOCKS)
    differing = {name for name in small if small[name][0] != large.get(name, ("", 0))[0]}
    assert not differing, f"other versions in development than in use: {sorted(differing)}"


def packages(name: str) -> dict[str, tuple[str, int]]:
    """Package → (version, number of hashes) of a lock. A package with two markers counts by its last line."""
    found: dict[str, tuple[str, int]] = {}
    current = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        begun = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;\\]+)", line)
        if begun:
            current = begun[1].lower()
            found[current] = (begun[2], 0)
        elif re.match(r"[A-Za-z0-9]", line):
            raise AssertionError(f"{name}: not a package with a version: {line}")
        elif "--hash=sha256:" in line:
            found[current] = (found[current][0], found[current][1] + 1)
    return found
