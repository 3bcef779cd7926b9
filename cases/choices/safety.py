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


class RiskItem(TextChoices):
    """What the danger is judged by (domain.md §8.1). Our own items; each is yes, no, or one of the ways of not knowing."""

    KNOWS_LOCATION = "KNOWS_LOCATION", _("They know where she is now")
    AT_LARGE = "AT_LARGE", _("They are at large")
    RECENT_CONTACT = "RECENT_CONTACT", _("They made contact or threatened her lately")
    THREAT_TO_KILL = "THREAT_TO_KILL", _("They threatened to kill")
    WEAPONS = "WEAPONS", _("They can get at weapons")
    ORGANISED = "ORGANISED", _("A gang or organised crime")
    SEVERAL = "SEVERAL", _("More than one person")
    IS_FAMILY = "IS_FAMILY", _("One of them is of her family")
    IS_PARTNER = "IS_PARTNER", _("One of them is or was her partner")
    HOLDS_PAPERS = "HOLDS_PAPERS", _("They hold papers or images of hers")
    TRACKING = "TRACKING", _("Her phone or accounts may be watched")
    DEBT = "DEBT", _("They say that she owes them")
    FAMILY_ABROAD = "FAMILY_ABROAD", _("They threaten her family at home")
    OFFICIAL = "OFFICIAL", _("An official is involved")
    VISA = "VISA", _("An employer decides on her visa")
    SUICIDAL = "SUICIDAL", _("She thinks of ending her life")
    SELF_HARM = "SELF_HARM", _("She hurts herself")
    OVERDOSE = "OVERDOSE", _("An overdose lately")
    PREGNANT = "PREGNANT", _("She is pregnant")
    MEDICAL = "MEDICAL", _("She needs a doctor today")
    MENTAL = "MENTAL", _("An acute crisis of her mental health")
    WITHDRAWAL = "WITHDRAWAL", _("Intoxication or withdrawal")
    IS_MINOR = "IS_MINOR", _("She is under 18")
    DISABILITY = "DISABILITY", _("She needs support with a disability")
    RETURNING = "RETURNING", _("She thinks of going back, or of contact")
    ISOLATED = "ISOLATED", _("She is alone")
    NO_BED = "NO_BED", _("No safe place to sleep tonight")
    DETENTION = "DETENTION", _("She may be detained for immigration")
    WARRANT = "WARRANT", _("A warrant is open")
    CHILDREN_THERE = "CHILDREN_THERE", _("Children are with them")
    CUSTODY = "CUSTODY", _("They threaten to take the children")
    CHILDREN_HOME = "CHILDREN_HOME", _("Children at home are in danger")
    PETS = "PETS", _("Animals she fears for")
    SUPPORT = "SUPPORT", _("A safe person supports her")
    PHONE_SAFE = "PHONE_SAFE", _("Her phone is safe")
    ORDER = "ORDER", _("A protection order stands")
    ATTORNEY = "ATTORNEY", _("She has an attorney")
    PLAN_CURRENT = "PLAN_CURRENT", _("Her safety plan is up to date")
    COMMUNITY = "COMMUNITY", _("Culture or faith carries her")


class RiskGroup(TextChoices):
    """The steps in which the items are gone through."""

    TRAFFICKER = "trafficker", _("Those who harmed her")
    CLIENT = "client", _("Herself")
    DEPENDANTS = "dependants", _("Whom she cares for")
    PROTECTIVE = "protective", _("What protects her")


def _until(first: RiskItem, last: RiskItem) -> tuple[RiskItem, ...]:
    every = list(RiskItem)
    return tuple(every[every.index(first) : every.index(last) + 1])


ITEMS_OF_GROUP: dict[str, tuple[RiskItem, ...]] = {
    RiskGroup.TRAFFICKER: _until(RiskItem.KNOWS_LOCATION, RiskItem.VISA),
    RiskGroup.CLIENT: _until(RiskItem.SUICIDAL, RiskItem.WARRANT),
    RiskGroup.DEPENDANTS: _until(RiskItem.CHILDREN_THERE, RiskItem.PETS),
    RiskGroup.PROTECTIVE: _until(RiskItem.SUPPORT, RiskItem.COMMUNITY),
}
#: One of these with yes, now, and somebody looks today (domain.md §8.1, marked "!").
GRAVE_ITEMS = frozenset(
    {RiskItem.KNOWS_LOCATION, RiskItem.RECENT_CONTACT, RiskItem.THREAT_TO_KILL, RiskItem.WEAPONS, RiskItem.TRACKING,
     RiskItem.FAMILY_ABROAD, RiskItem.SUICIDAL, RiskItem.OVERDOSE, RiskItem.MEDICAL, RiskItem.IS_MINOR, RiskItem.NO_BED,
     RiskItem.CHILDREN_THERE}
)  # fmt: skip


