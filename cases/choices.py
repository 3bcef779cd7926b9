"""Enumerations of the case room. Codes are stored; labels are for people.

Code lists of the Human Trafficking Case Data Standard live in ``cases/htcds/codes.py``.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import RetentionClass, Section


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
    REPATRIATED = "REPATRIATED", _("Returned home")
    DECEASED = "DECEASED", _("Deceased")
    DUPLICATE = "DUPLICATE", _("Duplicate of another case")
    OTHER = "OTHER", _("Other")


class NullFlavour(TextChoices):
    """Why a coded field holds no value (domain.md G3). "Not asked" is not "unknown"."""

    NOT_ASKED = "NOT_ASKED", _("Not asked")
    DECLINED = "DECLINED", _("Preferred not to say")
    UNKNOWN = "UNKNOWN", _("Does not know")
    NOT_APPLICABLE = "NOT_APPLICABLE", _("Does not apply")


class ConsentState(TextChoices):
    """Consent to manage personal data (domain.md R1, R2)."""

    CONSENTED = "CONSENTED", _("Consented")
    DECLINED = "DECLINED", _("Declined")
    PENDING = "PENDING", _("Pending")


class ContactChannel(TextChoices):
    """How one may reach the survivor, if at all (domain.md §8.4)."""

    NONE = "NONE", _("Do not contact")
    PHONE = "PHONE", _("Phone call")
    SMS = "SMS", _("Text message")
    EMAIL = "EMAIL", _("E-mail")
    POST = "POST", _("Post")
    APP = "APP", _("Messaging app")
    IN_PERSON = "IN_PERSON", _("In person only")
    VIA_THIRD_PARTY = "VIA_THIRD_PARTY", _("Through another person")


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


class InfoCategory(TextChoices):
    """What a release may name (domain.md §2.5). There is no "entire file", and the shelter is never offered."""

    IDENTITY = "IDENTITY", _("Name and date of birth")
    CONTACT = "CONTACT", _("How to reach her")
    DEMOGRAPHICS = "DEMOGRAPHICS", _("Age, gender, languages, citizenship")
    TRAFFICKING_HISTORY = "TRAFFICKING_HISTORY", _("What happened")
    LEGAL_STATUS = "LEGAL_STATUS", _("Legal steps and dates")
    IMMIGRATION = "IMMIGRATION", _("Immigration status")
    CRIMINAL_JUSTICE = "CRIMINAL_JUSTICE", _("Police and court matters")
    MEDICAL = "MEDICAL", _("Medical care")
    SRH = "SRH", _("Sexual and reproductive health")
    MENTAL_HEALTH = "MENTAL_HEALTH", _("Counselling")
    SUBSTANCE_USE = "SUBSTANCE_USE", _("Substance use treatment")
    SERVICES_DATES = "SERVICES_DATES", _("Which services, and when")
    SERVICE_PLAN = "SERVICE_PLAN", _("The plan of services")
    SAFETY_PLAN = "SAFETY_PLAN", _("Safety plan")
    FINANCIAL = "FINANCIAL", _("Money paid")
    EDUCATION_EMPLOYMENT = "EDUCATION_EMPLOYMENT", _("Education and work")
    FAMILY_CHILDREN = "FAMILY_CHILDREN", _("Family and children")
    PHOTO_MEDIA = "PHOTO_MEDIA", _("Photos and recordings")
    ASSESSMENTS = "ASSESSMENTS", _("Assessments")
    SAFE_MAILING_ADDRESS = "SAFE_MAILING_ADDRESS", _("Safe mailing address")


SECTION_OF_CATEGORY: dict[str, Section] = {
    InfoCategory.IDENTITY: Section.IDENTITY,
    InfoCategory.CONTACT: Section.IDENTITY,
    InfoCategory.DEMOGRAPHICS: Section.IDENTITY,
    InfoCategory.SAFE_MAILING_ADDRESS: Section.IDENTITY,
    InfoCategory.FAMILY_CHILDREN: Section.IDENTITY,
    InfoCategory.TRAFFICKING_HISTORY: Section.NARRATIVE,
    InfoCategory.PHOTO_MEDIA: Section.NARRATIVE,
    InfoCategory.LEGAL_STATUS: Section.LEGAL,
    InfoCategory.IMMIGRATION: Section.STATUS,
    InfoCategory.CRIMINAL_JUSTICE: Section.STATUS,
    InfoCategory.MEDICAL: Section.HEALTH,
    InfoCategory.SRH: Section.SRH,
    InfoCategory.MENTAL_HEALTH: Section.COUNSELLING,
    InfoCategory.SUBSTANCE_USE: Section.SUD,
    InfoCategory.SERVICES_DATES: Section.SERVICES,
    InfoCategory.SERVICE_PLAN: Section.SERVICES,
    InfoCategory.EDUCATION_EMPLOYMENT: Section.SERVICES,
    InfoCategory.ASSESSMENTS: Section.SERVICES,
    InfoCategory.SAFETY_PLAN: Section.SAFETY,
    InfoCategory.FINANCIAL: Section.FINANCE,
}

#: Leaving the organisation, these wait for a second person; of a minor, every section does.
TWO_PERSON_SECTIONS = frozenset(
    {Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.NARRATIVE, Section.STATUS}
)


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


class ReleaseSigner(TextChoices):
    """Who signs a release, by rule (domain.md §2.5, 28 CFR 94.115). The last two are answers that stop it."""

    CLIENT = "CLIENT", _("The survivor, who is of age")
    PARENT_GUARDIAN = "PARENT_GUARDIAN", _("She is under 18: she and her parent or guardian")
    CLIENT_MINOR = "CLIENT_MINOR", _("She is under 18 and may sign alone by law")
    EMANCIPATED = "EMANCIPATED", _("She is under 18 and emancipated")
    LEGAL_REP = "LEGAL_REP", _("Her legal representative")
    GUARDIAN_REFUSED = "GUARDIAN_REFUSED", _("Her parent or guardian said no")
    DECEASED = "DECEASED", _("She has died")


class Evidence(TextChoices):
    """What shows that a release was signed."""

    SCREEN = "SCREEN", _("Signed here, on the screen")
    FILE = "FILE", _("Signed on paper: a scan or photo is added")
    PAPER = "PAPER", _("Signed on paper: the paper is kept in the file")


class ReleaseMethod(TextChoices):
    """How what is released may travel."""

    WRITTEN = "WRITTEN", _("In writing")
    VERBAL = "VERBAL", _("By word of mouth")
    ELECTRONIC = "ELECTRONIC", _("Electronically")
    COURT_TESTIMONY = "COURT_TESTIMONY", _("As testimony in court")


class DisclosureBasis(TextChoices):
    """The ground on which information left the organisation (domain.md §0b)."""

    RELEASE = "RELEASE", _("Release")
    STATUTORY_MANDATE = "STATUTORY_MANDATE", _("Duty to report by law")
    COURT_ORDER = "COURT_ORDER", _("Court order")
    AGGREGATE = "AGGREGATE", _("Totals without persons")


class DisclosureHow(TextChoices):
    """By which way information was given."""

    HTCDS_CSV = "HTCDS_CSV", _("As a file of case data")
    LETTER = "LETTER", _("On paper")
    ELECTRONIC = "ELECTRONIC", _("Electronically")
    SPOKEN = "SPOKEN", _("By word of mouth")
    TESTIMONY = "TESTIMONY", _("As testimony in court")


class MandateTrigger(TextChoices):
    """What the law demands a report of (domain.md §2.7). Adults' trafficking is not among them: nothing is reported by itself."""

    CHILD_ABUSE = "CHILD_ABUSE", _("Abuse or neglect of a child")
    CHILD_TRAFFICKING = "CHILD_TRAFFICKING", _("Trafficking of a child")
    ELDER_DEPENDENT_ADULT = "ELDER_DEPENDENT_ADULT", _("Abuse of an elder or dependent adult")
    DUTY_TO_WARN_SELF = "DUTY_TO_WARN_SELF", _("Danger that she harms herself")
    DUTY_TO_WARN_OTHERS = "DUTY_TO_WARN_OTHERS", _("Danger to somebody else")
    INJURY_GUNSHOT = "INJURY_GUNSHOT", _("An injury that must be reported")


