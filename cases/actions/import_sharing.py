"""A choice of columns shared with a team: colleagues use it for sheets with the same headers, and change nothing of it.

It is sealed by the key of the house, as its contacts are. Whoever shared it changes it by sharing again, and takes it back;
so does who supervises the team, as she may have left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access
from cases.actions import imports
from cases.errors.exchange import NothingToShare, TooManyMappings
from cases.htcds.columns import Columns
from cases.models import SharedMapping
from cases.opening import open_own

#: As many as a team can have: each is looked at whenever somebody of it brings a sheet.
MOST = 40


class MappingGate:
    """Admits the choices that one house shares, and nothing else of its pseudo-case."""

    def __init__(self, organisation_uid: UUID) -> None:
        self.organisation_uid = organisation_uid

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anything else."""
        if case_uid != self.organisation_uid or fid != "shared_mapping.content":
            raise SealedShut(fid)


@contextmanager
def _open(reader: User) -> Iterator[None]:
    keyring.prefetch([reader.organisation.uid])
    with open_gate(MappingGate(reader.organisation.uid)):
        yield


@dataclass(frozen=True)
class Shared:
    """One shared choice, read. ``may_end``: the reader shared it, or supervises the team."""

    row: SharedMapping
    columns: Columns
    may_end: bool

    @property
    def heads(self) -> str:
        """Its headers in short, by which people tell one from another."""
        return " · ".join(column.header[:30] for column in self.columns.columns if column.header)[:120]


def shared_with(reader: User, now: datetime) -> list[Shared]:
    """What is shared with the reader's teams, the newest first."""
    rows = access.of_house(SharedMapping, reader).filter(
        team__group_id__in=reader.team_group_ids(now), ended_at__isnull=True
    )
    found = list(rows.select_related("team", "shared_by").order_by("-pk"))
    if not found:
        return []
    with _open(reader):
        return [
            Shared(
                row, Columns.of_json(row.content),
                row.shared_by_id == reader.pk or reader.supervises(row.team, at=now),
            )
            for row in found
        ]  # fmt: skip


def matching(reader: User, now: datetime, columns: Columns) -> Shared | None:
    """What a team of hers shares for a sheet with these headers; what she shared herself first."""
    fitting = [one for one in shared_with(reader, now) if one.columns.signature == columns.signature]
    return min(fitting, key=lambda one: one.row.shared_by_id != reader.pk, default=None)


@action
def share_mapping(*, actor: User, now: datetime, batch_uid: UUID) -> SharedMapping:
    """Offer what one chose for the columns of an import to its team; a second time changes what one offers for these headers.

    Raises Hidden, NothingToShare, TooManyMappings. Records MAPPING_SHARED.
    """
    batch = imports.lock_own(actor, batch_uid)
    if batch.team.group_id not in actor.team_group_ids(now):
        raise Hidden
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {"columns": [], "mailing": ""})
    if not columns.is_chosen:
        raise NothingToShare
    standing = [one for one in shared_with(actor, now) if one.row.team_id == batch.team_id]
    mine = next(
        (
            one.row
            for one in standing
            if one.row.shared_by_id == actor.pk and one.columns.signature == columns.signature
        ),
        None,
    )  # fmt: skip
    if mine is None and len(standing) >= MOST:
        raise TooManyMappings
    ensure_own_keys(actor.organisation.uid)
    if mine is None:
        mine = SharedMapping(
            organisation=actor.organisation, team=batch.team, content=columns.as_json(), shared_at=now, shared_by=actor
        )  # fmt: skip
        mine.save()
    else:
        mine.content, mine.shared_at = columns.as_json(), now
        mine.save(update_fields=["content", "shared_at"])
    # Of no case: the key of the house that seals it is not told here.
    record(Verb.MAPPING_SHARED, actor=actor, subject=Ref("sharedmapping", mine.uid), refs=[batch.team])
    return mine


@action
def unshare_mapping(*, actor: User, now: datetime, mapping_uid: UUID) -> SharedMapping:
    """Take a shared choice back; what colleagues chose by it stays theirs. Raises Hidden. Records MAPPING_UNSHARED."""
    rows = access.of_house(SharedMapping, actor).filter(uid=mapping_uid, team__group_id__in=actor.team_group_ids(now))
    row = rows.select_related("team").first()
    if row is None or not (row.shared_by_id == actor.pk or actor.supervises(row.team, at=now)):
        raise Hidden
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, actor
        row.save(update_fields=["ended_at", "ended_by"])
        record(Verb.MAPPING_UNSHARED, actor=actor, subject=Ref("sharedmapping", row.uid), refs=[row.team])
    return row
