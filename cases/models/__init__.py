"""The records of the case room."""

from .case import Case
from .exchange import IdentityToken, ImportBatch, ImportRow, PossibleMatch
from .grant import (
    AccessGrant,
    CaseGroupPermission,
    CaseUserPermission,
    Matter,
    MatterGroupPermission,
    MatterUserPermission,
    Wall,
)
from .release import Disclosure, Release
from .shared import Draft, Due, Notice, TimelineEntry
from .survivor import Consent, ContactInstruction, Person, SafetyPlan, Survivor, TraffickingProfile
from .work import Document, Note, Task

__all__ = [
    "AccessGrant", "Case", "CaseGroupPermission", "CaseUserPermission", "Consent", "ContactInstruction",
    "Disclosure", "Document", "Draft", "Due", "IdentityToken", "ImportBatch", "ImportRow", "Matter", "MatterGroupPermission",
    "MatterUserPermission", "Note", "Notice", "Person", "PossibleMatch", "Release", "SafetyPlan", "Survivor",
    "Task", "TimelineEntry", "TraffickingProfile", "Wall",
]  # fmt: skip
