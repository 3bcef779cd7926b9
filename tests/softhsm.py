"""A real PKCS#11 token for the tests: SoftHSM2 of Debian, with a token of its own in a throwaway folder."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

from tests.steps import is_ci

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
)
HOW_TO_INSTALL = "On Debian: apt-get install softhsm2"
TOKEN, PIN = "haven-test", "135790"


def module() -> str:
    """The library; skips the test where there is none, and fails it with CI=true."""
    found = next((name for name in MODULES if Path(name).exists()), "")
    problem = ""
    if find_spec("pkcs11") is None:
        problem = "The package python-pkcs11 is missing. Run make test, which installs it."
    elif not found or which("softhsm2-util") is None:
        problem = f"SoftHSM2 is missing. {HOW_TO_INSTALL}"
    if problem and is_ci():
        pytest.fail(f"{problem} With CI=true that is a failure.")
    if problem:
        pytest.skip(problem)
    return found


def make_token(folder: Path) -> dict[str, str]:
    """A new, empty token in ``folder``; returns the environment that a process needs to find it."""
    module()
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environment = {"SOFTHSM2_CONF": str(configuration)}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "97531086"],
        env={**os.environ, **environment}, check=True, capture_output=True,
    )  # fmt: skip
    return environment
