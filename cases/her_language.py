"""Papers for herself are written in her language, whatever the reader's is, as soon as its catalogue has all their sentences."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from cases.htcds.places import language_name

#: Of her account of who saw what, and of the summary at the end.
SENTENCES = (
    gettext_noop("Who saw what about me, and who was given what"), gettext_noop("Given out"), gettext_noop("Seen by"),
    gettext_noop("Could be seen there with my release"), gettext_noop("Nothing was given out."),
    gettext_noop("Nobody saw anything in this time."), gettext_noop("printed or took a copy"),
    gettext_noop("in an emergency"), gettext_noop("What we did together"), gettext_noop("The help you had"),
    gettext_noop("What we agreed on"), gettext_noop("You can always come back."),
)  # fmt: skip


def is_translated(language: str) -> bool:
    """Whether the catalogue of this language has the sentences of her papers."""
    with translation.override(language):
        return language == "en" or all(translation.gettext(sentence) != sentence for sentence in SENTENCES)


def speaking(language: str) -> tuple[str, str]:
    """In which language a paper is written, and the name of the one that was meant where it cannot speak yet."""
    known = {code for code, _label in settings.LANGUAGES}
    meant = language if language in known else language.split("-")[0]
    if meant in known and is_translated(meant):
        return meant, ""
    return "en", language_name(language) if language else ""
