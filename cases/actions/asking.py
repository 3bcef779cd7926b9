""" "Is this person already known?", and access to her case: asked without learning anything, decided by the lead.

Whoever asks leaves a sealed question, hit or miss the same row; a job looks; the intake coordinator passes a likely
case on to its lead or says that it is somebody else; the lead gives access or declines. For the asker it is sent, then
answered: access that is given is simply there. Restricted cases, and those from which she is walled off, never answer.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, User
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access, alike, limits, search_index
from cases.access import Held
from cases.actions.declarations import facts_said
from cases.actions.grants import give_access
from cases.actions.intake import OPENING_ROLES
from cases.actions.trail import notify, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.search import Likeness
from cases.choices.walls import NOTICE_PASSED, AskedState
from cases.errors.walls import AskedTooOften, DeclarationTooThin, RequestIsAnswered
from cases.models import AccessRequest, Case, KnownQuestion
from cases.opening import OwnGate, SectionsGate, open_job
from cases.search_index import Facts

#: More questions in one hour than an intake desk has: whoever tries names out is stopped.
QUESTIONS_AN_HOUR = 20
#: So many questions in one turn of the job.
AT_ONCE = 50
#: Days until the lead should have answered; then it stands on her list as late.
ANSWER_WITHIN = timedelta(days=3)
#: A question is shown to whoever asked it for so long.
SHOWN_FOR = timedelta(days=90)


@action
def ask_about_person(
    *, actor: User, now: datetime, first_name: str = "", family_name: str = "", other_names: str = "",
    birth_date: date | None = None, phone: str = "", reason: str,
) -> KnownQuestion:  # fmt: skip
    """Ask whether a person is known, to be given access to her case if she is. Looks nothing up.

    Raises Refused, DeclarationTooThin, AskedTooOften. Records ACCESS_ASKED.
    """
    if not actor.holds_role(*OPENING_ROLES, at=now):
        raise Refused(write(Section.CARD))
    facts = facts_said(first=first_name, family=family_name, others=other_names, birth_date=birth_date, phone=phone)
    if not alike.whole_forms(facts) and not facts.phones:
        raise DeclarationTooThin
    if not limits.take("known", actor, most=QUESTIONS_AN_HOUR):
        raise AskedTooOften
    ensure_own_keys(actor.uid)
    said = {
        "first": first_name, "family": family_name, "others": other_names, "phone": phone,
        "birth_date": birth_date.isoformat() if birth_date else "",
    }  # fmt: skip
    question = KnownQuestion(owner=actor, case_uid=actor.uid, facts=said, reason=reason, asked_at=now)
    question.save()
    record(Verb.ACCESS_ASKED, actor=actor, subject=Ref("knownquestion", question.uid))
    return question


def own_questions(actor: User, *, now: datetime) -> QuerySet[KnownQuestion]:
    """What she asked, the newest first: when, and whether it was answered."""
    return access.own(KnownQuestion, actor).filter(asked_at__gte=now - SHOWN_FOR).order_by("-pk")


# ---- Looking: for the schedule ----


def look_questions_up() -> int:
    """Look up what was asked, oldest first, and say how many questions. Idempotent."""
    waiting = access.for_the_house(KnownQuestion).filter(looked_at__isnull=True).select_related("owner").order_by("pk")
    found = list(waiting[:AT_ONCE])
    for question in found:
        finish_look(actor=None, now=clock.now(), question_uid=question.uid, found=_fitting(question))
    return len(found)


def _fitting(question: KnownQuestion) -> dict[int, str]:
    """Keys of the cases that fit, and how; outside any transaction, for it may take a while. Records JOB_RUN."""
    with open_gate(OwnGate(question.owner)):
        facts = _facts_of(question)
    found: dict[int, str] = {}
    where = {"organisation_id": question.owner.organisation_id, "is_restricted": False}
    with open_job("known_questions", [Section.CARD, Section.IDENTITY]):
        for cases in alike.cases_that_may_fit(facts, **where):
            for case, kept in search_index.facts_of_cases(None, cases):
                how = alike.likeness(facts, kept)
                if how is not None:
                    found[case.pk] = how
    return found


def _facts_of(question: KnownQuestion) -> Facts:
    said = question.facts or {}
    born = said.get("birth_date")
    return facts_said(
        first=said.get("first", ""), family=said.get("family", ""), others=said.get("others", ""),
        birth_date=date.fromisoformat(born) if born else None, phone=said.get("phone", ""),
    )  # fmt: skip


@action
def finish_look(*, actor: None, now: datetime, question_uid: UUID, found: Mapping[int, str]) -> int:
    """Put the cases that fit into the coordinator's queue, empty the question, and say how many cases there were.

    Never a restricted case, nor one from which the asker is walled off, nor one that she may open anyway. The events
    name no case. Records MATCH_REPORTED for each.
    """
    cases = access.lock_cases(sorted(found))
    rows = access.for_the_house(KnownQuestion).select_for_update(of=("self",))
    question = rows.select_related("owner").filter(uid=question_uid, looked_at__isnull=True).first()
    if question is None:
        return 0
    asker = question.owner
    walled = set(access.walled_cases(asker).filter(case__in=cases).values_list("case_id", flat=True))
    open_to_her = set(
        access.visible(Case, asker, READ_CARD, among=[case.pk for case in cases]).values_list("pk", flat=True)
    )
    with open_gate(SectionsGate([Section.CARD])):
        reason = question.reason or ""
    told = [
        case for case in cases
        if not case.is_restricted and case.organisation_id == asker.organisation_id
        and case.pk not in walled | open_to_her and not case.has_erased(Section.DUTIES)
    ]  # fmt: skip
    for case in told:
        asked = AccessRequest(
            case=case, question=question, asked_by=asker, likeness=Likeness(found[case.pk]).value, reason=reason,
            found_at=now,
        )  # fmt: skip
        asked.save()
        record(
            Verb.MATCH_REPORTED, actor=None, subject=Ref("accessrequest", asked.uid), detail={"kind": asked.likeness}
        )
    question.looked_at, question.facts, question.reason = now, None, None
    question.save(update_fields=["looked_at", "facts", "reason"])
    return len(told)


# ---- The intake coordinator ----


def waiting_questions(actor: User) -> QuerySet[KnownQuestion]:
    """The questions of her organisation that were looked up and wait for the coordinator, oldest first."""
    rows = access.for_the_house(KnownQuestion).filter(
        owner__organisation_id=actor.organisation_id, looked_at__isnull=False, answered_at__isnull=True
    )
    return rows.select_related("owner").order_by("pk")


def found_for(actor: User, questions: Collection[KnownQuestion]) -> QuerySet[AccessRequest]:
    """The cases found for these questions. Cases that were restricted since never answer, nor those she is walled from."""
    rows = access.for_the_house(AccessRequest).filter(
        question__in=[question.pk for question in questions], state=AskedState.FOUND, case__is_restricted=False
    )
    return rows.exclude(case__in=access.walled_cases(actor)).select_related("case", "case__lead", "case__team")


@action
def answer_question(*, actor: User, now: datetime, question_uid: UUID, pass_on: Collection[UUID] = ()) -> KnownQuestion:
    """Answer a question: pass these of the cases found on to their leads, and say of the others that it is somebody else.

    ``pass_on``: uids of requests; none where nobody fits. Whoever asked learns the same each time. Raises Hidden, also
    to those who are no intake coordinator. Records MATCH_REVIEWED, and ACCESS_ASKED on each case it is passed on to.
    """
    if not actor.holds_role(Role.INTAKE_COORDINATOR, at=now):
        raise Hidden
    question = waiting_questions(actor).filter(uid=question_uid).first()
    if question is None:
        raise Hidden
    found = list(found_for(actor, [question]))
    if not set(pass_on) <= {one.uid for one in found}:
        raise Hidden
    access.lock_cases(sorted(one.case_id for one in found))
    rows = waiting_questions(actor).select_for_update(of=("self",))
    question = rows.filter(uid=question_uid).first()
    if question is None:
        raise Hidden
    for asked in found_for(actor, [question]):
        _settle_found(actor, now, asked, passes=asked.uid in set(pass_on))
    question.answered_at, question.answered_by = now, actor
    question.save(update_fields=["answered_at", "answered_by"])
    record(
        Verb.MATCH_REVIEWED, actor=actor, subject=Ref("knownquestion", question.uid),
        detail={"kind": "PASSED_ON" if pass_on else "NOBODY", "count": len(pass_on)},
    )  # fmt: skip
    return question


def _settle_found(actor: User, now: datetime, asked: AccessRequest, *, passes: bool) -> None:
    asked.passed_at, asked.passed_by = now, actor
    asked.state = AskedState.PASSED if passes else AskedState.OTHER
    asked.save(update_fields=["passed_at", "passed_by", "state"])
    if not passes:
        return
    people = _deciders(asked.case, now)
    set_due(
        case=asked.case, section=Section.DUTIES, kind=DueKind.ACCESS_ASKED, subject=asked,
        line=_("Somebody asks for access"), due_on=timezone.localdate(now + ANSWER_WITHIN, actor.zone),
        assigned_to=people[0] if people else None,
    )  # fmt: skip
    for person in people:
        notify(person=person, kind=NOTICE_PASSED, about=asked, now=now, case=asked.case)
    record(Verb.ACCESS_ASKED, actor=actor, subject=asked, refs=[asked.asked_by], sections=[Section.DUTIES])


def _deciders(case: Case, now: datetime) -> list[User]:
    """The lead, while she may write the case's duties; else the supervisors of the team who may."""
    if case.lead is not None and _may_decide(case.lead, case, now):
        return [case.lead]
    rows = Membership.objects.of_team(case.team).supervising().live(now).select_related("user").order_by("pk")
    return [row.user for row in rows if _may_decide(row.user, case, now)]


