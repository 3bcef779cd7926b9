"""New keys for one case, its history and its files, while work on it goes on.

At every moment every value opens: the old keys go last, when nothing is under them any more. Killed at any moment, a
repeat goes on with what is left. Nobody's edit is overwritten: each step takes the case's lock, as every edit does.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from audit import clock, rekeying
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Outcome, Verb
from casemgmt.crypto import rekeying as vault
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.sealed import Binding
from casemgmt.crypto.sealing import ROW_MARK, SealedField
from cases import access, renewing
from cases.models import Case, Document

#: Records whose versions are resealed in one transaction: others wait for the case no longer than that.
BATCH = 50
#: How often everything is looked through again because somebody wrote meanwhile.
PASSES = 20
#: Pages that began before the last value was resealed are drawn by then, so the old keys go.
WAIT_SECONDS = 60.0

Say = Callable[[str, int, int], None]


@dataclass
class Renewed:
    """What a renewal did: values and files under the new keys, old keys deleted, and what does not open."""

    case_uid: UUID
    epochs: dict[str, int]
    values: int = 0
    files: int = 0
    keys_deleted: int = 0
    is_done: bool = False
    #: ``fid uid`` of what the old key does not open: damaged before, and lost with the old key.
    damaged: set[str] = field(default_factory=set)


def renew_keys_of_case(
    *,
    case_uid: UUID,
    classes: Iterable[str] | None = None,
    say: Say | None = None,
    wait: float = WAIT_SECONDS,
    damaged_too: bool = False,
) -> Renewed:
    """Give a case new data keys (of the named retention classes, or all), and reseal everything old by them.

    For commands and jobs: runs many transactions, each with its event, and shows nothing to anybody. Blocks for
    some seconds at least. What does not open keeps the old keys alive, unless ``damaged_too``; then it is lost.
    ``say(what, done, of)`` tells the progress.

    Raises Hidden, RenewalUnderWay, RenewalRefused, KeystoreUnavailable. Records CASE_KEYS_RENEWED.
    """
    tell = say or (lambda *_figures: None)
    with renewing.alone_with(case_uid):
        renewal = begin_renewal(actor=None, now=clock.now(), case_uid=case_uid, classes=classes)
        result = Renewed(case_uid, dict(renewal.targets))
        for _pass in range(PASSES):
            _reseal_everything(renewal, result, tell)
            renewal.wait_for_writers()
            if _is_all_new(renewal, result):
                tell("wait", 0, 0)
                time.sleep(wait)
            if finish_renewal(actor=None, now=clock.now(), renewal=renewal, result=result, damaged_too=damaged_too):
                return result
        raise vault.RenewalUnderWay


def _reseal_everything(renewal: vault.Renewal, result: Renewed, tell: Say) -> None:
    """One look through all records and files of the case."""
    found = [(model, rekeying.records_of(model, renewal.case_uid)) for model in rekeying.sealed_models()]
    of, done = sum(len(uids) for _model, uids in found), 0
    for model, uids in found:
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            reseal_records(actor=None, now=clock.now(), renewal=renewal, model=model, uids=batch, result=result)
            done += len(batch)
            tell("records", done, of)
    documents = _documents(renewal.case_uid)
    for number, document in enumerate(documents, start=1):
        _reseal_document(renewal, document, result)
        tell("files", number, len(documents))


def _documents(case_uid: UUID) -> list[Document]:
    return list(access.for_the_house(Document).filter(case_uid=case_uid).order_by("pk"))


# ---- Steps, each a transaction with its event ----


@action
def begin_renewal(*, actor: None, now: datetime, case_uid: UUID, classes: Iterable[str] | None = None) -> vault.Renewal:
    """Give the classes of a case a new epoch, or go on with one. What is written from now on is under the new keys.

    Raises Hidden, RenewalRefused. Records CASE_KEYS_RENEWED (BEGUN).
    """
    case = access.lock_case(case_uid)
    renewal = vault.begin(case_uid, classes)
    _tell(case, "BEGUN", renewal, count=len(renewal.targets))
    return renewal


@action
def reseal_records(
    *, actor: None, now: datetime, renewal: vault.Renewal, model: Any, uids: list[UUID], result: Renewed
) -> rekeying.Tally:
    """Reseal some records of one model and all their versions. Records CASE_KEYS_RENEWED (RUNNING) where there were any."""
    case = access.lock_case(renewal.case_uid)

    tally = rekeying.rekey(model, renewal.case_uid, uids, Careful(renewal, result))
    if tally.rows:
        _tell(case, "RUNNING", renewal, kind=model._meta.model_name, count=tally.rows)
    result.values += tally.values
    return tally


@dataclass
class Careful:
    """A renewal that goes on past what does not open, and notes it; and past a class that was erased meanwhile."""

    renewal: vault.Renewal
    result: Renewed

    def resealed(self, sealed_field: SealedField, bound: Binding, raw: bytes) -> bytes:
        """As the renewal's; what does not open stays as it is."""
        try:
            return self.renewal.resealed(sealed_field, bound, raw)
        except ContentErased as erased:
            self.renewal.targets.pop(erased.retention_class, None)
        except DecryptionRefused:
            self.result.damaged.add(name_of(sealed_field, bound))
        return raw

    def may_touch(self, row: Any) -> bool:
        """As the renewal's; False for a row whose values do not belong together."""
        try:
            return self.renewal.may_touch(row)
        except DecryptionRefused as refused:
            kind, _dot, column = refused.fid.rpartition(".")
            self.result.damaged.add(f"{kind.removeprefix('historical')}.{column} {row.uid}")
            return False

    def marked(self, row: Any, *, was_resealed: bool) -> bytes | None:
        """As the renewal's."""
        return self.renewal.marked(row, was_resealed=was_resealed)


