"""Enumerations of walls, and of requests for access."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WallKind(TextChoices):
    """Why somebody is kept away. The words of the one case are sealed (``WallReason``)."""

    CONFLICT = "CONFLICT", _("Conflict of interest")
    KNOWS_SURVIVOR = "KNOWS_SURVIVOR", _("Knows her outside work")
    FORMER_CLIENT = "FORMER_CLIENT", _("Former client")
    RELATIVE_OF_ACCUSED = "RELATIVE_OF_ACCUSED", _("Relative of somebody she accuses")


class AskedState(TextChoices):
    """How far a request for access is. Whoever asked sees none of this: for her it is sent, then answered."""

    FOUND = "FOUND", _("Waiting for the intake coordinator")
    OTHER = "OTHER", _("Another person")
    PASSED = "PASSED", _("Waiting for the lead")
    GIVEN = "GIVEN", _("Access given")
    DECLINED = "DECLINED", _("Declined")


#: Codes of notices, which ``cases.views.home`` puts in words without content.
NOTICE_DECLARED = "WALL_BY_DECLARATION"


NOTICE_FROZEN = "FILE_FROZEN"


NOTICE_FIRM = "FIRM_TO_BE_TOLD"


NOTICE_PASSED = "ACCESS_ASKED"
