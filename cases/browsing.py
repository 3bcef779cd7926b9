"""The browsing brake: more than thirty different cases opened in an hour asks for a fresh proof of who one is.

What counts is what the ledger says was opened, by the same person in any session; a list does not count. Asking is
no refusal: after the proof the work goes on, and the supervisor knows that it happened, without a word about any case.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.accounts import held
from casemgmt.accounts.models import User
from casemgmt.accounts.permits import those_who_answer_for
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, proven_at
from casemgmt.accounts.telling import tell

#: So many different cases in this time are a day's work at most.
MOST_CASES = 30
WITHIN = timedelta(hours=1)
#: What is an opening of a case. Lists, searches and exports have events of their own and are not counted here.
OPENINGS = (
    Verb.CASE_VIEWED, Verb.MATTER_VIEWED, Verb.NAME_SHOWN, Verb.PRINT_MADE, Verb.DOCUMENT_DOWNLOADED,
    Verb.HISTORY_VIEWED, Verb.NUMBERS_SHOWN,
)  # fmt: skip


def opened_since(reader: User, since: datetime) -> set[UUID]:
    """The different cases this person opened since a moment, as the ledger has them. One query, of the last hour's rows."""
    before = Event.objects.filter(at__lte=since).order_by("-at", "-pk").values("pk")[:1]
    events = Event.objects.filter(
        actor_uid=reader.uid, pk__gt=Coalesce(Subquery(before), 0), at__gt=since, verb__in=OPENINGS,
        case_uid__isnull=False,
    )  # fmt: skip
    opened = events.values_list("case_uid", flat=True).distinct().order_by()[: MOST_CASES + 1]
    return {uid for uid in opened if uid is not None}


def brake(request: SignedInRequest, case_uid: UUID) -> HttpResponse | None:
    """None where this case may be opened now; else the way to the proof, and back. Two queries, four where it brakes.

    A posted form is kept and offered again afterwards.
    """
    reader, now = request.user, clock.now()
    hour_ago = now - WITHIN
    opened = opened_since(reader, hour_ago)
    if case_uid in opened or len(opened) < MOST_CASES:
        return None
    braked = _last_brake(reader, hour_ago)
    proven = _proven_at(request)
    if braked is not None and proven is not None and proven >= braked:
        # Proven since: the count begins anew at the proof.
        opened = opened_since(reader, max(hour_ago, proven))
        if case_uid in opened or len(opened) < MOST_CASES:
            return None
        braked = None
    if braked is None:
        note_brake(actor=reader, now=now)
    return ask_for_proof(request, held.hold(request, reader, now) or request.get_full_path())


@action
def note_brake(*, actor: User, now: datetime) -> Any:
    """Write down that somebody was asked, and tell who answers for her. Records BROWSING_BRAKED with the number alone."""
    brake_itself = Ref("brake", uuid4())
    tell(those_who_answer_for(actor, now), Verb.BROWSING_BRAKED, brake_itself, now)
    return record(Verb.BROWSING_BRAKED, actor=actor, subject=actor, refs=[brake_itself], detail={"count": MOST_CASES})


def _last_brake(reader: User, since: datetime) -> datetime | None:
    brakes = Event.objects.filter(actor_uid=reader.uid, verb=Verb.BROWSING_BRAKED, at__gt=since)
    return brakes.order_by("-pk").values_list("at", flat=True).first()


def _proven_at(request: SignedInRequest) -> datetime | None:
    """When this session last proved who is there, after signing in."""
    proven = proven_at(request)
    return None if proven is None else datetime.fromtimestamp(proven, UTC)
