"""What a document is, and where it may be kept."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section


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
