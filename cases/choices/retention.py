"""Enumerations of retention: what is kept how long, and how far an order to destroy is (domain.md §11)."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import RetentionClass


class RecordClass(TextChoices):
    """What has a period of its own."""

    INQUIRY = "INQUIRY", _("Inquiries that were screened and not taken on: the whole case")
    ADVOCACY = "ADVOCACY", _("What happened, safety, and caseworkers' notes")
    CLINICAL = "CLINICAL", _("Health, substance use and counselling")
    SERVICES = "SERVICES", _("Services, plan, money and house notes")
    LEGAL = "LEGAL", _("Status, legal steps, the attorney's file, consents and releases")
    CASE = "CASE", _("The whole case, with card, name and contact")
    CASE_EVENTS = "CASE_EVENTS", _("Events of the ledger about cases that were erased")
    HOUSE_EVENTS = "HOUSE_EVENTS", _("Events of the ledger about no case")


#: What the erasure desk is asked to erase.
ERASES: dict[str, str] = {
    RecordClass.INQUIRY: RetentionClass.CORE,
    RecordClass.ADVOCACY: RetentionClass.ADVOCACY,
    RecordClass.CLINICAL: RetentionClass.CLINICAL,
    RecordClass.SERVICES: RetentionClass.SERVICES,
    RecordClass.LEGAL: RetentionClass.LEGAL,
    RecordClass.CASE: RetentionClass.CORE,
}
#: What is pruned from the ledger.
OF_THE_LEDGER = (RecordClass.CASE_EVENTS, RecordClass.HOUSE_EVENTS)

#: From when a period counts.
BEGINS: dict[str, Any] = {
    RecordClass.INQUIRY: _("From the day the inquiry was closed"),
    RecordClass.ADVOCACY: _("From the day the case was closed"),
    RecordClass.CLINICAL: _("From the day the case was closed; never while she is a minor"),
    RecordClass.SERVICES: _(
        "From the day the case was closed, or from the last financial report of the grant, if that is later"
    ),
    RecordClass.LEGAL: _("From the day the case was closed; never while she is a minor"),
    RecordClass.CASE: _("From the day the case was closed"),
    RecordClass.CASE_EVENTS: _("From the day the whole case was erased"),
    RecordClass.HOUSE_EVENTS: _("From the event"),
}
#: What the handbook of the field names as usual, as a help beside the form. Counsel decides.
USUAL: dict[str, Any] = {
    RecordClass.INQUIRY: _("Often 90 days"),
    RecordClass.ADVOCACY: _("Often 1 to 3 years"),
    RecordClass.CLINICAL: _("The period of the state"),
    RecordClass.SERVICES: _("3 years after the last financial report of the grant (2 CFR 200.334)"),
    RecordClass.LEGAL: _("Often 5 to 7 years (Rule 1.15); longer for T and U status"),
    RecordClass.CASE: _("The longest of the parts"),
    RecordClass.CASE_EVENTS: _("At least 6 years"),
    RecordClass.HOUSE_EVENTS: _("At least 6 years"),
}


class PeriodUnit(TextChoices):
    """In what a period is counted."""

    DAYS = "DAYS", _("days")
    MONTHS = "MONTHS", _("months")
    YEARS = "YEARS", _("years")


class DestructionState(TextChoices):
    """How far an order is."""

    ASKED = "ASKED", _("Waiting for a second person")
    APPROVED = "APPROVED", _("Approved, being carried out")
    DONE = "DONE", _("Carried out")
    STOPPED = "STOPPED", _("Stopped")


OPEN_DESTRUCTIONS = (DestructionState.ASKED, DestructionState.APPROVED)
