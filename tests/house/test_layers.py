"""Doors open downward only: the contract holds, and it is seen to refuse a planted upward import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("casemgmt", "cases", "services", "audit")

pytestmark = pytest.mark.once


def lint(folder: Path) -> subprocess.CompletedProcess:
    """Run import-linter as ``make check`` does, in this folder."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder, env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of all rooms and of the contract."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contract_holds_and_refuses_each_planted_import(house):
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr

    planted = {
        "casemgmt/crypto/gate.py": "import cases.access",
        "audit/log.py": "import casemgmt.accounts.models",
        "cases/opening.py": "import services.models",
        "casemgmt/accounts/homes.py": "import casemgmt.operations.health",
        "cases/views/__init__.py": "import casemgmt.crypto.keyring",
    }
    for name, line in planted.items():
        path = house / name
        before = path.read_text(encoding="utf-8")
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
        done = lint(house)
        path.write_text(before, encoding="utf-8")
        assert done.returncode != 0, f"{line} in {name} was not refused"
        assert "BROKEN" in done.stdout, done.stdout + done.stderr