class ProcessKind(TextChoices):
    """What came from a court, an attorney or an authority. Only an order of a judge opens anything."""

    SUBPOENA = "SUBPOENA", _("Subpoena")
    COURT_ORDER = "COURT_ORDER", _("Court order")
    WARRANT = "WARRANT", _("Warrant signed by a judge")
    ADMINISTRATIVE = "ADMINISTRATIVE", _("Administrative subpoena or warrant")
    REQUEST = "REQUEST", _("Request by letter or by word")


#: The kinds of process that are an order of a judge. A subpoena usually is not one: it goes to counsel (domain.md §2.5).
JUDICIAL = frozenset({ProcessKind.COURT_ORDER, ProcessKind.WARRANT})


class DocumentCategory(TextChoices):
    """What a document is. It decides, with the section, how it may be shown."""

    IDENTITY_DOCUMENT = "IDENTITY_DOCUMENT", _("Identity document")
    COURT = "COURT", _("Court or agency paper")
    EVIDENCE = "EVIDENCE", _("Evidence")
    VIDEO = "VIDEO", _("Video or sound recording")
    MEDICAL = "MEDICAL", _("Medical paper")
    CONSENT = "CONSENT", _("Consent or release")
    CORRESPONDENCE = "CORRESPONDENCE", _("Letter")
    OTHER = "OTHER", _("Other")


