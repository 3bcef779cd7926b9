"""Enumerations of the workshops (domain.md §3, §4, §5). Codes are stored sealed; labels are for people."""

from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy


class MatterType(TextChoices):
    """What a matter is about (domain.md §3.2): the types the first users need; more are data later."""

    T_VISA = "T_VISA", _("T visa (I-914)")
    T_ADJUSTMENT = "T_ADJUSTMENT", _("Green card after a T visa (I-485)")
    U_VISA = "U_VISA", _("U visa (I-918)")
    CONTINUED_PRESENCE = "CONTINUED_PRESENCE", _("Continued presence")
    ASYLUM = "ASYLUM", _("Asylum (I-589)")
    SIJS = "SIJS", _("Special immigrant juvenile status")
    VAWA_SELF_PETITION = "VAWA_SELF_PETITION", _("VAWA self-petition")
    REMOVAL_DEFENSE = "REMOVAL_DEFENSE", _("Defence against removal")
    EAD = "EAD", _("Work permit")
    VICTIM_WITNESS_ADVOCACY = "VICTIM_WITNESS_ADVOCACY", _("Support as victim or witness")
    RESTITUTION = "RESTITUTION", _("Restitution")
    VICTIM_COMPENSATION = "VICTIM_COMPENSATION", _("Victim compensation")
    PROTECTION_ORDER = "PROTECTION_ORDER", _("Protection order")
    VACATUR_STATE = "VACATUR_STATE", _("Vacatur (state)")
    VACATUR_FEDERAL = "VACATUR_FEDERAL", _("Vacatur (federal)")
    TVPRA_CIVIL = "TVPRA_CIVIL", _("Civil claim (TVPRA)")
    WAGE_HOUR = "WAGE_HOUR", _("Unpaid wages")
    CUSTODY = "CUSTODY", _("Custody")
    ID_RECOVERY = "ID_RECOVERY", _("Recovery of identity papers")
    UK_NRM = "UK_NRM", _("National Referral Mechanism (UK)")
    OTHER = "OTHER", _("Other")


class MatterStage(TextChoices):
    """Where a matter stands (domain.md §3.3)."""

    SCREENING = "SCREENING", _("Screening")
    CONFLICT_CHECK = "CONFLICT_CHECK", _("Conflict check")
    REFERRED_TO_COUNSEL = "REFERRED_TO_COUNSEL", _("Referred to counsel")
    RETAINED = "RETAINED", _("Counsel retained")
    EVIDENCE_GATHERING = "EVIDENCE_GATHERING", _("Gathering evidence")
    DRAFTING = "DRAFTING", _("Drafting")
    FILED = "FILED", _("Filed")
    PENDING = "PENDING", _("Pending")
    RFE_NOID = "RFE_NOID", _("More evidence asked for")
    INTERVIEW_BIOMETRICS = "INTERVIEW_BIOMETRICS", _("Interview or biometrics")
    HEARING = "HEARING", _("Hearing")
    DECISION = "DECISION", _("Decision")
    APPEAL = "APPEAL", _("Appeal")
    ENFORCEMENT_COLLECTION = "ENFORCEMENT_COLLECTION", _("Enforcement")
    CLOSED = "CLOSED", _("Closed")


class MatterOutcome(TextChoices):
    """How a matter ended (domain.md §3.3)."""

    PENDING = "PENDING", _("Still open")
    GRANTED = "GRANTED", _("Granted")
    PARTIALLY_GRANTED = "PARTIALLY_GRANTED", _("Partly granted")
    DENIED = "DENIED", _("Denied")
    SETTLED = "SETTLED", _("Settled")
    DISMISSED = "DISMISSED", _("Dismissed")
    WITHDRAWN_BY_CLIENT = "WITHDRAWN_BY_CLIENT", _("Withdrawn by her")
    TRANSFERRED = "TRANSFERRED", _("Transferred")
    SUPERSEDED = "SUPERSEDED", _("Superseded")
    OTHER = "OTHER", _("Other")


