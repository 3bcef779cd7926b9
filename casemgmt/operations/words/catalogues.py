"""The catalogues: where they lie, how they are read and written.

A file holds one entry a message, sorted, unwrapped, without times, places or names: two people who translate at
the same time change different lines, and git can put their work together.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "casemgmt" / "interface" / "locale"


@dataclass(frozen=True)
class Plurals:
    """How a language counts: the rule of its header, and the forms in which the number may be a word or left out."""

    rule: str
    forms: int
    worded: frozenset[int]


#: Language → its plurals (Unicode CLDR; millions, which Spanish and French count apart, do not occur here).
PLURALS = {
    "es": Plurals("nplurals=2; plural=(n != 1);", 2, frozenset({0})),
    "fr": Plurals("nplurals=2; plural=(n > 1);", 2, frozenset()),
    "ar": Plurals(
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);",
        6, frozenset({0, 1, 2}),
    ),
}  # fmt: skip
LANGUAGES = tuple(PLURALS)


def path_of(language: str) -> Path:
    """The file that translators change."""
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def header_of(language: str) -> str:
    """The first entry of a catalogue, without anything that changes with the hour or the person."""
    return (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURALS[language].rule}\\n"\n\n'
    )


def empty(language: str) -> Catalog:
    """A catalogue of this language without messages."""
    return read_po(io.BytesIO(header_of(language).encode()), locale=language)


def read(language: str) -> Catalog:
    """The catalogue as it lies in its file; an empty one where there is no file yet."""
    path = path_of(language)
    if not path.exists():
        return empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def text_of(language: str, catalogue: Catalog) -> str:
    """What the file holds."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return header_of(language) + body.getvalue().decode().strip("\n") + "\n"


def write(language: str, catalogue: Catalog) -> None:
    """Write the file."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(language, catalogue), encoding="utf-8")
