"""What can stand against an act on her family and on the people who stand by her."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from cases.kin_answers import ELIGIBLE_AS, WHERE


class EligibleByWhat(CaseError):
    """An eligible family member is eligible by some relation (domain.md §2.2)."""

    field = ELIGIBLE_AS
    sentence = _("Say by which relation this person is eligible, or leave open whether they are.")


class WhereTellsHers(CaseError):
    """Where somebody is who lives with her is where she is: not kept for a survivor who must not be found (domain.md R13)."""

    field = WHERE
    sentence = _(
        "Leave this empty: this person lives with her, and no address is kept on this record, because knowing it could be "
        "dangerous."
    )


class NoLongerListed(CaseError):
    """Somebody who was taken off the list is not changed any more."""

    sentence = _("This person is no longer on the list. Add them anew if they should be.")
