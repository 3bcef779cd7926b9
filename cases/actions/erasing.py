"""Carrying out an order to erase, step by step, from the schedule (``erase_what_is_due``).

The records are marked and committed first, then the keys are destroyed in the key store, then those who wrote get new
keys of their own, then the files go, then the certificate is signed. Each step may be repeated, so that a crash between
two of them is resumed. No step waits for the records while it holds the key store.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit import clock, pseudonyms, rekeying
from audit.action import action
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.sections import RETENTION_CLASS_OF, Section
from casemgmt.accounts.held import forget_held_about
from casemgmt.accounts.models import User
from casemgmt.crypto import certificates, shredding
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.rekeying import with_keys
from cases import access, desk, files, keeping
from cases.actions import own_rekeying
from cases.actions.conflicts import forget_conflicts
from cases.actions.drafts import forget_drafts_about
from cases.actions.erasure import DUTIES_KEPT, gone_by, restrict_for_erasure, what_holds
from cases.actions.trail import add_line, settle_due
from cases.choices.erasing import CLASS_WORDS, ErasureState
from cases.models import AccessGrant, Case, Document, Due, ErasureOrder
from cases.tidying import forget_named, forget_tokens

#: What the certificate says was done.
METHOD = gettext_noop("destruction of all data keys (AES-256-GCM)")


def erase_what_is_due() -> int:
    """Carry out every order whose time has come, and resume those a crash left half done; say how many were finished.

    For the schedule. One order that cannot go on (the key store is down) does not hold up the others; it is raised
    at the end, so that the job is seen to have failed and comes again.
    """
    done, failed = 0, None
    for uid in orders_to_carry_out(clock.now()):
        try:
            done += carry_out(uid)
        except (VaultError, OSError) as error:
            failed = error
    if failed is not None:
        raise failed
    return done


def orders_to_carry_out(now: datetime) -> list[UUID]:
    """Orders that were begun, and orders whose cooling off is over and whose private check was made. One query."""
    begun = Q(state=ErasureState.ERASING)
    ripe = Q(state=ErasureState.COOLING, cools_until__lte=now, checked_at__isnull=False)
    return list(access.for_the_house(ErasureOrder).filter(begun | ripe).order_by("pk").values_list("uid", flat=True))


def carry_out(order_uid: UUID) -> bool:
    """Go through what is left of one order. True once all is done; False where a hold refused it or it must go on later.

    Not an action: each step commits by itself, the records always before the key store.
    """
    order = begin_erasing(actor=None, now=clock.now(), order_uid=order_uid)
    if order.state != ErasureState.ERASING:
        return False
    if order.keys_gone_at is None:
        shredding.destroy(order.case.uid, order.classes, order=order.number, now=clock.now())
        if not shredding.scrub():
            return False
        order = note_keys_gone(actor=None, now=clock.now(), order_uid=order_uid)
    if order.files_gone_at is None:
        renew_keys_of_writers(order.case)
        delete_files(order)
        note_files_gone(actor=None, now=clock.now(), order_uid=order_uid)
    finish_erasing(actor=None, now=clock.now(), order_uid=order_uid)
    return True


def _lock_for_job(order_uid: UUID) -> tuple[ErasureOrder, Case]:
    found = access.for_the_house(ErasureOrder).select_related("case").get(uid=order_uid)
    case = access.lock_case(found.case.uid)
    order = access.within(ErasureOrder, case).get(uid=order_uid)
    order.case = case
    return order, case


@action
def begin_erasing(*, actor: None, now: datetime, order_uid: UUID) -> ErasureOrder:
    """Mark the parts as erased, once cooled off, checked and held by nothing; asked under the case's lock.

    What is derived goes in the same transaction: search tokens, drafts, dates on the lists. A hold that came
    meanwhile refuses the order for good (a new one is needed). Called again for an order that was begun, it changes nothing.
    Records CASE_CHANGED, or ERASURE_REFUSED.
    """
    order, case = _lock_for_job(order_uid)
    if order.state != ErasureState.COOLING:
        return order
    if order.cools_until is None or order.cools_until > now or order.checked_at is None:
        return order
    kinds = what_holds(case, order.classes)[1]
    with desk.reading_own(order):
        ground = order.terms["ground"]
    if keeping.kept_until(case, order.classes, ground=ground, today=timezone.localdate(now)):
        kinds.append(DUTIES_KEPT)  # a release or a disclosure was recorded meanwhile
    if order.is_whole and not case.is_closed:
        kinds.append("CASE_IS_OPEN")
    if kinds:
        order.state, order.stopped_at = ErasureState.REFUSED, now
        order.save(update_fields=["state", "stopped_at"])
        settle_due(case=case, subject_uid=order.uid, now=now)
        record(
            Verb.ERASURE_REFUSED, actor=actor, subject=order, outcome=Outcome.REFUSED,
            detail={"order": order.number, "classes": order.classes, "hold": kinds},
        )  # fmt: skip
        restrict_for_erasure(actor, case, to=order.was_restricted)
        return order
    order.state, order.marked_at = ErasureState.ERASING, now
    order.save(update_fields=["state", "marked_at"])
    settle_due(case=case, subject_uid=order.uid, now=now)
    _tidy_up(case, order, now)
    mark_erased(case, order.classes, on=timezone.localdate(now), number=order.number)
    record(
        Verb.CASE_CHANGED, actor=actor, subject=case, fields=["case.erased"],
        detail={"kind": "ERASED", "after": "+".join(order.classes)},
    )  # fmt: skip
    if order.is_whole:
        forget_conflicts(case, now)
    return order


def mark_erased(case: Case, classes: Iterable[str], *, on: date, number: str) -> None:
    """Write on the case which classes are erased, since when and under which order. The caller records it."""
    case.erased = {**case.erasures, **{name: {"on": on.isoformat(), "order": number} for name in classes}}
    case.save(update_fields=["erased"])


def _tidy_up(case: Case, order: ErasureOrder, now: datetime) -> None:
    """What was made from the content and is not sealed by its keys, and what would stay on lists without its words."""
    sections = sections_of(order.classes)
    if order.is_whole:
        forget_tokens(case)
    else:
        words = ", ".join(str(CLASS_WORDS[name]) for name in order.classes)
        add_line(
            case=case, section=Section.CARD, kind=Verb.ERASURE_DONE, subject=order, author=None, at=now,
            line=_("Content erased under %(order)s: %(parts)s") % {"order": order.number, "parts": words},
        )  # fmt: skip
    if Section.SAFETY in sections:
        forget_named(case)
    forget_scratch(case)
    dues: Any = access.within(Due, case).filter(section__in=sections, done_at__isnull=True)
    dues.audited_update(done_at=now)


def forget_scratch(case: Case) -> None:
    """Nobody's scratch paper about the case stays: drafts, and forms that a locked screen kept for their sender.

    It is sealed for its writer, so it does not die with the keys of the case. Whichever part it was about: what a
    person typed knows no retention classes.
    """
    about = [case.uid]
    for model in rekeying.sealed_models():
        about += rekeying.records_of(model, case.uid)
    forget_drafts_about(about)
    forget_held_about(about)


def sections_of(classes: Iterable[str]) -> list[str]:
    """The sections that these retention classes seal."""
    wanted = set(classes)
    return [section for section, name in RETENTION_CLASS_OF.items() if name in wanted]


@action
def note_keys_gone(*, actor: None, now: datetime, order_uid: UUID) -> ErasureOrder:
    """Stamp the moment at which the keys were destroyed, as the key store's own tombstones tell it. Records KEY_DESTROYED."""
    order, case = _lock_for_job(order_uid)
    stones = shredding.tombstones([case.uid], order.classes)
    if order.keys_gone_at is None:
        order.keys_gone_at = max(stone.erased_at for stone in stones)
        order.save(update_fields=["keys_gone_at"])
        detail = {"count": sum(stone.keys for stone in stones), "kind": "CASE_KEY"}
        record(Verb.KEY_DESTROYED, actor=actor, subject=order, detail=detail)
    return order


