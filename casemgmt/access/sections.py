"""The sections of a case: the unit of every permission (what a section holds: docs/access.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Section(models.TextChoices):
    """One part of a case that can be opened on its own. Codes are stored; labels are for people."""

    CARD = "CARD", _("Case card")
    IDENTITY = "IDENTITY", _("Identity and contact")
    LOCATION = "LOCATION", _("Where she stays")
    NARRATIVE = "NARRATIVE", _("What happened")
    SAFETY = "SAFETY", _("Safety")
    ADVOCACY = "ADVOCACY", _("Caseworkers' notes")
    STATUS = "STATUS", _("Immigration and criminal status")
    SERVICES = "SERVICES", _("Services and plan")
    FINANCE = "FINANCE", _("Money paid")
    SHELTER_OPS = "SHELTER_OPS", _("Shelter house notes")
    HEALTH = "HEALTH", _("Health")
    SRH = "SRH", _("Sexual and reproductive health")
    SUD = "SUD", _("Substance use treatment")
    COUNSELLING = "COUNSELLING", _("Counselling")
    LEGAL = "LEGAL", _("Legal: dates and stage")
    LEGAL_FILE = "LEGAL_FILE", _("Legal: attorney's file")
    DUTIES = "DUTIES", _("Consents, releases and duties")


class RetentionClass(models.TextChoices):
    """What is erased together: each case has one data key per class (see docs/vault.md)."""

    CORE = "CORE"
    ADVOCACY = "ADVOCACY"
    CLINICAL = "CLINICAL"
    LEGAL = "LEGAL"
    SERVICES = "SERVICES"


RETENTION_CLASS_OF: dict[str, str] = {
    Section.CARD: RetentionClass.CORE,
    Section.IDENTITY: RetentionClass.CORE,
    Section.LOCATION: RetentionClass.CORE,
    Section.NARRATIVE: RetentionClass.ADVOCACY,
    Section.SAFETY: RetentionClass.ADVOCACY,
    Section.ADVOCACY: RetentionClass.ADVOCACY,
    Section.STATUS: RetentionClass.LEGAL,
    Section.SERVICES: RetentionClass.SERVICES,
    Section.FINANCE: RetentionClass.SERVICES,
    Section.SHELTER_OPS: RetentionClass.SERVICES,
    Section.HEALTH: RetentionClass.CLINICAL,
    Section.SRH: RetentionClass.CLINICAL,
    Section.SUD: RetentionClass.CLINICAL,
    Section.COUNSELLING: RetentionClass.CLINICAL,
    Section.LEGAL: RetentionClass.LEGAL,
    Section.LEGAL_FILE: RetentionClass.LEGAL,
    Section.DUTIES: RetentionClass.LEGAL,
}


def read(section: str) -> str:
    """The codename that lets one read a section of a case: ``read("CARD") == "read_card"``."""
    return f"read_{Section(section).value.lower()}"


def write(section: str) -> str:
    """The codename that lets one write to a section of a case."""
    return f"write_{Section(section).value.lower()}"


def section_of(permission: str) -> str:
    """The section that a codename is about: ``section_of("write_legal") == "LEGAL"``; a matter's is its file."""
    name = permission.partition("_")[2].upper()
    return Section.LEGAL_FILE if name == "MATTER" else Section(name)


READ_CARD = read(Section.CARD)
READ_MATTER = "read_matter"
WRITE_MATTER = "write_matter"

#: LEGAL_FILE is held by matter, never by case, so it has no case permission of its own.
CASE_PERMISSIONS: list[tuple[str, str]] = [
    (f"{verb}_{section.value.lower()}", f"May {verb} {section.value}")
    for section in Section
    if section != Section.LEGAL_FILE
    for verb in ("read", "write")
]
MATTER_PERMISSIONS: list[tuple[str, str]] = [
    (READ_MATTER, "May read the matter"),
    (WRITE_MATTER, "May write the matter"),
]
