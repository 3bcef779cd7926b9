"""The numbered production that answers a judge's order: counsel chooses the least, a second person agrees.

domain.md §0b ("minimal numbered production"), §15b: only an order of a judge lets anything go, and only its minimum.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.gate import open_gate
from cases import access, desk, files
from cases.access import Holding
from cases.actions.disclosures import Given, check_least, give_by_order
from cases.actions.duties import officers_of, one_of, set_answer
from cases.actions.holds import lock_for_desk
from cases.actions.trail import notify
from cases.choices.notices import NOTICE_PRODUCTION, NOTICE_PRODUCTION_DECIDED
from cases.choices.releases import DisclosureHow, ProcessResponse, ProductionStatus
from cases.errors.erasing import PartIsErased
from cases.errors.producing import NotOneself, ProductionChanged, ProductionIsDecided, ProductionLacks
from cases.errors.releases import NotAJudge, ProcessIsOver
from cases.models import Case, Document, LegalProcess, Production
from cases.opening import HoldingGate

#: So many files are opened at once when it is taken out.
MOST_AT_ONCE = 200


@action
def prepare_production(
    *, actor: User, now: datetime, case_uid: UUID, process_uid: UUID, documents: Iterable[UUID], categories: list[str],
    is_minimised: bool,
) -> Production:  # fmt: skip
    """Choose the papers that a judge's order asks for: each gets the next number, and stays pinned to this version.

    For counsel of the house who holds the case and reads every one of them. Raises Hidden, NotAJudge, ProcessIsOver,
    ProductionLacks, DisclosureLacks, PartIsErased. Records PRODUCTION_PREPARED.
    """
    case, standing = lock_for_desk(actor, case_uid, now=now)
    holding = access.holdings(actor, [case], at=now).get(case.pk)
    if not standing.is_counsel or holding is None:
        raise Hidden
    if case.has_erased(Section.DUTIES):
        raise PartIsErased(case, Section.DUTIES)
    process = one_of(LegalProcess, case, process_uid)
    if not process.is_judicial:
        raise NotAJudge
    if process.over_at is not None:
        raise ProcessIsOver
    check_least(_given(actor, now, categories, is_minimised))
    chosen = _chosen(case, holding, list(dict.fromkeys(documents)))
    last = (
        access.within(Production, case).filter(process=process).aggregate(number=Max("number"), item=Max("last_number"))
    )
    number, first = (last["number"] or 0) + 1, (last["item"] or 0) + 1
    made = Production(
        case=case, process=process, number=number, first_number=first, last_number=first + len(chosen) - 1,
        items=_pinned(actor, case, holding, chosen, first), categories=sorted(categories), prepared_by=actor, prepared_at=now,
    )  # fmt: skip
    made.save()
    for person in officers_of(case, now):
        if person.pk != actor.pk:
            notify(person=person, kind=NOTICE_PRODUCTION, about=made, now=now, case=case)
    record(
        Verb.PRODUCTION_PREPARED, actor=actor, subject=made, refs=chosen, sections=[Section.DUTIES],
        detail={"number": number, "count": len(chosen), "categories": sorted(categories)},
    )  # fmt: skip
    return made


@action
def decide_production(
    *, actor: User, now: datetime, case_uid: UUID, production_uid: UUID, approve: bool, why: str = ""
) -> Production:  # fmt: skip
    """Agree to a production as the second person, or decline it with a word why. Repeating it changes nothing.

    For counsel on the case, a privacy officer or a supervisor of the case, never whoever prepared it. With the yes it stands
    in her account of disclosures, somebody is to tell her as soon as the law lets her know, and the process is answered.
    Raises Hidden, NotOneself, NotAJudge, ProcessIsOver, ProductionChanged, ProductionIsDecided, ProductionLacks, PartIsErased.
    Records PRODUCTION_DECIDED, with a yes DISCLOSURE_MADE, TASK_ADDED and LEGAL_PROCESS_FOLLOWED, too.
    """
    case, standing = lock_for_desk(actor, case_uid, now=now)
    if not may_decide(standing):
        raise Hidden
    if case.has_erased(Section.DUTIES):
        raise PartIsErased(case, Section.DUTIES)
    production = one_of(Production, case, production_uid)
    if production.prepared_by_id == actor.pk:
        raise NotOneself
    wanted = ProductionStatus.APPROVED if approve else ProductionStatus.DECLINED
    if production.status != ProductionStatus.WAITING:
        if (production.status, production.decided_by_id) == (wanted, actor.pk):
            return production
        raise ProductionIsDecided
    if not approve and not why.strip():
        raise ProductionLacks("why")
    changed = ["status", "decided_by", "decided_at", "decided_why"]
    production.status, production.decided_by, production.decided_at = wanted, actor, now
    production.decided_why = why.strip()
    if approve:
        production.disclosure = _approve(actor, now, case, production)
        changed.append("disclosure")
    production.save(update_fields=changed)
    if production.prepared_by.is_active:
        notify(person=production.prepared_by, kind=NOTICE_PRODUCTION_DECIDED, about=production, now=now, case=case)
    record(
        Verb.PRODUCTION_DECIDED, actor=actor, subject=production, sections=[Section.DUTIES],
        detail={"number": production.number, "count": production.count, "status": production.status},
    )  # fmt: skip
    return production


def may_decide(standing: desk.Standing) -> bool:
    """Whether somebody of this standing may be the second person of a production that another one prepared."""
    return standing.may_record_duty or standing.supervises


def waiting_for(actor: User, *, at: datetime) -> list[Production]:
    """The productions that this person may decide on, oldest first. Nothing sealed is opened."""
    rows = desk.duties_for(actor, Production, at=at, by="prepared_by")
    rows = rows.filter(status=ProductionStatus.WAITING, prepared_at__lte=at).exclude(prepared_by=actor)
    found = list(rows.order_by("prepared_at", "pk"))
    if not actor.holds_role(Role.PRIVACY_OFFICER, at=at):
        # Asked by itself, so that row security answers it, too: the rows above were read in the name of the house.
        keys = [one.case.pk for one in found]
        hers = set(access.visible(Case, actor, at=at, among=keys).values_list("pk", flat=True))
        found = [one for one in found if one.case.pk in hers]
    each = desk.Standing.of_each(actor, [one.case for one in found], at=at)
    return [one for one in found if may_decide(each[one.case.pk])]


def _given(actor: User, now: datetime, categories: list[str], is_minimised: bool) -> Given:
    return Given(
        categories=list(categories), how=DisclosureHow.ELECTRONIC, given_on=timezone.localdate(now, actor.zone),
        is_minimised=is_minimised,
    )  # fmt: skip


def _chosen(case: Case, holding: Holding, uids: list[UUID]) -> list[Document]:
    """These documents in the order in which they were kept, if each may be produced. Raises ProductionLacks."""
    if not uids:
        raise ProductionLacks("none")
    if len(uids) > MOST_AT_ONCE:
        raise ProductionLacks("many")
    rows = list(access.within(Document, case).filter(uid__in=uids).order_by("uploaded_at", "pk"))
    if len(rows) != len(uids) or not all(holding.holds(row.section, row.matter_uid) for row in rows):
        raise ProductionLacks("unknown")
    if any(row.section == Section.LEGAL_FILE for row in rows):
        raise ProductionLacks("legal_file")
    if not all(_stands(case, row) for row in rows):
        raise ProductionLacks("gone")
    return rows


def _stands(case: Case, document: Document) -> bool:
    return not (document.withdrawn_at or document.quarantined_at or case.has_erased(document.section))


def _pinned(actor: User, case: Case, holding: Holding, chosen: list[Document], first: int) -> list[dict[str, Any]]:
    """Each with its number, its version and the number of its content, which is read to its end. Raises ProductionLacks."""
    items = []
    with open_gate(HoldingGate(actor, {case.uid: holding}, only=frozenset(row.section for row in chosen))):
        for number, row in enumerate(chosen, first):
            try:
                about, found = row.about, files.check(row)
            except (DecryptionRefused, ContentErased, OSError):
                raise ProductionLacks("unreadable") from None
            if found != about["sha256"]:
                raise ProductionLacks("unreadable")
            items.append({
                "number": number, "document": str(row.uid), "version": row.number, "sha256": found, "kind": about["category"],
                "day": timezone.localdate(row.uploaded_at, actor.zone).isoformat(), "bytes": about["size"],
            })  # fmt: skip
    return items


def _approve(actor: User, now: datetime, case: Case, production: Production) -> Any:
    """What follows a yes: the disclosure with its task, and the answer of the process."""
    process = one_of(LegalProcess, case, production.process.uid)
    if process.over_at is not None:
        raise ProcessIsOver
    with desk.reading_own(production):
        uids = [UUID(one["document"]) for one in production.items]
        given = _given(actor, now, list(production.categories), is_minimised=True)
    rows = list(access.within(Document, case).filter(uid__in=uids))
    if len(rows) != len(uids) or not all(_stands(case, row) for row in rows):
        raise ProductionChanged
    check_least(given)
    made = give_by_order(actor, now, case, process, given)
    set_answer(actor, now, case, process, ProcessResponse.COMPLIED_MIN)
    return made