def _may_decide(person: User, case: Case, now: datetime) -> bool:
    holding = access.holdings(person, [case], at=now).get(case.pk)
    return holding is not None and holding.writes(Section.DUTIES)


# ---- The lead ----


def requests_of(case: Case) -> QuerySet[AccessRequest]:
    """What waits for an answer on a case that its reader came to by the door, oldest first."""
    rows = access.records(AccessRequest, case).filter(state=AskedState.PASSED)
    return rows.select_related("asked_by").order_by("passed_at", "pk")


@action
def give_requested_access(
    *, actor: User, now: datetime, request_uid: UUID, kind: str, reason: str, until: datetime | None = None,
    sections: Collection[Section] = (),
) -> AccessRequest:  # fmt: skip
    """Give whoever asked access of one kind, of all its sections or of some, until a date. She finds the case in her list.

    Never to oneself. Raises Hidden, Refused, CaseIsClosed, RequestIsAnswered, and what ``give_access`` raises. Records
    ACCESS_GRANTED and ACCESS_ANSWERED.
    """
    held, asked = _lock_request(actor, request_uid)
    asked.grant = give_access(
        actor=actor, now=now, case_uid=held.case.uid, kind=kind, person=asked.asked_by, until=until, reason=reason,
        **({"sections": list(sections)} if sections else {}),
    )  # fmt: skip
    _answer(actor, now, held, asked, AskedState.GIVEN, "")
    return asked