class DueKind(TextChoices):
    """What a due row reminds of."""

    TASK = "TASK", _("Task")
    DEADLINE = "DEADLINE", _("Legal deadline")
    HEARING = "HEARING", _("Hearing")
    RELEASE_ENDS = "RELEASE_ENDS", _("Release ends")
    ACCESS_ENDS = "ACCESS_ENDS", _("Access ends")
    FOLLOW_UP = "FOLLOW_UP", _("Follow-up")
    SAFETY_REVIEW = "SAFETY_REVIEW", _("Safety review")
    ENGAGEMENT = "ENGAGEMENT", _("Engagement")
    HOLD_REVIEW = "HOLD_REVIEW", _("Legal hold: look again")
    ERASURE = "ERASURE", _("Erasure")
    DUTY = "DUTY", _("Duty of law")
    ACCESS_ASKED = "ACCESS_ASKED", _("Somebody asks for access")
    EMERGENCY_REVIEW = "EMERGENCY_REVIEW", _("Review of an emergency access")


class EmergencyFinding(TextChoices):
    """What a review of an emergency access came to. Whatever it says, it never blocks the next emergency."""

    NEEDED = "NEEDED", _("It was needed")
    MISTAKEN = "MISTAKEN", _("A mistake: another way would have been enough")
    MISUSED = "MISUSED", _("Misuse: the director and the privacy officer are told")


class RiskLevel(TextChoices):
    """Set by a person, with a reason (domain.md §8.1); decides when the plan is looked at again."""

    IMMEDIATE = "IMMEDIATE", _("Immediate")
    HIGH = "HIGH", _("High")
    MODERATE = "MODERATE", _("Moderate")
    LOW = "LOW", _("Low")
    UNKNOWN = "UNKNOWN", _("Not assessed yet")


#: Days until the next look, by risk level (domain.md §8.1).
REASSESS_AFTER_DAYS = {
    RiskLevel.IMMEDIATE: 1,
    RiskLevel.HIGH: 7,
    RiskLevel.MODERATE: 30,
    RiskLevel.LOW: 90,
    RiskLevel.UNKNOWN: 7,
}


