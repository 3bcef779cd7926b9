"""What an administrator sets for the whole house. It opens nothing and decides no right."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.interface.house import USUAL_WORD, WORDS_FOR_HER

from .. import configured
from ..errors import NameTellsOfTheWork, NotConfigurable
from ..models import HouseSettings, User
from ..permits import demand_administrator

#: The settings by their column, in the order of the page.
SETTINGS = ("site_name", "her_word", "languages", "default_language", "time_zone")
#: A tab that others see, a subject line, a calendar on a phone: none may say what this house is for.
TELLING = ("traffick", "survivor", "victim", "shelter", "refuge", "rescue", "trata", "víctim", "esclav")


@action
def set_up_house(
    *, actor: User, now: datetime, site_name: str, her_word: str, languages: Sequence[str], default_language: str,
    time_zone: str,
) -> HouseSettings:  # fmt: skip
    """Set the name of the site, the word for her, the languages and the time zone of new accounts, for the whole house.

    What equals the shipped state is kept as nothing, so that it follows a newer Haven. Nothing is written where nothing
    changed. Raises Refused, NameTellsOfTheWork, NotConfigurable. Records CONFIGURATION_CHANGED (``setting``: which columns).
    """
    demand_administrator(actor, now)
    if not actor.organisation.is_ours:
        raise NotConfigurable
    name = site_name.strip()
    if any(word in name.casefold() for word in TELLING):
        raise NameTellsOfTheWork
    known = [code for code, _label in settings.LANGUAGES if code in languages]
    if (
        not known
        or default_language not in known
        or her_word not in WORDS_FOR_HER
        or time_zone not in available_timezones()
    ):
        raise NotConfigurable
    wanted = {
        "site_name": "" if name == settings.SITE_NAME else name,
        "her_word": "" if her_word == USUAL_WORD else her_word,
        "languages": [] if len(known) == len(settings.LANGUAGES) else known,
        "default_language": "" if default_language == settings.LANGUAGE_CODE else default_language,
        "time_zone": "" if time_zone == settings.TIME_ZONE else time_zone,
    }
    row = HouseSettings.objects.select_for_update().filter(house=1).first()
    is_new = row is None
    if row is None:
        row = HouseSettings()
    changed = [column for column in SETTINGS if getattr(row, column) != wanted[column]]
    if not changed:
        return row
    for column in changed:
        setattr(row, column, wanted[column])
    row.changed_by, row.changed_at = actor, now
    row.save(update_fields=None if is_new else [*changed, "changed_by", "changed_at"])
    configured.forget()
    record(Verb.CONFIGURATION_CHANGED, actor=actor, subject=row, detail={"setting": "+".join(changed)})
    return row
