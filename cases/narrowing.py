"""Filters that ask other records of a case: what is due, whether an alert stands, which tags it carries.

Each asks the door for those records, so a filter tells nothing of a part that its reader may not open: to her, a date or
an alert of such a part is not there. What the filter finds, the reader could have found by opening every case.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import clock
from casemgmt.accounts.models import User
from cases import access
from cases.choices.casework import DueKind
from cases.models import Case, CaseAlert, CaseTag, Due, Tag

OVERDUE, WEEK = "OVERDUE", "WEEK"
#: How far "soon" reaches.
SOON_DAYS = 7
#: Kinds that stand on no case have no place in a list of cases.
_KINDS = [(kind.value, kind.label) for kind in DueKind if kind != DueKind.ACCESS_REVIEW]
DUE_CHOICES: list[tuple[str, Any]] = [(OVERDUE, _("Overdue")), (WEEK, _("In the next 7 days")), *_KINDS]
ALERT_CHOICES: list[tuple[str, Any]] = [("1", _("With an alert"))]


def with_due(reader: User, wanted: str) -> Q:
    """Cases with an open date that the reader may know of: overdue, within the week, or of one kind whenever it is."""
    today = timezone.localdate(clock.now(), reader.zone)
    dues = access.visible(Due, reader, None).filter(case_id=OuterRef("pk"), done_at__isnull=True)
    if wanted == OVERDUE:
        dues = dues.filter(due_on__lt=today)
    elif wanted == WEEK:
        dues = dues.filter(due_on__gte=today, due_on__lte=today + timedelta(days=SOON_DAYS))
    else:
        dues = dues.filter(kind=wanted)
    return Q(Exists(dues))


def with_alert(reader: User) -> Q:
    """Cases on which an alert stands today that the reader may see."""
    today = timezone.localdate(clock.now())
    alerts = access.visible(CaseAlert, reader, None)
    return Q(Exists(alerts.filter(case_id=OuterRef("pk"), ended_at__isnull=True, starts_on__lte=today)))


def with_tag(reader: User, tag_uid: Any) -> Q:
    """Cases of the reader's own house that carry this word."""
    carried = access.visible(CaseTag, reader).filter(taken_at__isnull=True, tag__organisation=reader.organisation_id)
    return Q(Exists(carried.filter(case_id=OuterRef("pk"), tag__uid=tag_uid)))


def tags_of(reader: User) -> list[Tag]:
    """The words of the reader's house that are offered, by the alphabet; none for a guest. One query."""
    if not reader.organisation.is_ours:
        return []
    return list(access.of_house(Tag, reader).filter(retired_at__isnull=True).order_by("word"))


def tags_to_find(reader: User) -> list[Tag]:
    """The words by which she may narrow a list: those that are offered, then those of before that her cases still carry.

    A view that somebody kept by a word of before goes on to find what it found, and such a word can be taken off many cases
    at once. Whether a word of before is on a case that she may not open is not told. One query.
    """
    if not reader.organisation.is_ours:
        return []
    carried = access.visible(CaseTag, reader).filter(taken_at__isnull=True, tag=OuterRef("pk"))
    found = access.of_house(Tag, reader).filter(Q(retired_at__isnull=True) | Exists(carried))
    return sorted(found.order_by("word"), key=lambda tag: tag.is_retired)


def tags_on(reader: User, cases: Sequence[Case]) -> dict[int, list[Tag]]:
    """The words that each of these cases carries, for readers of the house that keeps it. One query."""
    here = [case.pk for case in cases if case.organisation_id == reader.organisation_id]
    found: dict[int, list[Tag]] = {}
    if here:
        carried = access.visible(CaseTag, reader, among=here).filter(taken_at__isnull=True).select_related("tag")
        for row in carried.order_by("tag__word"):
            found.setdefault(row.case_id, []).append(row.tag)
    return found
