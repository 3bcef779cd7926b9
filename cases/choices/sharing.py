"""Enumerations of access: why somebody has it, what for, and what a review made of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class GrantKind(TextChoices):
    """Why somebody has access (docs/access.md). Each kind has its own sections and rule."""

    ASSIGNMENT = "ASSIGNMENT", _("Assigned to the case")
    SUPERVISION = "SUPERVISION", _("Supervises the case")
    CLINICAL = "CLINICAL", _("Clinical care")
    STAFF_COUNSEL = "STAFF_COUNSEL", _("Staff attorney")
    PRO_BONO = "PRO_BONO", _("Pro bono attorney")
    RESIDENCE = "RESIDENCE", _("Lives in the shelter")
    ON_CALL = "ON_CALL", _("On call")
    BOOKING = "BOOKING", _("Booked for one appointment")
    DELEGATION = "DELEGATION", _("Stands in for a colleague")
    REFERRAL = "REFERRAL", _("Referral to a partner")
    TRANSFER = "TRANSFER", _("Transfer to a partner")
    EMERGENCY = "EMERGENCY", _("Emergency access")


class Purpose(TextChoices):
    """What access or a release is for."""

    CASEWORK = "CASEWORK", _("Casework")
    SUPERVISION = "SUPERVISION", _("Supervision")
    CLINICAL_CARE = "CLINICAL_CARE", _("Clinical care")
    LEGAL_REPRESENTATION = "LEGAL_REPRESENTATION", _("Legal representation")
    SHELTER = "SHELTER", _("Shelter")
    REFERRAL = "REFERRAL", _("Referral to a service")
    SERVICE_COORDINATION = "SERVICE_COORDINATION", _("Coordination of services")
    REPORT_TO_AUTHORITY = "REPORT_TO_AUTHORITY", _("Report to an authority at her request")


class EmergencyFinding(TextChoices):
    """What a review of an emergency access came to. Whatever it says, it never blocks the next emergency."""

    NEEDED = "NEEDED", _("It was needed")
    MISTAKEN = "MISTAKEN", _("A mistake: another way would have been enough")
    MISUSED = "MISUSED", _("Misuse: the director and the privacy officer are told")


class ReviewDecision(TextChoices):
    """What became of an access in a review (access.md §5). The last three are what became of it when nobody decided."""

    KEEP = "KEEP", _("Kept")
    SHORTEN = "SHORTEN", _("Shortened")
    REVOKE = "REVOKE", _("Ended")
    ENDED = "ENDED", _("Ended, because nobody decided")
    GONE = "GONE", _("Had ended by itself")
    STAYED = "STAYED", _("Nobody decided; it stays")


class PeopleChangeKind(TextChoices):
    """What changed for a person of the house, or for all people of an organisation."""

    LEFT = "LEFT", _("Left")
    MOVED = "MOVED", _("Moved to another team")
    LEAVE = "LEAVE", _("Long leave")
    BACK = "BACK", _("Back")
    ROLE = "ROLE", _("Another role")
    AGREEMENT_ENDED = "AGREEMENT_ENDED", _("Agreement ended")
    SUSPENDED = "SUSPENDED", _("Suspended")
    RESTORED = "RESTORED", _("Restored")
