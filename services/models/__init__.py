"""The records of the workshops."""

from .aftercare import ServiceRecord, ShelterStay
from .legal import Deadline, Filing, Hearing, LegalMatter
from .reintegration import FollowUp, Goal

__all__ = ["Deadline", "Filing", "FollowUp", "Goal", "Hearing", "LegalMatter", "ServiceRecord", "ShelterStay"]
