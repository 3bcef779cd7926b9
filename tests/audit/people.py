"""Stand-ins for members of staff: the ledger asks a person for a uid and nothing else."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from audit.models import Event
from tests.cast import Cast


def events() -> Any:
    """What a test has recorded: the events after the making of the cast."""
    return Event.objects.filter(pk__gt=Cast.last_event)


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
