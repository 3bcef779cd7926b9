"""The records of the case room."""

from .asking import AccessRequest, KnownQuestion
from .authorities import ReportingAuthority
from .booking import Booking
from .breach import Breach, BreachCase
from .calendar import CalendarFeed, MorningLetter, ReminderChoice
from .callers import Contact, HouseCount, Inquiry
from .case import Case
from .configuration import CodeRow, TextTemplate
from .conflicts import LikenessCard, PossibleConflict
from .contacts import CaseContact, HouseContact
from .correction import Correction
from .duty import LegalProcess, MandatedReport, ReleaseSignature
from .emergency import EmergencyAccess
from .erasure import ErasureOrder, LegalHold
from .exchange import ImportBatch, ImportRow, MatchQuestion, PossibleMatch, SharedMapping
from .grant import (
    AccessGrant,
    CaseGroupPermission,
    CaseUserPermission,
    Matter,
    MatterGroupPermission,
    MatterUserPermission,
    Wall,
)
from .house_due import HouseDue
from .kin import FamilyMember, SupportContact
from .linking import CaseLink
from .listing import SavedView
from .merging import CaseMerge
from .other_people import NamedMatch, OtherPerson, OtherPersonToken
from .people import HandOver, PeopleChange
from .portrait import Portrait
from .proceedings import CaseProceeding, Proceeding
from .production import Production
from .release import Disclosure, Release
from .release_check import ReleaseCheck, ReleaseSample, SampleSheet
from .retention import DestructionOrder, RetentionPolicy
from .review import AccessReview, ReviewLine
from .safety import CaseAlert, SafetyAssessment, SafetyCall, SafetyIncident
from .search import BlindToken, SearchIndex
from .shared import Draft, Due, Notice, TimelineEntry
from .subject_request import SubjectRequest
from .survivor import Consent, ContactAttempt, ContactInstruction, Person, SafetyPlan, Survivor, TraffickingProfile
from .tagging import CaseTag, SharedView, Tag
from .totals import TotalsGiven
from .walls import Declaration, DeclarationToken, WallReason
from .work import Document, Note, NoteAmendment, Task

__all__ = [
    "AccessGrant", "AccessRequest", "AccessReview", "BlindToken", "Booking", "Breach", "BreachCase", "CalendarFeed",
    "Case", "CaseAlert", "CaseContact", "CaseGroupPermission", "CaseLink", "CaseMerge", "CaseProceeding", "CaseTag",
    "CaseUserPermission", "CodeRow", "Consent", "Contact", "ContactAttempt", "ContactInstruction", "Correction",
    "Declaration", "DeclarationToken", "DestructionOrder", "Disclosure", "Document", "Draft", "Due",
    "EmergencyAccess", "ErasureOrder", "FamilyMember", "HandOver", "HouseContact", "HouseCount", "HouseDue",
    "ImportBatch", "ImportRow", "Inquiry", "KnownQuestion", "LegalHold", "LegalProcess", "LikenessCard",
    "MandatedReport", "MatchQuestion", "Matter", "MatterGroupPermission", "MatterUserPermission", "MorningLetter",
    "NamedMatch", "Note", "NoteAmendment", "Notice", "OtherPerson", "OtherPersonToken", "PeopleChange", "Person",
    "Portrait", "PossibleConflict", "PossibleMatch", "Proceeding", "Production", "Release", "ReleaseCheck", "ReleaseSample",
    "ReleaseSignature", "ReminderChoice", "ReportingAuthority", "RetentionPolicy", "ReviewLine", "SafetyAssessment",
    "SafetyCall", "SafetyIncident", "SafetyPlan", "SampleSheet", "SavedView", "SearchIndex", "SharedMapping", "SharedView",
    "SubjectRequest", "SupportContact", "Survivor", "Tag", "Task", "TextTemplate", "TimelineEntry", "TotalsGiven",
    "TraffickingProfile", "Wall", "WallReason",
]  # fmt: skip
