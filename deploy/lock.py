"""``make lock``: turn the three ``.in`` files into locks with hashes that name no host. ``UPGRADE=1`` takes newer versions."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11"]


def compile_lock(name: str, *constraints: str) -> None:
    """One lock. What ``constraints`` pins stays as it is there, so that both locks agree."""
    command = [str(Path(sys.executable).parent / COMPILE[0]), *COMPILE[1:]]
    if os.environ.get("UPGRADE"):
        command.append("--upgrade")
    subprocess.run([*command, f"{name}.in", *constraints, "-o", f"{name}.txt"], cwd=ROOT, check=True)


if __name__ == "__main__":
    compile_lock("requirements")
    compile_lock("requirements-token", "-c", "requirements.txt")
    compile_lock("requirements-dev", "-c", "requirements.txt")
