"""The records of the case room."""

from .case import Case
from .erasure import ErasureOrder, LegalHold
from .exchange import ImportBatch, ImportRow, MatchQuestion, PossibleMatch
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
from .search import BlindToken, SearchIndex
from .shared import Draft, Due, Notice, TimelineEntry
from .survivor import Consent, ContactInstruction, Person, SafetyPlan, Survivor, TraffickingProfile
from .work import Document, Note, Task

__all__ = [
    "AccessGrant", "BlindToken", "Case", "CaseGroupPermission", "CaseUserPermission", "Consent", "ContactInstruction",
    "Disclosure", "Document", "Draft", "Due", "ErasureOrder", "ImportBatch", "ImportRow", "LegalHold",
    "MatchQuestion", "Matter", "MatterGroupPermission", "MatterUserPermission", "Note", "Notice", "Person",
    "PossibleMatch", "Release", "SafetyPlan", "SearchIndex", "Survivor", "Task", "TimelineEntry",
    "TraffickingProfile", "Wall",
]  # fmt: skip
