"""What can keep a view of the list from being saved: one sentence for people."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class TooManyViews(CaseError):
    """The limit is reached."""

    sentence = _("There are twelve saved views already. Remove one first.")