def _reseal_document(renewal: vault.Renewal, document: Document, result: Renewed) -> None:
    """Seal the files of one document anew, switch its record to them, and delete the old ones."""
    name = f"file.content {document.uid}"
    renewing.sweep_files(document)
    if name in result.damaged:
        return
    try:
        if not renewing.has_old_file(renewal, document):
            return
        new = renewing.reseal_files(renewal, document)
    except ContentErased as erased:
        renewal.targets.pop(erased.retention_class, None)
        return
    except (DecryptionRefused, FileNotFoundError):
        result.damaged.add(name)
        return
    switch_files(actor=None, now=clock.now(), document=document, renewal=renewal, new=new)
    current = access.for_the_house(Document).get(uid=document.uid)
    renewing.sweep_files(current)
    result.files += current.stored_as == new


@action
def switch_files(*, actor: None, now: datetime, document: Document, renewal: vault.Renewal, new: str) -> Document:
    """Let a document's record name its new files, if it still names the old ones. Records CASE_KEYS_RENEWED (RUNNING)."""
    case = access.lock_case(renewal.case_uid)
    current = access.within(Document, case).get(uid=document.uid)
    if (current.stored_as, current.section) == (document.stored_as, document.section):
        current.stored_as = new
        current.save(update_fields=["stored_as"])
        _tell(case, "RUNNING", renewal, kind="file", count=1, subject=current)
    return current


def _is_all_new(renewal: vault.Renewal, result: Renewed) -> bool:
    """Whether nothing but what does not open is under the old keys any more."""
    for model in rekeying.sealed_models():
        for row in rekeying.rows_of(model, renewal.case_uid):
            if is_old_row(renewal, row, result.damaged):
                return False
    for document in _documents(renewal.case_uid):
        if f"file.content {document.uid}" not in result.damaged and renewing.has_old_file(renewal, document):
            return False
    return True


def is_old_row(renewal: vault.Renewal, row: Any, damaged: set[str]) -> bool:
    """Whether something of a row is under the old keys that was not noted as damaged."""
    if f"{row._meta.model_name.removeprefix('historical')}.{ROW_MARK} {row.uid}" in damaged:
        return False
    return renewal.is_old_mark(row) or any(
        name_of(sealed_field, bound) not in damaged and renewal.is_old(sealed_field, bound, raw)
        for sealed_field, bound, raw in rekeying.ciphertexts_in(row)
    )


@action
def finish_renewal(
    *, actor: None, now: datetime, renewal: vault.Renewal, result: Renewed, damaged_too: bool = False
) -> bool:
    """Delete the old keys, if nothing is under them. False where somebody wrote under them meanwhile: look again.

    The look and the deletion happen under the case's lock. Records CASE_KEYS_RENEWED: DONE, or HALTED where values
    do not open and the old keys stay.
    """
    case = access.lock_case(renewal.case_uid)
    if not _is_all_new(renewal, result):
        return False
    end_renewal(renewal, result, damaged_too=damaged_too, tell=partial(_tell, case))
    return True


def end_renewal(renewal: vault.Renewal, result: Renewed, *, damaged_too: bool, tell: Callable[..., None]) -> None:
    """Delete the old keys, unless something does not open that nobody has given up: then they stay.

    Inside an action that has seen that nothing else is under them. ``tell(status, renewal, count=…)`` records DONE or
    HALTED. Records DECRYPTION_REFUSED for what does not open.
    """
    for name in sorted(result.damaged):
        fid, _blank, uid = name.partition(" ")
        subject = Ref("record", UUID(uid), renewal.case_uid)
        record(Verb.DECRYPTION_REFUSED, actor=None, subject=subject, outcome=Outcome.FAILED, detail={"fid": fid})
    if result.damaged and not damaged_too:
        tell("HALTED", renewal, count=len(result.damaged), outcome=Outcome.FAILED)
        return
    result.keys_deleted = vault.finish(renewal)
    result.is_done = True
    tell("DONE", renewal, count=result.keys_deleted)


def name_of(sealed_field: SealedField, bound: Binding) -> str:
    return f"{sealed_field.fid} {bound.record_uid}"


def _tell(
    case: Case, status: str, renewal: vault.Renewal, *, count: int, kind: str = "", subject: Any = None,
    outcome: str = Outcome.OK,
) -> None:  # fmt: skip
    detail: dict[str, Any] = {"status": status, "count": count, "after": dict(renewal.targets)}
    if kind:
        detail["kind"] = kind
    record(Verb.CASE_KEYS_RENEWED, actor=None, subject=subject or case, outcome=outcome, detail=detail)
