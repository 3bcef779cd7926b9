"""Finding possible conflicts of interest, and the answer of the privacy officer (ledger.md §6).

The job goes round the house: what changed first, then whatever was not looked at for a while. It opens nothing, for the
cards of the cases hold blind tokens; only a case that has none yet, as after an upgrade, is opened once to make one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from cases import access, conflicts, search_index
from cases.actions.walls import is_walled, place_wall
from cases.choices.conflicts import ConflictAnswer
from cases.choices.walls import WallKind
from cases.conflicts import Found, House
from cases.desk import Standing, section_for
from cases.errors.walls import ConflictIsAnswered
from cases.models import Case, Declaration, LikenessCard, PossibleConflict
from cases.opening import open_to_index

#: Cases in one comparison, and in one turn of the job.
BATCH, IN_ONE_TURN = 500, 5_000
#: Cases that get their first card in one transaction, as in the back-fill of the search indexes.
CARDS_AT_ONCE = 200
#: A new access is compared so soon; who opened a case in former times, once a day.
AGAIN_AFTER, WHOLLY_AFTER = timedelta(minutes=15), timedelta(hours=24)
JOB = "possible_conflicts"


def find_conflicts(now: datetime | None = None) -> int:
    """Compare the next cases with the people of the house, and say how many. For the schedule; idempotent, and goes on
    where it was. ``now`` only in the demo.
    """
    at = now or clock.now()
    if _new_phones().exists():
        begin_with_new_phones(actor=None, now=at)
    made = 0
    while made < IN_ONE_TURN and (keys := _without_card()):
        make_cards(actor=None, now=at, keys=keys)
        made += len(keys)
    house, looked = House(), 0
    while looked < IN_ONE_TURN and (cards := _due_cards(at)):
        _look_at(house, cards, at)
        looked += len(cards)
    return looked


def _new_phones() -> QuerySet[Declaration]:
    return access.for_the_house(Declaration).filter(is_own=True, checked_at__isnull=True, ended_at__isnull=True)


@action
def begin_with_new_phones(*, actor: None, now: datetime) -> int:
    """Have every case compared anew, because somebody has said which telephone is her own. Records JOB_RUN."""
    phones = list(_new_phones().select_for_update(of=("self",)).order_by("pk"))
    for phone in phones:
        phone.checked_at = now
        phone.save(update_fields=["checked_at"])
    access.for_the_house(LikenessCard).update(swept_at=None)
    record(Verb.JOB_RUN, actor=None, detail={"job": JOB, "count": len(phones)})
    return len(phones)


def _without_card() -> list[int]:
    missing = access.for_the_house(Case).exclude(pk__in=access.for_the_house(LikenessCard).values("case_id"))
    return list(missing.order_by("pk").values_list("pk", flat=True)[:CARDS_AT_ONCE])


def _due_cards(at: datetime) -> list[LikenessCard]:
    due = access.for_the_house(LikenessCard).filter(Q(swept_at__isnull=True) | Q(swept_at__lt=at - AGAIN_AFTER))
    first = F("swept_at").asc(nulls_first=True)
    return list(due.select_related("case").order_by(first, "pk")[:BATCH])


def _look_at(house: House, cards: Sequence[LikenessCard], at: datetime) -> None:
    """Compare these cases; write only what is new, or gone."""
    wholly = {card.case_id for card in cards if card.compared_at is None or card.compared_at < at - WHOLLY_AFTER}
    found = conflicts.compare(house, cards, whole=wholly, at=at)
    keys = [card.case_id for card in cards]
    rows = access.for_the_house(PossibleConflict).filter(case__in=keys)
    if kept := rows.filter(case__in=wholly, answered_at__isnull=True).filter(access.wall_between(at)).values_list("pk"):
        note_kept_apart(actor=None, now=at, keys=[pk for (pk,) in kept])
    known = {row[:3]: row[3] for row in rows.values_list("case_id", "person_id", "fingerprint", "answer")}
    here = {(one.case_id, one.person_id, one.fingerprint) for one in found}
    new = [
        one for one in found
        if known.get((one.case_id, one.person_id, one.fingerprint), ConflictAnswer.GONE) == ConflictAnswer.GONE
    ]  # fmt: skip
    gone = [key for key, answer in known.items() if not answer and key[0] in wholly and key not in here]
    if new or gone:
        note_conflicts(actor=None, now=at, found=new, gone=gone)
    looked = access.for_the_house(LikenessCard).filter(pk__in=[card.pk for card in cards])
    looked.update(swept_at=at)
    looked.filter(case__in=wholly).update(compared_at=at)


@action
def make_cards(*, actor: None, now: datetime, keys: Collection[int]) -> int:
    """Make the first card of these cases, under the lock that their writers take. Records JOB_RUN."""
    cases = access.lock_cases(keys)
    with open_to_index([case.uid for case in cases]):
        said = list(search_index.facts_of_cases(None, cases))
    unread = {case.pk for case in cases} - {case.pk for case, _facts in said}
    # A card that cannot be read was told of; it is compared by nothing until somebody has seen to it.
    search_index.keep_cards([*said, *((case, search_index.Facts()) for case in cases if case.pk in unread)])
    record(Verb.JOB_RUN, actor=None, detail={"job": JOB, "count": len(cases)})
    return len(cases)


@action
def note_conflicts(
    *, actor: None, now: datetime, found: Sequence[Found], gone: Collection[tuple[int, int, int]]
) -> int:  # fmt: skip
    """Write down what was found, and what is no longer alike; say how many are new. Safe beside another one.

    Whoever a wall keeps from the case already is not written down. Records CONFLICT_FOUND for each, which names neither
    the case nor the person: the list does, and the privacy officer alone reads that.
    """
    keys = {one.case_id for one in found} | {key[0] for key in gone}
    cases = {case.pk: case for case in access.lock_cases(sorted(keys))}
    rows = access.for_the_house(PossibleConflict).filter(case__in=list(cases))
    there = {(row.case_id, row.person_id, row.fingerprint): row for row in rows}
    people = User.objects.in_bulk({one.person_id for one in found})
    new = 0
    for one in found:
        case, person = cases[one.case_id], people[one.person_id]
        row = there.get((one.case_id, one.person_id, one.fingerprint))
        is_known = row is not None and row.answer != ConflictAnswer.GONE
        if is_known or case.is_erased or is_walled(person, case):
            continue
        row = row or PossibleConflict(
            case=case, person=person, likeness=one.how, fingerprint=one.fingerprint, section=section_for(case)
        )
        row.found_at, row.answer, row.answered_at = now, "", None
        row.save()
        record(Verb.CONFLICT_FOUND, actor=None, subject=Ref("possibleconflict", row.uid))
        new += 1
    _close([there[key] for key in gone if key in there], now, ConflictAnswer.GONE)
    return new


@action
def note_kept_apart(*, actor: None, now: datetime, keys: Collection[int]) -> int:
    """Note of possible conflicts that a wall has answered them: who placed it, and why, stands with the wall. Records JOB_RUN.

    Once a day and not with the wall, so that nobody who reads the ledger sees which walls stand between relatives.
    """
    rows = list(access.for_the_house(PossibleConflict).filter(pk__in=keys))
    access.lock_cases({row.case_id for row in rows})
    return _close(rows, now, ConflictAnswer.KEPT_APART)


def forget_conflicts(case: Case, now: datetime) -> None:
    """What nobody has answered of a case goes with its card. At the end of the action that erases it. Records JOB_RUN."""
    _close(list(access.within(PossibleConflict, case).filter(answered_at__isnull=True)), now, ConflictAnswer.GONE)


def _close(rows: Sequence[PossibleConflict], now: datetime, answer: str) -> int:
    closed = 0
    for row in rows:
        if row.answered_at is None:
            row.answer, row.answered_at = answer, now
            row.save(update_fields=["answer", "answered_at"])
            closed += 1
    if closed:
        record(Verb.JOB_RUN, actor=None, detail={"job": JOB, "count": closed})
    return closed


@action
def answer_conflict(
    *, actor: User, now: datetime, conflict_uid: UUID, answer: str, reason: str, kind: str = WallKind.KNOWS_SURVIVOR
) -> PossibleConflict:  # fmt: skip
    """Say that there is no conflict, or keep the two apart by a wall. ``reason`` is sealed; never by whom it is about.

    For the privacy officer alone. Raises Hidden, ConflictIsAnswered, WallStands. Records CONFLICT_REVIEWED, which tells
    neither case nor person; where a wall is placed, WALL_PLACED as every wall does and nothing beside it, for the two
    together would tell an auditor who is whose relative. The job notes that answer (``note_kept_apart``).
    """
    seen = conflicts.told(actor, at=now).filter(uid=conflict_uid).first()
    if seen is None:
        raise Hidden
    case = access.lock_case(seen.case.uid)
    row = access.within(PossibleConflict, case).select_related("person").get(pk=seen.pk)
    if not Standing(actor, case, at=now).is_privacy_officer:
        raise Hidden
    if row.answered_at is not None or is_walled(row.person, case):
        raise ConflictIsAnswered
    if ConflictAnswer(answer) == ConflictAnswer.KEPT_APART:
        place_wall(actor=actor, now=now, case_uid=case.uid, person=row.person, kind=kind, reason=reason)
        return row
    row.answer, row.answered_at, row.answered_by = ConflictAnswer(answer).value, now, actor
    row.section, row.reason = section_for(case), reason
    row.save(update_fields=["answer", "answered_at", "answered_by", "section", "reason"])
    record(Verb.CONFLICT_REVIEWED, actor=actor, subject=Ref("possibleconflict", row.uid), fields=["conflict.reason"])
    return row
