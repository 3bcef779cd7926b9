"""What can go wrong with other people on a case."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NobodyIsDescribed(CaseError):
    """An entry that would say nothing of anybody."""

    field = "first_name"
    sentence = _("Write a name, another name, a telephone or what this person looks like.")


class ConvictionNeedsItsDay(CaseError):
    """ "Convicted" without the day of the judgment: a rumour would take the word "alleged" away."""

    field = "standing_on"
    sentence = _("On which day did a court say so? Until then, the page says “alleged”.")


class IsNotListed(CaseError):
    """Ended before."""

    sentence = _("This person is no longer listed. Nothing was changed.")


class NamedIsAnswered(CaseError):
    """Answered before."""

    sentence = _("This was answered already. Nothing was changed.")


class NobodyKeptApart(CaseError):
    """The wall would keep the case's own team from it, or nobody."""

    field = "team"
    sentence = _("Choose one person or one team, and not the team that works on that case.")
