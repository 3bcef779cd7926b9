"""After 90 days only counts stay of contacts and inquiries (domain.md §11): counted, their keys destroyed, then the rows.

Three steps, each taken again after a crash: the row is counted and marked, once; its keys are destroyed, with a
tombstone, so that no backup opens it; the marked row is deleted.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto import classes as retention
from casemgmt.crypto import shredding
from cases import access
from cases.actions.drafts import forget_drafts_about
from cases.callers import KEPT_FOR, code_of
from cases.choices.callers import CountedKind
from cases.models import Contact, HouseCount, Inquiry

#: So many of one kind in one turn of the job.
AT_ONCE = 100
#: What the tombstones name as their order.
ORDER = "REDUCED-90-DAYS"
MODELS: tuple[tuple[CountedKind, Any], ...] = ((CountedKind.CONTACT, Contact), (CountedKind.INQUIRY, Inquiry))


def reduce_old_callers() -> int:
    """Reduce to counts what was kept its time and no law holds, and say how many. For the schedule; idempotent.

    Raises KeystoreUnavailable; then the next turn goes on.
    """
    now, done = clock.now(), 0
    for kind, model in MODELS:
        for uid in list(_over(model, now).values_list("uid", flat=True)[:AT_ONCE]):
            count_and_mark(actor=None, now=now, kind=kind, uid=uid)
    for kind, model in MODELS:
        marked = access.for_the_house(model).filter(reduced_at__isnull=False).order_by("pk")
        for uid in list(marked.values_list("uid", flat=True)[:AT_ONCE]):
            shredding.destroy(uid, [retention.CORE], order=ORDER, now=now)
            done += forget_marked(actor=None, now=now, kind=kind, uid=uid)
    if done:
        shredding.scrub()
    return done


def _over(model: Any, now: datetime) -> QuerySet[Any]:
    """What was kept its time: 90 days from what came of it, or from the call; not what the law holds."""
    rows = access.for_the_house(model).filter(reduced_at__isnull=True, held_at__isnull=True)
    ended = Coalesce(F("decided_at"), F("at")) if model is Contact else F("at")
    # By when it was written down, too: what is written late is kept its time all the same.
    return (
        rows.annotate(ended=ended).filter(Q(ended__lte=now - KEPT_FOR), recorded_at__lte=now - KEPT_FOR).order_by("pk")
    )


@action
def count_and_mark(*, actor: None, now: datetime, kind: CountedKind, uid: UUID) -> bool:
    """Count one record by month and code, and mark it; drafts about it go. Whether it did: somebody may hold it meanwhile."""
    row = _over(dict(MODELS)[kind], now).select_for_update(of=("self",)).filter(uid=uid).first()
    if row is None:
        return False
    month = timezone.localdate(row.at).replace(day=1)
    counted, _new = access.for_the_house(HouseCount).get_or_create(
        organisation_id=row.organisation_id, month=month, kind=kind.value, code=code_of(row)
    )
    access.for_the_house(HouseCount).filter(pk=counted.pk).update(number=F("number") + 1)
    row.reduced_at = now
    row.save(update_fields=["reduced_at"])
    forget_drafts_about([uid])
    record(Verb.CALLERS_REDUCED, actor=actor, detail={"kind": kind.value, "count": 1})
    return True


@action
def forget_marked(*, actor: None, now: datetime, kind: CountedKind, uid: UUID) -> int:
    """Delete a record whose keys are gone. Its counting was recorded; this leaves no line of its own."""
    return access.for_the_house(dict(MODELS)[kind]).filter(uid=uid, reduced_at__isnull=False).delete()[0]
