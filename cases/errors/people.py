"""What can go wrong when somebody of the house leaves, moves or stays away."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NoSuchTeamOfHers(CaseError):
    """Moving away from a team one does not belong to, or to the same team, or to another organisation's."""

    sentence = _("Choose a team this person belongs to, and another team of the same organisation.")


class CannotLead(CaseError):
    """A new lead who cannot open the case, or may not be given it."""

    sentence = _("This person cannot lead this case. Choose a caseworker of the house, or lead it yourself.")
    field = "person"


class CannotSupervise(CaseError):
    """A new supervisor of a team who is none."""

    sentence = _("Choose somebody who supervises this team. The administrator proposes supervisors of a team.")
    field = "person"