class HearingType(TextChoices):
    """What kind of hearing or appointment (domain.md §3.4)."""

    MASTER_CALENDAR = "MASTER_CALENDAR", _("Master calendar")
    INDIVIDUAL_MERITS = "INDIVIDUAL_MERITS", _("Individual merits")
    USCIS_INTERVIEW = "USCIS_INTERVIEW", _("Agency interview")
    BIOMETRICS = "BIOMETRICS", _("Biometrics")
    ARRAIGNMENT = "ARRAIGNMENT", _("Arraignment")
    MOTION = "MOTION", _("Motion")
    TRIAL = "TRIAL", _("Trial")
    VICTIM_TESTIMONY = "VICTIM_TESTIMONY", _("Testimony")
    SENTENCING = "SENTENCING", _("Sentencing")
    PROTECTION_ORDER = "PROTECTION_ORDER", _("Protection order")
    CUSTODY = "CUSTODY", _("Custody")
    STATUS_CONFERENCE = "STATUS_CONFERENCE", _("Status conference")
    MEDIATION = "MEDIATION", _("Mediation")
    OTHER = "OTHER", _("Other")


class DeadlineKind(TextChoices):
    """How hard a date is (domain.md §3.1)."""

    STATUTORY_JURISDICTIONAL = "STATUTORY_JURISDICTIONAL", _("By law, cannot be extended")
    STATUTORY = "STATUTORY", _("By law")
    COURT_ORDERED = "COURT_ORDERED", _("Ordered by a court")
    AGENCY = "AGENCY", _("Set by an agency")
    INTERNAL = "INTERNAL", _("Our own date")


class ServiceType(TextChoices):
    """What help was given (domain.md §4.1); the unit of each stands in ``UNIT_OF_SERVICE``."""

    CASE_MGMT = "CASE_MGMT", _("Case management")
    CRISIS_INTERV = "CRISIS_INTERV", _("Crisis intervention")
    SAFETY_PLAN = "SAFETY_PLAN", _("Safety planning")
    EMERG_FINANCIAL = "EMERG_FINANCIAL", _("Emergency financial aid")
    BASIC_NEEDS = "BASIC_NEEDS", _("Food, clothing, hygiene")
    SHELTER_EMERG = "SHELTER_EMERG", _("Emergency shelter")
    SHELTER_TRANS = "SHELTER_TRANS", _("Transitional housing")
    HOUSING_RENTAL = "HOUSING_RENTAL", _("Help with rent")
    MEDICAL = "MEDICAL", _("Accompaniment to health care")
    MH_INDIV = "MH_INDIV", _("Counselling attended")
    PEER_SUPPORT = "PEER_SUPPORT", _("Peer support")
    INTERPRET = "INTERPRET", _("Interpretation")
    TRANSPORT = "TRANSPORT", _("Transport")
    CHILDCARE = "CHILDCARE", _("Childcare")
    EDUCATION = "EDUCATION", _("Education")
    EMPLOYMENT = "EMPLOYMENT", _("Help finding work")
    LIFE_SKILLS = "LIFE_SKILLS", _("Life skills")
    BENEFITS = "BENEFITS", _("Benefits")
    ID_DOCS = "ID_DOCS", _("Identity papers")
    LEGAL_ACCOMP = "LEGAL_ACCOMP", _("Accompaniment to court or police")
    VOCATIONAL = "VOCATIONAL", _("Vocational training")
    FAMILY_SVC = "FAMILY_SVC", _("Family contact")
    OTHER = "OTHER", _("Other help")


#: Services that say where she sleeps: no outsider learns of them, whatever was released.
SHELTER_SERVICES = frozenset({ServiceType.SHELTER_EMERG, ServiceType.SHELTER_TRANS})


class Unit(TextChoices):
    """What a service is counted in."""

    MINUTES = "MINUTES", _("minutes")
    HOURS = "HOURS", _("hours")
    SESSION = "SESSION", _("sessions")
    VISIT = "VISIT", _("visits")
    NIGHT = "NIGHT", _("nights")
    TRIP = "TRIP", _("trips")
    ITEM = "ITEM", _("items")
    EVENT = "EVENT", _("events")


def counted(quantity: str, unit: str) -> str:
    """A quantity with its unit in words: "1 trip", "90 minutes"."""
    words = {
        Unit.MINUTES: ngettext_lazy("%(n)s minute", "%(n)s minutes", "number"),
        Unit.HOURS: ngettext_lazy("%(n)s hour", "%(n)s hours", "number"),
        Unit.SESSION: ngettext_lazy("%(n)s session", "%(n)s sessions", "number"),
        Unit.VISIT: ngettext_lazy("%(n)s visit", "%(n)s visits", "number"),
        Unit.NIGHT: ngettext_lazy("%(n)s night", "%(n)s nights", "number"),
        Unit.TRIP: ngettext_lazy("%(n)s trip", "%(n)s trips", "number"),
        Unit.ITEM: ngettext_lazy("%(n)s item", "%(n)s items", "number"),
        Unit.EVENT: ngettext_lazy("%(n)s time", "%(n)s times", "number"),
    }
    number = Decimal(quantity)
    shown = f"{number.normalize():f}"
    return words[Unit(unit)] % {"n": shown, "number": int(number) if number == int(number) else 2}


