"""Enumerations of proceedings against the accused: how far the court is, and what a survivor is in it (domain.md §3.3)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProceedingStage(TextChoices):
    """How far a criminal proceeding has come: public."""

    REPORTED = "REPORTED", _("Reported")
    INVESTIGATION = "INVESTIGATION", _("Investigation")
    ARREST = "ARREST", _("Arrest")
    CHARGED = "CHARGED", _("Charged")
    ARRAIGNMENT = "ARRAIGNMENT", _("Arraignment")
    PRETRIAL = "PRETRIAL", _("Before the trial")
    PLEA = "PLEA", _("Plea")
    TRIAL = "TRIAL", _("Trial")
    VERDICT = "VERDICT", _("Verdict")
    SENTENCING = "SENTENCING", _("Sentencing")
    RESTITUTION_HEARING = "RESTITUTION_HEARING", _("Hearing on restitution")
    APPEAL = "APPEAL", _("Appeal")
    CLOSED = "CLOSED", _("Closed")


class ProceedingOutcome(TextChoices):
    """How it ended for the accused: never a success or a failure of hers."""

    OPEN = "OPEN", _("Still open")
    CONVICTION = "CONVICTION", _("Conviction")
    PLEA = "PLEA", _("Guilty plea")
    ACQUITTAL = "ACQUITTAL", _("Acquittal")
    CHARGES_DROPPED = "CHARGES_DROPPED", _("Charges dropped")
    MISTRIAL = "MISTRIAL", _("Mistrial")


class HerRole(TextChoices):
    """What she is in it."""

    VICTIM = "VICTIM", _("Named as a victim")
    WITNESS = "WITNESS", _("Witness")
    BOTH = "BOTH", _("Both")
    DECLINED = "DECLINED", _("She takes no part")


class Cooperation(TextChoices):
    """Whether she wants to work with police and prosecutor: her choice, and she may change it."""

    UNDECIDED = "UNDECIDED", _("She has not decided")
    WILLING = "WILLING", _("She wants to")
    WILLING_WITH_SUPPORT = "WILLING_WITH_SUPPORT", _("She wants to, with support")
    DECLINED = "DECLINED", _("She does not want to")
    EXEMPT_MINOR = "EXEMPT_MINOR", _("Not asked of a minor")
    EXEMPT_TRAUMA = "EXEMPT_TRAUMA", _("Not asked, because of what she went through")