@action
def decline_request(*, actor: User, now: datetime, request_uid: UUID, reason: str = "") -> AccessRequest:
    """Say no. Whoever asked learns no more than that she was answered. Raises as above. Records ACCESS_ANSWERED."""
    held, asked = _lock_request(actor, request_uid, even_closed=True)
    _answer(actor, now, held, asked, AskedState.DECLINED, reason)
    return asked


def _lock_request(actor: User, request_uid: UUID, *, even_closed: bool = False) -> tuple[Held, AccessRequest]:
    found = access.for_the_house(AccessRequest).select_related("case").filter(uid=request_uid).first()
    if found is None:
        raise Hidden
    held = access.lock_for_write(actor, found.case.uid, Section.DUTIES, even_closed=even_closed)
    asked = access.within(AccessRequest, held.case).select_related("asked_by").get(pk=found.pk)
    if asked.state in (AskedState.FOUND, AskedState.OTHER):
        # Not yet, or never, passed on: for the people of the case there is none.
        raise Hidden
    if asked.state != AskedState.PASSED:
        raise RequestIsAnswered
    return held, asked


def _answer(actor: User, now: datetime, held: Held, asked: AccessRequest, state: AskedState, reason: str) -> None:
    changed: dict[str, Any] = {"state": state, "settled_at": now, "settled_by": actor}
    if reason:
        changed["answer"] = reason
    for name, value in changed.items():
        setattr(asked, name, value)
    asked.save(update_fields=[*changed, "grant"])
    settle_due(case=held.case, subject_uid=asked.uid, now=now)
    record(
        Verb.ACCESS_ANSWERED, actor=actor, subject=asked, held=held, refs=[asked.asked_by], sections=[Section.DUTIES],
        detail={"kind": state.value},
    )  # fmt: skip
