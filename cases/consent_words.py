"""Consent to keep her information, as she hears it: the seven points in whole sentences, in her language, and what is hers.

What was read to her is kept word for word with her answer (domain.md R21): another wording, or another language, is another
version, and what she said to an earlier one stays as it was. A language whose catalogue lacks a sentence gets the English
text and a plain word about it, as a release does.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.htcds.codes import ConsentPrompt
from cases.htcds.places import language_name

#: Raised with every change of a sentence below.
VERSION = 1

TITLE = gettext_noop("May we keep what you tell us?")
POINTS: dict[str, str] = {
    ConsentPrompt.AGREES_TO_INTERVIEW: gettext_noop(
        "We would like to talk with you and write some of it down. You choose what you tell, and you can stop at any time."
    ),
    ConsentPrompt.TOLD_PURPOSE: gettext_noop(
        "We write it down so that the people who help you know what you need, and so that you need not tell it twice."
    ),
    ConsentPrompt.TOLD_USE: gettext_noop(
        "Only people who work with you here read it. Nobody outside learns of it, unless you allow it for one person and "
        "one purpose, or a law or a judge demands it."
    ),
    ConsentPrompt.TOLD_RESEARCH: gettext_noop(
        "We count how many people we help. Numbers from which nobody can find you may be used to learn how to help better. "
        "You can say no to that alone."
    ),
    ConsentPrompt.TOLD_RIGHT_TO_DATA: gettext_noop(
        "You can ask at any time what is written about you, who has seen it, and that mistakes are corrected."
    ),
    ConsentPrompt.TOLD_HOW_LONG: gettext_noop(
        "We keep it while we work together, and afterwards only as long as the law wants. Then it is destroyed."
    ),
    ConsentPrompt.TOLD_HOW_TO_WITHDRAW: gettext_noop(
        "You can take your yes back at any time, by a word to anybody here. What was done until then cannot be undone."
    ),
}
YOURS = gettext_noop("If you say no, or not yet, you get the same help.")
ASSENT = gettext_noop(
    "Your parent or guardian is asked as well. Your own answer counts: nothing is written down against your no."
)
#: Every sentence of the text: a language is complete when its catalogue has all of them.
SENTENCES = (TITLE, *POINTS.values(), YOURS, ASSENT)


@dataclass(frozen=True)
class ConsentText:
    """The text in one language. ``points`` are (code, sentence); ``untranslated`` names her language where it is English still."""

    version: int
    code: str
    direction: str
    title: str
    points: list[list[str]]
    statements: list[str]
    untranslated: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is kept with her answer."""
        return asdict(self)


def text_in(language: str, *, with_guardian: bool = False) -> ConsentText:
    """The text in this language, or in English where its catalogue does not have every sentence."""
    speaks = is_translated(language)
    # In the reader's language: it tells whoever reads it to her which one she speaks.
    untranslated = "" if speaks or not language else language_name(language)
    with translation.override(language if speaks else "en"):
        return ConsentText(
            version=VERSION,
            code=translation.get_language() or "en",
            direction="rtl" if translation.get_language_bidi() else "ltr",
            title=_(TITLE),
            points=[[str(code), _(sentence)] for code, sentence in POINTS.items()],
            statements=[_(YOURS), *([_(ASSENT)] if with_guardian else [])],
            untranslated=untranslated,
        )


def is_translated(language: str) -> bool:
    """Whether the catalogue of this language has every sentence of the text."""
    if not language or language.split("-")[0] == "en":
        return True
    with translation.override(language):
        return all(_(sentence) != sentence for sentence in SENTENCES)


def text_of(record: dict[str, Any] | None) -> ConsentText | None:
    """What was read to her then, word for word; None where it was not kept (an import, a record of before)."""
    wording = (record or {}).get("wording")
    return ConsentText(**wording) if wording else None
