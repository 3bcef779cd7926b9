"""What can be removed from a version that was written into the wrong record, who decides it, and what stands there then."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from casemgmt.accounts.models import User
from casemgmt.accounts.permits import is_second_approver
from casemgmt.crypto.fields import SealedJSON, SealedText
from casemgmt.crypto.sealed import removal_in
from cases import access, desk, record_versions
from cases.choices.history import CorrectionState
from cases.models import Case, Correction
from cases.record_versions import RecordVersions, Version

#: Codes and technical facts that a record cannot be without; they name nobody. Everything else can be removed.
STAYS = frozenset(
    {"safety.risk_level", "consent.state", "consent.told", "consent.record", "legal_matter.matter_type",
     "legal_matter.stage", "legal_matter.outcome", "goal.area", "need.area", "need.barrier", "document.about",
     "service.facts", "hearing.facts"}
)  # fmt: skip


def what_it_wrote(model: Any, row: Any, names: list[str]) -> list[str]:
    """Of the fields that a version changed, those whose sealed value can be removed: something stands there."""
    found = []
    for name in record_versions.sealed_of(row, names):
        column = model._meta.get_field(name)
        raw = row.__dict__.get(column.attname)
        if raw is not None and removal_in(raw) is None and column.fid not in STAYS:
            found.append(name)
    return found


def correctable(found: RecordVersions, version: Version, case: Case) -> list[str]:
    """The fields of a version whose removal the reader may ask for: she may write every part that it wrote."""
    assert case.holding is not None
    if version.erased or hasattr(found.model, "set_once"):
        return []
    names = what_it_wrote(found.model, version.row, version.names)
    sections = [record_versions.section_of_field(version.row, name) for name in names]
    scope = found.scope
    return names if all(case.holding.writes(section, scope) for section in sections) else []


def emptied(column: Any) -> Any:
    """What stands in a field once its value was removed: nothing, or where something must stand, a sentence."""
    if column.null or column.hide_null:
        return None
    if isinstance(column, SealedJSON):
        return {}
    if isinstance(column, SealedText) and not column.blank:
        return _("Removed: it was written into the wrong record.")
    return ""


def corrections_of(case: Case, record_uid: UUID, *, at: datetime) -> list[Correction]:
    """What was asked for about one record of an opened case: what waits, and what was left as it is within a month."""
    lately = Q(state=CorrectionState.ASKED) | Q(state=CorrectionState.DECLINED, decided_at__gt=at - timedelta(days=30))
    rows = access.records(Correction, case).filter(lately, record_uid=record_uid)
    return list(rows.select_related("asked_by", "decided_by").order_by("number", "pk"))


def may_decide(actor: User, correction: Correction, *, at: datetime, standing: desk.Standing | None = None) -> bool:
    """Whether this person may be the second one: a supervisor of the case or a privacy officer, never who asked.

    In a declared degraded mode the second person from outside. Somebody whom a wall keeps away may not. ``standing``:
    hers on the case, where it was looked up for many.
    """
    if not actor.is_active or actor.pk == correction.asked_by_id:
        return False
    standing = standing or desk.Standing(actor, correction.case, at=at)
    return (
        standing.supervises or standing.is_privacy_officer or is_second_approver(actor, correction.asked_by, at)
    )  # fmt: skip


def waiting_for(actor: User, *, at: datetime) -> list[Correction]:
    """The corrections that this person may decide on, the oldest first."""
    rows: QuerySet[Correction] = access.for_the_house(Correction).filter(state=CorrectionState.ASKED)
    rows = rows.exclude(asked_by=actor).exclude(case__in=access.walled_cases(actor))
    found = list(rows.select_related("case__organisation", "asked_by").order_by("asked_at", "pk"))
    each = desk.Standing.of_each(actor, [one.case for one in found], at=at)
    return [one for one in found if may_decide(actor, one, at=at, standing=each[one.case.pk])]
