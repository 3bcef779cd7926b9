"""What can go wrong with walls, declarations and requests for access."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class WallStands(CaseError):
    """The same wall again."""

    sentence = _("This wall stands already.")


class WallIsLifted(CaseError):
    """Lifted before."""

    sentence = _("This wall was lifted already.")


class WallNeedsOne(CaseError):
    """Against nobody, or against several at once."""

    sentence = _("Choose one: a person, a team or an organisation. Place a second wall for the next one.")


class WallTooWide(CaseError):
    """A wall that would keep away those who must be able to lift it."""

    field = "organisation"
    sentence = _("Nobody of your own house could open the case any more. Choose a person or a team.")


class NobodyIsNamed(CaseError):
    """A restricted case that nobody could work on."""

    sentence = _(
        "Nobody has this case by name, so nobody could work on it. Give a person access by name first, then restrict it."
    )


class DeclarationTooThin(CaseError):
    """Too little to compare with."""

    sentence = _(
        "This is too little to recognise anybody by. Write a first and a family name, or a name and the date of birth, or "
        "a telephone number."
    )


class PhoneTooShort(CaseError):
    """Too few digits for a telephone."""

    field = "phone"
    sentence = _("This is too short for a telephone number. Write all of it, with its area.")


class ConflictIsAnswered(CaseError):
    """Answered before, perhaps by somebody else a moment ago."""

    sentence = _("This possible conflict was answered already. Nothing was changed.")


class AskedTooOften(CaseError):
    """More questions in an hour than an intake desk has."""

    sentence = _("That was very many questions in one hour. Ask again later, or call the intake coordinator.")


class RequestIsAnswered(CaseError):
    """Answered before."""

    sentence = _("This request was answered already.")
