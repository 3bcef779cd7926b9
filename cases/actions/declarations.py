"""People whom somebody of the house knows outside it: declared, compared without anybody reading, and kept apart.

A declaration is sealed for whoever made it. Only keyed tokens of it are compared: with each new case, and with each
change of who somebody is, in the same transaction, so that the wall stands before the card could be seen; and by a
job with the cases that were there. So declaring takes the same steps, hit or miss, and tells nothing.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access, alike, likeness, search_index, spelling
from cases.actions.trail import notify
from cases.actions.walls import privacy_officers, raise_wall
from cases.choices.other_people import ComparedAs
from cases.choices.walls import NOTICE_DECLARED, WallKind
from cases.errors.walls import DeclarationTooThin, PhoneTooShort
from cases.models import Case, Declaration, DeclarationToken, OtherPersonToken, Wall
from cases.opening import OwnGate, open_job, open_to_index
from cases.search_index import Facts

#: Longer than any transaction: after so long a declaration is compared again, for cases that were opened meanwhile.
AGAIN_AFTER = timedelta(minutes=2)
#: So many declarations in one turn of the job.
AT_ONCE = 50


def facts_said(*, first: str, family: str, others: str, birth_date: date | None, phone: str) -> Facts:
    """What somebody says of a person, as it is compared."""
    digits = spelling.digits(phone)
    return Facts(first=first, family=family, others=others, birth_date=birth_date, phones=[digits] if digits else [])


@action
def declare(
    *, actor: User, now: datetime, first_name: str = "", family_name: str = "", other_names: str = "",
    birth_date: date | None = None, phone: str = "",
) -> Declaration:  # fmt: skip
    """Say that one knows a person outside work. Sealed for the declarer alone; a job compares it with the cases there are.

    Raises DeclarationTooThin. Records DECLARATION_MADE, without a word of it.
    """
    facts = facts_said(first=first_name, family=family_name, others=other_names, birth_date=birth_date, phone=phone)
    tokens = alike.tokens_kept(facts)
    if not tokens:
        raise DeclarationTooThin
    ensure_own_keys(actor.uid)
    made = Declaration(
        owner=actor, case_uid=actor.uid, first_name=first_name, family_name=family_name, other_names=other_names,
        birth_date=birth_date, phone=phone, declared_at=now,
    )  # fmt: skip
    made.save()
    rows = [DeclarationToken(declaration=made, token=token) for token in sorted(tokens)]
    access.for_the_house(DeclarationToken).bulk_create(rows)
    record(Verb.DECLARATION_MADE, actor=actor, subject=Ref("declaration", made.uid))
    return made


@action
def declare_own_phone(*, actor: User, now: datetime, phone: str) -> Declaration:
    """Say which telephone is one's own: compared blindly with those of cases, and the privacy officer alone hears of it.

    The comparison is the job's (``cases.actions.conflicts``), so that nothing tells whether the number is known here.

    Sealed for its owner. Raises PhoneTooShort. Records OWN_PHONE_CHANGED, without a digit of it.
    """
    tokens = likeness.phones_asked(spelling.digits(phone))
    if not tokens:
        raise PhoneTooShort
    ensure_own_keys(actor.uid)
    made = Declaration(
        owner=actor, case_uid=actor.uid, first_name="", family_name="", other_names="", phone=phone, declared_at=now,
        is_own=True,
    )  # fmt: skip
    made.save()
    rows = [DeclarationToken(declaration=made, token=token) for token in sorted(tokens)]
    access.for_the_house(DeclarationToken).bulk_create(rows)
    record(Verb.OWN_PHONE_CHANGED, actor=actor, subject=Ref("declaration", made.uid), detail={"kind": "SAID"})
    return made


@action
def end_declaration(*, actor: User, now: datetime, declaration_uid: UUID) -> Declaration:
    """Take a declaration back: it is compared no more. A wall that it has placed stays until somebody lifts it.

    Of a telephone of one's own, too. Raises Hidden. Records DECLARATION_ENDED or OWN_PHONE_CHANGED. Repeating it changes
    nothing.
    """
    made = access.own(Declaration, actor).select_for_update(of=("self",)).filter(uid=declaration_uid).first()
    if made is None:
        raise Hidden
    if made.ended_at is None:
        made.ended_at = now
        made.save(update_fields=["ended_at"])
        access.for_the_house(DeclarationToken).filter(declaration=made).delete()
        verb, detail = (Verb.OWN_PHONE_CHANGED, {"kind": "ENDED"}) if made.is_own else (Verb.DECLARATION_ENDED, {})
        record(verb, actor=actor, subject=Ref("declaration", made.uid), detail=detail)
    return made


def keep_declared_apart(*, actor: User | None, now: datetime, case: Case) -> int:
    """Place a wall for everybody who declared the person of a locked case, and say how many were placed.

    Inside the action that opened the case or changed who she is, before anybody else can see it. Four queries where
    nobody declared her. Records DECLARATION_MATCHED for each; the privacy officer is told without content.
    """
    with open_to_index([case.uid]):
        facts = next((facts for _case, facts in search_index.facts_of_cases(actor, [case])), Facts())
    return wall_off(actor, now, case, declarers(alike.tokens_asked(facts)))


def declarers(tokens: Collection[int], declaration: Declaration | None = None) -> list[User]:
    """Whoever declared a person with one of these tokens, in the order of their keys. One query."""
    rows = access.for_the_house(DeclarationToken).filter(token__in=sorted(tokens))
    if declaration is not None:
        rows = rows.filter(declaration=declaration)
    owners = rows.select_related("declaration__owner").order_by("declaration__owner_id")
    return list({row.declaration.owner_id: row.declaration.owner for row in owners}.values())


def wall_off(
    actor: User | None, now: datetime, case: Case, people: Collection[User], kind: WallKind = WallKind.KNOWS_SURVIVOR
) -> int:
    """Place the walls that are not there. One that somebody has lifted is not placed again: it was looked at.

    The case is locked. Records DECLARATION_MATCHED for each; the privacy officer is told without content.
    """
    placed = 0
    for person in people:
        hers = access.within(Wall, case).filter(person=person)
        if hers.filter(Q(placed_by__isnull=True) | Q(lifted_at__gt=now), kind=kind).exists():
            continue
        wall = raise_wall(case=case, kind=kind, placed_by=None, now=now, person=person)
        for officer in privacy_officers(case, now):
            notify(person=officer, kind=NOTICE_DECLARED, about=wall, now=now, case=case)
        record(Verb.DECLARATION_MATCHED, actor=actor, subject=wall, refs=[person], detail={"kind": kind.value})
        placed += 1
    return placed


# ---- With the cases that were there: for the schedule ----


def check_declarations() -> int:
    """Compare new declarations with the cases there are, and say how many were compared. Idempotent.

    Twice each: at once, and again when every transaction that was under way has ended.
    """
    now = clock.now()
    first = Q(checked_at__isnull=True)
    again = Q(checked_at__lt=F("declared_at") + AGAIN_AFTER, declared_at__lte=now - AGAIN_AFTER)
    waiting = (
        access.for_the_house(Declaration)
        .filter(first | again, ended_at__isnull=True, is_own__isnull=True)
        .order_by("pk")
    )
    found = list(waiting.select_related("owner")[:AT_ONCE])
    for made in found:
        finish_check(actor=None, now=clock.now(), declaration_uid=made.uid, keys=_fitting(made))
    return len(found)


def _fitting(made: Declaration) -> list[int]:
    """Keys of the cases that fit a declaration, outside any transaction: it may take a while. Records JOB_RUN."""
    tokens = _tokens_of(made)
    facts = Facts()
    if search_index.ready():
        # Opened for the search indexes alone, which have other keys; where all cases are compared the tokens suffice.
        with open_gate(OwnGate(made.owner)):
            facts = facts_said(
                first=made.first_name, family=made.family_name, others=made.other_names, birth_date=made.birth_date,
                phone=made.phone,
            )  # fmt: skip
    keys = []
    with open_job("declarations", [Section.CARD, Section.IDENTITY]):
        for cases in alike.cases_that_may_fit(facts):
            kept = search_index.facts_of_cases(None, cases)
            keys += [case.pk for case, facts_kept in kept if alike.tokens_asked(facts_kept) & tokens]
    return [*keys, *_naming(tokens).values_list("case_id", flat=True)]


def _tokens_of(made: Declaration) -> set[int]:
    return set(access.for_the_house(DeclarationToken).filter(declaration=made).values_list("token", flat=True))


def _naming(tokens: Collection[int]) -> QuerySet[OtherPersonToken]:
    """The cases in which somebody who may be the declared person is said to have done something."""
    return access.for_the_house(OtherPersonToken).filter(compared_as=ComparedAs.ASKED, token__in=sorted(tokens))


@action
def finish_check(*, actor: None, now: datetime, declaration_uid: UUID, keys: Collection[int]) -> int:
    """Lock the cases that fitted, look once more, place the walls; say how many. Records DECLARATION_MATCHED for each."""
    cases = access.lock_cases(sorted(set(keys)))
    made = access.for_the_house(Declaration).select_for_update(of=("self",)).filter(uid=declaration_uid).first()
    if made is None or made.ended_at is not None:
        return 0
    placed = 0
    with open_to_index([case.uid for case in cases]):
        fitting = [(case, alike.tokens_asked(facts)) for case, facts in search_index.facts_of_cases(None, cases)]
    for case, tokens in fitting:
        placed += wall_off(None, now, case, declarers(tokens, made))
    named = set(_naming(_tokens_of(made)).filter(case__in=cases).values_list("case_id", flat=True))
    for case in cases:
        if case.pk in named:
            placed += wall_off(None, now, case, [made.owner], WallKind.RELATIVE_OF_ACCUSED)
    made.checked_at = now
    made.save(update_fields=["checked_at"])
    # Hit or miss, the one event of the check itself; it takes the version of the declaration with it.
    record(Verb.JOB_RUN, actor=None, detail={"job": "declarations", "count": 1})
    return placed
