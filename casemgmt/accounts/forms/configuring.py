"""The form of what holds for the whole house."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm, LineField, ZoneField
from casemgmt.interface.house import WORDS_FOR_HER, HouseWords

from ..choices import Language


class HouseForm(HavenForm):
    """Name of the site, word for her, languages, time zone."""

    wide = ("site_name", "languages")
    why = {
        "site_name": _(
            "It stands on the tab of the browser, in calendars and in letters. A neutral name keeps her safe if somebody "
            "looks over a shoulder."
        ),
        "her_word": _("It stands on the tab and heading of her part of a case. Sentences say “she”."),
    }

    site_name = LineField(label=_("Name of this site"), max_length=40)
    her_word = CodeField(label=_("Your word for whom you work for"), choices=list(WORDS_FOR_HER.items()))
    languages = CodesField(label=_("Languages that are offered"), choices=Language.choices)
    default_language = CodeField(
        label=_("Usual language"),
        choices=Language.choices,
        help_text=_("For whoever has not chosen one that is offered."),
    )
    time_zone = ZoneField(label=_("Time zone of new accounts"), help_text=_("Like America/New_York."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A word is always chosen: the usual one stands first.
        field: Any = self.fields["her_word"]
        field.choices = list(WORDS_FOR_HER.items())

    @staticmethod
    def first_values(words: HouseWords) -> dict[str, Any]:
        """What stands now, for the form."""
        return {
            "site_name": words.site_name, "her_word": words.chosen_word or next(iter(WORDS_FOR_HER)),
            "languages": [code for code, _label in words.languages], "default_language": words.language,
            "time_zone": words.zone,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The usual language is one that is offered."""
        facts = super().clean() or self.cleaned_data
        language, offered = facts.get("default_language"), facts.get("languages")
        if language and offered and language not in offered:
            label = dict(settings.LANGUAGES).get(language, language)
            self.add_error(
                "default_language",
                gettext("%(language)s is not among the languages that are offered.") % {"language": label},
            )
        return facts
