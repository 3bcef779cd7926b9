"""What tests of bundles share: making one by the command, and running its verify.py as an outsider would."""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from django.core.management import CommandError, call_command

REASON = "For the yearly audit."


def bundle(out: Path, person, *options: str) -> str:
    """Make one; what the command says."""
    words = StringIO()
    try:
        call_command(
            "audit_bundle", str(out), "--as", person.email, "--reason", REASON, *options, stdout=words, stderr=words
        )
    except CommandError as error:
        error.add_note(words.getvalue())
        raise
    return words.getvalue()


def unpacked(out: Path) -> Path:
    """The folder in which it was unpacked."""
    folder = out.with_suffix("")
    with ZipFile(out) as archive:
        archive.extractall(folder)
    return folder


def verify(folder: Path, *options: str) -> tuple[int, str]:
    """Exit status and words of ``python -I verify.py``, with nothing of ours to be found."""
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", *options],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr
