"""Enumerations of the workshops (domain.md §3, §4, §5). Codes are stored sealed; labels are for people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
