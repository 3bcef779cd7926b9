"""What the administrator of this house chose to be shown on every page: its name, its languages, its word for her.

The shop window asks no database: the reception says what was chosen (``casemgmt.accounts.configured``), and until it has
said anything, what Haven is shipped with stands. So an error page without a database still has a name on it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Words for whom the house is there, for tabs and headings: a closed list, because each is translated.
WORDS_FOR_HER: dict[str, str | Promise] = {
    "SURVIVOR": _("Survivor"),
    "CLIENT": _("Client"),
    "RESIDENT": _("Resident"),
    "GUEST": _("Guest"),
    "PARTICIPANT": _("Participant"),
    "PERSON": _("Person"),
}
USUAL_WORD = "SURVIVOR"


@dataclass(frozen=True)
class HouseWords:
    """What was chosen; empty where nothing was."""

    chosen_name: str = ""
    chosen_language: str = ""
    chosen_languages: tuple[str, ...] = ()
    chosen_word: str = ""
    chosen_zone: str = ""

    @property
    def site_name(self) -> str:
        """The name at the top of every page; that of the installation where none was chosen."""
        return self.chosen_name or settings.SITE_NAME

    @property
    def languages(self) -> list[tuple[str, str | Promise]]:
        """The languages that are offered, as ``settings.LANGUAGES``."""
        return [one for one in settings.LANGUAGES if not self.chosen_languages or one[0] in self.chosen_languages]

    @property
    def language(self) -> str:
        """The language for whoever has chosen none that is offered."""
        return self.chosen_language or settings.LANGUAGE_CODE

    @property
    def zone(self) -> str:
        """The time zone with which new accounts begin."""
        return self.chosen_zone or settings.TIME_ZONE

    @property
    def her(self) -> str:
        """The word for her, in the language of the page."""
        return str(WORDS_FOR_HER.get(self.chosen_word) or WORDS_FOR_HER[USUAL_WORD])

    def offered(self, language: str) -> str:
        """This language, or the usual one where this house does not offer it."""
        return language if language in dict(self.languages) else self.language


_said = [HouseWords()]


def words() -> HouseWords:
    """What stands now, as far as this process was told. Asks nothing."""
    return _said[0]


def say(chosen: HouseWords) -> None:
    """Tell this process what was chosen."""
    _said[0] = chosen