def renew_keys_of_writers(case: Case) -> int:
    """Give new keys of their own to all who ever had access to the case; say to how many. Repeating it is harmless.

    What they typed about it and had not saved, and rows of their imports, were sealed for them alone. None of it is
    there any more; but a backup of the records may hold it, and the old keys would open it. Blocks for a minute or
    two. Raises RenewalUnderWay, KeystoreUnavailable. Records KEY_ROTATED.
    """
    grants = access.for_the_house(AccessGrant).filter(case=case)
    people = User.objects.filter(
        Q(pk__in=grants.exclude(person=None).values("person_id"))
        | Q(memberships__team_id__in=grants.exclude(team=None).values("team_id"))
    )
    writers = with_keys(people.distinct().values_list("uid", flat=True))
    if writers:
        # What does not open with the old key is lost already.
        own_rekeying.renew_keys_of_owners(writers, wait=own_rekeying.WAIT_SECONDS, damaged_too=True)
    return len(writers)


def delete_files(order: ErasureOrder) -> int:
    """Delete the sealed bytes of the documents of these classes, and their small pictures; say of how many documents.

    They are unreadable anyway. Repeating it is harmless: a file that is gone is gone. Raises OSError.
    """
    documents = access.for_the_house(Document).filter(case=order.case, section__in=sections_of(order.classes))
    for document in documents.only("uid", "case_uid", "section", "stored_as"):
        files.discard([document.stored_as])
        files.discard_preview(document)
    return len(documents)


