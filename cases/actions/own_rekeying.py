"""New keys for a person or an organisation: drafts, rows of imports, second factors, the PIN and kept forms.

The same way as with a case (``cases.actions.rekeying``): everything opens at every moment, the old key goes last, and
a repeat goes on where it was killed. Such rows have no case whose lock their writers take; so the last look holds the
tables themselves against writers for its moment (PostgreSQL), or is the one writer there is (SQLite).
"""

import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection

from audit import clock, rekeying
from audit.action import action
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts import own_secrets
from casemgmt.accounts.models import Organisation, User
from casemgmt.crypto import classes as retention
from casemgmt.crypto import rekeying as vault
from cases import renewing
from cases.actions.rekeying import BATCH, PASSES, WAIT_SECONDS, Careful, Renewed, Say, end_renewal, is_old_row
from cases.models import Case
from cases.models.base import CaseRecord

#: How long the last look waits for those who are writing just now, in milliseconds.
LOCK_MILLISECONDS = 5_000


def renew_own_keys(
    *, owner_uid: UUID, say: Say | None = None, wait: float = WAIT_SECONDS, damaged_too: bool = False
) -> Renewed:
    """Give a person or an organisation a new key of their own, and reseal everything old by it.

    For commands: runs many transactions, each with its event, and shows nothing to anybody. Blocks for some seconds at
    least. What does not open keeps the old key alive, unless ``damaged_too``; then it is lost.

    Raises Hidden, RenewalUnderWay, RenewalRefused, KeystoreUnavailable. Records KEY_ROTATED.
    """
    (result,) = renew_keys_of_owners([owner_uid], say=say, wait=wait, damaged_too=damaged_too)
    return result


def renew_keys_of_owners(
    owner_uids: Iterable[UUID], *, say: Say | None = None, wait: float = WAIT_SECONDS, damaged_too: bool = False
) -> list[Renewed]:
    """As renew_own_keys for several, who wait together for those who still read with the old keys."""
    tell = say or (lambda *_figures: None)
    owners = [owner_of(uid) for uid in sorted(set(owner_uids))]
    with renewing.alone_with(*(owner.uid for owner in owners)):
        left = []
        for owner in owners:
            renewal = begin_own_renewal(actor=None, now=clock.now(), owner=owner)
            left.append((owner, renewal, Renewed(owner.uid, dict(renewal.targets))))
        results = [result for _owner, _renewal, result in left]
        for _pass in range(PASSES):
            if not left:
                break
            for owner, renewal, result in left:
                _reseal_everything(owner, renewal, result, tell)
            left[-1][1].wait_for_writers()
            if all(_is_all_new(*one) for one in left):
                tell("wait", 0, 0)
                time.sleep(wait)
            left = [
                (owner, renewal, result)
                for owner, renewal, result in left
                if not finish_own_renewal(
                    actor=None, now=clock.now(), owner=owner, renewal=renewal, result=result, damaged_too=damaged_too
                )
            ]
        if left:
            raise vault.RenewalUnderWay
        return results


def owner_of(uid: UUID) -> User | Organisation:
    """The person or the organisation of this uid. Raises Hidden."""
    found = User.objects.filter(uid=uid).first() or Organisation.objects.filter(uid=uid).first()
    if found is None:
        raise Hidden
    return found


def own_models() -> list[Any]:
    """Every model with sealed fields whose rows may belong to no case."""
    return [model for model in rekeying.sealed_models() if model is not Case and not issubclass(model, CaseRecord)]


def _reseal_everything(owner: User | Organisation, renewal: vault.Renewal, result: Renewed, tell: Say) -> None:
    """One look through all that is sealed for the owner."""
    found = [(model, rekeying.records_of(model, owner.uid)) for model in own_models()]
    of, done = sum(len(uids) for _model, uids in found), 0
    for model, uids in found:
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            reseal_own_records(
                actor=None, now=clock.now(), owner=owner, renewal=renewal, model=model, uids=batch, result=result
            )
            done += len(batch)
            tell("records", done, of)
    reseal_own_secrets(actor=None, now=clock.now(), owner=owner, renewal=renewal, result=result)


