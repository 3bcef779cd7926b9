"""What is done with a case as a whole: showing its name, moving its stage, closing and reopening it."""

from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from cases import access
from cases.models import Case


@action
def show_name(*, actor: User, now: datetime, case_uid: UUID) -> Case:
    """Note that somebody has the name of a case shown, on the next page only. Raises Hidden, Refused. Records NAME_SHOWN."""
    case = access.get_for(actor, case_uid, read(Section.IDENTITY))
    assert case.holding is not None  # the door has set it
    basis = case.holding.basis_for(Section.IDENTITY)
    record(
        Verb.NAME_SHOWN, actor=actor, subject=case, sections=[Section.IDENTITY], basis=basis.snapshot() if basis else {}
    )
    return case
