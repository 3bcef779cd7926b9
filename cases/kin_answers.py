"""What is asked of her family and of the people who stand by her: names of the answers, labels, code lists.

Kept beside ``cases.answers``, which takes them up, so that pages, histories and differences say them in the same words.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.choices.kin import EligibleAs, KinEnd, KinRelation, Knows, MaySpeak, SafeWithKin
from cases.choices.survivor import TriState

KIN_NAME, RELATION, BORN_ON, BIRTH_YEAR = "x_KinName", "x_KinRelation", "x_KinBornOn", "x_KinBirthYear"
WHERE, IN_COUNTRY, LIVES_WITH, DEPENDANT = "x_KinWhere", "x_KinInCountry", "x_KinLivesWith", "x_KinDependant"
MARRIED, ELIGIBLE, ELIGIBLE_AS = "x_KinMarried", "x_KinEligible", "x_KinEligibleAs"
SAFE, IN_DANGER, DANGER, NOTES = "x_KinSafe", "x_KinInDanger", "x_KinDanger", "x_KinNotes"
#: Of one member of her family, in the order of the form.
KIN = (
    KIN_NAME, RELATION, BORN_ON, BIRTH_YEAR, LIVES_WITH, DEPENDANT, IN_COUNTRY, WHERE, MARRIED, ELIGIBLE, ELIGIBLE_AS,
    SAFE, IN_DANGER, DANGER, NOTES,
)  # fmt: skip

PERSON_NAME, PERSON_IS, MAY_SPEAK, KNOWS = "x_PersonName", "x_PersonIs", "x_PersonMaySpeak", "x_PersonKnows"
PERSON_DANGER, PERSON_NOTES = "x_PersonDanger", "x_PersonNotes"
#: Of one person who stands by her; the ways to reach them lie in a sealed field of their own.
PERSON = (PERSON_NAME, PERSON_IS, MAY_SPEAK, KNOWS, PERSON_DANGER, PERSON_NOTES)
PERSON_PHONE, PERSON_EMAIL = "x_PersonPhone", "x_PersonEmail"
PERSON_REACHED_BY = (PERSON_PHONE, PERSON_EMAIL)

ENDED_WHY = "x_KinEnded"

#: Label and code list, as in ``cases.answers.OWN``.
KIN_OWN: dict[str, tuple[Any, type[TextChoices] | None]] = {
    KIN_NAME: (_("Name"), None),
    RELATION: (_("Who this is to her"), KinRelation),
    BORN_ON: (_("Born on"), None),
    BIRTH_YEAR: (_("Year of birth"), None),
    WHERE: (_("Where this person is"), None),
    IN_COUNTRY: (_("Is in this country"), TriState),
    LIVES_WITH: (_("Lives with her"), TriState),
    DEPENDANT: (_("She cares for this person"), TriState),
    MARRIED: (_("Is married"), TriState),
    ELIGIBLE: (_("Eligible family member"), TriState),
    ELIGIBLE_AS: (_("Eligible by which relation"), EligibleAs),
    SAFE: (_("Safe to contact"), SafeWithKin),
    IN_DANGER: (_("In danger because of what happened"), TriState),
    DANGER: (_("The danger to this person"), None),
    NOTES: (_("Good to know"), None),
    PERSON_NAME: (_("Name"), None),
    PERSON_IS: (_("Who this is to her"), None),
    MAY_SPEAK: (_("May we speak to this person?"), MaySpeak),
    KNOWS: (_("What this person knows of her situation"), Knows),
    PERSON_DANGER: (_("What could be dangerous"), None),
    PERSON_NOTES: (_("Good to know"), None),
    PERSON_PHONE: (_("Phone"), None),
    PERSON_EMAIL: (_("E-mail"), None),
    ENDED_WHY: (_("Why no longer on the list"), KinEnd),
}