# ---- Steps, each a transaction with its event ----


@action
def begin_own_renewal(*, actor: None, now: datetime, owner: User | Organisation) -> vault.Renewal:
    """Give the owner a new epoch, or go on with one. Raises RenewalRefused. Records KEY_ROTATED (BEGUN)."""
    renewal = vault.begin(owner.uid, [retention.CORE])
    _tell(owner, "BEGUN", renewal, count=len(renewal.targets))
    return renewal


@action
def reseal_own_records(
    *, actor: None, now: datetime, owner: User | Organisation, renewal: vault.Renewal, model: Any, uids: list[UUID],
    result: Renewed,
) -> rekeying.Tally:  # fmt: skip
    """Reseal some rows of one model and all their versions, by compare-and-set. Records KEY_ROTATED (RUNNING)."""
    tally = rekeying.rekey(model, owner.uid, uids, Careful(renewal, result))
    if tally.rows:
        _tell(owner, "RUNNING", renewal, kind=model._meta.model_name, count=tally.rows)
    result.values += tally.values
    return tally


@action
def reseal_own_secrets(
    *, actor: None, now: datetime, owner: User | Organisation, renewal: vault.Renewal, result: Renewed
) -> int:
    """Reseal a person's second factors, PIN and kept forms, by compare-and-set. Records KEY_ROTATED (RUNNING)."""
    target = renewal.targets.get(retention.CORE)
    if target is None or not isinstance(owner, User):
        return 0
    done = own_secrets.reseal_secrets(owner, target, result.damaged)
    if done:
        _tell(owner, "RUNNING", renewal, kind="secret", count=done)
    result.values += done
    return done


@action
def finish_own_renewal(
    *, actor: None, now: datetime, owner: User | Organisation, renewal: vault.Renewal, result: Renewed,
    damaged_too: bool = False,
) -> bool:  # fmt: skip
    """Delete the old key, if nothing is under it; the look and the deletion happen while nobody can write there.

    False where somebody wrote under it meanwhile: look again. Raises RenewalUnderWay where writers never pause.
    Records KEY_ROTATED: DONE, or HALTED where something does not open and the old key stays.
    """
    _hold_tables([*own_models(), *own_secrets.TABLES])
    if not _is_all_new(owner, renewal, result):
        return False
    end_renewal(renewal, result, damaged_too=damaged_too, tell=partial(_tell, owner))
    return True


def _is_all_new(owner: User | Organisation, renewal: vault.Renewal, result: Renewed) -> bool:
    """Whether nothing but what does not open is under the old key any more."""
    for model in own_models():
        for row in rekeying.rows_of(model, owner.uid):
            if is_old_row(renewal, row, result.damaged):
                return False
    target = renewal.targets.get(retention.CORE)
    if target is None or not isinstance(owner, User):
        return True
    return not own_secrets.has_old_secret(owner, target, result.damaged)


def _hold_tables(tables: Iterable[Any]) -> None:
    """Let nobody write into these tables until the transaction ends. On SQLite there is one writer anyway."""
    if connection.vendor != "postgresql":
        return
    names = ", ".join(sorted(connection.ops.quote_name(table._meta.db_table) for table in tables))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
        try:
            cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        except OperationalError:
            raise vault.RenewalUnderWay from None
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _tell(
    owner: User | Organisation, status: str, renewal: vault.Renewal, *, count: int, kind: str = "",
    outcome: str = Outcome.OK,
) -> None:  # fmt: skip
    detail: dict[str, Any] = {"status": status, "count": count, "after": dict(renewal.targets)}
    if kind:
        detail["kind"] = kind
    record(Verb.KEY_ROTATED, actor=None, subject=owner, outcome=outcome, detail=detail)
