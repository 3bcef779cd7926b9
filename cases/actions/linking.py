"""Linking cases that belong together, and ending such a link (domain.md §0b). No line in any timeline tells of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.choices.linking import LinkEnd, LinkKind
from cases.errors.linking import AlreadyLinked, NoCaseToLink
from cases.linked import is_live
from cases.models import Case, CaseLink
from cases.opening import held as holding_of
from cases.opening import open_job, open_to_change

_WRITE_CARD = write(Section.CARD)


@action
def link_cases(*, actor: User, now: datetime, case_uid: UUID, number: str, kind: str) -> CaseLink:
    """Link two open cases of the actor's organisation; she writes the cards of both. Gives nobody access to anything.

    Raises Hidden, Refused, CaseIsClosed, NoCaseToLink (in the same words whether or not there is such a case),
    AlreadyLinked. Records CASE_LINKED for each side, neither naming the other.
    """
    case = access.get_for(actor, case_uid, _WRITE_CARD)
    _is_inside(actor, case)
    hers = access.visible(Case, actor, _WRITE_CARD).filter(organisation_id=case.organisation_id, closed_on__isnull=True)
    other = hers.filter(number=number.strip().upper()).exclude(uid=case_uid).first()
    if other is None or other.is_erased:
        raise NoCaseToLink
    first, second = _locked(actor, [case, other])
    with open_to_change(actor, first, Section.CARD):
        standing = [row.what for row in access.within(CaseLink, first.case)]
    kind = LinkKind(kind).value
    if any(is_live(what) and what["kind"] == kind and str(other.uid) in what["others"] for what in standing):
        raise AlreadyLinked
    return _link(actor, now, [first, second], kind)[0]


@action
def link_incident(*, actor: User, now: datetime, case_uids: Collection[UUID]) -> int:
    """Link cases of one incident, each to each by one row a case; says how many. Those she may not write stay out.

    Records CASE_LINKED for each.
    """
    hers = access.visible(Case, actor, _WRITE_CARD).filter(
        organisation_id=actor.organisation_id, closed_on__isnull=True
    )
    cases = list(hers.filter(uid__in=case_uids).order_by("pk"))
    if len(cases) > 1:
        _link(actor, now, _locked(actor, cases), LinkKind.SAME_INCIDENT.value)
    return len(cases)


@action
def end_link(*, actor: User, now: datetime, case_uid: UUID, link_uid: UUID, reason: str) -> None:
    """Take a case out of a link; between two, the link is over on both sides. By whoever writes this card and reads another.

    Raises Hidden, Refused. Records CASE_LINK_ENDED for each side that changed.
    """
    case = access.get_for(actor, case_uid, _WRITE_CARD)
    _is_inside(actor, case)
    row = access.within(CaseLink, case).filter(uid=link_uid).first()
    if row is None:
        raise Hidden
    with open_to_change(actor, Held(case, holding_of(case), {}, None), Section.CARD):
        others = row.what["others"]
    if not access.visible(Case, actor, READ_CARD).filter(uid__in=others).exists():
        raise Hidden
    keys = access.for_the_house(Case).filter(uid__in=[case_uid, *others]).values_list("pk", flat=True)
    access.lock_cases(sorted(keys))
    held = access.lock_for_write(actor, case_uid, Section.CARD, even_closed=True)
    rows = access.for_the_house(CaseLink).filter(case_uid__in=[case_uid, *others]).select_related("case")
    sides = [side for side in rows.order_by("pk") if not side.case.is_erased]
    end = {"at": now.isoformat(), "by": str(actor.uid), "reason": LinkEnd(reason).value}
    with open_job("case_link", [Section.CARD], actor=actor):
        known = {side.pk: side.what for side in sides}
    link = known[row.pk]["link"]
    for side in sides:
        if known[side.pk]["link"] == link and is_live(known[side.pk]):
            _take_out(side, known[side.pk], case_uid, end)
            is_own = side.pk == row.pk
            record(
                Verb.CASE_LINK_ENDED, actor=actor, subject=side, held=held if is_own else None, sections=[Section.CARD],
                fields=["case_link.what"],
            )  # fmt: skip


def _take_out(side: CaseLink, what: dict[str, Any], leaves: UUID, end: dict[str, str]) -> None:
    """One side after a case has left: its own is over, and so is one of which nobody else is left."""
    others = what["others"] if side.case_uid == leaves else [uid for uid in what["others"] if uid != str(leaves)]
    is_over = side.case_uid == leaves or not others
    side.what = {**what, "others": what["others"] if is_over else others, "ended": end if is_over else None}
    side.save(update_fields=["what"])


def _is_inside(actor: User, case: Case) -> None:
    """A link is the house's own: no release speaks of another case."""
    if actor.organisation_id != case.organisation_id:
        raise Refused(_WRITE_CARD)


def _locked(actor: User, cases: Sequence[Case]) -> list[Held]:
    """All of them, locked in the order of their keys, so that two who link the same cases never wait for each other."""
    access.lock_cases(sorted(case.pk for case in cases))
    return [access.lock_for_write(actor, case.uid, Section.CARD) for case in cases]


def join_sides(actor: User, now: datetime, sides: Sequence[Held], kind: str) -> str:
    """Link locked cases inside another action, open or closed; the uid that the sides share. Records CASE_LINKED."""
    link = str(uuid4())
    _link(actor, now, sides, kind, link=link)
    return link


def part_sides(actor: User, now: datetime, sides: Sequence[Held], link: str, reason: str) -> None:
    """End the link of this uid between locked cases inside another action, where it stands. Records CASE_LINK_ENDED."""
    end = {"at": now.isoformat(), "by": str(actor.uid), "reason": LinkEnd(reason).value}
    for held in sides:
        with open_to_change(actor, held, Section.CARD):
            rows = [(row, row.what) for row in access.within(CaseLink, held.case).order_by("pk")]
        for row, what in rows:
            if what["link"] == link and is_live(what):
                row.what = {**what, "ended": end}
                row.save(update_fields=["what"])
                record(
                    Verb.CASE_LINK_ENDED, actor=actor, subject=row, held=held, sections=[Section.CARD],
                    fields=["case_link.what"],
                )  # fmt: skip


def _link(actor: User, now: datetime, sides: Sequence[Held], kind: str, *, link: str = "") -> list[CaseLink]:
    """One row a case, each under its own keys."""
    link, made = link or str(uuid4()), []
    for held in sides:
        row = CaseLink(case=held.case, what={
            "kind": kind, "link": link, "others": [str(one.case.uid) for one in sides if one is not held],
            "made_at": now.isoformat(), "made_by": str(actor.uid), "ended": None,
        })  # fmt: skip
        row.save()
        record(
            Verb.CASE_LINKED, actor=actor, subject=row, held=held, sections=[Section.CARD], fields=["case_link.what"]
        )
        made.append(row)
    return made
