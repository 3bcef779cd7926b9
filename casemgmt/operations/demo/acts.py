"""What people of the demo do beside changing something: they look at cases, and are turned away from some."""

from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from cases import access
from cases.handing_out import stream
from cases.models import Case, Matter, Note, SafetyPlan, Survivor, TimelineEntry
from cases.opening import open_case, open_matter

#: A page shows this many lines of the timeline.
LINES = 12


@action
def look_at_case(*, actor: User, now: datetime, case_uid: UUID, tab: str = "overview") -> Case:
    """Open a case as its page does, and read what the page shows. Raises Hidden, Refused. Records CASE_VIEWED."""
    case = access.get_for(actor, case_uid)
    with open_case(actor, case):
        _read = [case.alias, case.safe_contact]
        if tab == "overview":
            _read += [row.line for row in access.records(TimelineEntry, case).order_by("-at", "-pk")[:LINES]]
        elif tab == "survivor":
            _read += [row.birth_date for row in _of(Survivor, case, Section.IDENTITY)]
        elif tab == "safety":
            _read += [row.risk_level for row in _of(SafetyPlan, case, Section.SAFETY)]
        elif tab == "notes":
            _read += [row.body for row in access.records(Note, case).order_by("-happened_at")[:LINES]]
    return case


def _of(model: type, case: Case, section: str) -> list:
    assert case.holding is not None  # the door has set it
    return list(access.within(model, case)) if case.holding.reads(section) else []


@action
def look_at_matter(*, actor: User, now: datetime, matter_uid: UUID) -> Matter:
    """Open a legal matter as its page does. Raises Hidden, Refused. Records MATTER_VIEWED."""
    matter = access.get_matter_for(actor, matter_uid)
    with open_matter(actor, matter):
        _read = [matter.title]
        _read += [note.body for note in access.records(Note, matter.case).filter(matter=matter)]
    return matter


@action
def take_document(*, actor: User, now: datetime, case_uid: UUID, document_uid: UUID) -> None:
    """Download a document to its end. Raises what ``stream`` raises. Records DOCUMENT_DOWNLOADED."""
    download = stream(actor, access.get_for(actor, case_uid), document_uid)
    for _piece in download.pieces:
        pass


@action
def be_turned_away(*, actor: User, now: datetime, case_uid: UUID, route: str, permission: str = READ_CARD) -> None:
    """Ask for a page that is not the actor's, and leave the trace that the middleware leaves.

    Records ACCESS_HIDDEN or ACCESS_REFUSED; a door that opens is an error of the story.
    """
    try:
        access.get_for(actor, case_uid, permission)
    except (Hidden, Refused) as denial:
        verb = Verb.ACCESS_REFUSED if isinstance(denial, Refused) else Verb.ACCESS_HIDDEN
        asked = {"permission": permission} if isinstance(denial, Refused) else {}
        # In the action's own transaction: here nothing rolls back, as it does when a page is refused.
        record(
            verb, actor=actor, subject=Ref("case", case_uid, case_uid), outcome=Outcome.REFUSED,
            detail={"route": route, "method": "GET", **asked},
        )  # fmt: skip
        return
    raise AssertionError("The story says that this door is closed.")
