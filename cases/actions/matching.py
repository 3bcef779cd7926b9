"""Whether a person may be known already. Nobody but the intake coordinator ever hears the answer.

Anything else would tell an abuser on staff that she is a client. So a likely match is never shown where it is
found: what was entered is taken as new, and two cases wait together in the coordinator's queue.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access, search_index
from cases.actions.named import list_whoever_is_named
from cases.choices.merging import STANDING_STATES
from cases.choices.search import IndexName, Likeness
from cases.models import BlindToken, Case, CaseMerge, MatchQuestion, PossibleMatch

#: So many questions at a time; each is answered in a transaction of its own.
AT_ONCE = 500
#: An answer can be taken back for so long.
TAKEN_BACK_WITHIN = timedelta(days=7)


def ask_if_known(*, actor: User, now: datetime, case: Case) -> None:
    """Leave the question whether the person of a new case is known already, inside the action that opens it.

    The same row, hit or miss: it is answered by ``answer_match_questions`` a moment later, so the page that asked
    takes the same time, sends the same queries and reads the same.
    """
    MatchQuestion(case=case, asked_by=actor, asked_at=now).save()


def answer_match_questions(now: datetime | None = None) -> int:
    """Answer what waits, oldest first, and say how many questions. For the schedule; idempotent.

    ``now`` only in the demo, whose days lie in the past.
    """
    waiting = access.for_the_house(MatchQuestion).filter(answered_at__isnull=True).order_by("pk")
    uids = list(waiting.values_list("uid", flat=True)[:AT_ONCE])
    for uid in uids:
        answer_match_question(actor=None, now=now or clock.now(), question_uid=uid)
    return len(uids)


@action
def answer_match_question(*, actor: None, now: datetime, question_uid: UUID) -> int:
    """Put other cases that may be of the same person into the coordinator's queue; say how many.

    Restricted cases never answer, nor those from which whoever asked is walled off. The events name no case: the
    history of either one must not tell. A case in which she may be named waits there as well (R20). Records
    MATCH_REPORTED for each.
    """
    waiting = access.for_the_house(MatchQuestion).filter(uid=question_uid, answered_at__isnull=True)
    question = waiting.select_for_update(of=("self",)).select_related("case", "asked_by").first()
    if question is None:
        return 0
    alike = {} if question.case.is_restricted else _alike(question)
    for other_id, likeness in sorted(alike.items()):
        match = PossibleMatch(case=question.case, other_id=other_id, likeness=likeness, found_at=now)
        match.save()
        record(Verb.MATCH_REPORTED, actor=None, subject=Ref("possiblematch", match.uid), detail={"kind": likeness})
    if not question.case.is_restricted:
        list_whoever_is_named(now=now, case=question.case)
    question.answered_at = now
    question.save(update_fields=["answered_at"])
    return len(alike)


def _alike(question: MatchQuestion) -> dict[int, str]:
    """Keys of the cases that share a token for matching, with the closest likeness of each. Three queries."""
    case = question.case
    tokens = access.for_the_house(BlindToken)
    hers = tokens.filter(case=case, index__in=search_index.MATCHING).values_list("index", "epoch", "token")
    shared = Q(pk__in=[])
    for index, epoch, token in hers:
        shared |= Q(index=index, epoch=epoch, token=token)
    others = tokens.filter(shared, case__organisation_id=case.organisation_id, case__is_restricted=False)
    others = others.exclude(case=case).exclude(case__in=access.walled_cases(question.asked_by))
    settled = (
        access.for_the_house(PossibleMatch).filter(Q(case=case) | Q(other=case)).values_list("case_id", "other_id")
    )
    known = {key for pair in settled for key in pair}
    found: dict[int, str] = {}
    for index, key in others.values_list("index", "case_id"):
        if key not in known and found.get(key) != Likeness.NAME:
            found[key] = Likeness.NAME if index == IndexName.MATCH else Likeness.SOUND
    return found


@action
def settle_match(*, actor: User, now: datetime, match_uid: UUID, is_same_person: bool) -> PossibleMatch:
    """Say whether two cases are of one person. What follows from it is for the two teams to agree.

    Raises Hidden, also to those who are no intake coordinator. Records MATCH_REVIEWED.
    """
    if not actor.holds_role(Role.INTAKE_COORDINATOR, at=now):
        raise Hidden
    match = waiting_matches(actor).select_for_update(of=("self",)).filter(uid=match_uid).first()
    if match is None:
        raise Hidden
    match.settled_at, match.settled_by, match.is_same_person = now, actor, is_same_person
    match.save(update_fields=["settled_at", "settled_by", "is_same_person"])
    record(
        Verb.MATCH_REVIEWED, actor=actor, subject=Ref("possiblematch", match.uid),
        detail={"kind": "SAME_PERSON" if is_same_person else "OTHER_PERSON"},
    )  # fmt: skip
    return match


@action
def reopen_match(*, actor: User, now: datetime, match_uid: UUID) -> PossibleMatch:
    """Take back an answer of the last week: the pair waits again. Raises Hidden. Records MATCH_REVIEWED."""
    if not actor.holds_role(Role.INTAKE_COORDINATOR, at=now):
        raise Hidden
    match = taken_back(actor, now=now).select_for_update(of=("self",)).filter(uid=match_uid).first()
    if match is None:
        raise Hidden
    match.settled_at = match.settled_by = match.is_same_person = None
    match.save(update_fields=["settled_at", "settled_by", "is_same_person"])
    record(
        Verb.MATCH_REVIEWED, actor=actor, subject=Ref("possiblematch", match.uid), detail={"kind": "OPEN_AGAIN"}
    )  # fmt: skip
    return match


def waiting_matches(actor: User) -> QuerySet[PossibleMatch]:
    """What waits for a coordinator: of her organisation, oldest first.

    Cases that were restricted since never answer, nor those from which she is walled off.
    """
    return _told(actor).filter(settled_at__isnull=True).order_by("found_at", "pk")


def settled_matches(actor: User, *, now: datetime) -> QuerySet[PossibleMatch]:
    """What was answered in the last week, the newest first."""
    return _told(actor).filter(settled_at__gte=now - TAKEN_BACK_WITHIN).order_by("-settled_at", "-pk")


def taken_back(actor: User, *, now: datetime) -> QuerySet[PossibleMatch]:
    """Answers of the last week that can be taken back by themselves: of a merge, the merge is taken back."""
    merges = access.for_the_house(CaseMerge).filter(state__in=STANDING_STATES)
    return settled_matches(actor, now=now).exclude(pk__in=merges.values("match_id"))


def to_compare(actor: User, *, now: datetime) -> QuerySet[PossibleMatch]:
    """The pairs that may be compared and merged: what waits, and what was found to be of one person in the last week."""
    recent = Q(is_same_person=True, settled_at__gte=now - TAKEN_BACK_WITHIN)
    return _told(actor).filter(Q(settled_at__isnull=True) | recent)


def _told(actor: User) -> QuerySet[PossibleMatch]:
    walled = access.walled_cases(actor)
    hers = access.visible(Case, actor, READ_CARD).values("pk")
    open_to_all = Q(case__is_restricted=False, other__is_restricted=False)
    return (
        access.for_the_house(PossibleMatch)
        # A restricted case answers only whoever may open both cases by name anyway.
        .filter(open_to_all | Q(case__in=hers, other__in=hers), case__organisation_id=actor.organisation_id)
        .exclude(case__in=walled)
        .exclude(other__in=walled)
    )  # fmt: skip
