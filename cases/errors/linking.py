"""What can go wrong with joint cases."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NoCaseToLink(CaseError):
    """No open case of that number on which she may write: not there, closed, or not for her, in the same words."""

    field = "number"
    sentence = _("There is no other open case with this number on which you may write.")


class AlreadyLinked(CaseError):
    """The same bond stands between the two."""

    field = "number"
    sentence = _("These two cases are linked in this way already.")
