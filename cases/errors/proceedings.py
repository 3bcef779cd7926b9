"""What can go wrong with proceedings."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class AlreadyJoined(CaseError):
    """The case looks at this proceeding already."""

    field = "docket"
    sentence = _("This proceeding stands on the case already.")


class ProceedingIsLeft(CaseError):
    """Left before."""

    sentence = _("This proceeding stands on the case no more. Nothing was changed.")