UNIT_OF_SERVICE: dict[str, str] = {
    ServiceType.CASE_MGMT: Unit.MINUTES,
    ServiceType.CRISIS_INTERV: Unit.MINUTES,
    ServiceType.SAFETY_PLAN: Unit.SESSION,
    ServiceType.EMERG_FINANCIAL: Unit.ITEM,
    ServiceType.BASIC_NEEDS: Unit.ITEM,
    ServiceType.SHELTER_EMERG: Unit.NIGHT,
    ServiceType.SHELTER_TRANS: Unit.NIGHT,
    ServiceType.HOUSING_RENTAL: Unit.ITEM,
    ServiceType.MEDICAL: Unit.VISIT,
    ServiceType.MH_INDIV: Unit.SESSION,
    ServiceType.PEER_SUPPORT: Unit.MINUTES,
    ServiceType.INTERPRET: Unit.MINUTES,
    ServiceType.TRANSPORT: Unit.TRIP,
    ServiceType.CHILDCARE: Unit.HOURS,
    ServiceType.EDUCATION: Unit.HOURS,
    ServiceType.EMPLOYMENT: Unit.HOURS,
    ServiceType.LIFE_SKILLS: Unit.HOURS,
    ServiceType.BENEFITS: Unit.MINUTES,
    ServiceType.ID_DOCS: Unit.EVENT,
    ServiceType.LEGAL_ACCOMP: Unit.EVENT,
    ServiceType.VOCATIONAL: Unit.HOURS,
    ServiceType.FAMILY_SVC: Unit.SESSION,
    ServiceType.OTHER: Unit.EVENT,
}


class ServiceOutcome(TextChoices):
    """How it went (domain.md §4.2). Only PROVIDED and PARTIAL count as a service."""

    PROVIDED = "PROVIDED", _("Given")
    PARTIAL = "PARTIAL", _("Partly given")
    NO_SHOW = "NO_SHOW", _("She did not come")
    CANCELLED_BY_CLIENT = "CANCELLED_BY_CLIENT", _("She cancelled")
    CANCELLED_BY_PROVIDER = "CANCELLED_BY_PROVIDER", _("The provider cancelled")
    DECLINED = "DECLINED", _("She declined")
    UNAVAILABLE = "UNAVAILABLE", _("Not available")


#: What counts as a service (domain.md §4.2).
COUNTING = (ServiceOutcome.PROVIDED, ServiceOutcome.PARTIAL)


class Mode(TextChoices):
    """How it was given."""

    IN_PERSON = "IN_PERSON", _("In person")
    PHONE = "PHONE", _("By phone")
    VIDEO = "VIDEO", _("By video")
    TEXT = "TEXT", _("By message")
    FIELD = "FIELD", _("Outside the office")


class ExitTo(TextChoices):
    """Where she went after a shelter stay (domain.md §2.3), never an address."""

    OWN_HOME_RENTAL = "OWN_HOME_RENTAL", _("Own home")
    FAMILY = "FAMILY", _("Family")
    FRIENDS = "FRIENDS", _("Friends")
    TRANSITIONAL = "TRANSITIONAL", _("Transitional housing")
    OTHER_SHELTER = "OTHER_SHELTER", _("Another shelter")
    HOSPITAL_TREATMENT = "HOSPITAL_TREATMENT", _("Hospital or treatment")
    OTHER = "OTHER", _("Elsewhere")
    UNKNOWN = "UNKNOWN", _("Not known")


class GoalArea(TextChoices):
    """The area of life a goal is about (HTCDS spl_Type, widened)."""

    HOUSING = "HOUSING", _("Housing")
    EDUCATION = "EDUCATION", _("Education")
    LIVELIHOOD = "LIVELIHOOD", _("Work and income")
    FINANCIAL = "FINANCIAL", _("Money")
    HEALTH = "HEALTH", _("Health")
    LEGAL = "LEGAL", _("Legal")
    FAMILY = "FAMILY", _("Family and friends")
    SOCIAL = "SOCIAL", _("Community")
    SAFETY = "SAFETY", _("Safety")
    BASICS = "BASICS", _("Food, clothing, hygiene")
    OTHER = "OTHER", _("Other")


