"""Enumerations of the case as a whole: its status and stages, its notes, what is due."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section


class CaseStatus(TextChoices):
    """Workflow status. HTCDS knows four values; ``HTCDS_STATUS`` maps ours to them (domain.md §4.5)."""

    SCREENING = "SCREENING", _("Screening")
    ACTIVE = "ACTIVE", _("Active")
    FOLLOW_UP = "FOLLOW_UP", _("Follow-up")
    ON_HOLD = "ON_HOLD", _("On hold")
    CLOSED = "CLOSED", _("Closed")
    CLOSED_REFERRED = "CLOSED_REFERRED", _("Closed after referral")


CLOSED_STATUSES = (CaseStatus.CLOSED, CaseStatus.CLOSED_REFERRED)


HTCDS_STATUS = {
    CaseStatus.SCREENING: "Active",
    CaseStatus.ACTIVE: "Active",
    CaseStatus.FOLLOW_UP: "FollowUp",
    CaseStatus.ON_HOLD: "FollowUp",
    CaseStatus.CLOSED: "Closed",
    CaseStatus.CLOSED_REFERRED: "ClosedReferred",
}


class Stage(TextChoices):
    """Where the work stands, as the bar in the case header shows it."""

    INTAKE = "INTAKE", _("Intake")
    STABILISE = "STABILISE", _("Stabilise")
    LEGAL = "LEGAL", _("Legal")
    REINTEGRATE = "REINTEGRATE", _("Reintegrate")
    CLOSE = "CLOSE", _("Close")


class ClosureReason(TextChoices):
    """Why a case closes (domain.md §4.5). Wording never blames."""

    GOALS_MET = "GOALS_MET", _("Goals met")
    SELF_SUFFICIENT = "SELF_SUFFICIENT", _("Self-sufficient")
    CLIENT_CHOICE = "CLIENT_CHOICE", _("The survivor's choice")
    RELOCATED = "RELOCATED", _("Moved away")
    LOST_CONTACT = "LOST_CONTACT", _("Contact lost")
    TRANSFERRED = "TRANSFERRED", _("Transferred")
    INELIGIBLE = "INELIGIBLE", _("Not eligible")
    NOT_TRAFFICKING = "NOT_TRAFFICKING", _("Determined not to be trafficking")
    GRANT_TIME_LIMIT = "GRANT_TIME_LIMIT", _("Time limit of the programme")
    SAFETY_EXIT = "SAFETY_EXIT", _("Ended for safety")
    RETURNED_TO_TRAFFICKER = "RETURNED_TO_TRAFFICKER", _("Back with people who harmed her; she can always return")
    DETAINED_DEPORTED = "DETAINED_DEPORTED", _("Detained or deported")
    REPATRIATED = "REPATRIATED", _("Returned home")
    AGED_OUT = "AGED_OUT", _("Too old for the programme")
    DECEASED = "DECEASED", _("Deceased")
    DUPLICATE = "DUPLICATE", _("Duplicate of another case")
    OTHER = "OTHER", _("Other")
    #: Nobody chooses it: an import was undone, and the case was never worked on.
    IMPORT_UNDONE = "IMPORT_UNDONE", _("Brought in by mistake")


#: With these there is nobody to be told, and no safety plan to look at with her.
WITHOUT_HER = (ClosureReason.DECEASED, ClosureReason.DUPLICATE, ClosureReason.IMPORT_UNDONE)


class ToldHer(TextChoices):
    """Whether she knows that the work has ended (domain.md R9)."""

    IN_PERSON = "IN_PERSON", _("Yes, in person")
    SAFE_WAY = "SAFE_WAY", _("Yes, by her safe way")
    NOT_REACHED = "NOT_REACHED", _("She could not be reached, though we tried at least three times in her safe way")
    UNSAFE = "UNSAFE", _("Telling her now would put her in danger")
    NOBODY = "NOBODY", _("There is nobody to be told")


class PrivilegeClass(TextChoices):
    """What protects a note in law (domain.md §2.8). It decides the note's section."""

    ADVOCATE_CONFIDENTIAL = "ADVOCATE_CONFIDENTIAL", _("Caseworker's note (confidential)")
    SERVICES_NOTE = "SERVICES_NOTE", _("Services and plan")
    SAFETY_NOTE = "SAFETY_NOTE", _("Safety")
    ATTORNEY_CLIENT = "ATTORNEY_CLIENT", _("Attorney and client")
    ATTORNEY_WORK_PRODUCT = "ATTORNEY_WORK_PRODUCT", _("Attorney's work product")
    LEGAL_STATUS = "LEGAL_STATUS", _("Legal: dates and steps")
    PSYCHOTHERAPY = "PSYCHOTHERAPY", _("Psychotherapy")
    MEDICAL = "MEDICAL", _("Medical")
    SHELTER_OPERATIONS = "SHELTER_OPERATIONS", _("Shelter house note")
    SHARED_BY_CONSENT = "SHARED_BY_CONSENT", _("Shared with everyone on the case")


