"""Whoever a survivor accuses, compared: with whom colleagues know, with those who have access, with other survivors (R20).

Only keyed fingerprints are compared, so nobody reads a name, and whoever writes one down learns nothing. A colleague who
declared to know the person is kept from the case by a wall at once. That the person may be a survivor in another case is
told to the intake coordinator alone, who may keep those who work with one from the other.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import Team, User
from cases import access, alike, likeness, search_index
from cases.actions.declarations import declarers, wall_off
from cases.actions.walls import raise_wall, standing_walls
from cases.choices.other_people import ComparedAs, NamedAnswer
from cases.choices.walls import WallKind
from cases.desk import section_for
from cases.errors.other_people import NamedIsAnswered, NobodyKeptApart
from cases.errors.walls import WallStands
from cases.models import Case, LikenessCard, NamedMatch, OtherPerson, OtherPersonToken
from cases.named import named_for, others_of
from cases.opening import open_job, open_to_index
from cases.other_people import facts_of
from cases.search_index import Facts

#: So many entries in one turn of the job.
AT_ONCE = 50
JOB = "other_people"


def tokens_of(case_uid: UUID, facts: Facts) -> set[tuple[str, int]]:
    """Every fingerprint by which somebody who is named in a case is compared."""
    found = {
        ComparedAs.ASKED: alike.tokens_asked(facts),
        ComparedAs.KEPT: alike.tokens_kept(facts),
        ComparedAs.FAMILY: likeness.names_kept(case_uid, facts.family, facts.others),
        ComparedAs.PHONE: likeness.phones_kept(facts.phones),
    }
    return {(how.value, token) for how, tokens in found.items() for token in tokens}


def compare_anew(*, actor: User, now: datetime, case: Case, person: OtherPerson, facts: Facts) -> None:
    """Inside the action that wrote somebody down: make the fingerprints, and keep away whoever declared to know them.

    ``person.checked_at`` is NULL: the comparisons with those who have access, and with other survivors, are jobs'. Records
    DECLARATION_MATCHED for each wall.
    """
    forget_comparison(person)
    tokens = tokens_of(case.uid, facts)
    access.for_the_house(OtherPersonToken).bulk_create(
        OtherPersonToken(person=person, case=case, compared_as=how, token=token) for how, token in sorted(tokens)
    )
    access.for_the_house(LikenessCard).filter(case=case).update(swept_at=None, compared_at=None)
    asked = {token for how, token in tokens if how == ComparedAs.ASKED}
    wall_off(actor, now, case, declarers(asked), WallKind.RELATIVE_OF_ACCUSED)


def keep_telephone(case: Case, person: OtherPerson, facts: Facts) -> None:
    """Keep what tells a call from this person, and nothing else of them: no name is compared."""
    access.for_the_house(OtherPersonToken).bulk_create(
        OtherPersonToken(person=person, case=case, compared_as=ComparedAs.CALLS, token=token)
        for token in sorted(likeness.phones_kept(facts.phones))
    )


def forget_comparison(person: OtherPerson) -> None:
    """Delete the fingerprints of somebody: compared no more. Inside the action that records why."""
    access.for_the_house(OtherPersonToken).filter(person=person).delete()


# ---- With the survivors there are: for the schedule ----


def check_named() -> int:
    """Compare whoever was written down with the survivors there are, and say how many were. Idempotent."""
    waiting = access.for_the_house(OtherPerson).filter(checked_at__isnull=True, ended_at__isnull=True).order_by("pk")
    found = list(waiting.select_related("case")[:AT_ONCE])
    for person in found:
        finish_named(actor=None, now=clock.now(), person_uid=person.uid, keys=_fitting(person))
    return len(found)


def _kept(person: OtherPerson) -> set[int]:
    rows = access.for_the_house(OtherPersonToken).filter(person=person, compared_as=ComparedAs.KEPT)
    return set(rows.values_list("token", flat=True))


def _fitting(person: OtherPerson) -> list[int]:
    """Keys of the other cases that fit, outside any transaction: it may take a while. Records JOB_RUN."""
    tokens, case = _kept(person), person.case
    if not tokens or case.has_erased(Section.SAFETY):
        return []
    keys = []
    with open_job(JOB, [Section.SAFETY, Section.CARD, Section.IDENTITY]):
        # Opened for the search indexes alone, which have other keys; where all cases are compared the tokens suffice.
        facts = facts_of(person.who or {}) if search_index.ready() else Facts()
        for cases in alike.cases_that_may_fit(facts, organisation_id=case.organisation_id):
            kept = search_index.facts_of_cases(None, [one for one in cases if one.pk != case.pk])
            keys += [one.pk for one, said in kept if alike.tokens_asked(said) & tokens]
    return keys


@action
def finish_named(*, actor: None, now: datetime, person_uid: UUID, keys: Iterable[int]) -> int:
    """Lock the cases that fitted, look once more, and list them for the coordinator; say how many. Records JOB_RUN, and
    MATCH_REPORTED for each."""
    person = access.for_the_house(OtherPerson).filter(uid=person_uid).first()
    if person is None:
        return 0
    cases = {case.pk: case for case in access.lock_cases(sorted({person.case_id, *keys}))}
    case = cases.pop(person.case_id)
    person = access.within(OtherPerson, case).select_for_update(of=("self",)).get(pk=person.pk)
    tokens, listed = _kept(person), 0
    with open_to_index([one.uid for one in cases.values()]):
        said = list(search_index.facts_of_cases(None, list(cases.values())))
    for other, facts in said:
        if alike.tokens_asked(facts) & tokens:
            listed += _list(case, person, other, now)
    person.checked_at = now
    person.save(update_fields=["checked_at"])
    record(Verb.JOB_RUN, actor=None, detail={"job": JOB, "count": 1})
    return listed


def list_whoever_is_named(*, now: datetime, case: Case) -> int:
    """Inside the job that asks whether a new survivor is known: whether another case names her. Two queries where none does.

    Records MATCH_REPORTED for each.
    """
    with open_to_index([case.uid]):
        facts = next((facts for _case, facts in search_index.facts_of_cases(None, [case])), Facts())
    rows = access.for_the_house(OtherPersonToken).filter(
        compared_as=ComparedAs.KEPT, token__in=sorted(alike.tokens_asked(facts)),
        case__organisation_id=case.organisation_id,
    )  # fmt: skip
    found = {
        row.person_id: row for row in rows.exclude(case=case).select_related("person", "case").order_by("person_id")
    }
    return sum(_list(row.case, row.person, case, now) for row in found.values())


def _list(case: Case, person: OtherPerson, other: Case, now: datetime) -> int:
    """Put a pair before the coordinator, once. Restricted cases never answer. The event names neither case."""
    if case.is_restricted or other.is_restricted or case.is_erased or other.is_erased:
        return 0
    fingerprint = likeness.token("named match", f"{case.uid}|{person.uid}|{other.uid}")
    if access.within(NamedMatch, case).filter(fingerprint=fingerprint).exists():
        return 0
    match = NamedMatch(
        case=case, section=section_for(case), what={"person": str(person.uid), "other": str(other.uid)},
        fingerprint=fingerprint, found_at=now,
    )  # fmt: skip
    match.save()
    record(Verb.MATCH_REPORTED, actor=None, subject=Ref("namedmatch", match.uid), detail={"kind": "NAMED"})
    return 1


# ---- The coordinator's answer ----


@action
def answer_named(
    *, actor: User, now: datetime, match_uid: UUID, answer: str, away_from: str = "", person: User | None = None,
    team: Team | None = None, reason: str = "",
) -> NamedMatch:  # fmt: skip
    """Say that they are two people, or keep a person or a team away from one of the two cases (``away_from``: CASE names
    somebody, OTHER is the one in which they may be the survivor).

    For the intake coordinator alone, whom no wall keeps from either. Raises Hidden, NamedIsAnswered, NobodyKeptApart,
    WallStands. Records MATCH_REVIEWED, which names no case; where a wall is placed, WALL_PLACED and nothing beside it, for
    the two together would tell an auditor who is named where.
    """
    found = named_for(actor, at=now).filter(uid=match_uid).first()
    if found is None:
        raise Hidden
    with open_job("named_match", [found.section], actor=actor):
        other_uid = found.what["other"]
    other = others_of(actor, [other_uid]).get(other_uid)
    if other is None:
        raise Hidden
    cases = {case.pk: case for case in access.lock_cases(sorted({found.case_id, other.pk}))}
    match = access.within(NamedMatch, cases[found.case_id]).get(pk=found.pk)
    if match.answered_at is not None:
        raise NamedIsAnswered
    match.answer, match.answered_at, match.answered_by = NamedAnswer(answer).value, now, actor
    match.save(update_fields=["answer", "answered_at", "answered_by"])
    if match.answer == NamedAnswer.OTHER:
        record(
            Verb.MATCH_REVIEWED, actor=actor, subject=Ref("namedmatch", match.uid), detail={"kind": "OTHER_PERSON"}
        )  # fmt: skip
        return match
    walled = cases[found.case_id if away_from == "CASE" else other.pk]
    _keep_away(walled, person, team, actor=actor, now=now, reason=reason)
    return match


def _keep_away(
    case: Case, person: User | None, team: Team | None, *, actor: User, now: datetime, reason: str
) -> None:  # fmt: skip
    whom = person or team
    if whom is None or (person is not None and team is not None) or (team is not None and team.pk == case.team_id):
        raise NobodyKeptApart
    if standing_walls(case, now).filter(person=person, team=team, organisation=None).exists():
        raise WallStands
    wall = raise_wall(
        case=case, kind=WallKind.CONFLICT, placed_by=actor, now=now, person=person, team=team, reason=reason
    )  # fmt: skip
    record(
        Verb.WALL_PLACED, actor=actor, subject=wall, refs=[whom], fields=["wall.reason"] if reason else [],
        detail={"kind": WallKind.CONFLICT.value},
    )  # fmt: skip
