"""Turns catalogues into the form that Django reads, wherever one has changed.

    python -m casemgmt.operations.words.compiling

Standard library and Babel only: ``deploy/ready.py`` runs it before Django is started, and the tests before theirs.
"""

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo

from .catalogues import LANGUAGES, path_of, read


def is_stale(source: Path) -> bool:
    """Whether the compiled file is missing, or older than its catalogue."""
    compiled = source.with_suffix(".mo")
    return source.exists() and not (compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns)


def compile_stale() -> list[str]:
    """Compile what has changed, each file whole or not at all. Returns the languages."""
    done = [language for language in LANGUAGES if is_stale(path_of(language))]
    for language in done:
        source = path_of(language)
        handle, name = tempfile.mkstemp(dir=source.parent, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            write_mo(file, read(language))
        os.chmod(name, 0o644)
        os.replace(name, source.with_suffix(".mo"))
    return done


if __name__ == "__main__":
    compile_stale()
