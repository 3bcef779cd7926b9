"""Enumerations of releases and of what is given out on them, on a duty of law or on an order."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section


class InfoCategory(TextChoices):
    """What a release may name (domain.md §2.5). There is no "entire file", and the shelter is never offered.

    Medical care, HIV, notes of psychotherapy and treatment of substance use each have a tick of their own, and she says
    yes to each by name (``AUTHORITY_OF_TICK``).
    """

    IDENTITY = "IDENTITY", _("Name and date of birth")
    CONTACT = "CONTACT", _("How to reach her")
    DEMOGRAPHICS = "DEMOGRAPHICS", _("Age, gender, languages, citizenship")
    TRAFFICKING_HISTORY = "TRAFFICKING_HISTORY", _("What happened")
    LEGAL_STATUS = "LEGAL_STATUS", _("Legal steps and dates")
    IMMIGRATION = "IMMIGRATION", _("Immigration status")
    CRIMINAL_JUSTICE = "CRIMINAL_JUSTICE", _("Police and court matters")
    MEDICAL = "MEDICAL", _("Medical care")
    HIV = "HIV", _("HIV: tests, status and treatment")
    SRH = "SRH", _("Sexual and reproductive health")
    MENTAL_HEALTH = "MENTAL_HEALTH", _("Counselling")
    PSYCHOTHERAPY_NOTES = "PSYCHOTHERAPY_NOTES", _("Notes of counselling and psychotherapy")
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
    InfoCategory.HIV: Section.HEALTH,
    InfoCategory.MEDICAL: Section.HEALTH,
    InfoCategory.SRH: Section.SRH,
    InfoCategory.MENTAL_HEALTH: Section.COUNSELLING,
    InfoCategory.PSYCHOTHERAPY_NOTES: Section.COUNSELLING,
    InfoCategory.SUBSTANCE_USE: Section.SUD,
    InfoCategory.SERVICES_DATES: Section.SERVICES,
    InfoCategory.SERVICE_PLAN: Section.SERVICES,
    InfoCategory.EDUCATION_EMPLOYMENT: Section.SERVICES,
    InfoCategory.ASSESSMENTS: Section.SERVICES,
    InfoCategory.SAFETY_PLAN: Section.SAFETY,
    InfoCategory.FINANCIAL: Section.FINANCE,
}

#: A part of the record opens only where this is named, whatever else of it is: that somebody is in counselling does not
#: open what she said there. What is named without it is told or handed over by a person, and noted as a disclosure.
OPENS_ONLY_WITH: dict[Section, InfoCategory] = {
    Section.HEALTH: InfoCategory.MEDICAL,
    Section.COUNSELLING: InfoCategory.PSYCHOTHERAPY_NOTES,
}
#: What needs a yes by name beside the signature, and by which law.
AUTHORITY_OF_TICK: dict[InfoCategory, Any] = {
    InfoCategory.MEDICAL: "45 CFR 164.508",
    InfoCategory.HIV: _("the state's law on HIV"),
    InfoCategory.PSYCHOTHERAPY_NOTES: "45 CFR 164.508(a)(2)",
    InfoCategory.SUBSTANCE_USE: "42 CFR 2.31",
}

#: Leaving the organisation, these wait for a second person; of a minor, every section does.
TWO_PERSON_SECTIONS = frozenset(
    {Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.NARRATIVE, Section.STATUS}
)


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


class TotalsKind(TextChoices):
    """What totals without persons are given for (34 USC 12291(b)(2)(D): reporting, evaluation, collecting data)."""

    FUNDER_REPORT = "FUNDER_REPORT", _("Report to a funder")
    EVALUATION = "EVALUATION", _("Evaluation")
    STATISTICS = "STATISTICS", _("Statistics and research")
    PUBLIC = "PUBLIC", _("Published: annual report, website, talk")


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


class ProcessResponse(TextChoices):
    """What became of a legal process (domain.md §15b). Only the last gives anything, and only on a judge's order."""

    QUASHED = "QUASHED", _("A judge set it aside")
    OBJECTED = "OBJECTED", _("Counsel objected")
    IN_CAMERA = "IN_CAMERA", _("A judge looks at it alone first")
    NARROWED = "NARROWED", _("It was narrowed")
    COMPLIED_MIN = "COMPLIED_MIN", _("The least was given, on the order of a judge")


class ProductionStatus(TextChoices):
    """Where a numbered production stands: nothing of it leaves before a second person agreed."""

    WAITING = "WAITING", _("Waits for a second person")
    APPROVED = "APPROVED", _("Approved")
    DECLINED = "DECLINED", _("Declined")


class Privilege(TextChoices):
    """By which right something was withheld: a line of the privilege log (domain.md §2.8)."""

    ATTORNEY_CLIENT = "ATTORNEY_CLIENT", _("Attorney and client")
    WORK_PRODUCT = "WORK_PRODUCT", _("Work of an attorney")
    ADVOCATE = "ADVOCATE", _("Advocate and survivor")
    PSYCHOTHERAPIST = "PSYCHOTHERAPIST", _("Psychotherapist and patient")
    MEDICAL = "MEDICAL", _("Medical care")
    CONFIDENTIAL_BY_LAW = "CONFIDENTIAL_BY_LAW", _("Kept confidential by law (34 USC 12291(b)(2), 28 CFR 94.115)")
    IMMIGRATION = "IMMIGRATION", _("Immigration confidentiality (8 USC 1367)")


class WithheldKind(TextChoices):
    """What kind of record was withheld. Never what it says."""

    NOTES = "NOTES", _("Notes")
    LETTERS = "LETTERS", _("Letters and messages")
    DOCUMENTS = "DOCUMENTS", _("Documents")
    ASSESSMENTS = "ASSESSMENTS", _("Assessments and plans")
    PICTURES = "PICTURES", _("Pictures and recordings")
    OTHER = "OTHER", _("Other records")


class ToldHow(TextChoices):
    """By which safe way she was told. There is no mail, text or call that her rule does not allow."""

    IN_PERSON = "IN_PERSON", _("In person, alone")
    BY_HER_RULE = "BY_HER_RULE", _("As her rule for safe contact allows")
    BY_COUNSEL = "BY_COUNSEL", _("By her own attorney")


class PutOffBecause(TextChoices):
    """Why the law forbids or delays telling her of what came about her. Never for the comfort of whoever asks."""

    COURT = "COURT", _("An order of a court forbids it")
    STATUTE = "STATUTE", _("A statute forbids or delays it")
    LAW_ENFORCEMENT = "LAW_ENFORCEMENT", _("Law enforcement asked in writing, as a law allows")


#: The kinds of process that are an order of a judge. A subpoena usually is not one: it goes to counsel (domain.md §2.5).
JUDICIAL = frozenset({ProcessKind.COURT_ORDER, ProcessKind.WARRANT})
