"""Styles and scripts are written readably in several files and served tightly in few (no build step, no node).

``JoinedFilesFinder`` is a staticfiles finder: it joins the parts, drops comments and indentation and lays the
result, also compressed, into ``HAVEN_HOME/joined``. The demo serves it from there; ``collectstatic`` copies it.
"""

import gzip
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PARTS = Path(__file__).resolve().parent / "static" / "haven"

#: What is served, and from which parts it is made, in order.
JOINED: dict[str, tuple[str, ...]] = {
    "haven/haven.css": ("tokens.css", "base.css", "components.css", "print.css"),
    "haven/haven.js": ("app.js",),
    "haven/haven-drafts.js": ("drafts.js",),
    "haven/haven-uploads.js": ("uploads.js",),
    "haven/haven-signature.css": ("signature.css",),
    "haven/haven-signature.js": ("signature.js",),
}


def tighten(text: str) -> str:
    """Drop what only people need: comments that begin a line or end a declaration, indentation, empty lines.

    Deliberately simple. A ``/*`` inside a string would be taken for a comment: a test keeps our parts free of it.
    """
    without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in without_comments.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def tighten_styles(text: str) -> str:
    """As ``tighten``, and without the spaces and line ends that mean nothing in a style sheet."""
    tight = re.sub(r"\s*([{};,])\s*", r"\1", tighten(text))
    return re.sub(r":\s+", ":", tight).replace(";}", "}").strip() + "\n"


def join(parts: Iterable[str]) -> str:
    """The text that is served for these parts."""
    names = list(parts)
    text = "\n".join((PARTS / name).read_text(encoding="utf-8") for name in names)
    return tighten_styles(text) if names[0].endswith(".css") else tighten(text)


def lay_down(target: Path, body: bytes) -> None:
    """Write a file whole or not at all: two servers may start at the same moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(body)
    os.chmod(name, 0o644)
    os.replace(name, target)


class JoinedFilesFinder(BaseFinder):
    """Offers the joined files under ``haven/``."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        self.storage = FileSystemStorage(location=Path(settings.HAVEN_HOME) / "joined")
        super().__init__()

    def check(self, **kwargs: object) -> list:
        """Nothing to configure."""
        return []

    def _made(self, path: str) -> str:
        """The place of a joined file, made anew when its parts have changed."""
        target = Path(self.storage.location) / path
        body = join(JOINED[path]).encode()
        if not target.exists() or target.read_bytes() != body:
            lay_down(target.with_name(target.name + ".gz"), gzip.compress(body, 9, mtime=0))
            lay_down(target.with_name(target.name + ".br"), brotli.compress(body))
            lay_down(target, body)
        return str(target)

    def find(self, path: str, find_all: bool = False) -> str | list[str]:  # type: ignore[override]
        """The place of ``path``, if it is one of ours; an empty list, as Django's own finders say it, if not."""
        if path not in JOINED:
            return []
        made = self._made(path)
        return [made] if find_all else made

    def _served(self) -> Iterator[str]:
        """The joined files; where they are served from here, their compressed twins too, or nobody would see them."""
        for path in JOINED:
            self._made(path)
            yield path
            if getattr(settings, "WHITENOISE_USE_FINDERS", False):
                yield from (path + ".gz", path + ".br")

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, FileSystemStorage]]:
        """All joined files."""
        for path in self._served():
            yield path, self.storage
