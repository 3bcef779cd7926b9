"""What stands against a row of the table of reporting authorities."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class AuthorityLacks(CaseError):
    """A row without its place, law or agency helps nobody at night."""

    sentence = _("Write an answer here.")

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class HoursWithoutWriting(CaseError):
    """Hours until something is written that need not be written."""

    sentence = _("Tick that the law wants it in writing, too, or choose no hours here.")
    field = "writing_hours"


class AuthorityStands(CaseError):
    """The table has this duty with this agency already."""

    sentence = _("Your table has a row of this law with this agency already. Change that one.")
    field = "authority"


class LookedUpLater(CaseError):
    """A day that has not come."""

    sentence = _("This day has not come yet. Check the year.")
    field = "looked_up_on"


class AuthorityNamesSomebody(CaseError):
    """A number of a case or a person stands in a row that everybody of the house may read."""

    sentence = _("This looks like the number of a case or of a person. Write only what is known to everybody.")

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class AuthorityChangedMeanwhile(CaseError):
    """Somebody else changed it since it was read."""

    sentence = _("Somebody changed this row while you wrote. Open it again, look at it, and change it once more.")


class AuthorityIsOver(CaseError):
    """It was ended."""

    sentence = _("This row was ended. Add a new one.")
