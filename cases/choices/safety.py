"""Enumerations of safety: risk, alerts and the plan."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
