"""Enumerations of legal holds and of erasure."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import RetentionClass


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
    REFUSED = "REFUSED", _("Refused: it must be kept")


#: An order in one of these is under way: one a case, says the database.
OPEN_STATES = (ErasureState.ASKED, ErasureState.COOLING, ErasureState.ERASING)


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