class CallCause(TextChoices):
    """Why somebody has to look within the hour (domain.md R19)."""

    IMMEDIATE = "IMMEDIATE", _("The danger is immediate")
    TRAFFICKER_CONTACT = "TRAFFICKER_CONTACT", _("Contact by the alleged trafficker")
    INCIDENT = "INCIDENT", _("Something has happened")


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
    TRAFFICKER_RELEASED = "TRAFFICKER_RELEASED", _("Alleged trafficker at large again")
    NO_DISCLOSURE_TO = "NO_DISCLOSURE_TO", _("Tell nothing to certain people")
    SUICIDE_RISK = "SUICIDE_RISK", _("Ask how she is, and stay")
    INFECTIOUS = "INFECTIOUS", _("Health: ask the clinic")
    INTERPRETER_CONFLICT = "INTERPRETER_CONFLICT", _("Not every interpreter")
    MEDIA_INTEREST = "MEDIA_INTEREST", _("The press asks")
    SUBPOENA_PENDING = "SUBPOENA_PENDING", _("A subpoena is open")
    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST", _("A colleague knows somebody")
    PROTECTION_ORDER = "PROTECTION_ORDER", _("Protection order")
    DEADLINE_CRITICAL = "DEADLINE_CRITICAL", _("A date that must not be missed")


class AlertSeverity(TextChoices):
    """How much an alert matters; decides when somebody looks at it again."""

    HIGH = "HIGH", _("Read it before anything else")
    USUAL = "USUAL", _("Good to know")


#: Days until somebody looks at an alert again.
REVIEW_ALERT_DAYS = {AlertSeverity.HIGH: 30, AlertSeverity.USUAL: 90}
#: Codes without a word beside them: words would stigmatise (domain.md §8.3).
CODED_ALONE = frozenset({AlertCode.STAFF_SAFETY, AlertCode.INFECTIOUS})
#: What few need to know: never for everybody who opens the case.
NEVER_ON_CARD = frozenset(
    {AlertCode.SUICIDE_RISK, AlertCode.INFECTIOUS, AlertCode.NO_DISCLOSURE_TO, AlertCode.SUBPOENA_PENDING,
     AlertCode.CONFLICT_OF_INTEREST}
)  # fmt: skip
#: What changes the danger: the next look comes forward (domain.md §8.1).
TRIGGERING_ALERTS = frozenset(
    {AlertCode.TRAFFICKER_CONTACT, AlertCode.TRAFFICKER_RELEASED, AlertCode.DIGITAL_SURVEILLANCE, AlertCode.SUICIDE_RISK}
)  # fmt: skip


class IncidentKind(TextChoices):
    """What happened to her. Each of them changes the danger, so the next look comes forward (domain.md §8.1)."""

    TRAFFICKER_CONTACT = "TRAFFICKER_CONTACT", _("Contact by those who harmed her")
    TRAFFICKER_RELEASED = "TRAFFICKER_RELEASED", _("One of them is at large again")
    THREAT = "THREAT", _("A threat")
    ASSAULT = "ASSAULT", _("An assault")
    SELF_HARM = "SELF_HARM", _("She hurt herself")
    MISSING = "MISSING", _("She cannot be found")
    POLICE = "POLICE", _("Police or officials at the door")
    COURT_DATE = "COURT_DATE", _("A court date")
    MOVED = "MOVED", _("She moved")
    DISCLOSURE = "DISCLOSURE", _("She told somebody, or it became known")
    NEW_PHONE = "NEW_PHONE", _("A new phone or number")
    OTHER = "OTHER", _("Something else")


#: Of these hours, they call whoever is on duty.
URGENT_INCIDENTS = frozenset(
    {IncidentKind.TRAFFICKER_CONTACT, IncidentKind.THREAT, IncidentKind.ASSAULT, IncidentKind.SELF_HARM, IncidentKind.MISSING}
)  # fmt: skip


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


class PlanPhase(TextChoices):
    """The three phases of a safety plan (domain.md §8.2). What holds in all of them stands beside the phases."""

    STILL_IN = "still-in", _("While she is still in it")
    LEAVING = "leaving", _("When she leaves")
    AFTER = "after", _("Afterwards")


class PlanCopy(TextChoices):
    """Who holds a copy of the safety plan. None is a good answer: paper can be found."""

    NONE = "NONE", _("Nobody: it is only here")
    SURVIVOR = "SURVIVOR", _("She holds one")
    TRUSTED_PERSON = "TRUSTED_PERSON", _("A person she trusts holds one")
