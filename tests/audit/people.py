"""Stand-ins for members of staff: the ledger asks a person for a uid and nothing else."""

import uuid
from dataclasses import dataclass, field


@dataclass
class Person:
    name: str
    uid: uuid.UUID = field(default_factory=uuid.uuid4)
    is_anonymous: bool = False
    is_authenticated: bool = True


@dataclass
class Held:
    case: object
    basis: dict