class AlertCode(TextChoices):
    """Coded alerts of the case header (domain.md §8.3), without words that stigmatise."""

    TRAFFICKER_CONTACT = "TRAFFICKER_CONTACT", _("Contact by the alleged trafficker")
    DO_NOT_CONTACT = "DO_NOT_CONTACT", _("Do not contact")
    ADDRESS_CONFIDENTIAL = "ADDRESS_CONFIDENTIAL", _("Address confidential")
    DIGITAL_SURVEILLANCE = "DIGITAL_SURVEILLANCE", _("Phone may be watched")
    MINOR = "MINOR", _("Minor")
    GUARDIAN_IS_PERPETRATOR = "GUARDIAN_IS_PERPETRATOR", _("No contact with guardian")
    MEDICAL_ALLERGY = "MEDICAL_ALLERGY", _("Allergy")
    INTERPRETER_REQUIRED = "INTERPRETER_REQUIRED", _("Interpreter needed")
    STAFF_SAFETY = "STAFF_SAFETY", _("Go in pairs")
    LEGAL_HOLD = "LEGAL_HOLD", _("Legal hold")


#: In which sections a document of each kind may be kept, the usual one first. An attorney's own file takes every kind.
SECTIONS_OF_DOCUMENT: dict[str, tuple[Section, ...]] = {
    DocumentCategory.IDENTITY_DOCUMENT: (Section.IDENTITY, Section.STATUS),
    DocumentCategory.COURT: (Section.LEGAL, Section.STATUS),
    DocumentCategory.EVIDENCE: (Section.NARRATIVE, Section.SAFETY),
    DocumentCategory.VIDEO: (Section.ADVOCACY, Section.NARRATIVE, Section.SAFETY, Section.LEGAL),
    DocumentCategory.MEDICAL: (Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING),
    DocumentCategory.CONSENT: (Section.DUTIES,),
    DocumentCategory.CORRESPONDENCE: (Section.ADVOCACY, Section.IDENTITY, Section.LEGAL, Section.SERVICES, Section.SHELTER_OPS),
    DocumentCategory.OTHER: (
        Section.SERVICES, Section.ADVOCACY, Section.SAFETY, Section.FINANCE, Section.LEGAL, Section.SHELTER_OPS,
    ),
}  # fmt: skip


class SafetyTopic(TextChoices):
    """The topics of a safety plan (domain.md §8.2). Each is optional; she decides what is written down."""

    WARNING_SIGNS = "WARNING_SIGNS", _("Warning signs")
    SAFE_PLACES = "SAFE_PLACES", _("Safe places to go")
    ESCAPE_ROUTE = "ESCAPE_ROUTE", _("How to get away")
    GO_BAG = "GO_BAG", _("Bag and documents that are ready")
    MONEY = "MONEY", _("Money for the way")
    NUMBERS = "NUMBERS", _("Numbers she knows by heart")
    SAFE_WORDS = "SAFE_WORDS", _("Words that mean “I am safe” and “I am not safe”, and what we do then")
    TRUSTED_PEOPLE = "TRUSTED_PEOPLE", _("People she trusts")
    CHILDREN = "CHILDREN", _("Children")
    PETS = "PETS", _("Pets")
    WORK_SCHOOL = "WORK_SCHOOL", _("Work or school")
    TRAVEL = "TRAVEL", _("On the way and in transport")
    TECHNOLOGY = "TECHNOLOGY", _("Phone, accounts and location")
    COURT_DAY = "COURT_DAY", _("Days at court or with an agency")
    HOTLINE = "HOTLINE", _("Hotline and how to call it safely")
    HEALTH_CARE = "HEALTH_CARE", _("Medical help and someone to talk to")
    IF_CONTACTED = "IF_CONTACTED", _("If they make contact")
    IF_RETURNING = "IF_RETURNING", _("If she goes back, and how we stay reachable")


class PlanCopy(TextChoices):
    """Who holds a copy of the safety plan. None is a good answer: paper can be found."""

    NONE = "NONE", _("Nobody: it is only here")
    SURVIVOR = "SURVIVOR", _("She holds one")
    TRUSTED_PERSON = "TRUSTED_PERSON", _("A person she trusts holds one")


