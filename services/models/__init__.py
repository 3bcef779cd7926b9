"""The records of the workshops."""

from .aftercare import ServiceRecord, ShelterStay
from .legal import Deadline, Filing, Hearing, LegalMatter
from .needs import Need
from .plan import ServicePlan
from .reintegration import FollowUp, Goal

__all__ = [
    "Deadline",
    "Filing",
    "FollowUp",
    "Goal",
    "Hearing",
    "LegalMatter",
    "Need",
    "ServicePlan",
    "ServiceRecord",
    "ShelterStay",
]