@action
def note_files_gone(*, actor: None, now: datetime, order_uid: UUID) -> ErasureOrder:
    """Stamp that the files were deleted. Records JOB_RUN."""
    order, _case = _lock_for_job(order_uid)
    if order.files_gone_at is None:
        order.files_gone_at = now
        order.save(update_fields=["files_gone_at"])
        record(Verb.JOB_RUN, actor=actor, subject=order, detail={"job": "erase_files"})
    return order


@action
def finish_erasing(*, actor: None, now: datetime, order_uid: UUID) -> ErasureOrder:
    """Sign the certificate, and open the case again to whom it was open before. Records ERASURE_DONE."""
    order, case = _lock_for_job(order_uid)
    if order.done_at is not None:
        return order
    forget_scratch(case)  # what somebody typed in an open page while it was being erased
    body = certificate_body(order, shredding.tombstones([case.uid], order.classes))
    order.certificate = certificates.sign(body)
    order.state, order.done_at = ErasureState.DONE, now
    order.save(update_fields=["certificate", "state", "done_at"])
    record(
        Verb.ERASURE_DONE, actor=actor, subject=order,
        detail={
            "order": order.number, "classes": order.classes, "keys": sum(body["keys"].values()),
            "certificate": order.certificate["signature"][:64], "until": gone_by(order),
        },
    )  # fmt: skip
    restrict_for_erasure(actor, case, to=order.was_restricted)
    return order


def certificate_body(order: ErasureOrder, stones: Iterable[shredding.Tombstone]) -> dict[str, Any]:
    """What the certificate states, without personal data: pseudonyms of the ledger, codes, numbers, moments (UTC)."""
    found = list(stones)
    gone = gone_by(order)
    return {
        "order": order.number,
        "case": pseudonyms.of_case(order.case_uid),
        "classes": sorted(order.classes),
        "keys": {stone.retention_class: stone.keys for stone in found},
        "method": METHOD,
        "asked_by": _pseudonym(order.asked_by),
        "asked_at": _moment(order.asked_at),
        "approved_by": [_pseudonym(order.first_by), _pseudonym(order.second_by)],
        "approved_at": [_moment(order.first_at), _moment(order.second_at)],
        "checked_at": _moment(order.checked_at),
        "erased_at": _moment(order.keys_gone_at),
        "no_backup_after": gone.isoformat() if gone else None,
        # Where the engine may keep bytes of deleted rows, the date holds once these keys are destroyed, too.
        "key_encryption_keys": sorted({number for stone in found for number in stone.keks}),
        "needs_those_destroyed": shredding.needs_kek_destroyed(),
    }


def _pseudonym(person: User | None) -> str | None:
    return None if person is None else pseudonyms.of_person(person.uid)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


# ---- After a restore ----


def follow_tombstones() -> int:
    """Mark on the cases what the key store says was erased; say how many cases were behind. For the schedule and restore.

    After an old backup of the records came back, the keys stay gone; this lets its pages say so instead of failing.
    """
    by_case: dict[UUID, list[shredding.Tombstone]] = {}
    for stone in shredding.tombstones():
        by_case.setdefault(stone.case_uid, []).append(stone)
    known = access.for_the_house(Case).filter(uid__in=list(by_case)).values_list("uid", "erased")
    behind = [uid for uid, erased in known if {stone.retention_class for stone in by_case[uid]} - set(erased or ())]
    for uid in behind:
        mark_from_tombstones(actor=None, now=clock.now(), case_uid=uid)
    return len(behind)


@action
def mark_from_tombstones(*, actor: None, now: datetime, case_uid: UUID) -> Case:
    """Mark one case as the key store's tombstones say. Records CASE_CHANGED."""
    case = access.lock_case(case_uid)
    stones = [stone for stone in shredding.tombstones([case_uid]) if stone.retention_class not in case.erasures]
    for stone in stones:
        mark_erased(case, [stone.retention_class], on=timezone.localdate(stone.erased_at), number=stone.order)
    if case.is_erased:
        forget_tokens(case)
    if case.has_erased(Section.SAFETY):
        forget_named(case)
    record(
        Verb.CASE_CHANGED, actor=actor, subject=case, fields=["case.erased"],
        detail={"kind": "ERASED", "after": "+".join(sorted(stone.retention_class for stone in stones))},
    )  # fmt: skip
    if case.is_erased:
        forget_conflicts(case, now)
    return case