class Urgency(TextChoices):
    """How soon a need has to be answered (domain.md §4.3)."""

    IMMEDIATE = "IMMEDIATE", _("Within a day")
    URGENT = "URGENT", _("Within three days")
    SHORT = "SHORT", _("Within a month")
    LONG = "LONG", _("In the long run")


#: Needs that stand on the lead's list, and the days until they are due: within 24 and within 72 hours (domain.md §4.3).
DAYS_OF_URGENCY: dict[str, int] = {Urgency.IMMEDIATE: 1, Urgency.URGENT: 3}


class Priority(TextChoices):
    """How much a need matters beside the others. Hers and the worker's are kept apart, for they often differ."""

    FIRST = "FIRST", _("First of all")
    NEXT = "NEXT", _("Next")
    LATER = "LATER", _("Can wait")


class NeedState(TextChoices):
    """What became of a need. "Not met" says what stood in the way, and is no end: help may come later."""

    OPEN = "OPEN", pgettext_lazy("not done yet", "Open")
    MET = "MET", _("Met")
    UNMET = "UNMET", _("Not met")
    NOT_WANTED = "NOT_WANTED", _("She no longer wants it")


class Barrier(TextChoices):
    """What stood between her and help (domain.md §4.1, BARRIER). Worded as the way that was closed, never as her fault.

    Three codes of the list are left out on purpose: immigration status, substance use and trauma have sections of their
    own, which fewer people read than the services (42 CFR Part 2 for one). Here they are "something else".
    """

    HOUSING_UNAVAILABLE = "HOUSING_UNAVAILABLE", _("No housing to be had")
    FUNDING = "FUNDING", _("No money for it")
    WAITLIST = "WAITLIST", _("A waiting list")
    LANGUAGE = "LANGUAGE", _("Nobody spoke her language")
    TRANSPORT = "TRANSPORT", _("No way to get there")
    NO_ID_DOCS = "NO_ID_DOCS", _("Identity papers were asked for")
    FEAR_OF_TRAFFICKER = "FEAR_OF_TRAFFICKER", _("Not safe from those who harmed her")
    FEAR_OF_AUTHORITIES = "FEAR_OF_AUTHORITIES", _("Authorities would have been involved")
    CHILDCARE = "CHILDCARE", _("No childcare")
    LEGAL_HOLD = "LEGAL_HOLD", _("A legal matter stood in the way")
    GEOGRAPHY = "GEOGRAPHY", _("Nothing near her")
    DISTRUST = "DISTRUST", _("No trust could grow yet")
    INELIGIBLE_BENEFITS = "INELIGIBLE_BENEFITS", _("The rules of the benefit left her out")
    PROVIDER_CAPACITY = "PROVIDER_CAPACITY", _("The provider had no room")
    CLIENT_LOST_CONTACT = "CLIENT_LOST_CONTACT", _("Contact was lost")
    OTHER = "OTHER", _("Something else")


class Responsible(TextChoices):
    """Who takes the next step towards a goal."""

    SHE = "SHE", _("She herself")
    WORKER = "WORKER", _("We")
    OTHER = "OTHER", _("Somebody else")


class HerAnswer(TextChoices):
    """What she said to her plan. Declining is an answer, never a fault: help does not depend on a plan."""

    AGREED = "AGREED", _("She agrees")
    DECLINED = "DECLINED", _("She does not want a plan")
    NOT_YET = "NOT_YET", _("Not asked yet")


class PlanState(TextChoices):
    """Where a version of a plan stands."""

    WAITING = "WAITING", _("Waits for a supervisor")
    APPROVED = "APPROVED", _("Approved")
    SENT_BACK = "SENT_BACK", _("Sent back")
    REPLACED = "REPLACED", _("Replaced by a newer one")


class FollowUpState(TextChoices):
    """How a follow-up went (domain.md §5.4)."""

    COMPLETED = "COMPLETED", _("Spoken with")
    DECLINED = "DECLINED", _("She declined")
    UNREACHABLE = "UNREACHABLE", _("Not reached")
    UNSAFE_TO_CONTACT = "UNSAFE_TO_CONTACT", _("Not safe to contact")
    OPTED_OUT = "OPTED_OUT", _("Wants no more contact")
