"""What every record of a case has in common."""

from typing import Any

from django.db import models

from audit.history import AuditedQuerySet, SealedCaseModel
from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.models import for_new_rows


class CaseRoomQuerySet(GuardedQuerySet, AuditedQuerySet):
    """Evaluated only if it came through the door; written in bulk only by the audited words."""


CaseRoomManager = models.Manager.from_queryset(CaseRoomQuerySet)


class CaseRecord(SealedCaseModel):
    """A record of one case. ``uid`` names it outside; ``case_uid`` repeats the case's, so that opening costs no join."""

    #: The section a reader needs to learn that such records exist at all; rows with a ``section`` column use that.
    home_section: str = Section.CARD

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.uid}"

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        case = kwargs.get("case")
        if case is not None:
            kwargs.setdefault("case_uid", case.uid)
        super().__init__(*args, **kwargs)


class MatterRecord(CaseRecord):
    """A record that belongs to one legal matter; readable with the matter."""

    matter = models.ForeignKey("cases.Matter", models.PROTECT, related_name="+")
    matter_uid = models.UUIDField(editable=False)

    class Meta(CaseRecord.Meta):
        abstract = True

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        matter = kwargs.get("matter")
        if matter is not None:
            kwargs.setdefault("matter_uid", matter.uid)
            kwargs.setdefault("case", matter.case)
        super().__init__(*args, **kwargs)