class TriState(TextChoices):
    """Yes, no, or not known: a question that was not ticked is not a no (domain.md G3)."""

    YES = "YES", _("Yes")
    NO = "NO", _("No")
    UNKNOWN = "UNKNOWN", _("Not known")


class HoldAuthority(TextChoices):
    """Why nothing may be destroyed (domain.md §11). The duty begins when a process is expected, not when it is served."""

    SUBPOENA = "SUBPOENA", _("Subpoena or other legal process")
    LITIGATION = "LITIGATION", _("Lawsuit, also one that is expected")
    CRIMINAL = "CRIMINAL", _("Criminal investigation or trial")
    CIVIL_CLAIM = "CIVIL_CLAIM", _("Her own civil claim, while it can be brought")
    AUDIT = "AUDIT", _("Audit or grant review")
    COMPLAINT = "COMPLAINT", _("Complaint")
    OTHER = "OTHER", _("Another duty, as counsel says")


class ErasureGround(TextChoices):
    """On what an erasure rests."""

    HER_REQUEST = "HER_REQUEST", _("She asked for it")
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN", _("She took her consent back")
    RETENTION_OVER = "RETENTION_OVER", _("The time for keeping it is over")
    ORDER = "ORDER", _("Order of a court or an authority")
    NOT_OURS = "NOT_OURS", _("It should never have been kept")


class ErasureState(TextChoices):
    """How far an order is."""

    ASKED = "ASKED", _("Waiting for approval")
    COOLING = "COOLING", _("Approved, cooling off")
    ERASING = "ERASING", _("Being erased")
    DONE = "DONE", _("Erased")
    STOPPED = "STOPPED", _("Stopped")
    REFUSED = "REFUSED", _("Refused because of a legal hold")


class ErasureCheck(TextChoices):
    """What came of the private talk before an erasure: nobody may be made to have her own record destroyed."""

    FREE = "FREE", _("I spoke with her alone, safely. She understands it, and wants it of her own will.")
    UNREACHED = "UNREACHED", _("She could not be reached safely. The erasure does not rest on her wish.")


#: How the classes are called on pages: what is erased together.
CLASS_WORDS: dict[str, Any] = {
    RetentionClass.ADVOCACY: _("What happened, safety, and caseworkers' notes"),
    RetentionClass.CLINICAL: _("Health, substance use and counselling"),
    RetentionClass.LEGAL: _("Status, legal steps, the attorney's file, consents and releases"),
    RetentionClass.SERVICES: _("Services, plan, money and house notes"),
    RetentionClass.CORE: _("The whole case, with card, name and contact"),
}


class IndexName(TextChoices):
    """The blind indexes. Never one of a surname alone, a gender, a country or a yes and no (vault.md §7)."""

    NAME = "NAME", _("Whole name")
    SOUND = "SOUND", _("Whole name as it sounds")
    YEAR = "YEAR", _("Beginning of a name, with the year of birth")
    BIRTH = "BIRTH", _("Date of birth")
    ALIAS = "ALIAS", _("Alias")
    PHONE = "PHONE", _("End of a phone number")
    MATCH = "MATCH", _("Name and date of birth, for possible matches")
    MATCH_SOUND = "MATCH_SOUND", _("Name as it sounds and date of birth, for possible matches")


class Likeness(TextChoices):
    """Why two cases may be of one person."""

    NAME = "NAME", _("Same name, same date of birth")
    SOUND = "SOUND", _("Name that sounds alike, same date of birth")
    PHONE = "PHONE", _("Same telephone")


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


class ReviewDecision(TextChoices):
    """What became of an access in a review (access.md §5). The last three are what became of it when nobody decided."""

    KEEP = "KEEP", _("Kept")
    SHORTEN = "SHORTEN", _("Shortened")
    REVOKE = "REVOKE", _("Ended")
    ENDED = "ENDED", _("Ended, because nobody decided")
    GONE = "GONE", _("Had ended by itself")
    STAYED = "STAYED", _("Nobody decided; it stays")