SECTION_OF_PRIVILEGE: dict[str, Section] = {
    PrivilegeClass.ADVOCATE_CONFIDENTIAL: Section.ADVOCACY,
    PrivilegeClass.SERVICES_NOTE: Section.SERVICES,
    PrivilegeClass.SAFETY_NOTE: Section.SAFETY,
    PrivilegeClass.ATTORNEY_CLIENT: Section.LEGAL_FILE,
    PrivilegeClass.ATTORNEY_WORK_PRODUCT: Section.LEGAL_FILE,
    PrivilegeClass.LEGAL_STATUS: Section.LEGAL,
    PrivilegeClass.PSYCHOTHERAPY: Section.COUNSELLING,
    PrivilegeClass.MEDICAL: Section.HEALTH,
    PrivilegeClass.SHELTER_OPERATIONS: Section.SHELTER_OPS,
    PrivilegeClass.SHARED_BY_CONSENT: Section.CARD,
}


class Repeats(TextChoices):
    """How often a task comes again once it is done."""

    WEEKLY = "WEEKLY", _("Every week")
    FORTNIGHTLY = "FORTNIGHTLY", _("Every two weeks")
    MONTHLY = "MONTHLY", _("Every month")
    QUARTERLY = "QUARTERLY", _("Every three months")


class DueKind(TextChoices):
    """What a due row reminds of."""

    TASK = "TASK", _("Task")
    DEADLINE = "DEADLINE", _("Legal deadline")
    HEARING = "HEARING", _("Hearing")
    RELEASE_ENDS = "RELEASE_ENDS", _("Release ends")
    ACCESS_ENDS = "ACCESS_ENDS", _("Access ends")
    FOLLOW_UP = "FOLLOW_UP", _("Follow-up")
    SAFETY_REVIEW = "SAFETY_REVIEW", _("Safety review")
    SAFETY_CALL = "SAFETY_CALL", _("To look at within the hour")
    ENGAGEMENT = "ENGAGEMENT", _("Engagement")
    HOLD_REVIEW = "HOLD_REVIEW", _("Legal hold: look again")
    ERASURE = "ERASURE", _("Erasure")
    DUTY = "DUTY", _("Duty of law")
    #: The day on which an order that forbade it ends.
    TELL_HER = "TELL_HER", _("May be told now")
    NEED = "NEED", _("Need")
    PLAN = "PLAN", _("Plan")
    ACCESS_ASKED = "ACCESS_ASKED", _("Somebody asks for access")
    EMERGENCY_REVIEW = "EMERGENCY_REVIEW", _("Review of an emergency access")
    #: Of no case: ``HouseDue``.
    ACCESS_REVIEW = "ACCESS_REVIEW", _("Review of access")
    #: A paper ends by itself: when to see to a new one, and its last day.
    DOCUMENT_RENEW = "DOCUMENT_RENEW", _("Paper to renew")
    DOCUMENT_ENDS = "DOCUMENT_ENDS", _("Paper ends")
    RETENTION = "RETENTION", _("Kept longer than its period")
