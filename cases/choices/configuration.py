"""What of the case room an administrator configures."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ListName(TextChoices):
    """The code lists whose forms take their answers from the table (domain.md R24)."""

    CLOSURE_REASON = "CLOSURE_REASON", _("Why a case closes")
    NOTE_TYPE = "NOTE_TYPE", _("What a note tells of")
    DOCUMENT_CATEGORY = "DOCUMENT_CATEGORY", _("What a document is")
    INCIDENT_KIND = "INCIDENT_KIND", _("Kinds of incidents")
    SERVICE_TYPE = "SERVICE_TYPE", _("Services given")
    AREA_OF_LIFE = "AREA_OF_LIFE", _("Areas of life, for needs and goals")
    BARRIER = "BARRIER", _("What stood in the way")


#: The systems to which a row may be mapped.
CROSSWALKS = ("htcds", "ctdc", "otip", "pmt")


class TemplateKind(TextChoices):
    """What a text of an administrator is for."""

    NOTE = "NOTE", _("Words to begin a note with")
    LETTER = "LETTER", _("Letter from a case")


#: Hours that laws count: until it is said, and until it is written (domain.md §2.7). Where one counts days, none is chosen.
SAID_WITHIN = (24, 36, 48, 72)
WRITTEN_WITHIN = (36, 48, 72)


class TableChange(TextChoices):
    """What was done to a row of the table of reporting authorities; events say it."""

    ADDED = "ADDED", _("added")
    CHANGED = "CHANGED", _("changed")
    LOOKED_AGAIN = "LOOKED_AGAIN", _("looked up again")
    ENDED = "ENDED", _("ended")
