from .invitation import Invitation
from .organisation import Organisation
from .roles import AccountState, RoleAssignment
from .rota import Rota, Shift
from .session import HeldForm, Session, UnlockPin
from .team import Membership, Team
from .user import User

__all__ = [
    "AccountState",
    "HeldForm",
    "Invitation",
    "Membership",
    "Organisation",
    "RoleAssignment",
    "Rota",
    "Session",
    "Shift",
    "Team",
    "UnlockPin",
    "User",
]
