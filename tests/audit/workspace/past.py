"""Events of the past, one line each, and the ledger sealed and digested as the worker does it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audit import circumstances, clock
from audit.log import Ref, record
from audit.models import Event
from audit.verbs import Verb
from audit.workspace import digest
from tests.audit.sealing.scene import seal


def basis(kind: str = "ASSIGNMENT") -> dict[str, Any]:
    return {"kind": kind, "grant": uuid.uuid4(), "until": clock.now() + timedelta(days=30), "purpose": "CASEWORK"}


def days_ago(days: int, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    """A moment of that day on the house's calendar."""
    day = timezone.localdate() - timedelta(days=days)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute, second))


def happened(at: datetime, verb: str, person: Any, **arguments: Any) -> Event:
    """An act of that moment, recorded now."""
    with circumstances.acting(person.uid, at):
        return record(verb, actor=person, **arguments)


def looked(at: datetime, person: Any, case_uid: uuid.UUID, kind: str = "ASSIGNMENT", **more: Any) -> Event:
    """Somebody opened a case."""
    arguments = {"subject": Ref("case", case_uid, case_uid), "sections": ["CARD"], "basis": basis(kind)} | more
    return happened(at, Verb.CASE_VIEWED, person, **arguments)


def digested() -> int:
    """Seal everything and digest it."""
    seal()
    return digest.digest()
