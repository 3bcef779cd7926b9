"""Enumerations of other people on a case: what each did, who they are to her, and how far a court has come."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.htcds.codes import PerpetratorRole


class OtherRole(TextChoices):
    """Roles that HTCDS has no code for; the others are its own (``PerpetratorRole``, domain.md §1.1.4)."""

    ASSOCIATE = "ASSOCIATE", _("Associate, relative or friend of one of them")
    WITNESS = "WITNESS", _("Witness")
    HARMED_TOO = "HARMED_TOO", _("Was harmed, too")


#: Every role, as a form offers it.
ROLES = [*PerpetratorRole.choices, *OtherRole.choices]
#: Of these nobody says that they did anything: no "alleged", and nobody is kept from her because of them.
NOT_ACCUSED = frozenset({OtherRole.WITNESS.value, OtherRole.HARMED_TOO.value})


class KnownAs(TextChoices):
    """Who somebody is to her (domain.md §9.5)."""

    INTIMATE_PARTNER = "INTIMATE_PARTNER", _("Partner, or was once")
    FAMILY = "FAMILY", _("Family")
    FRIEND = "FRIEND", _("Friend")
    ACQUAINTANCE = "ACQUAINTANCE", _("Acquaintance")
    EMPLOYER = "EMPLOYER", _("Employer")
    RECRUITMENT_AGENCY = "RECRUITMENT_AGENCY", _("Recruitment agency")
    SMUGGLER = "SMUGGLER", _("Smuggler")
    ONLINE_STRANGER = "ONLINE_STRANGER", _("A stranger, online")
    GANG = "GANG", _("Gang")
    OFFICIAL = "OFFICIAL", _("Official")
    OTHER = "OTHER", _("Somebody else")
    UNKNOWN = "UNKNOWN", _("Not known")


class Standing(TextChoices):
    """How far a court has come. "Alleged" stands on the page until CONVICTED (domain.md, words)."""

    ALLEGED = "ALLEGED", _("Alleged")
    CHARGED = "CHARGED", _("Alleged: charged, not convicted")
    CONVICTED = "CONVICTED", _("Convicted")
    ACQUITTED = "ACQUITTED", _("Was alleged: acquitted")
    DROPPED = "DROPPED", _("Was alleged: charges dropped")


class OtherEnd(TextChoices):
    """Why somebody is no longer listed."""

    MISTAKE = "MISTAKE", _("It was a mistake")
    HER_WISH = "HER_WISH", _("She asked for it")
    NO_LONGER = "NO_LONGER", _("No longer of importance")


class ComparedAs(TextChoices):
    """Of which comparison a keyed fingerprint of somebody is; each has its own texts (``cases.alike``, ``cases.likeness``)."""

    #: With what colleagues declared.
    ASKED = "ASKED"
    #: With the survivors themselves.
    KEPT = "KEPT"
    #: With the family names and the telephones of those who have access.
    FAMILY = "FAMILY"
    PHONE = "PHONE"
    #: With a number that calls alone: of somebody against whom nothing is said, but with whom nobody speaks.
    CALLS = "CALLS"


class NamedAnswer(TextChoices):
    """What the coordinator answered: whether somebody who is named in one case is a client in another."""

    OTHER = "OTHER", _("Two different people")
    APART = "APART", _("One person: those who work with one are kept from the other")
