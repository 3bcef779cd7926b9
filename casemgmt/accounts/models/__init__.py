from .absence import Absence, AccountRequest
from .configuration import HouseSettings
from .device import KnownDevice
from .house import DegradedMode, Incident, OfficeLock
from .invitation import Invitation
from .organisation import Organisation
from .roles import AccountState, RoleAssignment
from .rota import Rota, Shift
from .session import HeldForm, Session, UnlockPin
from .team import Membership, Team
from .user import User

__all__ = [
    "Absence",
    "AccountRequest",
    "AccountState",
    "DegradedMode",
    "HeldForm",
    "HouseSettings",
    "Incident",
    "Invitation",
    "KnownDevice",
    "Membership",
    "OfficeLock",
    "Organisation",
    "RoleAssignment",
    "Rota",
    "Session",
    "Shift",
    "Team",
    "UnlockPin",
    "User",
]
