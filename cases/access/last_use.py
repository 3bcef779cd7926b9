"""When an access was last used: from the ledger's readings of the case it opens."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.db.models.fields.json import KT

from audit.models import Event
from casemgmt.accounts.models import User
from cases.models import AccessGrant

#: So many cases are asked about at a time.
_AT_ONCE = 500


class LastUses:
    """The last readings of some cases, by whom and on which ground. One query for every 500 cases.

    A list that shows the case is no use of it, and the privileged part of the ledger says nothing here: with the
    attorney's file its reader opens the docket too.
    """

    def __init__(self, case_uids: Collection[UUID]) -> None:
        self._by_person: dict[tuple[UUID, UUID], datetime] = {}
        self._by_ground: dict[str, datetime] = {}
        uids = sorted(set(case_uids))
        for start in range(0, len(uids), _AT_ONCE):
            self._learn(uids[start : start + _AT_ONCE])

    def _learn(self, uids: list[UUID]) -> None:
        seen = Event.objects.readings().filter(case_uid__in=uids, is_privileged=False)
        rows = seen.annotate(ground=KT("basis__grant")).order_by().values_list("case_uid", "actor_uid", "ground")
        for case_uid, actor_uid, ground, last in rows.annotate(last=Max("at")):
            if actor_uid is not None:
                key = (case_uid, actor_uid)
                self._by_person[key] = max(last, self._by_person.get(key, last))
            if ground:
                self._by_ground[ground] = max(last, self._by_ground.get(ground, last))

    def by(self, case_uid: UUID, person_uid: UUID) -> datetime | None:
        """When this person last opened this case, on whichever ground; None where she never did."""
        return self._by_person.get((case_uid, person_uid))

    def readers(self) -> set[tuple[UUID, UUID]]:
        """Every (case, person) of these cases: who has ever opened one."""
        return set(self._by_person)

    def of(self, grant: AccessGrant, members: Iterable[User] = ()) -> datetime | None:
        """When somebody last opened the case who has this access; None where nobody did.

        By the person, whichever of her grounds the event names: she may hold several, and one is written down. For a
        team: by its ``members`` now, and by whoever opened the case on this very ground.
        """
        people = [grant.person] if grant.person is not None else members
        moments = [self._by_person.get((grant.case_uid, one.uid)) for one in people]
        moments.append(self._by_ground.get(str(grant.uid)))
        return max((moment for moment in moments if moment is not None), default=None)
