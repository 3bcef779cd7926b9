"""Enumerations of the reception. Codes are stored; labels are for people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does in the house. A role decides which kinds of access one may be given and one's
    home page; by itself it opens no case."""

    CASEWORKER = "CASEWORKER", _("Caseworker")
    HOTLINE_ADVOCATE = "HOTLINE_ADVOCATE", _("Hotline advocate")
    SHELTER_WORKER = "SHELTER_WORKER", _("Shelter worker")
    CLINICIAN = "CLINICIAN", _("Clinician")
    SUPERVISOR = "SUPERVISOR", _("Supervisor")
    STAFF_ATTORNEY = "STAFF_ATTORNEY", _("Staff attorney")
    PRO_BONO_ATTORNEY = "PRO_BONO_ATTORNEY", _("Pro bono attorney")
    # Does most of the immigration work in small organisations and counts as counsel.
    ACCREDITED_REPRESENTATIVE = "ACCREDITED_REPRESENTATIVE", _("Accredited representative")
    PARALEGAL = "PARALEGAL", _("Paralegal")
    INTERPRETER = "INTERPRETER", _("Interpreter")
    VOLUNTEER = "VOLUNTEER", _("Volunteer or peer mentor")
    FINANCE = "FINANCE", _("Finance")
    GRANTS = "GRANTS", _("Grants and reporting")
    INTAKE_COORDINATOR = "INTAKE_COORDINATOR", _("Intake coordinator")
    DIRECTOR = "DIRECTOR", _("Director")
    PRIVACY_OFFICER = "PRIVACY_OFFICER", _("Privacy officer")
    PARTNER_STAFF = "PARTNER_STAFF", _("Partner organisation's staff")
    INTERNAL_AUDITOR = "INTERNAL_AUDITOR", _("Internal auditor")
    EXTERNAL_AUDITOR = "EXTERNAL_AUDITOR", _("External auditor")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")


#: Roles that count as counsel for privilege and deadlines.
COUNSEL_ROLES = frozenset({Role.STAFF_ATTORNEY, Role.PRO_BONO_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE})
AUDITOR_ROLES = frozenset({Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR})
#: Whoever watches or runs the house may never look into a case: these roles meet no role of the third group.
CONTENT_BLIND_ROLES = AUDITOR_ROLES | {Role.ADMINISTRATOR}
#: Roles whose holders may be given access to a case. GRANTS works with counts alone and stands between the groups.
CASE_ROLES = frozenset(set(Role) - CONTENT_BLIND_ROLES - {Role.GRANTS})


def may_meet(one: str, other: str) -> bool:
    """Whether one person may hold both roles at the same time.

    An administrator or an auditor holds no role that may be given a case; an administrator is not an
    auditor, because the auditor watches the administrator; and an external auditor comes from outside.
    """
    pair = {Role(one), Role(other)}
    if len(pair) == 1:
        return True
    if pair & CONTENT_BLIND_ROLES and pair & CASE_ROLES:
        return False
    return len(pair & CONTENT_BLIND_ROLES) < 2


class Discipline(models.TextChoices):
    """The profession of a team. Supervision follows it: a casework supervisor sees no clinical notes."""

    CASEWORK = "CASEWORK", _("Casework")
    CLINICAL = "CLINICAL", _("Clinical")
    LEGAL = "LEGAL", _("Legal")
    SHELTER = "SHELTER", _("Shelter")


class OrganisationKind(models.TextChoices):
    """What kind of organisation its people come from."""

    SERVICE_PROVIDER = "SERVICE_PROVIDER", _("Service provider")
    LAW_FIRM = "LAW_FIRM", _("Law firm")
    AUTHORITY = "AUTHORITY", _("Authority")
    AUDITOR = "AUDITOR", _("Audit firm")
    OTHER = "OTHER", _("Other")


class MembershipStatus(models.TextChoices):
    """A membership opens nothing before it is accepted."""

    PENDING = "PENDING", _("Waiting to be accepted")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")


class AbsenceKind(models.TextChoices):
    """Why an account rests."""

    LOCKED = "LOCKED", _("Locked")
    TRAVEL = "TRAVEL", _("Travelling")
    LEAVE = "LEAVE", _("On leave")
    LEFT = "LEFT", _("Left")
    SUSPENDED = "SUSPENDED", _("Organisation suspended")


class AccountRequestKind(models.TextChoices):
    """What an administrator may ask for somebody else's account."""

    FACTOR_RESET = "FACTOR_RESET", _("Reset of the second factor")
    EMAIL_CHANGE = "EMAIL_CHANGE", _("New e-mail address")


class RequestState(models.TextChoices):
    """How such a request stands."""

    WAITING = "WAITING", _("Waiting to be confirmed")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    DECLINED = "DECLINED", _("Declined")
    # Nobody answered within its week.
    EXPIRED = "EXPIRED", _("Ran out")


class Mandated(models.TextChoices):
    """Whether the law makes a person report (domain.md §2.7), as the house looked it up for her work and her place."""

    YES = "YES", _("The law makes her report")
    NO = "NO", _("The law does not make her report")
    PRIVILEGED = "PRIVILEGED", _("Bound by the privilege of attorney and client: asks counsel first")


class Language(models.TextChoices):
    """Languages of the interface, each in its own words."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Español"
    FRENCH = "fr", "Français"
    ARABIC = "ar", "العربية"
