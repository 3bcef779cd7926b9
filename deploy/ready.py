"""Gets this folder ready and runs Python in its virtual environment; what every target of the Makefile starts with.

    python3 deploy/ready.py requirements.txt [--port 8000] [--home demo|real] -- manage.py serve …

Standard library only. In this order, so that what cannot work says so before anything is made: Python is new
enough, the port is free, the home is of the right kind; then ``.venv`` is made if it is missing or broken, the
locked packages are installed if the lock changed, and translations are compiled where one changed. At the end
this process *becomes* the command, so that Ctrl-C and SIGTERM reach it directly.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def demand_python() -> None:
    """Go on with a Python that is new enough, or end with a sentence."""
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            os.execv(found, [found, *sys.argv])
    raise SystemExit("Haven needs Python 3.11 or newer. On Debian 12: apt-get install python3 python3-venv")


def runs(command: list[str]) -> bool:
    """Whether a command ends well; its words are kept back."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    except OSError:
        return False


def is_usable() -> bool:
    """Whether ``.venv`` holds a Python that still runs (it may have been moved, or its Python replaced)."""
    test = f"import sys; sys.exit(sys.version_info < {OLDEST} or sys.prefix != {str(VENV)!r})"
    return PYTHON.exists() and runs([str(PYTHON), "-c", test])


def has_pip() -> bool:
    """Whether packages can be installed by the environment's own pip."""
    return runs([str(PYTHON), "-c", "import pip"])


def make_venv() -> None:
    """Make ``.venv`` by whatever this machine has: venv, else virtualenv, else uv; as root, Debian's package."""
    say("Making the virtual environment .venv …")
    ways = [
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        [sys.executable, "-m", "virtualenv", "--clear", "--quiet", str(VENV)],
        ["virtualenv", "--clear", "--quiet", "--python", sys.executable, str(VENV)],
        ["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)],
    ]
    for way in ways:
        if runs(way) and is_usable() and (has_pip() or way[0] == "uv"):
            return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Debian's python3-venv …")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "python3-venv"]):
            subprocess.run(["apt-get", *arguments], env=environment, stdout=subprocess.DEVNULL, check=False)
        if runs(ways[0]) and is_usable() and has_pip():
            return
    raise SystemExit("Python cannot make a virtual environment here. On Debian or Ubuntu: apt-get install python3-venv")


def stamp_of(lock: Path) -> tuple[Path, str]:
    """Where it is noted that a lock is installed, and what the note says when it is."""
    version = subprocess.run([str(PYTHON), "-VV"], capture_output=True, check=True).stdout
    return VENV / f"installed-{lock.stem}", hashlib.sha256(lock.read_bytes() + version).hexdigest()


def is_installed(lock: Path) -> bool:
    """Whether exactly this lock is installed."""
    stamp, wanted = stamp_of(lock)
    return stamp.exists() and stamp.read_text(encoding="ascii") == wanted


def install(lock: Path) -> None:
    """Install the packages of a lock, each by its hash. The lock for development holds the other one whole."""
    say("Installing the locked packages (once; a minute or two) …")
    if has_pip():
        command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    else:
        command = ["uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
    if subprocess.run([*command, "--require-hashes", "-r", str(lock)], cwd=ROOT, check=False).returncode:
        raise SystemExit(
            "The packages could not be installed. Is this machine online? Then run the same command again."
        )
    covered = [lock] if lock.stem == "requirements" else [lock, ROOT / "requirements.txt"]
    for each in covered:
        stamp, wanted = stamp_of(each)
        stamp.write_text(wanted, encoding="ascii")


def compile_words() -> None:
    """Compile the catalogues of translations that are newer than what was compiled of them."""
    catalogues = sorted((ROOT / "casemgmt" / "interface" / "locale").rglob("*.po"))
    compiled = [path.with_suffix(".mo") for path in catalogues]
    pairs = zip(catalogues, compiled, strict=True)
    if all(new.exists() and new.stat().st_mtime_ns >= old.stat().st_mtime_ns for old, new in pairs):
        return
    if subprocess.run([str(PYTHON), "-m", "casemgmt.operations.words.compiling"], cwd=ROOT).returncode:
        raise SystemExit("The translations could not be compiled; the lines above say what is wrong with them.")


def main(arguments: list[str]) -> None:
    """Get ready, then become the command."""
    own, _separator, command = (arguments, "", []) if "--" not in arguments else _split(arguments)
    parser = argparse.ArgumentParser(description="Get this folder ready, then run Python in its virtual environment.")
    parser.add_argument("lock", help="requirements.txt or requirements-dev.txt")
    parser.add_argument("--port", help="end with a sentence where this port is taken")
    parser.add_argument("--home", choices=("demo", "real"), help="prepare HAVEN_HOME for this kind of work")
    options = parser.parse_args(own)
    demand_python()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if options.port is not None:
        from casemgmt.operations.port import why_not  # noqa: PLC0415  Python is known to be new enough only now

        problem = why_not("127.0.0.1", int(options.port)) if options.port.isdecimal() else "PORT is not a number."
        if problem:
            raise SystemExit(problem)
    if options.home is not None:
        from casemgmt.env import home_folder, prepare_home  # noqa: PLC0415  as above

        prepare_home(home_folder(), demo=options.home == "demo")
    lock = ROOT / options.lock
    with open(lock, "rb") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two targets at the same time: the second waits for the first
        if not is_usable():
            make_venv()
        if not is_installed(lock):
            install(lock)
        compile_words()
    if command:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled files every start is slow
        os.execv(PYTHON, [str(PYTHON), *command])


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """Our own arguments, and those of the command behind ``--``."""
    at = arguments.index("--")
    return arguments[:at], "--", arguments[at + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
